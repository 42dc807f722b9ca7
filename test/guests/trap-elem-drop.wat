;; walk: invoke run
;; walk: exit 134
(module
  (type $t (func (result i32)))
  (table 4 funcref) (elem $e func $f $f)
  (func $f (result i32) i32.const 1)
  (func (export "run") (result i32)
    i32.const 0 i32.const 0 i32.const 2 table.init $e
    elem.drop $e
    i32.const 1 call_indirect (type $t) drop
    i32.const 2 i32.const 0 i32.const 0 table.init $e
    i32.const 0 call_indirect (type $t) drop
    i32.const 2 i32.const 0 i32.const 1 table.init $e
    i32.const 1))
