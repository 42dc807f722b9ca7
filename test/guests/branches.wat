;; walk: invoke run
(module
  (func $h (param i32) (result i32)
    (block $a (result i32)
      (block $b (result i32)
        i32.const 100 local.get 0 i32.const 1 i32.eq br_if $b
        drop i32.const 200 local.get 0 i32.const 2 i32.eq br_if $a
        local.get 0 call $i br $b)
      i32.const 1 i32.add))
  (func $i (param i32) (result i32)
    (block (block (block local.get 0 i32.const 4 i32.lt_s br_if 1 local.get 0 i32.const 5 i32.eq br_if 2)
      i32.const 7 return) i32.const 8 return) i32.const 9)
  (func (export "run") (result i32 i32 i32 i32 i32)
    i32.const 1 call $h i32.const 2 call $h i32.const 3 call $h i32.const 5 call $h i32.const 6 call $h))
