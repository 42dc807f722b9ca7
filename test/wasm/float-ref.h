/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_WASM_FLOAT_REF_H
#define TEST_WASM_FLOAT_REF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Binary floating point in integers only, slow and plain: what the fast versions are
 * compared with. Values travel as bits in a uint64_t, of either width.
 */

struct ref_format {
    unsigned mant; /* stored significand bits */
    unsigned bits; /* in all */
};

static const struct ref_format ref_f32 = {23, 32};
static const struct ref_format ref_f64 = {52, 64};

/* (-1)^neg * m * 2^e, when neither nan nor inf */
struct ref_float {
    bool nan, inf, neg;
    uint64_t m;
    int e;
};

static inline uint64_t ref_sign(struct ref_format f)
{
    return UINT64_C(1) << (f.bits - 1);
}

static inline uint64_t ref_inf(struct ref_format f)
{
    return ref_sign(f) - (UINT64_C(1) << f.mant);
}

static inline uint64_t ref_nan(struct ref_format f)
{
    return ref_inf(f) | UINT64_C(1) << (f.mant - 1);
}

static inline bool ref_is_nan(uint64_t x, struct ref_format f)
{
    return (x & (ref_sign(f) - 1)) > ref_inf(f);
}

static inline int ref_bias(struct ref_format f)
{
    return (1 << (f.bits - f.mant - 2)) - 1;
}

static inline struct ref_float ref_unpack(uint64_t x, struct ref_format f)
{
    uint64_t frac = x & ((UINT64_C(1) << f.mant) - 1);
    int exponent = (int)((x & ref_inf(f)) >> f.mant);
    struct ref_float v = {.neg = (x & ref_sign(f)) != 0, .m = frac};
    v.nan = ref_is_nan(x, f);
    v.inf = !v.nan && (x & ref_inf(f)) == ref_inf(f);
    if (exponent != 0)
        v.m |= UINT64_C(1) << f.mant;
    v.e = (exponent == 0 ? 1 : exponent) - ref_bias(f) - (int)f.mant;
    return v;
}

/* The nearest value to (-1)^neg * m * 2^e, ties to even. */
static inline uint64_t ref_pack(bool neg, uint64_t m, int e, struct ref_format f)
{
    uint64_t sign = neg ? ref_sign(f) : 0;
    if (m == 0)
        return sign;
    while (m >> 63 == 0) {
        m <<= 1;
        e--;
    }
    int bias = ref_bias(f);
    if (e + 63 > bias)
        return sign | ref_inf(f);
    int unit = (e + 63 < 1 - bias ? 1 - bias : e + 63) - (int)f.mant; /* exponent of the last bit */
    int drop = unit - e;
    if (drop > 64)
        return sign;
    uint64_t kept = drop == 64 ? 0 : m >> drop;
    uint64_t rest = drop == 64 ? m : m & ((UINT64_C(1) << drop) - 1);
    uint64_t half = UINT64_C(1) << (drop - 1);
    uint64_t hidden = UINT64_C(1) << f.mant;
    uint64_t exponent = kept < hidden ? 0 : (uint64_t)(unit + (int)f.mant + bias);
    uint64_t stored = kept < hidden ? kept : kept - hidden;
    if (rest > half || (rest == half && (kept & 1)))
        stored++; /* a carry into the exponent is as it should be */
    return sign | ((exponent << f.mant) + stored);
}

static inline uint64_t ref_convert(uint64_t x, struct ref_format from, struct ref_format to)
{
    struct ref_float v = ref_unpack(x, from);
    if (v.nan)
        return ref_nan(to);
    if (v.inf)
        return (v.neg ? ref_sign(to) : 0) | ref_inf(to);
    return ref_pack(v.neg, v.m, v.e, to);
}

enum ref_rounding {
    REF_TRUNC,
    REF_FLOOR,
    REF_CEIL,
    REF_NEAREST
};

