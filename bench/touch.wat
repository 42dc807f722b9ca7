;; SPDX-License-Identifier: Apache-2.0
;; Fills so many bytes of memory with numbers that compress about as heaps do, and then
;; computes for ever, so that it can be frozen.
(module
  (memory 1 1025)
  (func (export "run") (param $bytes i32)
    (local $at i32) (local $x i64)
    (drop (memory.grow (i32.shr_u (local.get $bytes) (i32.const 16))))
    (local.set $x (i64.const 88172645463325252))
    (loop $fill
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (i64.store (local.get $at)
        (i64.add (i64.and (local.get $x) (i64.const 0xffff)) (i64.const 0x10000000)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $fill (i32.lt_u (local.get $at) (local.get $bytes))))
    (loop $forever
      (local.set $x (i64.add (local.get $x) (i64.const 1)))
      (br $forever))))
