;; walk: invoke run
;; walk: exit 134
(module
  (type $v (func))
  (table 1 funcref) (elem (i32.const 0) $f)
  (func $f)
  (func (export "run") i32.const 0 call_indirect (type $v) i32.const 5 call_indirect (type $v)))
