;; walk: invoke run
;; walk: exit 134
(module
  (type $v (func)) (type $i (func (result i32)))
  (table funcref (elem $f $g))
  (func $f) (func $g (result i32) i32.const 1)
  (func (export "run") (result i32)
    i32.const 0 call_indirect (type $v)
    i32.const 1 call_indirect (type $i) drop
    i32.const 0 call_indirect (type $i)))
