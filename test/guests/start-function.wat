;; walk: invoke run
(module
  (memory 1)
  (global $g (mut i32) (i32.const 1))
  (func $dbl global.get $g i32.const 2 i32.mul global.set $g)
  (func $init (local $i i32)
    (loop $l call $dbl local.get $i i32.const 1 i32.add local.tee $i i32.const 8 i32.lt_s br_if $l)
    i32.const 0 global.get $g i32.store)
  (start $init)
  (func (export "run") (result i32) call $dbl i32.const 0 i32.load global.get $g i32.add))
