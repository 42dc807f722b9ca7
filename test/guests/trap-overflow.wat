;; walk: invoke run
;; walk: exit 134
(module
  (func $f (param f64) (result i32) local.get 0 i32.trunc_f64_s)
  (func (export "run") (result i32) (local $d f64)
    f64.const 1000 local.set $d
    (loop $l
      local.get $d call $f drop
      local.get $d f64.const 30 f64.mul local.set $d
      br $l)
    i32.const 0))
