;; walk: invoke run
(module
  (func $mix (param i64) (result i64)
    local.get 0 i64.const 0x9e3779b97f4a7c15 i64.add local.tee 0
    local.get 0 i64.const 30 i64.shr_u i64.xor i64.const 0xbf58476d1ce4e5b9 i64.mul
    local.tee 0 i64.clz local.get 0 i64.ctz i64.add local.get 0 i64.const 13 i64.rotl i64.xor)
  (func (export "run") (result i64 i64) (local $s i64) (local $i i32)
    i64.const 1 local.set $s
    (loop $l
      local.get $s call $mix local.set $s
      local.get $i i32.const 1 i32.add local.tee $i i32.const 12 i32.lt_u br_if $l)
    local.get $s local.get $s i64.popcnt))
