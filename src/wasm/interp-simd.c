/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "wasm/code.h"
#include "wasm/interp.h"
#include "wasm/simd.h"

/* Results go through a local: a v128 may overlap half of an operand's slots. */
static void set_v128(uint64_t *fp, unsigned slot, const uint8_t r[16])
{
    memcpy(fp + slot, r, 16);
}

static const uint8_t *v128(const uint64_t *fp, unsigned slot)
{
    return (const uint8_t *)(fp + slot);
}

/* {op, d | address, v128 | offset | sub-opcode, lane, bytes} */
int interp_simd_memory(const uint32_t *ip, uint64_t *fp, uint8_t *mem, uint64_t msize, unsigned op)
{
    uint32_t imm = ip[3];
    unsigned lane = imm >> 8 & 0xff;
    uint64_t ea = (uint64_t)(uint32_t)fp[ir_half(ip, 2)] + ip[2];
    if (ea + (imm >> 16) > msize)
        return CSK_TRAP_MEMORY_BOUNDS;
    const union simd_fn *fn = &simd_fns[imm & 0xff];
    const uint8_t *v = v128(fp, ir_half(ip, 3));
    uint8_t r[16];
    switch (op) {
    case IR_simd_load:
        fn->load(r, mem + ea);
        break;
    case IR_simd_load_lane:
        fn->load_lane(r, v, mem + ea, lane);
        break;
    case IR_simd_store:
        fn->store(mem + ea, v);
        return 0;
    default:
        fn->store_lane(mem + ea, v, lane);
        return 0;
    }
    set_v128(fp, ir_half(ip, 1), r);
    return 0;
}

void interp_simd(const uint32_t *ip, uint64_t *fp, unsigned op)
{
    unsigned d = ir_half(ip, 1);
    const uint8_t *a = v128(fp, ir_half(ip, 2));
    const uint8_t *b = v128(fp, ir_half(ip, 3));
    uint32_t imm = op == IR_simd_ternary ? ip[3] : ip[2];
    unsigned lane = imm >> 8 & 0xff;
    const union simd_fn *fn = &simd_fns[imm & 0xff];
    uint8_t r[16];
    switch (op) {
    case IR_simd_shuffle:
        simd_fns[SIMD_OP_i8x16_shuffle].shuffle(r, a, b, (const uint8_t *)(ip + 2));
        break;
    case IR_simd_extract:
        fp[d] = fn->extract(a, lane);
        return;
    case IR_simd_replace:
        fn->replace(r, a, lane, fp[ir_half(ip, 3)]);
        break;
    case IR_simd_splat:
        fn->splat(r, fp[ir_half(ip, 2)]);
        break;
    case IR_simd_unary:
        fn->unary(r, a);
        break;
    case IR_simd_binary:
        fn->binary(r, a, b);
        break;
    case IR_simd_ternary:
        fn->ternary(r, a, b, v128(fp, ir_half(ip, 4)));
        break;
    case IR_simd_shift:
        fn->shift(r, a, (uint32_t)fp[ir_half(ip, 3)]);
        break;
    default:
        fp[d] = fn->test(a);
        return;
    }
    set_v128(fp, d, r);
}
