;; walk: invoke run
;; walk: exit 134
(module
  (memory 1)
  (func (export "run") (local $p i32)
    i32.const 0xfff0 local.set $p
    (loop $l
      local.get $p local.get $p i32.store
      local.get $p i32.const 4 i32.add local.set $p
      br $l)))
