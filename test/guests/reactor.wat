;; walk: invoke run 6 7
(module
  (global $g (mut i32) (i32.const 0))
  (func $bump (param i32) global.get $g local.get 0 i32.add global.set $g)
  (func $s i32.const 1 call $bump i32.const 1 call $bump)
  (start $s)
  (func (export "_initialize") global.get $g i32.const 10 i32.mul call $bump i32.const 5 return_call $bump)
  (func (export "run") (param i32 i32) (result i32)
    local.get 0 call $bump global.get $g local.get 1 i32.mul))
