/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "internal.h"

#define DEPTH_MAX 5

enum kind {
    KIND_LOAD,
    KIND_STORE,
    KIND_CMPI,
    KIND_CMPF,
    KIND_BIN,
    KIND_UN
};

struct scalar {
    uint16_t opcode;
    uint8_t kind;
    uint8_t in; /* operand type; LOAD, STORE: bytes */
    uint8_t out;
};

#define IN_LOAD(x)  (x)
#define IN_STORE(x) (x)
#define IN_CMPI(x)  CSK_##x
#define IN_CMPF(x)  CSK_##x
#define IN_BIN(x)   CSK_##x
#define IN_UN(x)    CSK_##x

static const struct scalar scalars[] = {
#define X(code, ident, k, i, o) {code, KIND_##k, IN_##k(i), CSK_##o},
    WASM_REGULAR_OPS(X)
#undef X
};
#define NSCALARS (sizeof scalars / sizeof scalars[0])

/* ---- the stack -------------------------------------------------------------------- */

void fn_push(struct fn *f, uint8_t type)
{
    assert(f->height < GEN_STACK_MAX);
    f->stack[f->height++] = type;
}

/* In dead code fewer may be there than are taken. */
void fn_pop(struct fn *f, uint32_t n)
{
    uint32_t have = pending(f);
    assert(n <= have || top_ctrl(f)->dead);
    f->height -= n < have ? n : have;
    if (f->height < f->low)
        f->low = f->height;
}

bool fn_may_trap(struct fn *f)
{
    return rng_percent(&f->g->rng, f->g->trap_percent);
}

/* ---- constants and locals ------------------------------------------------------------ */

static uint64_t some_integer(struct rng *r)
{
    static const uint64_t corners[] = {0,
                                       1,
                                       2,
                                       3,
                                       7,
                                       8,
                                       31,
                                       32,
                                       33,
                                       63,
                                       64,
                                       255,
                                       256,
                                       65535,
                                       65536,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       UINT64_C(0x100000000),
                                       UINT64_C(0x7fffffffffffffff),
                                       UINT64_C(0x8000000000000000),
                                       UINT64_C(0xffffffff80000000),
                                       UINT64_MAX};
    uint64_t bits = rng_u64(r);
    switch (rng_below(r, 5)) {
    case 0:
        return bits;
    case 1:
        return bits >> (bits & 63);
    case 2:
        return rng_below(r, 16);
    default:
        return corners[rng_below(r, sizeof corners / sizeof corners[0])];
    }
}

static uint64_t some_float(struct rng *r, bool is_double)
{
    static const uint32_t corners32[] = {
        0,          0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x7f800000, 0xff800000,
        0x7fc00000, 0xffc00000, 0x7fa00001, 0x00000001, 0x807fffff, 0x00800000, 0x7f7fffff,
        0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000, 0xdf000000, 0x4b000001};
    static const uint64_t corners64[] = {
        0,
        UINT64_C(0x8000000000000000),
        UINT64_C(0x3ff0000000000000),
        UINT64_C(0xbff0000000000000),
        UINT64_C(0x3fe0000000000000),
        UINT64_C(0x7ff0000000000000),
        UINT64_C(0xfff0000000000000),
        UINT64_C(0x7ff8000000000000),
        UINT64_C(0xfff8000000000000),
        UINT64_C(0x7ff4000000000001),
        1,
        UINT64_C(0x800fffffffffffff),
        UINT64_C(0x0010000000000000),
        UINT64_C(0x7fefffffffffffff),
        UINT64_C(0x41e0000000000000),
        UINT64_C(0xc1e0000000200000),
        UINT64_C(0x41f0000000000000),
        UINT64_C(0x43e0000000000000),
        UINT64_C(0xc3e0000000000000),
        UINT64_C(0x36a0000000000000),
        UINT64_C(0x47efffffefffffff),
    };
    uint64_t bits = rng_u64(r);
    if (rng_below(r, 4) == 0)
        return is_double ? bits : (uint32_t)bits;
    if (is_double)
        return corners64[rng_below(r, sizeof corners64 / sizeof corners64[0])];
    return corners32[rng_below(r, sizeof corners32 / sizeof corners32[0])];
}

