;; walk: invoke run
(module
  (func $big (param i32 i32 i32 v128 i64 i64) (result i64) (local v128 v128 i32 i64)
    local.get 0 i32.eqz if local.get 4 local.get 5 i64.add return end
    local.get 0 i32.const 1 i32.sub return_call $small)
  (func $small (param i32) (result i64)
    local.get 0 i32.const 3 i32.const 4 v128.const i64x2 5 6 i64.const 70 i64.const 8
    return_call $big)
  (func (export "run") (result i64) i32.const 6 call $small i64.const 1 i64.add))
