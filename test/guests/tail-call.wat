;; walk: invoke run
(module
  (func $sum (param i32 i64) (result i64)
    local.get 0 i32.eqz if local.get 1 return end
    local.get 0 i32.const 1 i32.sub local.get 1 local.get 0 i64.extend_i32_s i64.add
    return_call $sum)
  (func $entry (param i32) (result i64) local.get 0 i64.const 0 return_call $sum)
  (func (export "run") (result i64)
    i32.const 20 call $entry i32.const 12 call $entry i64.mul))
