;; walk: invoke run -5 0xffffffffffffffff 1.5 -2.25 0x0f0e0d0c0b0a09080706050403020100 null
(module
  (func $id (param i32 i64 f32 f64 v128 externref) (result i32 i64 f32 f64 v128 externref)
    local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5)
  (func (export "run") (param i32 i64 f32 f64 v128 externref)
    (result i32 i64 f32 f64 v128 externref)
    local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 call $id))
