;; walk: invoke run
;; walk: exit 134
(module
  (memory 1) (data $d "xyz") (data $e "pq") (data (i32.const 9) "active")
  (func $nop)
  (func (export "run") (result i32)
    i32.const 1 i32.const 0 i32.const 3 memory.init $d
    data.drop $d call $nop
    i32.const 0 i32.const 0 i32.const 0 memory.init $d call $nop
    i32.const 5 i32.const 0 i32.const 2 memory.init $e call $nop
    i32.const 1 i32.const 0 i32.const 1 memory.init $d
    i32.const 0 i32.load))
