;; SPDX-License-Identifier: Apache-2.0
;; One of everything that an image holds.
(module
  (import "env" "tick" (func $tick (param i32) (result i32)))
  (memory (export "memory") 1 40)
  (memory $second 1 3)
  (table $t (export "table") 8 16 funcref)
  (table $x 4 externref)
  (global $i32 (mut i32) (i32.const 7))
  (global $i64 (mut i64) (i64.const -2))
  (global $f32 (mut f32) (f32.const nan:0x200001))
  (global $f64 (mut f64) (f64.const -nan:0x8000000000123))
  (global $v128 (mut v128) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
  (global $func (mut funcref) (ref.func $fib))
  (global $extern (mut externref) (ref.null extern))
  (global $constant i32 (i32.const 5))
  (elem (table $t) (i32.const 1) func $tick $fib $fill)
  (elem $passive func $fib $fill)
  (data (i32.const 16) "hello")
  (data $spare "passive")

  (func $fib (param $n i64) (result i64)
    (if (result i64) (i64.lt_u (local.get $n) (i64.const 2))
      (then (local.get $n))
      (else
        (i64.add (call $fib (i64.sub (local.get $n) (i64.const 1)))
                 (call $fib (i64.sub (local.get $n) (i64.const 2)))))))

  ;; Something that does not compress to nothing, `size` bytes of it from `at` on.
  (func $fill (export "fill") (param $at i32) (param $size i32)
    (local $seed i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (local.set $seed (local.get $at))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525))
                                  (i32.const 1013904223)))
        (i32.store8 (local.get $at) (i32.shr_u (local.get $seed) (i32.const 29)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))

  (func $work (export "work") (param $n i32) (result i64)
    (local $sum i64) (local $f f32) (local $d f64) (local $v v128)
    (local $fr funcref) (local $xr externref)
    (local.set $f (f32.const nan:0x3fffff))
    (local.set $d (f64.const 0.1))
    (local.set $v (v128.const i32x4 1 2 3 4))
    (local.set $fr (ref.func $fill))
    (data.drop $spare)
    (elem.drop $passive)
    (drop (memory.grow (i32.const 5)))
    (drop (table.grow $t (ref.func $tick) (i32.const 2)))
    (i64.store $second (i32.const 4096) (i64.const 0x0123456789abcdef))
    (call $fill (i32.const 300000) (i32.const 50))
    (loop $next
      (local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 1 1 1)))
      (global.set $v128 (local.get $v))
      (global.set $i64 (i64.add (global.get $i64) (i64.const 3)))
      (local.set $sum
        (i64.add (local.get $sum)
          (i64.add
            (i64.extend_i32_u (call $tick (local.get $n)))
            (call_indirect $t (param i64) (result i64)
              (i64.extend_i32_u (i32.and (local.get $n) (i32.const 7))) (i32.const 2)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (i64.add (local.get $sum) (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $v)))))
)
