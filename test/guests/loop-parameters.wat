;; walk: invoke run
(module
  (func (export "run") (result i32 i64) (local $n i32)
    i32.const 1 i64.const 1
    (loop $l (param i32 i64) (result i32 i64)
      i64.const 3 i64.mul
      local.get $n i32.const 1 i32.add local.set $n
      (block $skip (param i64) (result i64)
        local.get $n i32.const 1 i32.and br_if $skip
        i64.const 5 i64.add)
      local.get $n i32.const 9 i32.lt_s br_if $l)))
