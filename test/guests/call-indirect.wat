;; walk: invoke run
(module
  (type $op (func (param i32 i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $add $sub $mul $apply)
  (func $add (type $op) local.get 0 local.get 1 i32.add)
  (func $sub (type $op) local.get 0 local.get 1 i32.sub)
  (func $mul (type $op) local.get 0 local.get 1 i32.mul)
  (func $apply (type $op)
    local.get 1 local.get 1 local.get 0 i32.const 3 i32.rem_u call_indirect (type $op))
  (func (export "run") (result i32) (local $i i32) (local $acc i32)
    i32.const 7 local.set $acc
    (loop $l
      local.get $acc local.get $i i32.const 2 i32.add
      local.get $i i32.const 4 i32.rem_u call_indirect (type $op) local.set $acc
      local.get $i i32.const 1 i32.add local.tee $i i32.const 9 i32.lt_u br_if $l)
    local.get $acc))
