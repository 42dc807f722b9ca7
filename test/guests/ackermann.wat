;; walk: invoke a 2 1
(module
  (func $a (export "a") (param i32 i32) (result i32)
    local.get 0 i32.eqz if (result i32)
      local.get 1 i32.const 1 i32.add
    else
      local.get 1 i32.eqz if (result i32)
        local.get 0 i32.const 1 i32.sub i32.const 1 call $a
      else
        local.get 0 i32.const 1 i32.sub
        local.get 0 local.get 1 i32.const 1 i32.sub call $a
        call $a
      end
    end))
