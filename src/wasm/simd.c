/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/simd.h"

#include <stddef.h>
#include <string.h>

#include "base/bits.h"
#include "wasm/numeric.h"

/*
 * Integer lanes use the compilers' vector types: one machine instruction where the CPU
 * has it, plain code where it has not, lanes 0, 1, 2 in that order everywhere. Float
 * lanes are loops over arrays instead, because a CPU's vector unit may flush subnormals
 * where its scalar unit does not (32-bit Arm); where it does not, compilers vectorise them.
 *
 * The function of a row of simd-ops.h is op_NAME. Macros make families of them: V is a
 * vector type, T its lanes' type, n their number, and in expressions x, y are operands.
 * What may wrap is done on unsigned lanes.
 */

/* ---- lanes --------------------------------------------------------------------- */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LE8(v) (v)
#define SWAP_LANES(v, T, bits, n)                                                                  \
    for (unsigned i = 0; i < (n); i++)                                                             \
    (v)[i] = (T)LE##bits((uint##bits##_t)(v)[i])
#else
#define SWAP_LANES(v, T, bits, n) (void)0
#endif

/* Between bytes in little-endian order and lanes in host order. By pointer, as not every
 * CPU passes vectors in registers. */
#define VECTOR(V, T, bits, n)                                                                      \
    typedef T V __attribute__((vector_size((bits) / 8 * (n))));                                    \
    static inline void get_##V(V *ret, const uint8_t *a)                                           \
    {                                                                                              \
        V v;                                                                                       \
        memcpy(&v, a, sizeof v);                                                                   \
        SWAP_LANES(v, T, bits, n);                                                                 \
        *ret = v;                                                                                  \
    }

#define LANES(V, T, bits, n)                                                                       \
    VECTOR(V, T, bits, n)                                                                          \
    static inline void put_##V(uint8_t *r, V *v)                                                   \
    {                                                                                              \
        SWAP_LANES(*v, T, bits, n);                                                                \
        memcpy(r, v, sizeof *v);                                                                   \
    }

LANES(i8x16, int8_t, 8, 16)
LANES(u8x16, uint8_t, 8, 16)
LANES(i16x8, int16_t, 16, 8)
LANES(u16x8, uint16_t, 16, 8)
LANES(i32x4, int32_t, 32, 4)
LANES(u32x4, uint32_t, 32, 4)
LANES(i64x2, int64_t, 64, 2)
LANES(u64x2, uint64_t, 64, 2)

/* halves */
LANES(i8x8, int8_t, 8, 8)
LANES(u8x8, uint8_t, 8, 8)
LANES(i16x4, int16_t, 16, 4)
LANES(u16x4, uint16_t, 16, 4)
VECTOR(i32x2, int32_t, 32, 2)
VECTOR(u32x2, uint32_t, 32, 2)

#define FLOAT_LANES(P, F, U, n)                                                                    \
    static inline void get_##P(F *x, const uint8_t *a)                                             \
    {                                                                                              \
        U v;                                                                                       \
        get_##U(&v, a);                                                                            \
        memcpy(x, &v, sizeof v);                                                                   \
    }                                                                                              \
    static inline void put_##P(uint8_t *r, const F *x)                                             \
    {                                                                                              \
        U v;                                                                                       \
        memcpy(&v, x, sizeof v);                                                                   \
        put_##U(r, &v);                                                                            \
    }

FLOAT_LANES(f32x4, float, u32x4, 4)
FLOAT_LANES(f64x2, double, u64x2, 2)

/* ---- families -------------------------------------------------------------------- */

#define UNARY(name, V, expr)                                                                       \
    static void op_##name(uint8_t *r, const uint8_t *a)                                            \
    {                                                                                              \
        V x;                                                                                       \
        get_##V(&x, a);                                                                            \
        V z = (V)(expr);                                                                           \
        put_##V(r, &z);                                                                            \
    }

