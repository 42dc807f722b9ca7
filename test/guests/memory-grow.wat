;; walk: invoke run
(module
  (memory 1 6)
  (func $fill (param i32) local.get 0 i32.const 16 i32.shl local.get 0 i32.store offset=0x7ff8)
  (func (export "run") (result i32 i32 i32) (local $i i32) (local $s i32)
    (loop $l
      local.get $i call $fill
      i32.const 1 memory.grow local.get $s i32.const 7 i32.mul i32.add local.set $s
      local.get $i i32.const 1 i32.add local.tee $i i32.const 6 i32.lt_s br_if $l)
    local.get $s memory.size i32.const 0x47ff8 i32.load))
