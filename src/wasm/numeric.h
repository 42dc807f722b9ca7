/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_NUMERIC_H
#define WASM_NUMERIC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cloudskin/cloudskin.h>

/*
 * The numeric instructions that C does not have, or has with other edges.
 *
 * Bit-identical on every host: no rounding-mode dependence in the roundings, no
 * undefined conversions, and every NaN that arithmetic makes is the canonical one
 * (positive, quiet, empty payload), so that a cell computes the same on any CPU.
 */

#define WASM_F32_NAN __builtin_nanf("")
#define WASM_F64_NAN __builtin_nan("")

/* ---- bits ------------------------------------------------------------------- */

static inline float wasm_f32_from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t wasm_f32_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline double wasm_f64_from_bits(uint64_t bits)
{
    double f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint64_t wasm_f64_bits(double f)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline uint32_t wasm_i32_clz(uint32_t x)
{
    return x == 0 ? 32 : (uint32_t)__builtin_clz(x);
}

static inline uint32_t wasm_i32_ctz(uint32_t x)
{
    return x == 0 ? 32 : (uint32_t)__builtin_ctz(x);
}

/* Without a popcnt instruction the compiler would call its library. */
static inline uint32_t wasm_i32_popcnt(uint32_t x)
{
    x -= x >> 1 & 0x55555555u;
    x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0fu;
    return x * 0x01010101u >> 24;
}

static inline uint64_t wasm_i64_clz(uint64_t x)
{
    return x == 0 ? 64 : (uint64_t)__builtin_clzll(x);
}

static inline uint64_t wasm_i64_ctz(uint64_t x)
{
    return x == 0 ? 64 : (uint64_t)__builtin_ctzll(x);
}

static inline uint64_t wasm_i64_popcnt(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return x * 0x0101010101010101u >> 56;
}

/* Both halves of a rotation are recognised as one instruction; counts are modulo the width. */
static inline uint32_t wasm_i32_rotl(uint32_t x, uint32_t n)
{
    return x << (n & 31) | x >> (-n & 31);
}

static inline uint32_t wasm_i32_rotr(uint32_t x, uint32_t n)
{
    return x >> (n & 31) | x << (-n & 31);
}

static inline uint64_t wasm_i64_rotl(uint64_t x, uint64_t n)
{
    return x << (n & 63) | x >> (-n & 63);
}

static inline uint64_t wasm_i64_rotr(uint64_t x, uint64_t n)
{
    return x >> (n & 63) | x << (-n & 63);
}

/* ---- floating point ------------------------------------------------------------ */

/*
 * Truncation to an integral value. Below 2^(mantissa bits) the value fits an integer
 * and C's conversion truncates; from there on every value is integral already (or is
 * infinite or NaN). Floor, ceil and nearest correct the truncated value by one.
 * copysign keeps -0 and the sign of what was rounded to zero.
 */
#define WASM_ROUND_GENERIC(P, F, I, LIMIT, SUFFIX)                                                 \
    static inline F P##_trunc(F x)                                                                 \
    {                                                                                              \
        if (!(__builtin_fabs##SUFFIX(x) < LIMIT))                                                  \
            return P##_canon(x);                                                                   \
        return __builtin_copysign##SUFFIX((F)(I)x, x);                                             \
    }                                                                                              \
    static inline F P##_floor(F x)                                                                 \
    {                                                                                              \
        if (!(__builtin_fabs##SUFFIX(x) < LIMIT))                                                  \
            return P##_canon(x);                                                                   \
        F t = (F)(I)x;                                                                             \
        return __builtin_copysign##SUFFIX(t > x ? t - 1 : t, x);                                   \
    }                                                                                              \
    static inline F P##_ceil(F x)                                                                  \
    {                                                                                              \
        if (!(__builtin_fabs##SUFFIX(x) < LIMIT))                                                  \
            return P##_canon(x);                                                                   \
        F t = (F)(I)x;                                                                             \
        return __builtin_copysign##SUFFIX(t < x ? t + 1 : t, x);                                   \
    }                                                                                              \
    static inline F P##_nearest(F x)                                                               \
    {                                                                                              \
        if (!(__builtin_fabs##SUFFIX(x) < LIMIT))                                                  \
            return P##_canon(x);                                                                   \
        F a = __builtin_fabs##SUFFIX(x);                                                           \
        I i = (I)a;                                                                                \
        F rest = a - (F)i; /* exact */                                                             \
        i += rest > (F)0.5 || (rest == (F)0.5 && (i & 1));                                         \
        return __builtin_copysign##SUFFIX((F)i, x);                                                \
    }

/* The same where the CPU has an instruction for each. */
#define WASM_ROUND_NATIVE(P, F, SUFFIX)                                                            \
    static inline F P##_trunc(F x)                                                                 \
    {                                                                                              \
        return P##_canon(__builtin_trunc##SUFFIX(x));                                              \
    }                                                                                              \
    static inline F P##_floor(F x)                                                                 \
    {                                                                                              \
        return P##_canon(__builtin_floor##SUFFIX(x));                                              \
    }                                                                                              \
    static inline F P##_ceil(F x)                                                                  \
    {                                                                                              \
        return P##_canon(__builtin_ceil##SUFFIX(x));                                               \
    }                                                                                              \
    static inline F P##_nearest(F x)                                                               \
    {                                                                                              \
        return P##_canon(__builtin_roundeven##SUFFIX(x));                                          \
    }

/* The stated probability makes compilers branch past a NaN that never comes, rather than
 * lengthen every chain of additions by a conditional move.
 * min and max order -0 below +0: of two equal values only zeros can differ in bits. */
#define WASM_FLOAT(P, F, U, SIGN, NAN_VALUE, SUFFIX)                                               \
    static inline F P##_canon(F x)                                                                 \
    {                                                                                              \
        return __builtin_expect_with_probability(x != x, 0, 0.999) ? NAN_VALUE : x;                \
    }                                                                                              \
    static inline F P##_add(F a, F b)                                                              \
    {                                                                                              \
        return P##_canon(a + b);                                                                   \
    }                                                                                              \
    static inline F P##_sub(F a, F b)                                                              \
    {                                                                                              \
        return P##_canon(a - b);                                                                   \
    }                                                                                              \
    static inline F P##_mul(F a, F b)                                                              \
    {                                                                                              \
        return P##_canon((a) * (b));                                                               \
    }                                                                                              \
    static inline F P##_div(F a, F b)                                                              \
    {                                                                                              \
        return P##_canon(a / b);                                                                   \
    }                                                                                              \
    static inline F P##_sqrt(F x)                                                                  \
    {                                                                                              \
        return P##_canon(__builtin_sqrt##SUFFIX(x));                                               \
    }                                                                                              \
    static inline F P##_min(F a, F b)                                                              \
    {                                                                                              \
        if (a == b)                                                                                \
            return P##_from_bits(P##_bits(a) | P##_bits(b));                                       \
        return a < b ? a : b < a ? b : NAN_VALUE;                                                  \
    }                                                                                              \
    static inline F P##_max(F a, F b)                                                              \
    {                                                                                              \
        if (a == b)                                                                                \
            return P##_from_bits(P##_bits(a) & P##_bits(b));                                       \
        return a > b ? a : b > a ? b : NAN_VALUE;                                                  \
    }                                                                                              \
    static inline U P##_abs_bits(U a)                                                              \
    {                                                                                              \
        return a & ~SIGN;                                                                          \
    }                                                                                              \
    static inline U P##_neg_bits(U a)                                                              \
    {                                                                                              \
        return a ^ SIGN;                                                                           \
    }                                                                                              \
    static inline U P##_copysign_bits(U a, U b)                                                    \
    {                                                                                              \
        return (a & ~SIGN) | (b & SIGN);                                                           \
    }

WASM_FLOAT(wasm_f32, float, uint32_t, UINT32_C(0x80000000), WASM_F32_NAN, f)
WASM_FLOAT(wasm_f64, double, uint64_t, UINT64_C(0x8000000000000000), WASM_F64_NAN, )

#if defined(__aarch64__) || defined(__SSE4_1__)
WASM_ROUND_NATIVE(wasm_f32, float, f)
WASM_ROUND_NATIVE(wasm_f64, double, )
#else
WASM_ROUND_GENERIC(wasm_f32, float, int32_t, 0x1p23f, f)
WASM_ROUND_GENERIC(wasm_f64, double, int64_t, 0x1p52, )
#endif

static inline float wasm_f32_demote(double x)
{
    return wasm_f32_canon((float)x);
}

static inline double wasm_f64_promote(float x)
{
    return wasm_f64_canon((double)x);
}

/* ---- float to integer ------------------------------------------------------------ */

/*
 * Two instructions for each pair of types: the saturating one, and the one that traps
 * when the value does not fit; _trap says why. LOW and HIGH are exact in F; a value fits
 * when it is (strictly, if LOW is not itself allowed) above LOW and below HIGH.
 */
#define WASM_TRUNC(NAME, F, I, ABOVE, LOW, HIGH, MIN, MAX)                                         \
    static inline bool wasm_##NAME##_fits(F x)                                                     \
    {                                                                                              \
        return x ABOVE LOW && x < HIGH;                                                            \
    }                                                                                              \
    static inline enum csk_trap wasm_##NAME##_trap(F x)                                            \
    {                                                                                              \
        return x != x ? CSK_TRAP_INVALID_CONVERSION : CSK_TRAP_INTEGER_OVERFLOW;                   \
    }                                                                                              \
    static inline I wasm_##NAME##_sat(F x)                                                         \
    {                                                                                              \
        if (wasm_##NAME##_fits(x))                                                                 \
            return (I)x;                                                                           \
        return x != x ? 0 : x < 0 ? MIN : MAX;                                                     \
    }

WASM_TRUNC(trunc_i32_f32_s, float, int32_t, >=, -0x1p31f, 0x1p31f, INT32_MIN, INT32_MAX)
WASM_TRUNC(trunc_i32_f32_u, float, uint32_t, >, -1.0f, 0x1p32f, 0, UINT32_MAX)
WASM_TRUNC(trunc_i32_f64_s, double, int32_t, >, -2147483649.0, 0x1p31, INT32_MIN, INT32_MAX)
WASM_TRUNC(trunc_i32_f64_u, double, uint32_t, >, -1.0, 0x1p32, 0, UINT32_MAX)
WASM_TRUNC(trunc_i64_f32_s, float, int64_t, >=, -0x1p63f, 0x1p63f, INT64_MIN, INT64_MAX)
WASM_TRUNC(trunc_i64_f32_u, float, uint64_t, >, -1.0f, 0x1p64f, 0, UINT64_MAX)
WASM_TRUNC(trunc_i64_f64_s, double, int64_t, >=, -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)
WASM_TRUNC(trunc_i64_f64_u, double, uint64_t, >, -1.0, 0x1p64, 0, UINT64_MAX)

#endif
