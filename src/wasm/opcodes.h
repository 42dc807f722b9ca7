/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_OPCODES_H
#define WASM_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Every scalar instruction with a regular shape, once. A row is
 *
 *     X(opcode, ident, KIND, IN, OUT)
 *
 * and KIND says its shape, from which decoding, validation, the internal code's
 * opcodes and their handlers are expanded:
 *
 *     BIN   IN IN -> OUT           CMPI  integer comparison, IN IN -> I32
 *     UN    IN -> OUT              CMPF  float comparison, IN IN -> I32
 *     LOAD  address -> OUT; IN is the access size in bytes
 *     STORE address OUT -> ; IN is the access size in bytes
 *
 * Opcodes above 0xff are 0xfc00 | sub-opcode. Control, variable, reference, table and
 * bulk instructions are irregular and are listed in enum wasm_opcode below.
 */

/* clang-format off */
#define WASM_LOADS(X)                       \
    X(0x28, i32_load,     LOAD, 4, I32)     \
    X(0x29, i64_load,     LOAD, 8, I64)     \
    X(0x2a, f32_load,     LOAD, 4, F32)     \
    X(0x2b, f64_load,     LOAD, 8, F64)     \
    X(0x2c, i32_load8_s,  LOAD, 1, I32)     \
    X(0x2d, i32_load8_u,  LOAD, 1, I32)     \
    X(0x2e, i32_load16_s, LOAD, 2, I32)     \
    X(0x2f, i32_load16_u, LOAD, 2, I32)     \
    X(0x30, i64_load8_s,  LOAD, 1, I64)     \
    X(0x31, i64_load8_u,  LOAD, 1, I64)     \
    X(0x32, i64_load16_s, LOAD, 2, I64)     \
    X(0x33, i64_load16_u, LOAD, 2, I64)     \
    X(0x34, i64_load32_s, LOAD, 4, I64)     \
    X(0x35, i64_load32_u, LOAD, 4, I64)

#define WASM_STORES(X)                      \
    X(0x36, i32_store,    STORE, 4, I32)    \
    X(0x37, i64_store,    STORE, 8, I64)    \
    X(0x38, f32_store,    STORE, 4, F32)    \
    X(0x39, f64_store,    STORE, 8, F64)    \
    X(0x3a, i32_store8,   STORE, 1, I32)    \
    X(0x3b, i32_store16,  STORE, 2, I32)    \
    X(0x3c, i64_store8,   STORE, 1, I64)    \
    X(0x3d, i64_store16,  STORE, 2, I64)    \
    X(0x3e, i64_store32,  STORE, 4, I64)

/* In each group the order is the specification's, and code relies on it: the inverse and
 * the mirror image of a comparison are found by position. */
#define WASM_COMPARES(X)                    \
    X(0x46, i32_eq,   CMPI, I32, I32)       \
    X(0x47, i32_ne,   CMPI, I32, I32)       \
    X(0x48, i32_lt_s, CMPI, I32, I32)       \
    X(0x49, i32_lt_u, CMPI, I32, I32)       \
    X(0x4a, i32_gt_s, CMPI, I32, I32)       \
    X(0x4b, i32_gt_u, CMPI, I32, I32)       \
    X(0x4c, i32_le_s, CMPI, I32, I32)       \
    X(0x4d, i32_le_u, CMPI, I32, I32)       \
    X(0x4e, i32_ge_s, CMPI, I32, I32)       \
    X(0x4f, i32_ge_u, CMPI, I32, I32)       \
    X(0x51, i64_eq,   CMPI, I64, I32)       \
    X(0x52, i64_ne,   CMPI, I64, I32)       \
    X(0x53, i64_lt_s, CMPI, I64, I32)       \
    X(0x54, i64_lt_u, CMPI, I64, I32)       \
    X(0x55, i64_gt_s, CMPI, I64, I32)       \
    X(0x56, i64_gt_u, CMPI, I64, I32)       \
    X(0x57, i64_le_s, CMPI, I64, I32)       \
    X(0x58, i64_le_u, CMPI, I64, I32)       \
    X(0x59, i64_ge_s, CMPI, I64, I32)       \
    X(0x5a, i64_ge_u, CMPI, I64, I32)       \
    X(0x5b, f32_eq,   CMPF, F32, I32)       \
    X(0x5c, f32_ne,   CMPF, F32, I32)       \
    X(0x5d, f32_lt,   CMPF, F32, I32)       \
    X(0x5e, f32_gt,   CMPF, F32, I32)       \
    X(0x5f, f32_le,   CMPF, F32, I32)       \
    X(0x60, f32_ge,   CMPF, F32, I32)       \
    X(0x61, f64_eq,   CMPF, F64, I32)       \
    X(0x62, f64_ne,   CMPF, F64, I32)       \
    X(0x63, f64_lt,   CMPF, F64, I32)       \
    X(0x64, f64_gt,   CMPF, F64, I32)       \
    X(0x65, f64_le,   CMPF, F64, I32)       \
    X(0x66, f64_ge,   CMPF, F64, I32)

