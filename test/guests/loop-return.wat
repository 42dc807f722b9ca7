;; walk: invoke run
(module
  (func $find (param i32) (result i32) (local $i i32)
    i64.const 5
    (loop $l (result i32)
      (block $no
        local.get $i local.get $i i32.mul local.get 0 i32.ne br_if $no
        local.get $i return)
      local.get $i i32.const 1 i32.add local.set $i
      local.get $i i32.const 8 i32.lt_s br_if $l
      i32.const -1)
    drop drop i32.const -2)
  (func (export "run") (result i32 i32)
    i32.const 25 call $find i32.const 26 call $find))
