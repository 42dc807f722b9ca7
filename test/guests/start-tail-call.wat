;; walk: invoke run 3
(module
  (global $g (mut i64) (i64.const 0))
  (func $count (param i64)
    local.get 0 i64.eqz if return end
    global.get $g i64.const 1 i64.add global.set $g
    local.get 0 i64.const 1 i64.sub return_call $count)
  (func $s i64.const 5 return_call $count)
  (start $s)
  (func (export "_initialize") i64.const 6 return_call $count)
  (func (export "run") (param i64) (result i64) local.get 0 call $count global.get $g))
