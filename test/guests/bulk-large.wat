;; walk: invoke run
;; Bulk operations of megabytes stop between their pieces.
(module
  (memory 80)
  (func (export "run") (result i32 i32)
    i32.const 0x10 i32.const 0xa5 i32.const 0x200000 memory.fill
    i32.const 0x20 i32.const 0x77 i32.const 0x100 memory.fill
    i32.const 0x200800 i32.const 0x18 i32.const 0x1f0000 memory.copy
    i32.const 0x18 i32.const 0x10 i32.const 0x1f0000 memory.copy
    i32.const 0x200808 i32.load
    i32.const 0x1f0000 i32.load))
