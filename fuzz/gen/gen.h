/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Valid WebAssembly modules from a seed, for comparing engines.
 *
 * A module imports, at most, "env" "twice" (i32) -> i32 and "env" "swap" (i64 i32) ->
 * (i32 i64); see fuzz/gen/README.md for what they do. It exports
 *
 *     run   (i32 i64 i32 i64) -> i64...   always ends: loops and calls burn fuel
 *     peek  () -> i64...                  every global, and the sizes of memories and tables
 *     m0..  memories     t0..  tables of functions
 *
 * Floats and vectors leave `run` as their bits, so nothing is lost on the way out.
 */

#define GEN_RUN_PARAMS 4u
#define GEN_ARG_SETS   3u

struct gen_options {
    uint64_t seed;
    /* Make each NaN that arithmetic yields canonical by instructions of the module's own, for
     * engines that do not by themselves. It behaves as without elsewhere. */
    bool canonical;
    bool one_memory;
    bool simd;
    const uint8_t *skip; /* one byte a statement: 1 leaves it out */
    uint32_t nskip;
};

/* Append the module to `ret`. Returns 0 or CSK_E_NOMEM. */
int gen_module(const struct gen_options *options, struct buf *ret, uint32_t *ret_nstatements);

/* Argument i of `run` in argument set `set`; i32s use the low half. */
uint64_t gen_arg(uint64_t seed, uint32_t set, uint32_t i);

#endif
