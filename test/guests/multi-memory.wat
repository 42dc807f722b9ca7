;; walk: invoke run
(module
  (memory $a 1) (memory $b 2 4) (memory $c 0 3)
  (data $a (i32.const 0) "first") (data (memory $b) (i32.const 8) "second")
  (func $step (param i32)
    local.get 0 local.get 0 i32.store $b
    i32.const 1 memory.grow $c drop
    i32.const 100 i32.const 8 i32.const 6 memory.copy $a $b
    local.get 0 i32.const 200 i32.add i32.const 65 i32.const 3 memory.fill $c)
  (func (export "run") (result i32 i32 i32 i32)
    i32.const 16 call $step i32.const 32 call $step
    i32.const 102 i32.load $a i32.const 32 i32.load $b
    memory.size $c i32.const 232 i32.load $c))
