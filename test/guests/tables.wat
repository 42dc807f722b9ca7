;; walk: invoke run
(module
  (type $t (func (result i32)))
  (table $a 2 10 funcref)
  (table $b 1 externref)
  (elem declare func $f $g)
  (func $f (result i32) i32.const 11)
  (func $g (result i32) i32.const 22)
  (func $call (param i32) (result i32) local.get 0 call_indirect $a (type $t))
  (func (export "run") (result i32 i32 i32 i32 i32)
    i32.const 0 ref.func $f table.set $a
    ref.func $g i32.const 3 table.grow $a drop
    i32.const 0 call $call i32.const 3 call $call i32.const 100 i32.mul i32.add
    i32.const 1 ref.func $f i32.const 2 table.fill $a
    i32.const 2 call $call
    i32.const 1 table.get $a ref.is_null
    table.size $a
    ref.null extern i32.const 5 table.grow $b))