static inline uint64_t ref_round(uint64_t x, enum ref_rounding how, struct ref_format f)
{
    struct ref_float v = ref_unpack(x, f);
    if (v.nan)
        return ref_nan(f);
    if (v.inf || v.e >= 0)
        return x;
    unsigned k = (unsigned)-v.e;
    uint64_t whole = k > 63 ? 0 : v.m >> k;
    uint64_t rest = k > 63 ? v.m : v.m & ((UINT64_C(1) << k) - 1);
    uint64_t half = UINT64_C(1) << (k > 63 ? 63 : k - 1);
    bool up = false;
    switch (how) {
    case REF_TRUNC:
        break;
    case REF_FLOOR:
        up = v.neg && rest != 0;
        break;
    case REF_CEIL:
        up = !v.neg && rest != 0;
        break;
    case REF_NEAREST:
        up = rest > half || (rest == half && (whole & 1));
        break;
    }
    return ref_pack(v.neg, whole + up, 0, f);
}

/* -1, 0, 1; 2 when unordered */
static inline int ref_compare(uint64_t x, uint64_t y, struct ref_format f)
{
    if (ref_is_nan(x, f) || ref_is_nan(y, f))
        return 2;
    int64_t a = (int64_t)(x & (ref_sign(f) - 1)), b = (int64_t)(y & (ref_sign(f) - 1));
    if (x & ref_sign(f))
        a = -a;
    if (y & ref_sign(f))
        b = -b;
    return (a > b) - (a < b);
}

static inline uint64_t ref_min(uint64_t x, uint64_t y, struct ref_format f)
{
    int order = ref_compare(x, y, f);
    if (order == 2)
        return ref_nan(f);
    if (order == 0)
        return x & ref_sign(f) ? x : y;
    return order < 0 ? x : y;
}

static inline uint64_t ref_max(uint64_t x, uint64_t y, struct ref_format f)
{
    int order = ref_compare(x, y, f);
    if (order == 2)
        return ref_nan(f);
    if (order == 0)
        return x & ref_sign(f) ? y : x;
    return order > 0 ? x : y;
}

enum ref_status {
    REF_FITS,
    REF_IS_NAN,
    REF_TOO_LOW,
    REF_TOO_HIGH
};

/* Truncate to an integer of `width` bits, two's complement in *ret, saturated if need be. */
static inline enum ref_status ref_to_int(uint64_t x, struct ref_format f, unsigned width,
                                         bool is_signed, uint64_t *ret)
{
    struct ref_float v = ref_unpack(x, f);
    uint64_t mask = UINT64_MAX >> (64 - width);
    uint64_t max = is_signed ? mask >> 1 : mask;
    uint64_t min_size = is_signed ? max + 1 : 0; /* magnitude of the least value */
    *ret = 0;
    if (v.nan)
        return REF_IS_NAN;
    bool huge = v.inf || (v.e > 0 && (v.e > 63 || v.m << v.e >> v.e != v.m));
    uint64_t size = huge ? UINT64_MAX : v.e >= 0 ? v.m << v.e : v.e < -63 ? 0 : v.m >> -v.e;
    if (v.neg && (huge || size > min_size)) {
        *ret = (0 - min_size) & mask;
        return REF_TOO_LOW;
    }
    if (!v.neg && (huge || size > max)) {
        *ret = max;
        return REF_TOO_HIGH;
    }
    *ret = (v.neg ? 0 - size : size) & mask;
    return REF_FITS;
}

/* The nearest value to an integer of `width` bits. */
static inline uint64_t ref_from_int(uint64_t x, unsigned width, bool is_signed, struct ref_format f)
{
    bool neg = is_signed && (x >> (width - 1) & 1);
    uint64_t mask = UINT64_MAX >> (64 - width);
    return ref_pack(neg, (neg ? 0 - x : x) & mask, 0, f);
}

