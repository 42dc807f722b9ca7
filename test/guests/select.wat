;; walk: invoke run
(module
  (table 2 funcref) (elem declare func $one $two)
  (type $t (func (result i32)))
  (func $one (result i32) i32.const 1)
  (func $two (result i32) i32.const 2)
  (func $pick (param i32) (result i32)
    i32.const 0 ref.func $one ref.func $two local.get 0 select (result funcref) table.set 0
    i32.const 0 call_indirect (type $t))
  (func (export "run") (result i32 i64 f64)
    i32.const 1 call $pick i32.const 10 i32.mul i32.const 0 call $pick i32.add
    i64.const 5 i64.const 6 i32.const 0 select
    f64.const 1.5 f64.const 2.5 i32.const 1 call $pick select))