void value_i32(struct fn *f, uint32_t v)
{
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, (int32_t)v);
    fn_push(f, CSK_I32);
}

static void put_v128(struct fn *f, uint64_t low, uint64_t high)
{
    buf_put_u8(&f->out, WASM_PREFIX_SIMD);
    wire_u32(&f->out, 0x0c);
    buf_put_u64(&f->out, low);
    buf_put_u64(&f->out, high);
}

static void put_const(struct fn *f, uint8_t type, uint64_t bits, uint64_t high)
{
    switch (type) {
    case CSK_I32:
        op(f, WASM_OP_i32_const);
        wire_s64(&f->out, (int32_t)(uint32_t)bits);
        break;
    case CSK_I64:
        op(f, WASM_OP_i64_const);
        wire_s64(&f->out, (int64_t)bits);
        break;
    case CSK_F32:
        op(f, WASM_OP_f32_const);
        buf_put_u32(&f->out, (uint32_t)bits);
        break;
    case CSK_F64:
        op(f, WASM_OP_f64_const);
        buf_put_u64(&f->out, bits);
        break;
    case CSK_V128:
        put_v128(f, bits, high);
        break;
    default:
        op(f, WASM_OP_ref_null);
        buf_put_u8(&f->out, type);
    }
    fn_push(f, type);
}

void value_default(struct fn *f, uint8_t type)
{
    put_const(f, type, 0, 0);
}

void value_const(struct fn *f, uint8_t type)
{
    struct rng *r = &f->g->rng;
    uint64_t high = 0;
    if (type == CSK_V128)
        high = rng_percent(r, 50) ? some_integer(r) : some_float(r, true);
    if (type == CSK_FUNCREF && rng_percent(r, 70)) {
        op(f, WASM_OP_ref_func);
        wire_u32(&f->out, f->g->nimports + rng_below(r, f->g->nfuncs - f->g->nimports));
        fn_push(f, type);
        return;
    }
    bool is_float = type == CSK_F32 || type == CSK_F64;
    put_const(f, type, is_float ? some_float(r, type == CSK_F64) : some_integer(r), high);
}

int pick_local(struct fn *f, uint8_t type)
{
    uint32_t own = f->nlocals;
    uint32_t start = rng_below(&f->g->rng, own + 1);
    if (rng_percent(&f->g->rng, 40)) { /* one that was read lately may still be on the stack */
        uint32_t i = f->recent[rng_below(&f->g->rng, 4)];
        if (i < own && f->locals[i] == type)
            return (int)i;
    }
    for (uint32_t n = 0; n < own; n++) {
        uint32_t i = (start + n) % own;
        if (f->locals[i] == type)
            return (int)i;
    }
    return -1;
}

void note_recent(struct fn *f, uint32_t local)
{
    f->recent[rng_below(&f->g->rng, 4)] = local;
}

bool value_local(struct fn *f, uint8_t type)
{
    int i = pick_local(f, type);
    if (i < 0)
        return false;
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, (uint32_t)i);
    fn_push(f, type);
    note_recent(f, (uint32_t)i);
    return true;
}

static bool value_global(struct fn *f, uint8_t type)
{
    struct gen *g = f->g;
    uint32_t start = rng_below(&g->rng, g->nglobals);
    for (uint32_t n = 0; n < g->nglobals; n++) {
        uint32_t i = (start + n) % g->nglobals;
        if (g->globals[i] != type || i <= GEN_HASH_GLOBAL)
            continue;
        op(f, WASM_OP_global_get);
        wire_u32(&f->out, i);
        fn_push(f, type);
        return true;
    }
    return false;
}

static void value_leaf(struct fn *f, uint8_t type)
{
    uint32_t pick = rng_below(&f->g->rng, 100);
    if (pick < 55 && value_local(f, type))
        return;
    if (pick < 65 && value_global(f, type))
        return;
    value_const(f, type);
}

/* ---- operands --------------------------------------------------------------------------- */

static uint32_t fitting(struct fn *f, const uint8_t *types, uint32_t n)
{
    uint32_t have = unprotected(f);
    for (uint32_t k = n < have ? n : have; k > 0; k--) {
        if (memcmp(f->stack + f->height - k, types, k) == 0)
            return k;
    }
    return 0;
}

