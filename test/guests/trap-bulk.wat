;; walk: invoke run
;; walk: exit 134
(module
  (memory 1) (data $d "abc")
  (func (export "run")
    i32.const 0 i32.const 0 i32.const 3 memory.init $d
    i32.const 0xffff i32.const 0 i32.const 3 memory.init $d))
