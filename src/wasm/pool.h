/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_POOL_H
#define WASM_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "port/vm.h"

/*
 * Address space kept for reuse, because mapping, faulting in and unmapping cost far
 * more than what a short-lived cell does in between.
 *
 * Thread-safe. The pool holds at most `bytes_max` resident bytes; what does not fit is
 * given back to the system. It never hands out what another owner still has.
 */

/* A memory whose used part is larger is not kept: clearing it costs more than it saves. */
#define WASM_POOL_MEMORY_BYTES_MAX ((uint64_t)1 << 20)

/* Entries kept, so that a search is short whatever the sizes are. */
#define WASM_POOL_ENTRIES_MAX 256u
/* Entries looked at in one search. */
#define WASM_POOL_SEARCH_MAX 8u

struct wasm_pool;

enum wasm_pool_kind {
    WASM_POOL_MEMORY = 0, /* every byte reads 0 */
    WASM_POOL_STACK = 1,  /* content is whatever was left there */
    WASM_POOL_KINDS
};

struct wasm_pool_stats {
    uint64_t resident_bytes; /* held now */
    uint32_t entries;
    uint64_t hits;
    uint64_t misses;
};

int wasm_pool_new(uint64_t bytes_max, struct wasm_pool **ret_pool);
void wasm_pool_free(struct wasm_pool *pool);

/* A mapping of `size` bytes (whole pages); a memory may get a larger one. Fresh ones read 0
 * throughout.
 * *ret_resident is how many of its first bytes are resident already: pass it (or more,
 * if more was touched) back when giving the mapping back. */
int wasm_pool_take(struct wasm_pool *pool, enum wasm_pool_kind kind, size_t size,
                   struct port_vm *ret_vm, uint64_t *ret_resident);

/* Give back; vm is empty afterwards. For WASM_POOL_MEMORY all bytes must be 0 again. */
void wasm_pool_give(struct wasm_pool *pool, enum wasm_pool_kind kind, struct port_vm *vm,
                    uint64_t resident);

/* Check that a recycled memory is zero before it is handed out again; one that is not is
 * a bug here, and is dropped rather than handed out. Off by default; tests switch it on. */
void wasm_pool_prove_zero(struct wasm_pool *pool, bool on);
/* How many were found not to be. */
uint64_t wasm_pool_leaks(struct wasm_pool *pool);

void wasm_pool_stats(struct wasm_pool *pool, struct wasm_pool_stats *ret);

#endif