void value_want(struct fn *f, const uint8_t *types, uint32_t n, int depth)
{
    struct rng *r = &f->g->rng;
    if (n == 0)
        return;
    if (top_ctrl(f)->dead && pending(f) == 0 && rng_percent(r, 30))
        return; /* any operands will do there, also none */
    uint32_t k = rng_percent(r, 75) ? fitting(f, types, n) : 0;
    for (; k < n; k++)
        value_of(f, types[k], depth + 1);
    f->protected = f->height;
}

void value_index(struct fn *f, uint32_t n)
{
    if (rng_percent(&f->g->rng, 40)) {
        value_i32(f, rng_below(&f->g->rng, n));
        return;
    }
    value_of(f, CSK_I32, DEPTH_MAX - 2);
    if (fn_may_trap(f))
        return;
    value_i32(f, n - 1);
    op(f, WASM_OP_i32_and);
    fn_pop(f, 2);
    fn_push(f, CSK_I32);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void mask(struct fn *f, uint32_t bits)
{
    value_i32(f, bits);
    op(f, WASM_OP_i32_and);
    fn_pop(f, 2);
    fn_push(f, CSK_I32);
}

/* Two small numbers in locals, then their sum: the translator may fuse the addition. */
static bool address_of_locals(struct fn *f, int depth)
{
    int a = pick_local(f, CSK_I32);
    int b = pick_local(f, CSK_I32);
    if (a < 0 || b < 0)
        return false;
    for (int i = 0; i < 2; i++) {
        value_of(f, CSK_I32, depth + 2);
        mask(f, 0x3fff);
        op(f, WASM_OP_local_set);
        wire_u32(&f->out, (uint32_t)(i == 0 ? a : b));
        fn_pop(f, 1);
    }
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, (uint32_t)a);
    fn_push(f, CSK_I32);
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, (uint32_t)b);
    fn_push(f, CSK_I32);
    op(f, WASM_OP_i32_add);
    fn_pop(f, 2);
    fn_push(f, CSK_I32);
    return true;
}

void emit_address(struct fn *f, int depth)
{
    struct rng *r = &f->g->rng;
    static const uint8_t i32 = CSK_I32;
    if (fn_may_trap(f)) {
        value_of(f, CSK_I32, depth + 1);
        return;
    }
    uint32_t pick = rng_below(r, 100);
    if (pick < 35) {
        value_i32(f, pick < 25 ? rng_below(r, 64) * 8 : rng_below(r, 65536 - 128));
        return;
    }
    if (pick < 50 && address_of_locals(f, depth))
        return;
    value_want(f, &i32, 1, depth);
    fn_pop(f, 1);
    fn_push(f, CSK_I32);
    mask(f, rng_percent(r, 50) ? 0x1ff : 0x7fff);
}

void emit_memarg(struct fn *f, uint32_t bytes, uint32_t memory)
{
    struct rng *r = &f->g->rng;
    uint32_t align = 0;
    while (align < 4 && (1u << (align + 1)) <= bytes)
        align++;
    align = rng_below(r, align + 1);
    uint32_t offset = rng_percent(r, 50) ? 0 : rng_below(r, 100);
    if (fn_may_trap(f)) {
        static const uint32_t far[] = {65536, 131072 - 4, 0x7fffffff, 0xffffffff, 0xfffffff0};
        offset = far[rng_below(r, 5)];
    }
    wire_u32(&f->out, memory != 0 ? align | 0x40 : align);
    if (memory != 0)
        wire_u32(&f->out, memory);
    wire_u32(&f->out, offset);
}

static uint32_t pick_memory(struct gen *g)
{
    return rng_percent(&g->rng, 70) ? 0 : rng_below(&g->rng, g->nmemories);
}

static void emit_load(struct fn *f, const struct scalar *s, int depth)
{
    emit_address(f, depth);
    op(f, s->opcode);
    emit_memarg(f, s->in, pick_memory(f->g));
    fn_pop(f, 1);
    fn_push(f, s->out);
}

static void emit_store(struct fn *f, const struct scalar *s, int depth)
{
    emit_address(f, depth);
    value_of(f, s->out, depth);
    op(f, s->opcode);
    emit_memarg(f, s->in, pick_memory(f->g));
    fn_pop(f, 2);
}

/* ---- scalar instructions ----------------------------------------------------------------------
 */

