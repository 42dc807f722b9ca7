;; walk: invoke run
(module
  (func (export "run") (result i32) (local $i i32) (local $j i32) (local $s i32)
    i32.const 1000
    (loop $o
      i32.const 0 local.set $j
      i32.const 7
      (loop $n
        local.get $s local.get $i local.get $j i32.mul i32.add local.set $s
        local.get $j i32.const 1 i32.add local.tee $j i32.const 5 i32.lt_s br_if $n)
      local.get $s i32.add local.set $s
      local.get $i i32.const 1 i32.add local.tee $i i32.const 5 i32.lt_s br_if $o)
    local.get $s i32.add))