#define WASM_BINARIES(X)                    \
    X(0x6a, i32_add,   BIN, I32, I32)       \
    X(0x6b, i32_sub,   BIN, I32, I32)       \
    X(0x6c, i32_mul,   BIN, I32, I32)       \
    X(0x6d, i32_div_s, BIN, I32, I32)       \
    X(0x6e, i32_div_u, BIN, I32, I32)       \
    X(0x6f, i32_rem_s, BIN, I32, I32)       \
    X(0x70, i32_rem_u, BIN, I32, I32)       \
    X(0x71, i32_and,   BIN, I32, I32)       \
    X(0x72, i32_or,    BIN, I32, I32)       \
    X(0x73, i32_xor,   BIN, I32, I32)       \
    X(0x74, i32_shl,   BIN, I32, I32)       \
    X(0x75, i32_shr_s, BIN, I32, I32)       \
    X(0x76, i32_shr_u, BIN, I32, I32)       \
    X(0x77, i32_rotl,  BIN, I32, I32)       \
    X(0x78, i32_rotr,  BIN, I32, I32)       \
    X(0x7c, i64_add,   BIN, I64, I64)       \
    X(0x7d, i64_sub,   BIN, I64, I64)       \
    X(0x7e, i64_mul,   BIN, I64, I64)       \
    X(0x7f, i64_div_s, BIN, I64, I64)       \
    X(0x80, i64_div_u, BIN, I64, I64)       \
    X(0x81, i64_rem_s, BIN, I64, I64)       \
    X(0x82, i64_rem_u, BIN, I64, I64)       \
    X(0x83, i64_and,   BIN, I64, I64)       \
    X(0x84, i64_or,    BIN, I64, I64)       \
    X(0x85, i64_xor,   BIN, I64, I64)       \
    X(0x86, i64_shl,   BIN, I64, I64)       \
    X(0x87, i64_shr_s, BIN, I64, I64)       \
    X(0x88, i64_shr_u, BIN, I64, I64)       \
    X(0x89, i64_rotl,  BIN, I64, I64)       \
    X(0x8a, i64_rotr,  BIN, I64, I64)       \
    X(0x92, f32_add,   BIN, F32, F32)       \
    X(0x93, f32_sub,   BIN, F32, F32)       \
    X(0x94, f32_mul,   BIN, F32, F32)       \
    X(0x95, f32_div,   BIN, F32, F32)       \
    X(0x96, f32_min,   BIN, F32, F32)       \
    X(0x97, f32_max,   BIN, F32, F32)       \
    X(0x98, f32_copysign, BIN, F32, F32)    \
    X(0xa0, f64_add,   BIN, F64, F64)       \
    X(0xa1, f64_sub,   BIN, F64, F64)       \
    X(0xa2, f64_mul,   BIN, F64, F64)       \
    X(0xa3, f64_div,   BIN, F64, F64)       \
    X(0xa4, f64_min,   BIN, F64, F64)       \
    X(0xa5, f64_max,   BIN, F64, F64)       \
    X(0xa6, f64_copysign, BIN, F64, F64)