static bool makes_nan(unsigned code)
{
    return (code >= 0x8d && code <= 0x97) || (code >= 0x9b && code <= 0xa5) || code == 0xb6 ||
           code == 0xbb;
}

/* The scratch locals for this come after all others: f32, f64, v128. */
void emit_canonical(struct fn *f, uint8_t type)
{
    if (!f->g->options->canonical)
        return;
    bool is_double = type == CSK_F64;
    uint32_t local = f->nlocals + GEN_COUNTERS + (is_double ? 1u : 0u);
    op(f, WASM_OP_local_set);
    wire_u32(&f->out, local);
    fn_pop(f, 1);
    put_const(f, type, is_double ? UINT64_C(0x7ff8000000000000) : 0x7fc00000, 0);
    for (int i = 0; i < 3; i++) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, local);
        fn_push(f, type);
    }
    op(f, is_double ? WASM_OP_f64_ne : WASM_OP_f32_ne);
    op(f, WASM_OP_select);
    fn_pop(f, 4);
    fn_push(f, type);
}

/* Keep a divisor away from 0 and -1, a conversion away from numbers that do not fit. */
static const struct scalar *tame(struct fn *f, const struct scalar *s)
{
    unsigned c = s->opcode;
    bool div32 = c >= WASM_OP_i32_div_s && c <= WASM_OP_i32_rem_u;
    bool div64 = c >= WASM_OP_i64_div_s && c <= WASM_OP_i64_rem_u;
    bool trunc32 = c >= WASM_OP_i32_trunc_f32_s && c <= WASM_OP_i32_trunc_f64_u;
    bool trunc64 = c >= WASM_OP_i64_trunc_f32_s && c <= WASM_OP_i64_trunc_f64_u;
    if (!(div32 || div64 || trunc32 || trunc64) || fn_may_trap(f))
        return s;
    if (trunc32 || trunc64) {
        unsigned sat =
            trunc32 ? 0xfc00 + c - WASM_OP_i32_trunc_f32_s : 0xfc04 + c - WASM_OP_i64_trunc_f32_s;
        while (s->opcode != sat)
            s++;
        return s;
    }
    put_const(f, s->in, div32 ? 0x7fffffff : INT64_MAX, 0);
    op(f, div32 ? WASM_OP_i32_and : WASM_OP_i64_and);
    put_const(f, s->in, 1, 0);
    op(f, div32 ? WASM_OP_i32_or : WASM_OP_i64_or);
    f->height -= 2;
    return s;
}

/* The instruction itself, its operands being there. */
static void emit_scalar(struct fn *f, const struct scalar *s)
{
    uint32_t n = s->kind == KIND_UN ? 1 : 2;
    s = tame(f, s);
    op(f, s->opcode);
    fn_pop(f, n);
    fn_push(f, s->out);
    if (makes_nan(s->opcode))
        emit_canonical(f, s->out);
}

static const struct scalar *pick_scalar(struct fn *f, uint8_t out, bool compare)
{
    for (;;) {
        const struct scalar *s = &scalars[rng_below(&f->g->rng, NSCALARS)];
        bool is_compare = s->kind == KIND_CMPI || s->kind == KIND_CMPF;
        if (s->kind == KIND_STORE || s->out != out || (compare && !is_compare))
            continue;
        return s;
    }
}

static void emit_picked(struct fn *f, const struct scalar *s, int depth)
{
    if (s->kind == KIND_LOAD) {
        emit_load(f, s, depth);
        return;
    }
    uint8_t types[2] = {s->in, s->in};
    value_want(f, types, s->kind == KIND_UN ? 1 : 2, depth);
    emit_scalar(f, s);
}

void emit_scalar_of(struct fn *f, uint8_t type, int depth)
{
    emit_picked(f, pick_scalar(f, type, false), depth);
}

