;; walk: invoke run
(module
  (type $t (func (param i32 i32) (result i32)))
  (table funcref (elem $a $b $c))
  (func $a (type $t) local.get 0 i32.const 2 i32.add local.get 1 i32.const 1 i32.sub
    i32.const 1 return_call_indirect (type $t))
  (func $b (type $t)
    local.get 1 i32.const 0 i32.le_s if local.get 0 return end
    local.get 0 i32.const 3 i32.mul local.get 1 i32.const 2 return_call_indirect (type $t))
  (func $c (type $t) local.get 0 local.get 1 i32.const 0 return_call_indirect (type $t))
  (func (export "run") (result i32) i32.const 1 i32.const 9 i32.const 0 return_call_indirect (type $t)))
