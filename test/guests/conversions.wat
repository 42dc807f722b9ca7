;; walk: invoke run
(module
  (func $i (param i32) (result i32) local.get 0)
  (func $d (param f64) (result f64) local.get 0)
  (func (export "run") (result i32 i32 i64 i32 i64 f32 f64 i32)
    i32.const 0x1280 call $i i32.extend8_s
    i32.const 0x18000 call $i i32.extend16_s
    i64.const 0xffffffff80000000 i64.extend32_s
    f64.const 1e20 call $d i32.trunc_sat_f64_s
    f64.const -1e30 call $d i64.trunc_sat_f64_s
    i32.const -1 call $i f32.convert_i32_u
    i64.const -1 f64.convert_i64_u call $d
    f64.const nan call $d i32.trunc_sat_f64_u))
