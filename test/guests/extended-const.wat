;; walk: invoke run
(module
  (global $base i32 (i32.const 40))
  (global $k (mut i32) (i32.add (i32.mul (i32.const 6) (i32.const 7)) (i32.const -2)))
  (global $m (mut i64) (i64.sub (i64.const 10) (i64.mul (i64.const 2) (i64.const 21))))
  (memory 1)
  (data (i32.add (i32.const 4) (i32.const 8)) "data")
  (func $f (result i32) i32.const 12 i32.load global.get $k i32.add)
  (func (export "run") (result i32 i64 i32) call $f global.get $m call $f global.get $base i32.sub))
