;; walk: invoke run
(module
  (func $step (param v128) (result v128)
    local.get 0 f32x4.sqrt v128.const f32x4 1.1 -0 inf nan f32x4.add
    v128.const f32x4 0.3 0.7 1 1 f32x4.mul)
  (func (export "run") (result v128 v128) (local $a v128) (local $i i32)
    v128.const f32x4 2 3 5 -7 local.set $a
    (loop $l
      local.get $a call $step local.set $a
      local.get $i i32.const 1 i32.add local.tee $i i32.const 8 i32.lt_s br_if $l)
    local.get $a local.get $a i32x4.trunc_sat_f32x4_s))
