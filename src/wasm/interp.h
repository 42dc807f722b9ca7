/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_INTERP_H
#define WASM_INTERP_H

#include "wasm/exec.h"

/* How the interpreter comes back; negative values are enum csk_errc. */
enum interp_result {
    INTERP_GO = 0, /* inside only: carry on */
    INTERP_DONE,
    INTERP_TRAP,
    INTERP_EXIT,
    INTERP_SUSPEND,
    INTERP_FUEL,
    INTERP_CANCEL,
};

/* Run from exec->ip and exec->fp until something stops it. */
int interp_run(struct wasm_exec *exec);

/* ---- cold paths, shared by both forms of the interpreter (interp-cold.c) ----------------- */

extern const uint32_t interp_halt[];         /* the outermost frame returns here */
extern const uint32_t interp_cross_return[]; /* a call into another instance returns here */

int interp_trap(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, enum csk_trap trap);

/* A poll that found the request word set. */
int interp_poll(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, enum wasm_safepoint at);

int interp_translate(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);

/* Calls that are not of a function of this instance known at translation: imports,
 * tables. On INTERP_GO, continue at x->ip and x->fp and look up memory 0 again.
 * `base` is the slot of the first argument. */
int interp_call(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, struct wasm_func *func,
                uint32_t base, const uint32_t *ret_ip);
int interp_tail_call(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, struct wasm_func *func,
                     uint32_t base);

/* The function a call_indirect means, or NULL with *ret_trap. */
struct wasm_func *interp_indirect(struct wasm_exec *x, uint32_t table, uint32_t type,
                                  uint32_t index, enum csk_trap *ret_trap);

/* Push a frame for `code` at nfp, returning to ret_ip and ret_fp; zero its locals. */
int interp_enter(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp,
                 const struct wasm_code *code, uint64_t *nfp, const uint32_t *ret_ip,
                 uint64_t *ret_fp);
void interp_cross_back(struct wasm_exec *x);

/* Irregular instructions; `ip` is the instruction. 0 or an enum csk_trap, except for the
 * bulk ones, which may also stop: they return an enum interp_result. */
int interp_table_get(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_table_set(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_table_fill(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_table_copy(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_table_init(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
void interp_table_grow(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
void interp_table_size(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
void interp_memory_grow(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
void interp_memory_size(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_memory_fill(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_memory_copy(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);
int interp_memory_init(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp);

/* v128 instructions; memory ones return 0 or an enum csk_trap. */
int interp_simd_memory(const uint32_t *ip, uint64_t *fp, uint8_t *mem, uint64_t msize, unsigned op);
void interp_simd(const uint32_t *ip, uint64_t *fp, unsigned op);

static inline uint16_t ir_half(const uint32_t *ip, unsigned i)
{
    return ((const uint16_t *)(const void *)ip)[i];
}

#endif
