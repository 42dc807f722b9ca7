;; walk: invoke run
(module
  (memory 1)
  (data $d "the quick brown fox jumps over the lazy dog")
  (func $sum (param $p i32) (param $n i32) (result i32) (local $s i32)
    (loop $l
      local.get $s i32.const 31 i32.mul local.get $p i32.load8_u i32.add local.set $s
      local.get $p i32.const 1 i32.add local.set $p
      local.get $n i32.const 1 i32.sub local.tee $n br_if $l)
    local.get $s)
  (func (export "run") (result i32 i32)
    i32.const 100 i32.const 4 i32.const 15 memory.init $d
    i32.const 105 i32.const 100 i32.const 15 memory.copy
    i32.const 97 i32.const 33 i32.const 5 memory.fill
    i32.const 90 i32.const 98 i32.const 12 memory.copy
    i32.const 90 i32.const 20 call $sum
    i32.const 100 i32.const 20 call $sum))
