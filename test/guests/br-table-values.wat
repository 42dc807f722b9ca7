;; walk: invoke run
(module
  (func $f (param i32) (result i64)
    (block $x (result i64)
      (block $y (result i64)
        i64.const 7 local.get 0 br_table $x $y $x)
      i64.const 100 i64.mul))
  (func (export "run") (result i64 i64 i64)
    i32.const 0 call $f i32.const 1 call $f i32.const 9 call $f))
