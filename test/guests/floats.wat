;; walk: invoke run
(module
  (func $f (param f64) (result f64)
    local.get 0 f64.sqrt f64.const 0.1 f64.add local.get 0 f64.const 3.7 f64.div f64.max)
  (func (export "run") (result f64 f32 i64 f32) (local $x f64) (local $s f32) (local $i i32)
    f64.const 1e6 local.set $x
    (loop $l
      local.get $x call $f local.set $x
      local.get $s local.get $x f32.demote_f64 f32.add local.set $s
      local.get $i i32.const 1 i32.add local.tee $i i32.const 12 i32.lt_s br_if $l)
    local.get $x local.get $s local.get $x i64.reinterpret_f64
    local.get $s f32.nearest f32.const -0 f32.copysign))
