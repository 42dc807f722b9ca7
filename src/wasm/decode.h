/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_DECODE_H
#define WASM_DECODE_H

#include "wasm/module.h"

/*
 * Inside of the module decoder. One pass over the bytes, `p` never beyond `end`, which is
 * the end of the section (or module) being read. Every error names a byte offset.
 */
struct wasm_decoder {
    struct wasm_module *m;
    const uint8_t *p;
    const uint8_t *end;
    struct csk_error *err;
    uint8_t *type_pool_next;
    const struct wasm_functype *typed_funcref; /* see WASM_TYPED_FUNCREF */
    size_t import_cap;
    size_t func_cap; /* of the arrays that imports and definitions share */
    size_t table_cap;
    size_t memory_cap;
    size_t global_cap;
    uint32_t defined_funcs; /* entries of the function section */
    bool has_code;
};

/* Values on the stack of a constant expression at any time. Real ones need two or three. */
#define WASM_EXPR_DEPTH_MAX 64u

/* Fill `m`, of which engine, bytes and size are set. On failure what was built so far
 * is left in `m`, to be freed with it. */
int wasm_decode(struct wasm_module *m, struct csk_error *err);

/* Shared by the parts of the decoder. `what` names the item in the error. */
uint64_t wasm_decode_offset(const struct wasm_decoder *d, const uint8_t *p);
int wasm_decode_byte(struct wasm_decoder *d, const char *what, uint8_t *ret);
int wasm_decode_u32(struct wasm_decoder *d, const char *what, uint32_t *ret);
int wasm_decode_skip(struct wasm_decoder *d, const char *what, uint64_t size);

/* Decode and validate a constant expression of type `type`, its `end` included. May refer
 * to the globals that are in `m` so far. */
int wasm_decode_expr(struct wasm_decoder *d, uint8_t type, struct wasm_expr *ret);

/* Let function bodies take a reference to `func` (which is in range). */
void wasm_declare_ref(struct wasm_module *m, uint32_t func);

#endif
