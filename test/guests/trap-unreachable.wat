;; walk: invoke run
;; walk: exit 134
(module
  (func $deep (param i32)
    local.get 0 i32.eqz if unreachable end
    local.get 0 i32.const 1 i32.sub call $deep)
  (func (export "run") i32.const 5 call $deep))
