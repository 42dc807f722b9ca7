;; SPDX-License-Identifier: Apache-2.0
;; Mixes numbers for `rounds` rounds, and reports every 2^23 of them.
(module
  (import "host" "progress" (func $progress (param i32)))
  (func (export "count") (param $rounds i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum
        (i32.xor
          (i32.mul (local.get $sum) (i32.const 31))
          (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 0x7fffff)))
        (then (call $progress (local.get $i))))
      (br_if $again (i32.lt_u (local.get $i) (local.get $rounds))))
    (local.get $sum)))
