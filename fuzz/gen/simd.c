/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/simd.h"
#include "internal.h"

struct vector {
    uint8_t sub;
    uint8_t shape; /* enum simd_shape */
    uint8_t number;
};

static const struct vector vectors[] = {
#define X(sub, c_name, text, shape, number) {sub, SIMD_##shape, number},
    SIMD_OPS(X)
#undef X
};
#define NVECTORS (sizeof vectors / sizeof vectors[0])

/* What an instruction takes (i I f F v) and the scalar it gives; 0: a v128, or nothing. */
static const struct {
    const char *in;
    uint8_t out;
} shapes[] = {
    [SIMD_LOAD] = {"a", 0},
    [SIMD_STORE] = {"av", 0},
    [SIMD_LOAD_LANE] = {"av", 0},
    [SIMD_STORE_LANE] = {"av", 0},
    [SIMD_CONST] = {"", 0},
    [SIMD_SHUFFLE] = {"vv", 0},
    [SIMD_EXTRACT_I32] = {"v", CSK_I32},
    [SIMD_EXTRACT_I64] = {"v", CSK_I64},
    [SIMD_EXTRACT_F32] = {"v", CSK_F32},
    [SIMD_EXTRACT_F64] = {"v", CSK_F64},
    [SIMD_REPLACE_I32] = {"vi", 0},
    [SIMD_REPLACE_I64] = {"vI", 0},
    [SIMD_REPLACE_F32] = {"vf", 0},
    [SIMD_REPLACE_F64] = {"vF", 0},
    [SIMD_SPLAT_I32] = {"i", 0},
    [SIMD_SPLAT_I64] = {"I", 0},
    [SIMD_SPLAT_F32] = {"f", 0},
    [SIMD_SPLAT_F64] = {"F", 0},
    [SIMD_UNARY] = {"v", 0},
    [SIMD_BINARY] = {"vv", 0},
    [SIMD_TERNARY] = {"vvv", 0},
    [SIMD_SHIFT] = {"vi", 0},
    [SIMD_TEST] = {"v", CSK_I32},
};

static uint8_t type_of_letter(char letter)
{
    switch (letter) {
    case 'i':
        return CSK_I32;
    case 'I':
        return CSK_I64;
    case 'f':
        return CSK_F32;
    case 'F':
        return CSK_F64;
    default:
        return CSK_V128;
    }
}

static bool makes_nan(uint32_t sub)
{
    switch (sub) {
    case 0x5e: /* demote, promote */
    case 0x5f:
    case 0x67: /* f32x4 ceil floor trunc nearest */
    case 0x68:
    case 0x69:
    case 0x6a:
    case 0x74: /* f64x2 */
    case 0x75:
    case 0x7a:
    case 0x94:
        return true;
    default: /* sqrt add sub mul div min max */
        return (sub >= 0xe3 && sub <= 0xe9) || (sub >= 0xef && sub <= 0xf5);
    }
}

static bool lanes_are_doubles(uint32_t sub)
{
    return sub == 0x5f || sub == 0x74 || sub == 0x75 || sub == 0x7a || sub == 0x94 || sub >= 0xec;
}

static void put_sub(struct fn *f, uint32_t sub)
{
    buf_put_u8(&f->out, WASM_PREFIX_SIMD);
    wire_u32(&f->out, sub);
}

/* x == x ? x : NaN, lane by lane */
static void canonical_lanes(struct fn *f, bool doubles)
{
    if (!f->g->options->canonical)
        return;
    uint32_t local = f->nlocals + GEN_COUNTERS + 2;
    op(f, WASM_OP_local_tee);
    wire_u32(&f->out, local);
    put_sub(f, 0x0c);
    for (int i = 0; i < 2; i++)
        buf_put_u64(&f->out, doubles ? UINT64_C(0x7ff8000000000000) : UINT64_C(0x7fc000007fc00000));
    for (int i = 0; i < 2; i++) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, local);
    }
    put_sub(f, doubles ? 0x47 : 0x41);
    put_sub(f, 0x52);
}

static void put_immediates(struct fn *f, const struct vector *v)
{
    struct rng *r = &f->g->rng;
    switch (v->shape) {
    case SIMD_LOAD:
    case SIMD_STORE:
    case SIMD_LOAD_LANE:
    case SIMD_STORE_LANE:
        emit_memarg(f, v->number, rng_percent(r, 80) ? 0 : rng_below(r, f->g->nmemories));
        if (v->shape == SIMD_LOAD_LANE || v->shape == SIMD_STORE_LANE)
            buf_put_u8(&f->out, (uint8_t)rng_below(r, 16u / v->number));
        return;
    case SIMD_CONST:
        buf_put_u64(&f->out, rng_u64(r));
        buf_put_u64(&f->out, rng_u64(r));
        return;
    case SIMD_SHUFFLE:
        for (int i = 0; i < 16; i++)
            buf_put_u8(&f->out, (uint8_t)rng_below(r, 32));
        return;
    default:
        if (v->shape >= SIMD_EXTRACT_I32 && v->shape <= SIMD_REPLACE_F64)
            buf_put_u8(&f->out, (uint8_t)rng_below(r, v->number));
    }
}

static void emit_vector(struct fn *f, const struct vector *v, int depth)
{
    const char *in = shapes[v->shape].in;
    uint8_t types[4];
    uint32_t n = 0;
    if (*in == 'a') {
        emit_address(f, depth);
        if (in[1] != '\0')
            value_of(f, CSK_V128, depth + 1);
        n = in[1] != '\0' ? 2 : 1;
    } else {
        for (; in[n] != '\0'; n++)
            types[n] = type_of_letter(in[n]);
        value_want(f, types, n, depth);
    }
    put_sub(f, v->sub);
    put_immediates(f, v);
    fn_pop(f, n);
    if (v->shape == SIMD_STORE || v->shape == SIMD_STORE_LANE)
        return;
    uint8_t out = shapes[v->shape].out;
    fn_push(f, out != 0 ? out : CSK_V128);
    if (makes_nan(v->sub))
        canonical_lanes(f, lanes_are_doubles(v->sub));
}

static bool stores(const struct vector *v)
{
    return v->shape == SIMD_STORE || v->shape == SIMD_STORE_LANE;
}

void simd_make(struct fn *f, int depth)
{
    const struct vector *v;
    do {
        v = &vectors[rng_below(&f->g->rng, NVECTORS)];
    } while (stores(v) || shapes[v->shape].out != 0);
    emit_vector(f, v, depth);
}

void simd_consume(struct fn *f, uint8_t type, int depth)
{
    if (type == CSK_V128 || type == CSK_FUNCREF || type == CSK_EXTERNREF)
        type = CSK_I32;
    const struct vector *v;
    do {
        v = &vectors[rng_below(&f->g->rng, NVECTORS)];
    } while (shapes[v->shape].out != type);
    emit_vector(f, v, depth);
}

void simd_store(struct fn *f, int depth)
{
    const struct vector *v;
    do {
        v = &vectors[rng_below(&f->g->rng, NVECTORS)];
    } while (!stores(v));
    emit_vector(f, v, depth);
}
