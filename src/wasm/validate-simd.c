/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "wasm/pass.h"
#include "wasm/simd.h"

static int do_simd_memory(struct pass *p, uint32_t sub, const struct simd_info *info)
{
    struct pass_memarg m;
    uint8_t lane = 0;
    bool by_lane = info->shape == SIMD_LOAD_LANE || info->shape == SIMD_STORE_LANE;
    int rc = pass_memarg(p, info->number, &m);
    if (rc == 0 && by_lane) {
        rc = pass_u8(p, &lane);
        if (rc == 0 && lane >= 16 / info->number)
            rc = INVALID(p, "invalid lane index %u", lane);
    }
    if (rc != 0)
        return rc;
    bool load = info->shape == SIMD_LOAD || info->shape == SIMD_LOAD_LANE;
    rc = pass_pop_push(p, info->shape == SIMD_LOAD ? "i" : "iv", 0);
    if (rc != 0)
        return rc;
    uint32_t imms[2] = {m.offset, sub | (uint32_t)lane << 8 | (uint32_t)info->number << 16};
    static const uint16_t ops[] = {[SIMD_LOAD] = IR_simd_load,
                                   [SIMD_STORE] = IR_simd_store,
                                   [SIMD_LOAD_LANE] = IR_simd_load_lane,
                                   [SIMD_STORE_LANE] = IR_simd_store_lane};
    pass_select_memory(p, m.memory);
    if (pass_emitting(p))
        emit_generic(p->e, ops[info->shape], info->shape == SIMD_LOAD ? 1 : 2, load ? CSK_V128 : 0,
                     imms, 2);
    pass_unselect_memory(p, m.memory);
    return load ? pass_push(p, CSK_V128) : 0;
}

static int do_simd_const(struct pass *p)
{
    const uint8_t *bytes = NULL;
    int rc = pass_bytes(p, 16, &bytes);
    if (rc == 0 && pass_emitting(p))
        emit_const_v128(p->e, bytes);
    return rc != 0 ? rc : pass_push(p, CSK_V128);
}

static int do_simd_shuffle(struct pass *p)
{
    const uint8_t *lanes = NULL;
    int rc = pass_bytes(p, 16, &lanes);
    for (int i = 0; rc == 0 && i < 16; i++) {
        if (lanes[i] >= 32)
            rc = INVALID(p, "invalid lane index %u", lanes[i]);
    }
    if (rc == 0)
        rc = pass_pop_push(p, "vv", 0);
    if (rc != 0)
        return rc;
    uint32_t imms[4];
    memcpy(imms, lanes, sizeof imms);
    if (pass_emitting(p))
        emit_generic(p->e, IR_simd_shuffle, 2, CSK_V128, imms, 4);
    return pass_push(p, CSK_V128);
}

struct simd_lowering {
    const char *in;
    uint8_t out;
    uint16_t op;
    bool lane;
};

static const struct simd_lowering simd_lowerings[] = {
    [SIMD_EXTRACT_I32] = {"v", CSK_I32, IR_simd_extract, true},
    [SIMD_EXTRACT_I64] = {"v", CSK_I64, IR_simd_extract, true},
    [SIMD_EXTRACT_F32] = {"v", CSK_F32, IR_simd_extract, true},
    [SIMD_EXTRACT_F64] = {"v", CSK_F64, IR_simd_extract, true},
    [SIMD_REPLACE_I32] = {"vi", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_I64] = {"vI", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_F32] = {"vf", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_F64] = {"vF", CSK_V128, IR_simd_replace, true},
    [SIMD_SPLAT_I32] = {"i", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_I64] = {"I", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_F32] = {"f", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_F64] = {"F", CSK_V128, IR_simd_splat, false},
    [SIMD_UNARY] = {"v", CSK_V128, IR_simd_unary, false},
    [SIMD_BINARY] = {"vv", CSK_V128, IR_simd_binary, false},
    [SIMD_TERNARY] = {"vvv", CSK_V128, IR_simd_ternary, false},
    [SIMD_SHIFT] = {"vi", CSK_V128, IR_simd_shift, false},
    [SIMD_TEST] = {"v", CSK_I32, IR_simd_test, false},
};

static int do_simd_regular(struct pass *p, uint32_t sub, const struct simd_info *info)
{
    const struct simd_lowering *low = &simd_lowerings[info->shape];
    uint8_t lane = 0;
    int rc = low->lane ? pass_u8(p, &lane) : 0;
    if (rc == 0 && low->lane && lane >= info->number)
        rc = INVALID(p, "invalid lane index %u", lane);
    if (rc == 0)
        rc = pass_pop_push(p, low->in, 0);
    if (rc != 0)
        return rc;
    uint32_t imm = sub | (uint32_t)lane << 8;
    if (pass_emitting(p))
        emit_generic(p->e, low->op, (uint32_t)strlen(low->in), low->out, &imm, 1);
    return pass_push(p, low->out);
}

int pass_simd(struct pass *p)
{
    uint32_t sub;
    int rc = pass_u32(p, &sub);
    if (rc != 0)
        return rc;
    const struct simd_info *info = simd_info(sub);
    if (wasm_simd_is_later(sub))
        return error_at(p->err, CSK_E_UNSUPPORTED, pass_offset(p),
                        "opcode 0xfd 0x%x is not supported", sub);
    if (info == NULL)
        return MALFORMED(p, "illegal opcode 0xfd 0x%x", sub);
    switch (info->shape) {
    case SIMD_LOAD:
    case SIMD_STORE:
    case SIMD_LOAD_LANE:
    case SIMD_STORE_LANE:
        return do_simd_memory(p, sub, info);
    case SIMD_CONST:
        return do_simd_const(p);
    case SIMD_SHUFFLE:
        return do_simd_shuffle(p);
    default:
        return do_simd_regular(p, sub, info);
    }
}
