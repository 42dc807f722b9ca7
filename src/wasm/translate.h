/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_TRANSLATE_H
#define WASM_TRANSLATE_H

#include "wasm/exec.h"
#include "wasm/module.h"

/*
 * From a function body to internal code, and back from a position in that code to
 * what the module means by it.
 *
 * Translation is deterministic, so no table of positions is kept: whoever needs one
 * (a snapshot, a restore, a stack trace) translates again and listens.
 */

/* Make code->ir runnable, once. Thread-safe. Errors: NOMEM, LIMIT. */
int wasm_translate(struct wasm_code *code);

#define WASM_AT_INSTRUCTION 255u /* not a safepoint: an instruction's own position */

struct wasm_point {
    uint32_t ir_pos; /* in units from the start of the function's code */
    uint32_t pc;     /* module offset of the next instruction */
    uint8_t at;      /* enum wasm_safepoint, or WASM_AT_INSTRUCTION */
    uint32_t ntypes;
    uint32_t nlocals;     /* parameters included */
    const uint8_t *types; /* operand stack, bottom first */
    const uint8_t *local_types;
    const struct wasm_functype *callee; /* WASM_AT_RETURN: what was called */
};

/* Return non-zero to stop the walk. */
typedef int wasm_point_fn(void *user, const struct wasm_point *point);

/* Call `fn` for every point of the function, in code order. Returns what fn returned, 0 at
 * the end, or a negative error. */
int wasm_walk_points(struct wasm_code *code, wasm_point_fn *fn, void *user);

#endif
