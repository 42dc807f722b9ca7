;; walk: invoke run
(module
  (func $divmod (param i32 i32) (result i32 i32)
    local.get 0 local.get 1 i32.div_u local.get 0 local.get 1 i32.rem_u)
  (func $rot (param i32 i64 f32) (result i64 f32 i32) local.get 1 local.get 2 local.get 0)
  (func (export "run") (result i64 f32 i32 i32 i32) (local i32 f32 i64)
    i32.const 3 i64.const 4 f32.const 5 call $rot
    (block (param i64 f32 i32) (result f32 i32 i64)
      (local.set 0) (local.set 1) (local.set 2) local.get 1 local.get 0 local.get 2)
    (local.set 2) (local.set 0) (local.set 1)
    local.get 2 local.get 1 local.get 0
    i32.const 47 i32.const 5 call $divmod)
  (func $unused))
