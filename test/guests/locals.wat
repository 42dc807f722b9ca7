;; walk: invoke run
(module
  (func $f (param i32 v128 f32) (result i32)
    (local i32 v128 i64 f64 v128 funcref externref i32)
    local.get 0 local.set 3
    local.get 1 local.get 1 i8x16.add local.set 4
    i64.const -9 local.set 5
    (loop $l
      local.get 4 i32x4.extract_lane 2 local.get 10 i32.add local.set 10
      local.get 10 local.get 3 i32.add local.set 3
      local.get 5 i64.const 1 i64.add local.tee 5 i64.const 0 i64.lt_s br_if $l)
    local.get 3 local.get 8 ref.is_null i32.add local.get 9 ref.is_null i32.add)
  (func (export "run") (result i32)
    i32.const 2 v128.const i32x4 3 4 5 6 f32.const 1 call $f
    v128.const i32x4 0 0 9 0 f32.const nan call $f))
