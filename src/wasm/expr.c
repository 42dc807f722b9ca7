/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/leb128.h"
#include "wasm/decode.h"
#include "wasm/instance.h"
#include "wasm/opcodes.h"
#include "wasm/valtype.h"

/*
 * Constant expressions: checked once while the module is decoded, evaluated when an
 * instance is made. They stay bytes of the module in between.
 */

#define SIMD_V128_CONST 12u

/* ---- checking ------------------------------------------------------------------- */

struct checker {
    struct wasm_decoder *d;
    uint64_t at; /* of the instruction being checked */
    uint32_t depth;
    uint8_t types[WASM_EXPR_DEPTH_MAX];
};

static int push(struct checker *c, uint8_t type)
{
    if (c->depth == WASM_EXPR_DEPTH_MAX)
        return error_at(c->d->err, CSK_E_LIMIT, c->at,
                        "constant expression needs a stack of more than %u", WASM_EXPR_DEPTH_MAX);
    c->types[c->depth++] = type;
    return 0;
}

static int mismatch(struct checker *c)
{
    return error_at(c->d->err, CSK_E_INVALID, c->at, "type mismatch in constant expression");
}

static int check_binary(struct checker *c, uint8_t type)
{
    if (c->depth < 2 || c->types[c->depth - 1] != type || c->types[c->depth - 2] != type)
        return mismatch(c);
    c->depth--;
    return 0;
}

static int check_skip(struct checker *c, uint8_t type, uint64_t size)
{
    int r = wasm_decode_skip(c->d, "constant", size);
    return r == 0 ? push(c, type) : r;
}

static int check_integer(struct checker *c, uint8_t type)
{
    int32_t i32;
    int64_t i64;
    int r =
        type == CSK_I32 ? leb_s32(&c->d->p, c->d->end, &i32) : leb_s64(&c->d->p, c->d->end, &i64);
    if (r != 0)
        return error_at(c->d->err, r, c->at, "malformed integer constant");
    return push(c, type);
}

static int check_global_get(struct checker *c)
{
    const struct wasm_module *m = c->d->m;
    uint32_t i = 0;
    int r = wasm_decode_u32(c->d, "global index", &i);
    if (r != 0)
        return r;
    if (i >= m->nglobals)
        return error_at(c->d->err, CSK_E_INVALID, c->at, "unknown global %u", i);
    if (m->globals[i].type.mutable)
        return error_at(c->d->err, CSK_E_INVALID, c->at,
                        "constant expression required, global %u is mutable", i);
    return push(c, m->globals[i].type.type);
}

static int check_ref_null(struct checker *c)
{
    uint8_t type = 0;
    int r = wasm_decode_byte(c->d, "reference type", &type);
    if (r != 0)
        return r;
    if (type != CSK_FUNCREF && type != CSK_EXTERNREF) {
        bool later = type < 0x40 || (type >= 0x69 && type <= 0x74);
        return error_at(c->d->err, later ? CSK_E_UNSUPPORTED : CSK_E_MALFORMED, c->at,
                        "null reference of type 0x%02x", type);
    }
    return push(c, type);
}

static int check_ref_func(struct checker *c)
{
    uint32_t func = 0;
    int r = wasm_decode_u32(c->d, "function index", &func);
    if (r != 0)
        return r;
    if (func >= c->d->m->nfuncs)
        return error_at(c->d->err, CSK_E_INVALID, c->at, "unknown function %u", func);
    wasm_declare_ref(c->d->m, func);
    return push(c, WASM_NONNULL_FUNCREF);
}

static int not_constant(struct checker *c, uint8_t opcode)
{
    if (wasm_opcode_is_later(opcode))
        return error_at(c->d->err, CSK_E_UNSUPPORTED, c->at, "opcode 0x%02x is not supported",
                        opcode);
    bool legal = opcode <= 0x05 || (opcode >= 0x0b && opcode <= 0x13) ||
                 (opcode >= 0x1a && opcode <= 0x1c) || (opcode >= 0x20 && opcode <= 0xc4) ||
                 (opcode >= 0xd0 && opcode <= 0xd2) || opcode == 0xfc || opcode == 0xfd;
    if (!legal || opcode == 0x27)
        return error_at(c->d->err, CSK_E_MALFORMED, c->at, "illegal opcode 0x%02x", opcode);
    return error_at(c->d->err, CSK_E_INVALID, c->at,
                    "constant expression required, not opcode 0x%02x", opcode);
}

static int check_simd(struct checker *c)
{
    uint32_t sub = 0;
    int r = wasm_decode_u32(c->d, "SIMD opcode", &sub);
    if (r != 0)
        return r;
    return sub == SIMD_V128_CONST ? check_skip(c, CSK_V128, 16) : not_constant(c, WASM_PREFIX_SIMD);
}