static inline double ref_double(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/*
 * The four operations and the square root: the host's, on doubles. For f32 a double
 * holds enough bits that rounding the double's result again gives the rounded one.
 */
static inline uint64_t ref_arith(char op, uint64_t x, uint64_t y, struct ref_format f)
{
    volatile double a = ref_double(ref_convert(x, f, ref_f64));
    volatile double b = ref_double(ref_convert(y, f, ref_f64));
    volatile double z = op == '+'   ? a + b
                        : op == '-' ? a - b
                        : op == '*' ? a * b
                        : op == '/' ? a / b
                                    : __builtin_sqrt(a);
    double result = z;
    uint64_t bits;
    memcpy(&bits, &result, sizeof bits);
    return ref_convert(bits, ref_f64, f);
}

/* ---- inputs --------------------------------------------------------------------- */

/* Bit patterns worth trying; for f32 the high half of the word is not used. */
static const uint64_t ref_edges_f32[] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000,
    0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x3effffff, 0xbeffffff, 0x3f000001, 0xbf000001,
    0x3f7fffff, 0xbf7fffff, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000, 0x40600000, 0xc0600000,
    0x4affffff, 0xcaffffff, 0x4b000000, 0xcb000000, 0x4afffffe, 0xcafffffd, 0x4b000001, 0x4b7fffff,
    0x4b800000, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0xcf800000,
    0x5effffff, 0x5f000000, 0xdf000000, 0xdf000001, 0x5f7fffff, 0x5f800000, 0x7f7fffff, 0xff7fffff,
    0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff,
    0x7fa00000, 0x40490fdb, 0xc2f6e979, 0x34000000, 0x0da24260, 0x1e3ce508, 0x5e6a3d70, 0x00400000,
};

static const uint64_t ref_edges_f64[] = {
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x8000000000000001,
    0x000fffffffffffff, 0x800fffffffffffff, 0x0010000000000000, 0x8010000000000000,
    0x3ff0000000000000, 0xbff0000000000000, 0x3fe0000000000000, 0xbfe0000000000000,
    0x3fdfffffffffffff, 0xbfdfffffffffffff, 0x3fe0000000000001, 0xbfe0000000000001,
    0x3fefffffffffffff, 0xbfefffffffffffff, 0x3ff8000000000000, 0xbff8000000000000,
    0x4004000000000000, 0xc004000000000000, 0x400c000000000000, 0xc00c000000000000,
    0x432fffffffffffff, 0xc32fffffffffffff, 0x4330000000000000, 0xc330000000000000,
    0x432ffffffffffffd, 0x4330000000000001, 0x433fffffffffffff, 0x4340000000000000,
    0x41dfffffffc00000, 0x41dfffffffffffff, 0x41e0000000000000, 0xc1e0000000000000,
    0xc1e00000001fffff, 0xc1e0000000200000, 0xc1e0000000100000, 0x41efffffffe00000,
    0x41efffffffffffff, 0x41f0000000000000, 0xc1f0000000000000, 0x43dfffffffffffff,
    0x43e0000000000000, 0xc3e0000000000000, 0xc3e0000000000001, 0x43efffffffffffff,
    0x43f0000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001,
    0xfff0000000000001, 0x7fffffffffffffff, 0xffffffffffffffff, 0x7ff4000000000000,
    0x400921fb54442d18, 0x36a0000000000000, 0x369fffffffffffff, 0x3690000000000000,
    0x3690000000000001, 0x380fffffffffffff, 0x380fffffe0000000, 0x380ffffff0000000,
    0x47efffffe0000000, 0x47efffffefffffff, 0x47effffff0000000, 0xc7effffff0000000,
    0x3ff0000010000000, 0x3ff0000030000000, 0x3ff0000010000001, 0x0008000000000000,
};

#define REF_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* xorshift64*: the same inputs on every host. */
static uint64_t ref_random_state = 0x9e3779b97f4a7c15;

static inline uint64_t ref_random(void)
{
    uint64_t x = ref_random_state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    ref_random_state = x;
    return x * 0x2545f4914f6cdd1d;
}

/* A value of a format: an edge, any bits, or something of moderate size. */
static inline uint64_t ref_sample(struct ref_format f)
{
    uint64_t r = ref_random();
    uint64_t any = f.bits == 32 ? ref_random() >> 32 : ref_random();
    switch (r % 4) {
    case 0:
        return f.bits == 32 ? ref_edges_f32[r / 4 % REF_COUNT(ref_edges_f32)]
                            : ref_edges_f64[r / 4 % REF_COUNT(ref_edges_f64)];
    case 1:
        return any;
    default: { /* exponents from 2^-4 to 2^66 */
        uint64_t exponent = (uint64_t)ref_bias(f) - 4 + r / 4 % 71;
        return (any & ~ref_inf(f)) | exponent << f.mant;
    }
    }
}

#endif
