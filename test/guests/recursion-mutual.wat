;; walk: invoke even 17
(module
  (func $even (export "even") (param i64) (result i32)
    local.get 0 i64.eqz if i32.const 1 return end
    local.get 0 i64.const 1 i64.sub call $odd)
  (func $odd (param i64) (result i32)
    local.get 0 i64.eqz if i32.const 0 return end
    local.get 0 i64.const 1 i64.sub call $even))