/* An instruction that takes what is on top, more made as needed. */
void emit_scalar_on_top(struct fn *f)
{
    struct rng *r = &f->g->rng;
    if (pending(f) == 0)
        return;
    uint8_t type = f->stack[f->height - 1];
    if (type == CSK_V128) {
        if (f->g->options->simd)
            simd_consume(f, gen_any_type(f->g), 2);
        return;
    }
    if (type == CSK_FUNCREF || type == CSK_EXTERNREF) {
        op(f, WASM_OP_ref_is_null);
        fn_pop(f, 1);
        fn_push(f, CSK_I32);
        return;
    }
    if (rng_percent(r, 10)) {
        emit_store(f, &scalars[0x36 - 0x28 + rng_below(r, 9)], 2);
        return;
    }
    const struct scalar *s;
    do {
        s = &scalars[rng_below(r, NSCALARS)];
    } while (s->kind < KIND_CMPI || s->in != type);
    bool both = pending(f) >= 2 && f->stack[f->height - 2] == type;
    if (s->kind != KIND_UN && !(both && rng_percent(r, 60)))
        value_of(f, type, 3);
    emit_scalar(f, s);
}

/* ---- losing nothing ------------------------------------------------------------------------ */

static void value_as_i64(struct fn *f, uint8_t type)
{
    switch (type) {
    case CSK_I64:
        return;
    case CSK_F64:
        op(f, WASM_OP_i64_reinterpret_f64);
        return;
    case CSK_V128:
        buf_put_u8(&f->out, WASM_PREFIX_SIMD);
        wire_u32(&f->out, 0x1d);
        buf_put_u8(&f->out, (uint8_t)rng_below(&f->g->rng, 2));
        return;
    case CSK_F32:
        op(f, WASM_OP_i32_reinterpret_f32);
        break;
    case CSK_FUNCREF:
    case CSK_EXTERNREF:
        op(f, WASM_OP_ref_is_null);
        break;
    default:
        break;
    }
    op(f, WASM_OP_i64_extend_i32_u);
}

void value_observe(struct fn *f)
{
    value_as_i64(f, f->stack[f->height - 1]);
    fn_pop(f, 1);
    op(f, WASM_OP_global_get);
    wire_u32(&f->out, GEN_HASH_GLOBAL);
    op(f, WASM_OP_i64_const);
    wire_s64(&f->out, 7);
    op(f, WASM_OP_i64_rotl);
    op(f, rng_percent(&f->g->rng, 50) ? WASM_OP_i64_xor : WASM_OP_i64_add);
    op(f, WASM_OP_global_set);
    wire_u32(&f->out, GEN_HASH_GLOBAL);
}

/* ---- conditions --------------------------------------------------------------------------------
 */

void value_condition(struct fn *f, int depth)
{
    struct rng *r = &f->g->rng;
    static const uint8_t i32 = CSK_I32;
    uint32_t pick = rng_below(r, 100);
    if (pick < 65) {
        emit_picked(f, pick_scalar(f, CSK_I32, true), depth + 1);
    } else if (pick < 75) {
        uint8_t type = rng_percent(r, 60) ? CSK_I32 : CSK_I64;
        value_want(f, &type, 1, depth + 1);
        fn_pop(f, 1);
        op(f, type == CSK_I32 ? WASM_OP_i32_eqz : WASM_OP_i64_eqz);
        fn_push(f, CSK_I32);
    } else {
        value_want(f, &i32, 1, depth + 1);
        fn_pop(f, 1);
        fn_push(f, CSK_I32);
    }
    while (rng_percent(r, 20))
        op(f, WASM_OP_i32_eqz);
}

/* ---- calls
 * ---------------------------------------------------------------------------------------- */

static void pop_push(struct fn *f, uint32_t n, const uint8_t *results, uint32_t nresults)
{
    fn_pop(f, n);
    for (uint32_t i = 0; i < nresults; i++)
        fn_push(f, results[i]);
}

static uint32_t pick_slot_of(struct gen *g, uint32_t func)
{
    const struct gen_elem *e = &g->elems[0];
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->funcs[i] == func)
            return e->offset + i;
    }
    return UINT32_MAX;
}

void value_call(struct fn *f, uint32_t func, bool tail, int depth)
{
    struct gen *g = f->g;
    const struct gen_type *t = &g->types[g->func_types[func]];
    uint32_t slot = pick_slot_of(g, func);
    value_want(f, t->params, t->nparams, depth);
    if (slot != UINT32_MAX && rng_percent(&g->rng, 40)) {
        value_i32(f, slot);
        if (fn_may_trap(f)) {
            fn_pop(f, 1);
            value_leaf(f, CSK_I32);
            op(f, WASM_OP_i32_add);
            fn_pop(f, 1);
            fn_push(f, CSK_I32);
        }
        op(f, tail ? WASM_OP_return_call_indirect : WASM_OP_call_indirect);
        wire_u32(&f->out, g->func_types[func]);
        wire_u32(&f->out, 0);
        fn_pop(f, 1);
    } else {
        op(f, tail ? WASM_OP_return_call : WASM_OP_call);
        wire_u32(&f->out, func);
    }
    pop_push(f, t->nparams, t->results, tail ? 0 : t->nresults);
}

