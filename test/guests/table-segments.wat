;; walk: invoke run
(module
  (type $t (func (result i32)))
  (table $a 6 funcref) (table $b 4 funcref)
  (elem $e func $f $g $h)
  (elem $n funcref (ref.func $g) (ref.null func))
  (func $f (result i32) i32.const 1)
  (func $g (result i32) i32.const 2)
  (func $h (result i32) i32.const 3)
  (func $at (param i32) (result i32) local.get 0 call_indirect $a (type $t))
  (func (export "run") (result i32 i32 i32)
    i32.const 1 i32.const 0 i32.const 3 table.init $a $e
    i32.const 0 i32.const 1 i32.const 2 table.copy $b $a
    i32.const 3 i32.const 0 i32.const 2 table.copy $a $b
    i32.const 0 i32.const 0 i32.const 2 table.init $a $n
    elem.drop $e
    i32.const 0 call $at i32.const 3 call $at i32.const 1 table.get $a ref.is_null))
