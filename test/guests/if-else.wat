;; walk: invoke run
(module
  (func $g (param i32) (result i32)
    local.get 0 i32.const 3 i32.rem_s
    if (result i32)
      local.get 0 i32.const 1 i32.and if (result i32) i32.const 1 else i32.const 2 end
    else
      local.get 0 i32.const 6 i32.eq if (result i32) i32.const 60 else i32.const 3 end
    end)
  (func (export "run") (result i32) (local $i i32) (local $s i32)
    (loop $l
      local.get $s i32.const 2 i32.mul local.get $i call $g i32.add local.set $s
      local.get $i i32.const 1 i32.add local.tee $i i32.const 10 i32.ne br_if $l)
    local.get $s))
