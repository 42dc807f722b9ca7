;; walk: invoke run
;; Operands of every type wait below calls and loops.
(module
  (func $one (param i32) (result i32) local.get 0 i32.const 1 i32.add)
  (func (export "run") (result i32 i64 f32 f64 v128 i32) (local $i i32)
    i32.const 1 call $one
    i64.const 2
    f32.const 3
    i32.const 3 call $one f64.convert_i32_s
    v128.const i32x4 5 6 7 8
    i32.const 6
    (loop $l (param i32) (result i32)
      call $one
      local.get $i call $one local.tee $i i32.const 4 i32.lt_s br_if $l)))
