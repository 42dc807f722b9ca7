;; walk: invoke run
(module
  (func $mix (param v128 v128) (result v128)
    local.get 0 local.get 1 i16x8.mul
    local.get 0 i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 31 30 29 28
    local.get 1 i32x4.add)
  (func (export "run") (result v128 i32) (local $a v128) (local $i i32)
    v128.const i32x4 1 2 3 4 local.set $a
    (loop $l
      local.get $a local.get $i i32x4.splat call $mix
      v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
      v128.xor local.set $a
      local.get $i i32.const 1 i32.add local.tee $i i32.const 7 i32.lt_s br_if $l)
    local.get $a local.get $a i8x16.bitmask))
