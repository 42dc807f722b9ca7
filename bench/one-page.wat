;; SPDX-License-Identifier: Apache-2.0
;; A small function with one page of memory: what a request costs besides its work.
(module
  (memory 1)
  (func (export "run") (param i32) (result i32)
    (i32.store (i32.const 1024) (local.get 0))
    (i32.load (i32.const 1024))))
