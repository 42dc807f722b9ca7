;; walk: invoke run
;; walk: exit 134
(module
  (func $f (param i32) local.get 0 i32.eqz if unreachable end local.get 0 i32.const 1 i32.sub call $f)
  (func $init i32.const 4 call $f)
  (start $init)
  (func (export "run")))