#define WASM_UNARIES(X)                          \
    X(0x45, i32_eqz,    UN, I32, I32)            \
    X(0x50, i64_eqz,    UN, I64, I32)            \
    X(0x67, i32_clz,    UN, I32, I32)            \
    X(0x68, i32_ctz,    UN, I32, I32)            \
    X(0x69, i32_popcnt, UN, I32, I32)            \
    X(0x79, i64_clz,    UN, I64, I64)            \
    X(0x7a, i64_ctz,    UN, I64, I64)            \
    X(0x7b, i64_popcnt, UN, I64, I64)            \
    X(0x8b, f32_abs,     UN, F32, F32)           \
    X(0x8c, f32_neg,     UN, F32, F32)           \
    X(0x8d, f32_ceil,    UN, F32, F32)           \
    X(0x8e, f32_floor,   UN, F32, F32)           \
    X(0x8f, f32_trunc,   UN, F32, F32)           \
    X(0x90, f32_nearest, UN, F32, F32)           \
    X(0x91, f32_sqrt,    UN, F32, F32)           \
    X(0x99, f64_abs,     UN, F64, F64)           \
    X(0x9a, f64_neg,     UN, F64, F64)           \
    X(0x9b, f64_ceil,    UN, F64, F64)           \
    X(0x9c, f64_floor,   UN, F64, F64)           \
    X(0x9d, f64_trunc,   UN, F64, F64)           \
    X(0x9e, f64_nearest, UN, F64, F64)           \
    X(0x9f, f64_sqrt,    UN, F64, F64)           \
    X(0xa7, i32_wrap_i64,        UN, I64, I32)   \
    X(0xa8, i32_trunc_f32_s,     UN, F32, I32)   \
    X(0xa9, i32_trunc_f32_u,     UN, F32, I32)   \
    X(0xaa, i32_trunc_f64_s,     UN, F64, I32)   \
    X(0xab, i32_trunc_f64_u,     UN, F64, I32)   \
    X(0xac, i64_extend_i32_s,    UN, I32, I64)   \
    X(0xad, i64_extend_i32_u,    UN, I32, I64)   \
    X(0xae, i64_trunc_f32_s,     UN, F32, I64)   \
    X(0xaf, i64_trunc_f32_u,     UN, F32, I64)   \
    X(0xb0, i64_trunc_f64_s,     UN, F64, I64)   \
    X(0xb1, i64_trunc_f64_u,     UN, F64, I64)   \
    X(0xb2, f32_convert_i32_s,   UN, I32, F32)   \
    X(0xb3, f32_convert_i32_u,   UN, I32, F32)   \
    X(0xb4, f32_convert_i64_s,   UN, I64, F32)   \
    X(0xb5, f32_convert_i64_u,   UN, I64, F32)   \
    X(0xb6, f32_demote_f64,      UN, F64, F32)   \
    X(0xb7, f64_convert_i32_s,   UN, I32, F64)   \
    X(0xb8, f64_convert_i32_u,   UN, I32, F64)   \
    X(0xb9, f64_convert_i64_s,   UN, I64, F64)   \
    X(0xba, f64_convert_i64_u,   UN, I64, F64)   \
    X(0xbb, f64_promote_f32,     UN, F32, F64)   \
    X(0xbc, i32_reinterpret_f32, UN, F32, I32)   \
    X(0xbd, i64_reinterpret_f64, UN, F64, I64)   \
    X(0xbe, f32_reinterpret_i32, UN, I32, F32)   \
    X(0xbf, f64_reinterpret_i64, UN, I64, F64)   \
    X(0xc0, i32_extend8_s,       UN, I32, I32)   \
    X(0xc1, i32_extend16_s,      UN, I32, I32)   \
    X(0xc2, i64_extend8_s,       UN, I64, I64)   \
    X(0xc3, i64_extend16_s,      UN, I64, I64)   \
    X(0xc4, i64_extend32_s,      UN, I64, I64)   \
    X(0xfc00, i32_trunc_sat_f32_s, UN, F32, I32) \
    X(0xfc01, i32_trunc_sat_f32_u, UN, F32, I32) \
    X(0xfc02, i32_trunc_sat_f64_s, UN, F64, I32) \
    X(0xfc03, i32_trunc_sat_f64_u, UN, F64, I32) \
    X(0xfc04, i64_trunc_sat_f32_s, UN, F32, I64) \
    X(0xfc05, i64_trunc_sat_f32_u, UN, F32, I64) \
    X(0xfc06, i64_trunc_sat_f64_s, UN, F64, I64) \
    X(0xfc07, i64_trunc_sat_f64_u, UN, F64, I64)

