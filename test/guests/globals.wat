;; walk: invoke run
(module
  (global $i (mut i32) (i32.const 1))
  (global $l (mut i64) (i64.const -1))
  (global $f (mut f32) (f32.const 0.5))
  (global $d (mut f64) (f64.const 0.25))
  (global $v (mut v128) (v128.const i32x4 1 2 3 4))
  (global $r (mut funcref) (ref.null func))
  (global $x (mut externref) (ref.null extern))
  (global $k i32 (i32.const 77))
  (elem declare func $step)
  (func $step
    global.get $i i32.const 3 i32.mul global.set $i
    global.get $l i64.const 1 i64.shl global.set $l
    global.get $f f32.const 1.5 f32.mul global.set $f
    global.get $d f64.const 3 f64.div global.set $d
    global.get $v global.get $v i32x4.add global.set $v
    ref.func $step global.set $r)
  (func (export "run") (result i32 i64 f32 f64 v128 i32 i32 i32)
    global.get $r ref.is_null
    call $step call $step call $step
    drop
    global.get $i global.get $l global.get $f global.get $d global.get $v
    global.get $r ref.is_null global.get $x ref.is_null global.get $k))
