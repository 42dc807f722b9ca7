/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_CODE_H
#define WASM_CODE_H

#include <stdint.h>

#include "wasm/opcodes.h"

/*
 * The interpreter's internal code: a register machine over a function's frame.
 *
 * Code is an array of 32-bit units. The first unit of an instruction holds its
 * opcode in the first 16 bits in memory order and one frame slot (usually the
 * destination, `d`) in the other 16; more slots and immediates follow. A frame
 * slot is the index of a 64-bit word from `fp`: parameters and locals first, then
 * the operand stack from the bottom; a v128 takes two.
 *
 * Operand modes, in an opcode's suffix: S is a slot, I an immediate, K a constant
 * address, A the accumulator: besides its slot, the latest integer, f32 and f64 result
 * each stay in a machine register until the next result of that class, and a
 * result that nobody reads from its slot is not written there (destination A).
 *
 * The operand stack is always in its canonical slots at a safepoint, so a frame's
 * state is exactly its slots; see doc/decisions/interpreter.md.
 */

/* clang-format off */
#define IR_MODES_BIN(X, id) \
    X(id##_SS_S) X(id##_SI_S) X(id##_AS_S) X(id##_AI_S) X(id##_SA_S) \
    X(id##_SS_A) X(id##_SI_A) X(id##_AS_A) X(id##_AI_A) X(id##_SA_A)
#define IR_MODES_UN(X, id)   X(id##_S_S) X(id##_A_S) X(id##_S_A) X(id##_A_A)
#define IR_MODES_LOAD(X, id) \
    X(id##_S_S) X(id##_A_S) X(id##_K_S) X(id##_SS_S) X(id##_SI_S) X(id##_AS_S) X(id##_AI_S) \
    X(id##_S_A) X(id##_A_A) X(id##_K_A) X(id##_SS_A) X(id##_SI_A) X(id##_AS_A) X(id##_AI_A)
#define IR_MODES_STORE(X, id) \
    X(id##_SS) X(id##_SA) X(id##_SI) X(id##_AS) X(id##_AI) X(id##_AA) X(id##_KS) X(id##_KA) X(id##_KI)
/* conditional branches: forward, then backward with a poll */
#define IR_MODES_JUMP(X, id) \
    X(id##_SS_F) X(id##_SI_F) X(id##_AS_F) X(id##_AI_F) \
    X(id##_SS_B) X(id##_SI_B) X(id##_AS_B) X(id##_AI_B)
#define IR_MODES_CMPI(X, id) IR_MODES_BIN(X, id) IR_MODES_JUMP(X, br_##id)
#define IR_MODES_CMPF(X, id) \
    IR_MODES_BIN(X, id) IR_MODES_JUMP(X, br_##id) IR_MODES_JUMP(X, br_not_##id)

#define IR_SPECIALS(X)                                                                   \
    X(translate) X(halt) X(cross_return) X(unreachable) X(loop)                          \
    X(mov) X(mov_v128) X(move_n) X(const32) X(const64) X(const_v128)                     \
    X(br) X(br_B) X(br_nz_S_F) X(br_nz_A_F) X(br_nz_S_B) X(br_nz_A_B)                    \
    X(br_z_S_F) X(br_z_A_F) X(br_z_S_B) X(br_z_A_B) X(br_table)                          \
    X(ret) X(ret_S) X(ret_AI) X(ret_AF) X(ret_AD) X(ret_n)                               \
    X(call) X(call_import) X(call_indirect) X(tail_call) X(tail_call_import)             \
    X(tail_call_indirect)                                                                \
    X(select_S) X(select_A) X(select_v128)                                               \
    X(global_get) X(global_set) X(global_set_A) X(global_get_v128) X(global_set_v128)               \
    X(table_get) X(table_set) X(table_size) X(table_grow) X(table_fill)                  \
    X(table_copy) X(table_init) X(elem_drop)                                             \
    X(memory_size) X(memory_grow) X(memory_fill) X(memory_copy) X(memory_init)           \
    X(data_drop) X(memory_select) X(ref_func) X(ref_as_non_null)                                            \
    X(simd_load) X(simd_load_lane) X(simd_store) X(simd_store_lane) X(simd_shuffle)       \
    X(simd_extract) X(simd_replace) X(simd_splat) X(simd_unary) X(simd_binary)           \
    X(simd_ternary) X(simd_shift) X(simd_test)

#define IR_ROW_LOAD(X, id)  IR_MODES_LOAD(X, id)
#define IR_ROW_STORE(X, id) IR_MODES_STORE(X, id)
#define IR_ROW_CMPI(X, id)  IR_MODES_CMPI(X, id)
#define IR_ROW_CMPF(X, id)  IR_MODES_CMPF(X, id)
#define IR_ROW_BIN(X, id)   IR_MODES_BIN(X, id)
#define IR_ROW_UN(X, id)    IR_MODES_UN(X, id)
/* clang-format on */

enum ir_op {
#define IR_ENUM(name) IR_##name,
    IR_SPECIALS(IR_ENUM)
#define X(code, ident, kind, in, out) IR_ROW_##kind(IR_ENUM, ident)
    WASM_REGULAR_OPS(X)
#undef X
#undef IR_ENUM
        IR_OP_COUNT
};

/* Offsets within a regular instruction's block of opcodes, in the order of the macros. */
enum ir_operands {
    IR_SS = 0,
    IR_SI = 1,
    IR_AS = 2,
    IR_AI = 3,
    IR_SA = 4
};
#define IR_BIN_TO_ACC      5  /* BIN, CMPI, CMPF: add to get destination A */
#define IR_UN_TO_ACC       2  /* UN */
#define IR_LOAD_TO_ACC     7  /* LOAD */
#define IR_CMP_BRANCH      10 /* CMPI, CMPF: the branches start here; then enum ir_operands */
#define IR_JUMP_BACK       4  /* add for a backward branch */
#define IR_CMPF_BRANCH_NOT 18

/* What wasm_code.ir points at before the first call: translates, then runs. */
extern const uint32_t wasm_ir_stub[];

#endif