bool value_call_of(struct fn *f, uint8_t type, int depth)
{
    struct gen *g = f->g;
    uint32_t start = rng_below(&g->rng, g->nfuncs);
    bool recursion = rng_percent(&g->rng, 15);
    for (uint32_t n = 0; n < g->nfuncs; n++) {
        uint32_t i = (start + n) % g->nfuncs;
        const struct gen_type *t = &g->types[g->func_types[i]];
        if (!recursion && i >= g->nimports && i <= f->func)
            continue;
        if (t->nresults != 1 || t->results[0] != type || t->nparams > 4)
            continue;
        value_call(f, i, false, depth + 1);
        return true;
    }
    return false;
}

/* ---- values
 * ------------------------------------------------------------------------------------------ */

static void value_tee(struct fn *f, uint8_t type, int depth)
{
    value_of(f, type, depth + 1);
    int i = pick_local(f, type);
    if (i < 0)
        return;
    fn_pop(f, 1);
    op(f, WASM_OP_local_tee);
    wire_u32(&f->out, (uint32_t)i);
    fn_push(f, type);
    note_recent(f, (uint32_t)i);
}

static void value_select(struct fn *f, uint8_t type, int depth)
{
    uint8_t types[2] = {type, type};
    value_want(f, types, 2, depth);
    value_condition(f, depth + 1);
    bool ref = type == CSK_FUNCREF || type == CSK_EXTERNREF;
    if (ref || rng_percent(&f->g->rng, 20)) {
        op(f, WASM_OP_select_t);
        wire_u32(&f->out, 1);
        buf_put_u8(&f->out, type);
    } else {
        op(f, WASM_OP_select);
    }
    fn_pop(f, 3);
    fn_push(f, type);
}

static void value_table_get(struct fn *f, uint8_t type)
{
    struct gen *g = f->g;
    for (uint32_t i = 0; i < g->ntables; i++) {
        if (g->tables[i].type != type)
            continue;
        value_index(f, 8);
        op(f, WASM_OP_table_get);
        wire_u32(&f->out, i);
        fn_pop(f, 1);
        fn_push(f, type);
        return;
    }
    value_const(f, type);
}

static void value_inner(struct fn *f, uint8_t type, int depth)
{
    struct rng *r = &f->g->rng;
    uint32_t pick = rng_below(r, 100);
    if (pick < 16) {
        value_tee(f, type, depth);
    } else if (pick < 25) {
        value_select(f, type, depth);
    } else if (pick < 31 && depth < 3) {
        static const unsigned kinds[] = {WASM_OP_block, WASM_OP_loop, WASM_OP_if, WASM_OP_if};
        step_block(f, kinds[rng_below(r, 4)], &type, 1, depth + 1);
    } else if (pick < 34 && depth < 3 && value_call_of(f, type, depth)) {
        return;
    } else if (type == CSK_V128) {
        if (f->g->options->simd)
            simd_make(f, depth);
        else
            value_leaf(f, type);
    } else if (type == CSK_FUNCREF || type == CSK_EXTERNREF) {
        value_table_get(f, type);
    } else if (pick < 40 && f->g->options->simd) {
        simd_consume(f, type, depth);
    } else {
        emit_scalar_of(f, type, depth);
    }
}

void value_of(struct fn *f, uint8_t type, int depth)
{
    struct rng *r = &f->g->rng;
    f->budget--;
    if (depth > DEPTH_MAX || f->budget < 0 || f->height > GEN_STACK_MAX - 40 ||
        rng_percent(r, 25 + 12 * (uint32_t)depth)) {
        value_leaf(f, type);
        return;
    }
    uint32_t outer = f->protected;
    f->protected = f->height; /* it may only add a value */
    value_inner(f, type, depth);
    f->protected = outer;
}
