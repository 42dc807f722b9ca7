;; walk: invoke run
(module
  (type $t (func (result i32)))
  (table $t 4 funcref)
  (global $r (mut funcref) (ref.func $f))
  (func $f (result i32) i32.const 5)
  (func $pass (param funcref externref i32) (result i32 externref funcref)
    local.get 2 local.get 1 local.get 0)
  (func (export "run") (result i32 i32 i32)
    i32.const 2
    global.get $r ref.null extern i32.const 9 call $pass
    global.set $r drop drop
    global.get $r table.set $t
    i32.const 2 call_indirect $t (type $t)
    i32.const 1 table.get $t ref.is_null
    i32.const 2 table.get $t ref.is_null))
