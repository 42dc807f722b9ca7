;; walk: invoke run
(module
  (memory 1)
  (global $n (mut f64) (f64.const nan:0x4000000000001))
  (func $id32 (param f32) (result f32) local.get 0)
  (func $id64 (param f64) (result f64) local.get 0)
  (func (export "run") (result i32 i64 i32 i64 f32 f64)
    f32.const nan:0x200001 call $id32 i32.reinterpret_f32
    global.get $n call $id64 i64.reinterpret_f64
    f32.const 0 f32.const 0 f32.div call $id32 i32.reinterpret_f32
    f64.const -inf f64.const inf f64.add call $id64 i64.reinterpret_f64
    f32.const nan f32.neg call $id32
    i32.const 0 f64.const nan:0x123 f64.store i32.const 0 f64.load call $id64))
