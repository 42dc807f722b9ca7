;; A conditional branch out of the function, not taken, must leave values that still
;; stand for locals and constants where the code after it looks for them.
(module
  (func $one (param i32 i32) (result i32)
    local.get 0 local.get 1 br_if 0)
  (func $none (param i32 i32)
    i32.const 11 local.get 0
    local.get 1 br_if 0
    i32.add i32.const 18 i32.ne (if (then unreachable)))
  (func (export "check")
    (if (i32.ne (call $one (i32.const 7) (i32.const 0)) (i32.const 7)) (then unreachable))
    (if (i32.ne (call $one (i32.const 7) (i32.const 1)) (i32.const 7)) (then unreachable))
    (call $none (i32.const 7) (i32.const 0))
    (call $none (i32.const 6) (i32.const 1))))
