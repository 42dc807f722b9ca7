;; walk: invoke run
;; walk: exit 134
(module
  (func (export "run") (result i32) (local $i i32) (local $s i32)
    i32.const 5 local.set $i
    (loop $l
      i32.const 100 local.get $i i32.div_s local.get $s i32.add local.set $s
      local.get $i i32.const 1 i32.sub local.set $i
      br $l)
    local.get $s))
