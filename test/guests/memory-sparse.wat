;; walk: invoke run
(module
  (memory 2000)
  (func $put (param i32 i32) local.get 0 local.get 1 i32.store)
  (func $get (param i32) (result i32) local.get 0 i32.load)
  (func (export "run") (result i32)
    i32.const 0 i32.const 1 call $put
    i32.const 0x3000000 i32.const 2 call $put
    i32.const 0x7cffffc i32.const 3 call $put
    i32.const 0x3000000 i32.const 0 call $put
    i32.const 0x2ffffff i32.const -1 call $put
    i32.const 0x3000000 call $get i32.const 0x7cffffc call $get i32.add
    i32.const 0x1000000 call $get i32.add))
