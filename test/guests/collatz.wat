;; walk: invoke run 27
(module
  (func (export "run") (param i64) (result i64) (local $n i64)
    (loop $l
      local.get 0 i64.const 1 i64.and i64.eqz
      if local.get 0 i64.const 1 i64.shr_u local.set 0
      else local.get 0 i64.const 3 i64.mul i64.const 1 i64.add local.set 0 end
      local.get $n i64.const 1 i64.add local.tee $n
      i64.const 111 i64.ge_u if local.get $n return end
      local.get 0 i64.const 1 i64.ne br_if $l)
    local.get $n))
