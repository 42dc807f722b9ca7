;; SPDX-License-Identifier: Apache-2.0
;; Opens a file, unlinks it, writes to it in a loop; the exit status counts what worked.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "nameless")
  (func (export "_start") (local $i i32) (local $good i32)
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 8))
    (local.set $good (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 32)
      (i32.const 8) (i32.const 1) (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 12))))
    (drop (call $unlink (i32.const 3) (i32.const 32) (i32.const 8)))
    (loop $l
      (local.set $good (i32.add (local.get $good)
        (i32.eqz (call $write (i32.load (i32.const 12)) (i32.const 0) (i32.const 1)
          (i32.const 8)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 5))))
    (call $exit (local.get $good))))
