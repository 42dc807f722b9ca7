/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_SIMD_H
#define WASM_SIMD_H

#include <stdint.h>

#include "wasm/simd-ops.h"

/*
 * The fixed-width SIMD instructions as pure functions.
 *
 * A v128 is 16 bytes in little-endian lane order on every host, as memory would hold
 * it; no alignment is asked for. Results may alias operands. Scalars are in slot
 * layout: i32 and f32 bits zero-extended to 64, i64 and f64 as their bits. Lane
 * numbers, memory bounds and shuffle bytes have been checked by the caller.
 *
 * A NaN that arithmetic makes is the canonical one; instructions that only move or
 * flip bits (abs, neg, pmin, pmax, the bitwise ones) keep what they are given.
 */

/* In the order of the table in simd-ops.h. */
#define SIMD_SHAPES(X)                                                                             \
    X(LOAD)                                                                                        \
    X(STORE)                                                                                       \
    X(LOAD_LANE)                                                                                   \
    X(STORE_LANE)                                                                                  \
    X(CONST)                                                                                       \
    X(SHUFFLE)                                                                                     \
    X(EXTRACT_I32)                                                                                 \
    X(EXTRACT_I64)                                                                                 \
    X(EXTRACT_F32)                                                                                 \
    X(EXTRACT_F64)                                                                                 \
    X(REPLACE_I32)                                                                                 \
    X(REPLACE_I64)                                                                                 \
    X(REPLACE_F32)                                                                                 \
    X(REPLACE_F64)                                                                                 \
    X(SPLAT_I32)                                                                                   \
    X(SPLAT_I64)                                                                                   \
    X(SPLAT_F32)                                                                                   \
    X(SPLAT_F64)                                                                                   \
    X(UNARY)                                                                                       \
    X(BINARY)                                                                                      \
    X(TERNARY)                                                                                     \
    X(SHIFT)                                                                                       \
    X(TEST)

enum simd_shape {
#define X(shape) SIMD_##shape,
    SIMD_SHAPES(X)
#undef X
};

#define SIMD_OPCODES 256 /* one past the greatest sub-opcode */

enum simd_op {
#define X(sub_opcode, c_name, text, shape, number) SIMD_OP_##c_name = sub_opcode,
    SIMD_OPS(X)
#undef X
};

struct simd_info {
    const char *name; /* as in the text format */
    uint8_t shape;    /* enum simd_shape */
    uint8_t number;   /* lanes or bytes, see simd-ops.h */
};

/* NULL when the sub-opcode is not assigned. */
const struct simd_info *simd_info(uint32_t sub_opcode);

typedef void simd_load_fn(uint8_t *r, const uint8_t *mem);
typedef void simd_store_fn(uint8_t *mem, const uint8_t *a);
typedef void simd_load_lane_fn(uint8_t *r, const uint8_t *a, const uint8_t *mem, unsigned lane);
typedef void simd_store_lane_fn(uint8_t *mem, const uint8_t *a, unsigned lane);
typedef void simd_shuffle_fn(uint8_t *r, const uint8_t *a, const uint8_t *b, const uint8_t *lanes);
typedef uint64_t simd_extract_fn(const uint8_t *a, unsigned lane);
typedef void simd_replace_fn(uint8_t *r, const uint8_t *a, unsigned lane, uint64_t slot);
typedef void simd_splat_fn(uint8_t *r, uint64_t slot);
typedef void simd_unary_fn(uint8_t *r, const uint8_t *a);
typedef void simd_binary_fn(uint8_t *r, const uint8_t *a, const uint8_t *b);
typedef void simd_ternary_fn(uint8_t *r, const uint8_t *a, const uint8_t *b, const uint8_t *c);
typedef void simd_shift_fn(uint8_t *r, const uint8_t *a, uint32_t n); /* n modulo the lane width */
typedef uint32_t simd_test_fn(const uint8_t *a);

union simd_fn {
    simd_load_fn *load;
    simd_store_fn *store;
    simd_load_lane_fn *load_lane;
    simd_store_lane_fn *store_lane;
    simd_shuffle_fn *shuffle;
    simd_extract_fn *extract;
    simd_replace_fn *replace;
    simd_splat_fn *splat;
    simd_unary_fn *unary;
    simd_binary_fn *binary;
    simd_ternary_fn *ternary;
    simd_shift_fn *shift;
    simd_test_fn *test;
};

/* By sub-opcode; the member is the one of its shape, v128.const being a load from its
 * immediate. NULL at sub-opcodes that are not assigned. */
extern const union simd_fn simd_fns[SIMD_OPCODES];

#endif
