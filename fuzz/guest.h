/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#include "base/buf.h"
#include "wasm/exec.h"

/*
 * A module that nobody trusts, made runnable: its imports are whatever it asks for, and
 * everything it may use is bounded by the engine's limits.
 */
struct guest {
    struct wasm_module *module;
    struct wasm_instance *inst;
    struct wasm_exec *exec;
    struct wasm_extern *imports;
    struct wasm_func *host_funcs;
};

#define GUEST_FUEL 1500u /* safepoints that one call may pass */

/* One for all cases of a process, with limits so small that a case takes milliseconds. */
struct wasm_engine *guest_engine(void);

/* Link and allocate, segments not applied; the module stays the caller's. guest_close is due
 * whatever this returns. */
int guest_open(struct guest *g, struct wasm_module *module);
void guest_close(struct guest *g);

/* Prepare a call of a function with zeros for arguments; false when that cannot be. */
bool guest_call(struct guest *g, struct wasm_func *func);

/* Encode into *out; the code. */
int guest_encode(struct guest *g, struct buf *out);

#endif