static int check_instruction(struct checker *c, uint8_t opcode)
{
    switch (opcode) {
    case WASM_OP_global_get:
        return check_global_get(c);
    case WASM_OP_i32_const:
        return check_integer(c, CSK_I32);
    case WASM_OP_i64_const:
        return check_integer(c, CSK_I64);
    case WASM_OP_f32_const:
        return check_skip(c, CSK_F32, 4);
    case WASM_OP_f64_const:
        return check_skip(c, CSK_F64, 8);
    case WASM_OP_i32_add:
    case WASM_OP_i32_sub:
    case WASM_OP_i32_mul:
        return check_binary(c, CSK_I32);
    case WASM_OP_i64_add:
    case WASM_OP_i64_sub:
    case WASM_OP_i64_mul:
        return check_binary(c, CSK_I64);
    case WASM_OP_ref_null:
        return check_ref_null(c);
    case WASM_OP_ref_func:
        return check_ref_func(c);
    case WASM_PREFIX_SIMD:
        return check_simd(c);
    default:
        return not_constant(c, opcode);
    }
}

int wasm_decode_expr(struct wasm_decoder *d, uint8_t type, struct wasm_expr *ret)
{
    struct checker c = {.d = d, .depth = 0};
    uint32_t start = (uint32_t)wasm_decode_offset(d, d->p);
    for (;;) {
        uint8_t opcode;
        c.at = wasm_decode_offset(d, d->p);
        int r = wasm_decode_byte(d, "constant expression", &opcode);
        if (r != 0)
            return r;
        if (opcode == WASM_OP_end)
            break;
        r = check_instruction(&c, opcode);
        if (r != 0)
            return r;
    }
    if (c.depth != 1 || !wasm_type_matches(c.types[0], type))
        return mismatch(&c);
    *ret = (struct wasm_expr){start, (uint32_t)wasm_decode_offset(d, d->p)};
    return 0;
}

/* ---- evaluating ------------------------------------------------------------------ */

static uint64_t binary(uint8_t opcode, uint64_t a, uint64_t b)
{
    switch (opcode) {
    case WASM_OP_i32_add:
        return (uint32_t)(a + b);
    case WASM_OP_i32_sub:
        return (uint32_t)(a - b);
    case WASM_OP_i32_mul:
        return (uint32_t)(a * b);
    case WASM_OP_i64_add:
        return a + b;
    case WASM_OP_i64_sub:
        return a - b;
    default:
        return a * b;
    }
}

static uint64_t read_integer(const uint8_t **p, const uint8_t *end, uint8_t opcode)
{
    int32_t i32 = 0;
    int64_t i64 = 0;
    if (opcode == WASM_OP_i32_const)
        (void)leb_s32(p, end, &i32);
    else
        (void)leb_s64(p, end, &i64);
    return opcode == WASM_OP_i32_const ? (uint32_t)i32 : (uint64_t)i64;
}

/* An instruction without operands; `slot` has two words, of which only v128 uses both. */
static void load_constant(const struct wasm_instance *inst, uint8_t opcode, const uint8_t **p,
                          const uint8_t *end, uint64_t slot[2])
{
    uint32_t i = 0;
    slot[1] = 0;
    switch (opcode) {
    case WASM_OP_global_get:
        (void)leb_u32(p, end, &i);
        memcpy(slot, inst->globals[i]->slot, 2 * sizeof slot[0]);
        break;
    case WASM_OP_f32_const:
        slot[0] = get_le32(*p);
        *p += 4;
        break;
    case WASM_OP_f64_const:
        slot[0] = get_le64(*p);
        *p += 8;
        break;
    case WASM_OP_ref_null:
        slot[0] = 0;
        *p += 1;
        break;
    case WASM_OP_ref_func:
        (void)leb_u32(p, end, &i);
        slot[0] = (uint64_t)(uintptr_t)inst->funcs[i];
        break;
    case WASM_PREFIX_SIMD:
        (void)leb_u32(p, end, &i);
        memcpy(slot, *p, 16);
        *p += 16;
        break;
    default:
        slot[0] = read_integer(p, end, opcode);
        break;
    }
}

/* Checked before, so nothing here can fail. A v128 is never an operand, hence alone on the
 * stack, and its second half lies where a second value would. */
void wasm_expr_eval(const struct wasm_instance *inst, struct wasm_expr expr, uint64_t ret_slot[2])
{
    uint64_t stack[WASM_EXPR_DEPTH_MAX + 1];
    uint32_t depth = 0;
    const uint8_t *p = inst->module->bytes + expr.start;
    const uint8_t *end = inst->module->bytes + expr.end;
    for (uint8_t opcode = *p++; opcode != WASM_OP_end; opcode = *p++) {
        if (opcode >= WASM_OP_i32_add && opcode <= WASM_OP_i64_mul) {
            depth--;
            stack[depth - 1] = binary(opcode, stack[depth - 1], stack[depth]);
        } else {
            load_constant(inst, opcode, &p, end, &stack[depth++]);
        }
    }
    ret_slot[0] = stack[0];
    ret_slot[1] = stack[1];
}
