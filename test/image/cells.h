/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_IMAGE_CELLS_H
#define TEST_IMAGE_CELLS_H

#include <stdio.h>

#include "base/buf.h"
#include "csk-config.h"
#include "image/image.h"

#define CELL_SKIPPED 77

/* The module of these tests holds a v128: an engine built without cannot load it. */
static inline bool cell_skips(void)
{
    if (!CSK_HAVE_SIMD)
        printf("skipped: all cases, their module needs an engine with SIMD\n");
    return !CSK_HAVE_SIMD;
}

/* Small cells for tests: one engine, one module, one instance, one exec, and no WASI but
 * what a test hands to the encoder. Functions return 0 or a negative error. */
struct cell_under_test {
    struct wasm_engine *engine;
    struct wasm_module *module;
    struct wasm_instance *inst;
    struct wasm_exec *exec;
    struct wasm_func tick;
    struct image_meta meta; /* what the next encode writes: a decode sets it */
};

/* Everything but a call; with `segments` as a new cell, without as one to be restored.
 * `engine` may be NULL for one of its own, else it stays the caller's. */
int cell_open(struct cell_under_test *cell, struct wasm_engine *engine, const void *wasm,
              size_t size, bool segments);
void cell_close(struct cell_under_test *cell, bool keep_engine);

/* Call an export with i32 arguments; run up to `safepoints`. */
int cell_call(struct cell_under_test *cell, const char *name, const uint32_t *args, size_t nargs);
int cell_run(struct cell_under_test *cell, uint64_t safepoints, struct csk_outcome *ret_outcome);

int cell_encode(struct cell_under_test *cell, const struct wasi_state *wasi, struct buf *out,
                struct csk_error *err);

/* All three steps. WASI, when there is one, goes to *ret_wasi, or is freed when that is NULL. */
int cell_decode(struct cell_under_test *cell, const void *image, size_t size,
                struct wasi_state *ret_wasi, struct csk_error *err);

/* A WASI state with every kind of fd and one file that travels; its strings are static. */
struct wasi_state cell_wasi(void);

/* Any module that imports functions of type i32 -> i32 only gets this one for each. */
int cell_tick(struct wasm_host_call *call, void *user);

/* Bytes in memory as a source that gives `step` bytes at most at a time (0: all). */
struct cell_source {
    const uint8_t *p;
    size_t left;
    size_t step;
};

int64_t cell_read(void *user, void *bytes, size_t size);
int cell_write(void *user, const void *bytes, size_t size); /* user: struct buf */

#endif
