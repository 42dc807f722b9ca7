;; walk: invoke run
(module
  (func $pick (param i32) (result i32)
    (block $d (block $c (block $b (block $a
      local.get 0 br_table $a $b $c $d)
      i32.const 10 return)
      i32.const 20 return)
      i32.const 30 return)
    i32.const 99)
  (func (export "run") (result i32) (local $i i32) (local $sum i32)
    (loop $again
      local.get $sum i32.const 3 i32.mul
      local.get $i call $pick i32.add local.set $sum
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 6 i32.lt_u br_if $again)
    local.get $sum))
