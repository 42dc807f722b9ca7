;; walk: invoke run
(module
  (func $a (param i32) (result i32) local.get 0 i32.const 1 i32.add)
  (func $b (param i32) (result i32) local.get 0 call $a call $a)
  (func $c (param i32) (result i32) (local $k i32)
    local.get 0 call $b local.tee $k call $b local.get $k i32.mul)
  (func (export "run") (result i32)
    i32.const 3 call $c i32.const 5 call $c i32.sub call $b))