#define WASM_REGULAR_OPS(X) \
    WASM_LOADS(X) WASM_STORES(X) WASM_COMPARES(X) WASM_BINARIES(X) WASM_UNARIES(X)

#define WASM_IRREGULAR_OPS(X)         \
    X(0x00, unreachable)              \
    X(0x01, nop)                      \
    X(0x02, block)                    \
    X(0x03, loop)                     \
    X(0x04, if)                       \
    X(0x05, else)                     \
    X(0x0b, end)                      \
    X(0x0c, br)                       \
    X(0x0d, br_if)                    \
    X(0x0e, br_table)                 \
    X(0x0f, return)                   \
    X(0x10, call)                     \
    X(0x11, call_indirect)            \
    X(0x12, return_call)              \
    X(0x13, return_call_indirect)     \
    X(0x14, call_ref)                 \
    X(0x1a, drop)                     \
    X(0x1b, select)                   \
    X(0x1c, select_t)                 \
    X(0x20, local_get)                \
    X(0x21, local_set)                \
    X(0x22, local_tee)                \
    X(0x23, global_get)               \
    X(0x24, global_set)               \
    X(0x25, table_get)                \
    X(0x26, table_set)                \
    X(0x3f, memory_size)              \
    X(0x40, memory_grow)              \
    X(0x41, i32_const)                \
    X(0x42, i64_const)                \
    X(0x43, f32_const)                \
    X(0x44, f64_const)                \
    X(0xd0, ref_null)                 \
    X(0xd1, ref_is_null)              \
    X(0xd2, ref_func)                 \
    X(0xd4, ref_as_non_null)          \
    X(0xfc08, memory_init)            \
    X(0xfc09, data_drop)              \
    X(0xfc0a, memory_copy)            \
    X(0xfc0b, memory_fill)            \
    X(0xfc0c, table_init)             \
    X(0xfc0d, elem_drop)              \
    X(0xfc0e, table_copy)             \
    X(0xfc0f, table_grow)             \
    X(0xfc10, table_size)             \
    X(0xfc11, table_fill)
/* clang-format on */

#define WASM_PREFIX_MISC 0xfc
#define WASM_PREFIX_SIMD 0xfd

enum wasm_opcode {
#define X(code, ident, kind, in, out) WASM_OP_##ident = code,
    WASM_REGULAR_OPS(X)
#undef X
#define X(code, ident) WASM_OP_##ident = code,
    WASM_IRREGULAR_OPS(X)
#undef X
};

/* Whether an opcode that is not listed above belongs to a later part of the language, so that
 * a module that uses it is not nonsense but needs another engine: exceptions, typed function
 * references, garbage collection, threads. */
static inline bool wasm_opcode_is_later(uint8_t opcode)
{
    return (opcode >= 0x06 && opcode <= 0x0a) || opcode == 0x14 || opcode == 0x15 ||
           opcode == 0x18 || opcode == 0x19 || opcode == 0x1f ||
           (opcode >= 0xd3 && opcode <= 0xd6) || opcode == 0xfb || opcode == 0xfe;
}

/* The same behind the SIMD prefix: relaxed SIMD. */
static inline bool wasm_simd_is_later(uint32_t sub)
{
    return sub >= 0x100 && sub <= 0x113;
}

#endif
