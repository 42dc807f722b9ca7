;; walk: invoke run
(module
  (memory 1)
  (global $g (mut v128) (v128.const i64x2 0x1122334455667788 -2))
  (func $swap (param v128 i32 v128) (result v128 i32 v128)
    local.get 2 local.get 1 i32.const 1 i32.add local.get 0)
  (func $keep (param v128) (result v128)
    local.get 0 global.get $g i64x2.add global.set $g global.get $g)
  (func (export "run") (result v128 i32 v128)
    v128.const f64x2 1.5 -2.25
    i32.const 40
    v128.const f32x4 1 2 3 nan
    call $swap call $swap
    i32.const 8 v128.const i32x4 9 8 7 6 v128.store
    i32.const 8 v128.load call $keep call $keep drop
    call $swap))