#define BINARY(name, V, expr)                                                                      \
    static void op_##name(uint8_t *r, const uint8_t *a, const uint8_t *b)                          \
    {                                                                                              \
        V x, y;                                                                                    \
        get_##V(&x, a);                                                                            \
        get_##V(&y, b);                                                                            \
        V z = (V)(expr);                                                                           \
        put_##V(r, &z);                                                                            \
    }

#define SHIFT(name, V, T, bits, operator)                                                          \
    static void op_##name(uint8_t *r, const uint8_t *a, uint32_t n)                                \
    {                                                                                              \
        V x;                                                                                       \
        get_##V(&x, a);                                                                            \
        V z = x operator(T)(n &((bits) - 1));                                                      \
        put_##V(r, &z);                                                                            \
    }

/* The lanes of y where the mask is set, of x elsewhere. */
#define SELECT(V, mask, x, y) ((V)(mask) & (y)) | (~(V)(mask) & (x))

/* What all integer shapes have: S and U are the signed and unsigned vectors. */
#define INTEGER(P, S, U, SI, UI, bits)                                                             \
    BINARY(P##_eq, U, x == y)                                                                      \
    BINARY(P##_ne, U, x != y)                                                                      \
    BINARY(P##_lt_s, S, x < y)                                                                     \
    BINARY(P##_gt_s, S, x > y)                                                                     \
    BINARY(P##_le_s, S, x <= y)                                                                    \
    BINARY(P##_ge_s, S, x >= y)                                                                    \
    BINARY(P##_add, U, x + y)                                                                      \
    BINARY(P##_sub, U, x - y)                                                                      \
    UNARY(P##_neg, U, -x)                                                                          \
    UNARY(P##_abs, U, (x ^ (U)((S)x < 0)) - (U)((S)x < 0))                                         \
    SHIFT(P##_shl, U, UI, bits, <<)                                                                \
    SHIFT(P##_shr_s, S, SI, bits, >>)                                                              \
    SHIFT(P##_shr_u, U, UI, bits, >>)                                                              \
    static uint32_t op_##P##_all_true(const uint8_t *a)                                            \
    {                                                                                              \
        U x;                                                                                       \
        get_##U(&x, a);                                                                            \
        u64x2 zeros = (u64x2)(x == 0);                                                             \
        return (zeros[0] | zeros[1]) == 0;                                                         \
    }

/* What those of at most 32 bits have. */
#define INTEGER_TO_32(P, S, U)                                                                     \
    BINARY(P##_lt_u, U, x < y)                                                                     \
    BINARY(P##_gt_u, U, x > y)                                                                     \
    BINARY(P##_le_u, U, x <= y)                                                                    \
    BINARY(P##_ge_u, U, x >= y)                                                                    \
    BINARY(P##_min_s, S, SELECT(S, y < x, x, y))                                                   \
    BINARY(P##_min_u, U, SELECT(U, y < x, x, y))                                                   \
    BINARY(P##_max_s, S, SELECT(S, y > x, x, y))                                                   \
    BINARY(P##_max_u, U, SELECT(U, y > x, x, y))

/* A signed sum overflows when its sign differs from both operands', a difference when the
 * operands' signs differ and the result's is not the first one's; then the limit on the
 * first operand's side is right. */
#define SIGNED_LIMIT(S, U, max) ((U)((S)x < 0) ^ (max))
#define INTEGER_TO_16(P, S, U, max)                                                                \
    BINARY(P##_add_sat_s, U,                                                                       \
           SELECT(U, (S)((x ^ (x + y)) & (y ^ (x + y))) < 0, x + y, SIGNED_LIMIT(S, U, max)))      \
    BINARY(P##_sub_sat_s, U,                                                                       \
           SELECT(U, (S)((x ^ y) & (x ^ (x - y))) < 0, x - y, SIGNED_LIMIT(S, U, max)))            \
    BINARY(P##_add_sat_u, U, (x + y) | (U)(x + y < x))                                             \
    BINARY(P##_sub_sat_u, U, (x - y) & (U)(x > y))                                                 \
    BINARY(P##_avgr_u, U, (x | y) - ((x ^ y) >> 1))

INTEGER(i8x16, i8x16, u8x16, int8_t, uint8_t, 8)
INTEGER(i16x8, i16x8, u16x8, int16_t, uint16_t, 16)
INTEGER(i32x4, i32x4, u32x4, int32_t, uint32_t, 32)
INTEGER(i64x2, i64x2, u64x2, int64_t, uint64_t, 64)
INTEGER_TO_32(i8x16, i8x16, u8x16)
INTEGER_TO_32(i16x8, i16x8, u16x8)
INTEGER_TO_32(i32x4, i32x4, u32x4)
INTEGER_TO_16(i8x16, i8x16, u8x16, 0x7f)
INTEGER_TO_16(i16x8, i16x8, u16x8, 0x7fff)
BINARY(i16x8_mul, u16x8, x *y)
BINARY(i32x4_mul, u32x4, x *y)
BINARY(i64x2_mul, u64x2, x *y)

/* Between widths: the low and the high half of the operands, made wider. */
#define WIDER(P, H, W, suffix)                                                                     \
    static void op_##P##_extend_low_##suffix(uint8_t *r, const uint8_t *a)                         \
    {                                                                                              \
        H x;                                                                                       \
        get_##H(&x, a);                                                                            \
        W z = __builtin_convertvector(x, W);                                                       \
        put_##W(r, &z);                                                                            \
    }                                                                                              \
    static void op_##P##_extend_high_##suffix(uint8_t *r, const uint8_t *a)                        \
    {                                                                                              \
        op_##P##_extend_low_##suffix(r, a + 8);                                                    \
    }                                                                                              \
    static void op_##P##_extmul_low_##suffix(uint8_t *r, const uint8_t *a, const uint8_t *b)       \
    {                                                                                              \
        H x, y;                                                                                    \
        get_##H(&x, a);                                                                            \
        get_##H(&y, b);                                                                            \
        W z = __builtin_convertvector(x, W) * __builtin_convertvector(y, W);                       \
        put_##W(r, &z);                                                                            \
    }                                                                                              \
    static void op_##P##_extmul_high_##suffix(uint8_t *r, const uint8_t *a, const uint8_t *b)      \
    {                                                                                              \
        op_##P##_extmul_low_##suffix(r, a + 8, b + 8);                                             \
    }

WIDER(i16x8, i8x8, i16x8, i8x16_s)
WIDER(i16x8, u8x8, u16x8, i8x16_u)
WIDER(i32x4, i16x4, i32x4, i16x8_s)
WIDER(i32x4, u16x4, u32x4, i16x8_u)
WIDER(i64x2, i32x2, i64x2, i32x4_s)
WIDER(i64x2, u32x2, u64x2, i32x4_u)

/* Two neighbours are the low and the high half of one wider lane, of U or signed S. */
#define LOW_S(S, U, bits, v)  ((S)((U)(v) << (bits)) >> (bits))
#define HIGH_S(S, U, bits, v) ((S)(v) >> (bits))
#define PAIRWISE(P, narrow, S, U, bits)                                                            \
    UNARY(P##_extadd_pairwise_##narrow##_s, U, (U)LOW_S(S, U, bits, x) + (U)HIGH_S(S, U, bits, x)) \
    UNARY(P##_extadd_pairwise_##narrow##_u, U, (x << (bits) >> (bits)) + (x >> (bits)))

PAIRWISE(i16x8, i8x16, i16x8, u16x8, 8)
PAIRWISE(i32x4, i16x8, i32x4, u32x4, 16)
BINARY(i32x4_dot_i16x8_s, u32x4,
       (u32x4)(LOW_S(i32x4, u32x4, 16, x) * LOW_S(i32x4, u32x4, 16, y)) +
           (u32x4)(HIGH_S(i32x4, u32x4, 16, x) * HIGH_S(i32x4, u32x4, 16, y)))

#define NARROW(name, V, H, min, max)                                                               \
    static void op_##name(uint8_t *r, const uint8_t *a, const uint8_t *b)                          \
    {                                                                                              \
        V x, y, low = (V){0} + (min), high = (V){0} + (max);                                       \
        get_##V(&x, a);                                                                            \
        get_##V(&y, b);                                                                            \
        x = SELECT(V, x < low, x, low);                                                            \
        y = SELECT(V, y < low, y, low);                                                            \
        x = SELECT(V, x > high, x, high);                                                          \
        y = SELECT(V, y > high, y, high);                                                          \
        H zx = __builtin_convertvector(x, H), zy = __builtin_convertvector(y, H);                  \
        put_##H(r, &zx);                                                                           \
        put_##H(r + 8, &zy);                                                                       \
    }

NARROW(i8x16_narrow_i16x8_s, i16x8, i8x8, INT8_MIN, INT8_MAX)
NARROW(i8x16_narrow_i16x8_u, i16x8, u8x8, 0, UINT8_MAX)
NARROW(i16x8_narrow_i32x4_s, i32x4, i16x4, INT16_MIN, INT16_MAX)
NARROW(i16x8_narrow_i32x4_u, i32x4, u16x4, 0, UINT16_MAX)

/* ---- single integer operations ---------------------------------------------------- */

static void op_i8x16_popcnt(uint8_t *r, const uint8_t *a)
{
    u8x16 x;
    get_u8x16(&x, a);
    x -= x >> 1 & 0x55;
    x = (x & 0x33) + (x >> 2 & 0x33);
    x = (x + (x >> 4)) & 0x0f;
    put_u8x16(r, &x);
}

/* Four lanes of the rounded Q15 product; only that of -1 and -1 has to be saturated. */
static void q15mulr(i16x4 *ret, const uint8_t *a, const uint8_t *b)
{
    i16x4 x, y;
    get_i16x4(&x, a);
    get_i16x4(&y, b);
    i32x4 z = __builtin_convertvector(x, i32x4) * __builtin_convertvector(y, i32x4);
    z = (z + 0x4000) >> 15;
    z += z > INT16_MAX;
    *ret = __builtin_convertvector(z, i16x4);
}

static void op_i16x8_q15mulr_sat_s(uint8_t *r, const uint8_t *a, const uint8_t *b)
{
    i16x4 low, high;
    q15mulr(&low, a, b);
    q15mulr(&high, a + 8, b + 8);
    put_i16x4(r, &low);
    put_i16x4(r + 8, &high);
}

UNARY(v128_not, u64x2, ~x)
BINARY(v128_and, u64x2, x &y)
BINARY(v128_andnot, u64x2, x & ~y)
BINARY(v128_or, u64x2, x | y)
BINARY(v128_xor, u64x2, x ^ y)

static void op_v128_bitselect(uint8_t *r, const uint8_t *a, const uint8_t *b, const uint8_t *c)
{
    u64x2 x, y, mask;
    get_u64x2(&x, a);
    get_u64x2(&y, b);
    get_u64x2(&mask, c);
    u64x2 z = SELECT(u64x2, mask, y, x);
    put_u64x2(r, &z);
}

static uint32_t op_v128_any_true(const uint8_t *a)
{
    return (get_le64(a) | get_le64(a + 8)) != 0;
}

/* The product moves the top bit of byte i to bit 56 + i, without carries. */
static uint32_t top_bits(const uint8_t *a)
{
    return (uint32_t)((get_le64(a) >> 7 & 0x0101010101010101u) * 0x0102040810204080u >> 56);
}

static uint32_t op_i8x16_bitmask(const uint8_t *a)
{
    return top_bits(a) | top_bits(a + 8) << 8;
}

static uint32_t op_i16x8_bitmask(const uint8_t *a)
{
    u16x8 x;
    get_u16x8(&x, a);
    u8x8 top = __builtin_convertvector(x >> 8, u8x8);
    uint8_t bytes[8];
    put_u8x8(bytes, &top);
    return top_bits(bytes);
}

static uint32_t op_i32x4_bitmask(const uint8_t *a)
{
    return get_le32(a) >> 31 | get_le32(a + 4) >> 31 << 1 | get_le32(a + 8) >> 31 << 2 |
           get_le32(a + 12) >> 31 << 3;
}

static uint32_t op_i64x2_bitmask(const uint8_t *a)
{
    return (uint32_t)(get_le64(a) >> 63 | get_le64(a + 8) >> 63 << 1);
}

static void op_i8x16_shuffle(uint8_t *r, const uint8_t *a, const uint8_t *b, const uint8_t *lanes)
{
    uint8_t ab[32], z[16];
    memcpy(ab, a, 16);
    memcpy(ab + 16, b, 16);
    for (unsigned i = 0; i < 16; i++)
        z[i] = ab[lanes[i]];
    memcpy(r, z, 16);
}

static void op_i8x16_swizzle(uint8_t *r, const uint8_t *a, const uint8_t *b)
{
    uint8_t z[16];
    for (unsigned i = 0; i < 16; i++)
        z[i] = b[i] < 16 ? a[b[i]] : 0;
    memcpy(r, z, 16);
}

/* ---- lanes and memory --------------------------------------------------------------- */

static void op_v128_load(uint8_t *r, const uint8_t *a)
{
    uint8_t z[16];
    memcpy(z, a, 16);
    memcpy(r, z, 16);
}

/* For lanes of each width; FROM reads one as the slot layout has it. */
#define BY_WIDTH(bits, P, V, get_lane, put_lane)                                                   \
    static void op_##P##_splat(uint8_t *r, uint64_t slot)                                          \
    {                                                                                              \
        V z = (V){0} + (uint##bits##_t)slot;                                                       \
        put_##V(r, &z);                                                                            \
    }                                                                                              \
    static void op_v128_load##bits##_splat(uint8_t *r, const uint8_t *mem)                         \
    {                                                                                              \
        op_##P##_splat(r, get_lane(mem));                                                          \
    }                                                                                              \
    static void op_##P##_replace_lane(uint8_t *r, const uint8_t *a, unsigned lane, uint64_t slot)  \
    {                                                                                              \
        op_v128_load(r, a);                                                                        \
        put_lane(r + lane * (bits) / 8, (uint##bits##_t)slot);                                     \
    }                                                                                              \
    static void op_v128_load##bits##_lane(uint8_t *r, const uint8_t *a, const uint8_t *mem,        \
                                          unsigned lane)                                           \
    {                                                                                              \
        op_##P##_replace_lane(r, a, lane, get_lane(mem));                                          \
    }                                                                                              \
    static void op_v128_store##bits##_lane(uint8_t *mem, const uint8_t *a, unsigned lane)          \
    {                                                                                              \
        put_lane(mem, get_lane(a + lane * (bits) / 8));                                            \
    }

static inline uint8_t get_u8(const uint8_t *a)
{
    return *a;
}

static inline void put_u8(uint8_t *r, uint8_t v)
{
    *r = v;
}

BY_WIDTH(8, i8x16, u8x16, get_u8, put_u8)
BY_WIDTH(16, i16x8, u16x8, get_le16, put_le16)
BY_WIDTH(32, i32x4, u32x4, get_le32, put_le32)
BY_WIDTH(64, i64x2, u64x2, get_le64, put_le64)

static uint64_t op_i8x16_extract_lane_s(const uint8_t *a, unsigned lane)
{
    int32_t x = (int8_t)a[lane];
    return (uint32_t)x;
}

static uint64_t op_i8x16_extract_lane_u(const uint8_t *a, unsigned lane)
{
    return a[lane];
}

static uint64_t op_i16x8_extract_lane_s(const uint8_t *a, unsigned lane)
{
    int32_t x = (int16_t)get_le16(a + lane * 2);
    return (uint32_t)x;
}

static uint64_t op_i16x8_extract_lane_u(const uint8_t *a, unsigned lane)
{
    return get_le16(a + lane * 2);
}

static uint64_t op_i32x4_extract_lane(const uint8_t *a, unsigned lane)
{
    return get_le32(a + lane * 4);
}

static uint64_t op_i64x2_extract_lane(const uint8_t *a, unsigned lane)
{
    return get_le64(a + lane * 8);
}

static void op_v128_load32_zero(uint8_t *r, const uint8_t *mem)
{
    u32x4 z = {get_le32(mem)};
    put_u32x4(r, &z);
}

static void op_v128_load64_zero(uint8_t *r, const uint8_t *mem)
{
    u64x2 z = {get_le64(mem)};
    put_u64x2(r, &z);
}

/* Instructions that do the same to the same bytes. */
#define op_v128_store         op_v128_load
#define op_v128_const         op_v128_load
#define op_v128_load8x8_s     op_i16x8_extend_low_i8x16_s
#define op_v128_load8x8_u     op_i16x8_extend_low_i8x16_u
#define op_v128_load16x4_s    op_i32x4_extend_low_i16x8_s
#define op_v128_load16x4_u    op_i32x4_extend_low_i16x8_u
#define op_v128_load32x2_s    op_i64x2_extend_low_i32x4_s
#define op_v128_load32x2_u    op_i64x2_extend_low_i32x4_u
#define op_f32x4_splat        op_i32x4_splat
#define op_f64x2_splat        op_i64x2_splat
#define op_f32x4_extract_lane op_i32x4_extract_lane
#define op_f64x2_extract_lane op_i64x2_extract_lane
#define op_f32x4_replace_lane op_i32x4_replace_lane
#define op_f64x2_replace_lane op_i64x2_replace_lane

/* ---- float lanes --------------------------------------------------------------------- */

/* Clang vectorises float arithmetic for 32-bit Arm although that flushes subnormals. */
#if defined(__arm__) && defined(__clang__)
#define SCALAR __attribute__((noinline, optnone))
#else
#define SCALAR
#endif

/* Here x, y are single lanes. */
#define FLOAT_UNARY(name, P, F, n, expr)                                                           \
    SCALAR static void op_##P##_##name(uint8_t *r, const uint8_t *a)                               \
    {                                                                                              \
        F lanes[n];                                                                                \
        get_##P(lanes, a);                                                                         \
        for (unsigned i = 0; i < (n); i++) {                                                       \
            F x = lanes[i];                                                                        \
            lanes[i] = (expr);                                                                     \
        }                                                                                          \
        put_##P(r, lanes);                                                                         \
    }

#define FLOAT_BINARY(name, P, F, n, expr)                                                          \
    SCALAR static void op_##P##_##name(uint8_t *r, const uint8_t *a, const uint8_t *b)             \
    {                                                                                              \
        F lanes[n], others[n];                                                                     \
        get_##P(lanes, a);                                                                         \
        get_##P(others, b);                                                                        \
        for (unsigned i = 0; i < (n); i++) {                                                       \
            F x = lanes[i], y = others[i];                                                         \
            lanes[i] = (expr);                                                                     \
        }                                                                                          \
        put_##P(r, lanes);                                                                         \
    }

/* The mask of a comparison, as lanes of the unsigned vector V of T. */
#define FLOAT_MASK(name, P, F, V, T, n, expr)                                                      \
    SCALAR static void P##_##name(V *ret, const uint8_t *a, const uint8_t *b)                      \
    {                                                                                              \
        F lanes[n], others[n];                                                                     \
        T mask[n];                                                                                 \
        get_##P(lanes, a);                                                                         \
        get_##P(others, b);                                                                        \
        for (unsigned i = 0; i < (n); i++) {                                                       \
            F x = lanes[i], y = others[i];                                                         \
            mask[i] = (expr) ? (T) - 1 : 0;                                                        \
        }                                                                                          \
        memcpy(ret, mask, sizeof mask);                                                            \
    }

#define FLOAT_COMPARE(name, P, F, V, T, n, expr)                                                   \
    FLOAT_MASK(name, P, F, V, T, n, expr)                                                          \
    static void op_##P##_##name(uint8_t *r, const uint8_t *a, const uint8_t *b)                    \
    {                                                                                              \
        V mask;                                                                                    \
        P##_##name(&mask, a, b);                                                                   \
        put_##V(r, &mask);                                                                         \
    }

/* Bits of a or b, NaNs and all, by a comparison. */
#define FLOAT_PICK(name, P, V, choose_b)                                                           \
    static void op_##P##_##name(uint8_t *r, const uint8_t *a, const uint8_t *b)                    \
    {                                                                                              \
        V mask, x, y;                                                                              \
        P##_##choose_b(&mask, b, a);                                                               \
        get_##V(&x, a);                                                                            \
        get_##V(&y, b);                                                                            \
        V z = SELECT(V, mask, x, y);                                                               \
        put_##V(r, &z);                                                                            \
    }

#define FLOAT(P, S, F, V, T, n, sign)                                                              \
    UNARY(P##_abs, V, x & ~(sign))                                                                 \
    UNARY(P##_neg, V, x ^ (sign))                                                                  \
    FLOAT_UNARY(sqrt, P, F, n, S##_sqrt(x))                                                        \
    FLOAT_UNARY(ceil, P, F, n, S##_ceil(x))                                                        \
    FLOAT_UNARY(floor, P, F, n, S##_floor(x))                                                      \
    FLOAT_UNARY(trunc, P, F, n, S##_trunc(x))                                                      \
    FLOAT_UNARY(nearest, P, F, n, S##_nearest(x))                                                  \
    FLOAT_BINARY(add, P, F, n, S##_add(x, y))                                                      \
    FLOAT_BINARY(sub, P, F, n, S##_sub(x, y))                                                      \
    FLOAT_BINARY(mul, P, F, n, S##_mul(x, y))                                                      \
    FLOAT_BINARY(div, P, F, n, S##_div(x, y))                                                      \
    FLOAT_BINARY(min, P, F, n, S##_min(x, y))                                                      \
    FLOAT_BINARY(max, P, F, n, S##_max(x, y))                                                      \
    FLOAT_COMPARE(eq, P, F, V, T, n, x == y)                                                       \
    FLOAT_COMPARE(ne, P, F, V, T, n, x != y)                                                       \
    FLOAT_COMPARE(lt, P, F, V, T, n, x < y)                                                        \
    FLOAT_COMPARE(gt, P, F, V, T, n, x > y)                                                        \
    FLOAT_COMPARE(le, P, F, V, T, n, x <= y)                                                       \
    FLOAT_COMPARE(ge, P, F, V, T, n, x >= y)                                                       \
    FLOAT_PICK(pmin, P, V, lt)                                                                     \
    FLOAT_PICK(pmax, P, V, gt)

FLOAT(f32x4, wasm_f32, float, u32x4, uint32_t, 4, UINT32_C(0x80000000))
FLOAT(f64x2, wasm_f64, double, u64x2, uint64_t, 2, UINT64_C(0x8000000000000000))

/* ---- conversions ------------------------------------------------------------------------ */

static void op_f32x4_demote_f64x2_zero(uint8_t *r, const uint8_t *a)
{
    double x[2];
    get_f64x2(x, a);
    float z[4] = {wasm_f32_demote(x[0]), wasm_f32_demote(x[1]), 0, 0};
    put_f32x4(r, z);
}

static void op_f64x2_promote_low_f32x4(uint8_t *r, const uint8_t *a)
{
    float x[4];
    get_f32x4(x, a);
    double z[2] = {wasm_f64_promote(x[0]), wasm_f64_promote(x[1])};
    put_f64x2(r, z);
}

#define CONVERT(suffix, V, H)                                                                      \
    static void op_i32x4_trunc_sat_f32x4_##suffix(uint8_t *r, const uint8_t *a)                    \
    {                                                                                              \
        float x[4];                                                                                \
        get_f32x4(x, a);                                                                           \
        V z;                                                                                       \
        for (unsigned i = 0; i < 4; i++)                                                           \
            z[i] = wasm_trunc_i32_f32_##suffix##_sat(x[i]);                                        \
        put_##V(r, &z);                                                                            \
    }                                                                                              \
    static void op_i32x4_trunc_sat_f64x2_##suffix##_zero(uint8_t *r, const uint8_t *a)             \
    {                                                                                              \
        double x[2];                                                                               \
        get_f64x2(x, a);                                                                           \
        V z = {wasm_trunc_i32_f64_##suffix##_sat(x[0]), wasm_trunc_i32_f64_##suffix##_sat(x[1])};  \
        put_##V(r, &z);                                                                            \
    }                                                                                              \
    static void op_f32x4_convert_i32x4_##suffix(uint8_t *r, const uint8_t *a)                      \
    {                                                                                              \
        V x;                                                                                       \
        float z[4];                                                                                \
        get_##V(&x, a);                                                                            \
        for (unsigned i = 0; i < 4; i++)                                                           \
            z[i] = (float)x[i];                                                                    \
        put_f32x4(r, z);                                                                           \
    }                                                                                              \
    static void op_f64x2_convert_low_i32x4_##suffix(uint8_t *r, const uint8_t *a)                  \
    {                                                                                              \
        H x;                                                                                       \
        get_##H(&x, a);                                                                            \
        double z[2] = {x[0], x[1]};                                                                \
        put_f64x2(r, z);                                                                           \
    }

CONVERT(s, i32x4, i32x2)
CONVERT(u, u32x4, u32x2)

/* ---- tables ---------------------------------------------------------------------------- */

const struct simd_info *simd_info(uint32_t sub_opcode)
{
    static const struct simd_info infos[SIMD_OPCODES] = {
#define X(sub_opcode, c_name, text, shape, number) [sub_opcode] = {text, SIMD_##shape, number},
        SIMD_OPS(X)
#undef X
    };
    if (sub_opcode >= SIMD_OPCODES || infos[sub_opcode].name == NULL)
        return NULL;
    return &infos[sub_opcode];
}

/* The member of union simd_fn for a shape. */
#define FN_LOAD        load
#define FN_STORE       store
#define FN_LOAD_LANE   load_lane
#define FN_STORE_LANE  store_lane
#define FN_CONST       load
#define FN_SHUFFLE     shuffle
#define FN_EXTRACT_I32 extract
#define FN_EXTRACT_I64 extract
#define FN_EXTRACT_F32 extract
#define FN_EXTRACT_F64 extract
#define FN_REPLACE_I32 replace
#define FN_REPLACE_I64 replace
#define FN_REPLACE_F32 replace
#define FN_REPLACE_F64 replace
#define FN_SPLAT_I32   splat
#define FN_SPLAT_I64   splat
#define FN_SPLAT_F32   splat
#define FN_SPLAT_F64   splat
#define FN_UNARY       unary
#define FN_BINARY      binary
#define FN_TERNARY     ternary
#define FN_SHIFT       shift
#define FN_TEST        test

const union simd_fn simd_fns[SIMD_OPCODES] = {
#define X(sub_opcode, c_name, text, shape, number) [sub_opcode] = {.FN_##shape = op_##c_name},
    SIMD_OPS(X)
#undef X
};
