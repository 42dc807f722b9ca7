;; walk: invoke run
;; walk: exit 134
(module
  (type $v (func))
  (table 3 funcref)
  (elem (i32.const 1) $f)
  (func $f)
  (func (export "run") i32.const 1 call_indirect (type $v) i32.const 2 call_indirect (type $v)))
