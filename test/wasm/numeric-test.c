/* SPDX-License-Identifier: Apache-2.0 */
/* wasm/numeric.h against plain integer references. */

#include <fenv.h>

#include "test/check.h"
#include "test/wasm/float-ref.h"
#include "wasm/numeric.h"

#define ROUNDS 20000

static void check_bits(uint64_t x, uint32_t n)
{
    uint32_t w = (uint32_t)x;
    uint32_t lead32 = 0, trail32 = 0, ones32 = 0, lead64 = 0, trail64 = 0, ones64 = 0;
    while (lead32 < 32 && !(w >> (31 - lead32) & 1))
        lead32++;
    while (trail32 < 32 && !(w >> trail32 & 1))
        trail32++;
    while (lead64 < 64 && !(x >> (63 - lead64) & 1))
        lead64++;
    while (trail64 < 64 && !(x >> trail64 & 1))
        trail64++;
    for (unsigned i = 0; i < 64; i++) {
        ones64 += x >> i & 1;
        ones32 += i < 32 && (w >> i & 1);
    }
    CHECK(wasm_i32_clz(w) == lead32 && wasm_i32_ctz(w) == trail32 && wasm_i32_popcnt(w) == ones32);
    CHECK(wasm_i64_clz(x) == lead64 && wasm_i64_ctz(x) == trail64 && wasm_i64_popcnt(x) == ones64);

    uint32_t left32 = w, right32 = w;
    uint64_t left64 = x, right64 = x;
    for (unsigned i = 0; i < n % 32; i++) {
        left32 = left32 << 1 | left32 >> 31;
        right32 = right32 >> 1 | right32 << 31;
    }
    for (unsigned i = 0; i < n % 64; i++) {
        left64 = left64 << 1 | left64 >> 63;
        right64 = right64 >> 1 | right64 << 63;
    }
    CHECK(wasm_i32_rotl(w, n) == left32 && wasm_i32_rotr(w, n) == right32);
    CHECK(wasm_i64_rotl(x, n) == left64 && wasm_i64_rotr(x, n) == right64);
}

static void test_bits(void)
{
    static const uint64_t edges[] = {0,           1,          0x80000000, 0xffffffff,
                                     0x100000000, UINT64_MAX, 1ull << 63};
    for (unsigned i = 0; i < REF_COUNT(edges); i++) {
        for (uint32_t n = 0; n < 130; n++)
            check_bits(edges[i], n);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t x = ref_random() >> ref_random() % 64;
        check_bits(x, (uint32_t)ref_random());
    }
}

/* Everything on one pair of values of each format. */
#define FLOAT_CHECKS(P, F, U, f)                                                                   \
    static void check_round_##P(uint64_t x)                                                        \
    {                                                                                              \
        F a = wasm_##P##_from_bits((U)x);                                                          \
        CHECK(wasm_##P##_bits(wasm_##P##_trunc(a)) == ref_round(x, REF_TRUNC, f));                 \
        CHECK(wasm_##P##_bits(wasm_##P##_floor(a)) == ref_round(x, REF_FLOOR, f));                 \
        CHECK(wasm_##P##_bits(wasm_##P##_ceil(a)) == ref_round(x, REF_CEIL, f));                   \
        CHECK(wasm_##P##_bits(wasm_##P##_nearest(a)) == ref_round(x, REF_NEAREST, f));             \
    }                                                                                              \
    static void check_##P(uint64_t x, uint64_t y)                                                  \
    {                                                                                              \
        F a = wasm_##P##_from_bits((U)x), b = wasm_##P##_from_bits((U)y);                          \
        check_round_##P(x);                                                                        \
        CHECK(wasm_##P##_bits(wasm_##P##_min(a, b)) == ref_min(x, y, f));                          \
        CHECK(wasm_##P##_bits(wasm_##P##_max(a, b)) == ref_max(x, y, f));                          \
        CHECK(wasm_##P##_bits(wasm_##P##_add(a, b)) == ref_arith('+', x, y, f));                   \
        CHECK(wasm_##P##_bits(wasm_##P##_sub(a, b)) == ref_arith('-', x, y, f));                   \
        CHECK(wasm_##P##_bits(wasm_##P##_mul(a, b)) == ref_arith('*', x, y, f));                   \
        CHECK(wasm_##P##_bits(wasm_##P##_div(a, b)) == ref_arith('/', x, y, f));                   \
        CHECK(wasm_##P##_bits(wasm_##P##_sqrt(a)) == ref_arith('s', x, x, f));                     \
        CHECK(wasm_##P##_bits(wasm_##P##_canon(a)) == (ref_is_nan(x, f) ? ref_nan(f) : x));        \
        CHECK(wasm_##P##_abs_bits((U)x) == (x & ~ref_sign(f)));                                    \
        CHECK(wasm_##P##_neg_bits((U)x) == (x ^ ref_sign(f)));                                     \
        CHECK(wasm_##P##_copysign_bits((U)x, (U)y) == ((x & ~ref_sign(f)) | (y & ref_sign(f))));   \
    }                                                                                              \
    static void test_##P(void)                                                                     \
    {                                                                                              \
        for (unsigned i = 0; i < REF_COUNT(ref_edges_##P); i++) {                                  \
            for (unsigned j = 0; j < REF_COUNT(ref_edges_##P); j++)                                \
                check_##P(ref_edges_##P[i], ref_edges_##P[j]);                                     \
        }                                                                                          \
        for (unsigned i = 0; i < ROUNDS; i++) {                                                    \
            uint64_t x = ref_sample(f), y = ref_sample(f);                                         \
            check_##P(x, y);                                                                       \
        }                                                                                          \
    }

FLOAT_CHECKS(f32, float, uint32_t, ref_f32)
FLOAT_CHECKS(f64, double, uint64_t, ref_f64)

/* Roundings do not follow the rounding mode. */
static void test_modes(void)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (unsigned m = 0; m < REF_COUNT(modes); m++) {
        if (fesetround(modes[m]) != 0) /* a CPU or emulator without it */
            continue;
        for (unsigned i = 0; i < REF_COUNT(ref_edges_f32); i++)
            check_round_f32(ref_edges_f32[i]);
        for (unsigned i = 0; i < REF_COUNT(ref_edges_f64); i++)
            check_round_f64(ref_edges_f64[i]);
    }
    fesetround(FE_TONEAREST);
}

#define TRUNC_CHECK(NAME, F, P, I, U, f, width, is_signed)                                         \
    static void check_##NAME(uint64_t x)                                                           \
    {                                                                                              \
        F a = wasm_##P##_from_bits((__typeof__(wasm_##P##_bits(0)))x);                             \
        uint64_t expected;                                                                         \
        enum ref_status status = ref_to_int(x, f, width, is_signed, &expected);                    \
        CHECK((U)wasm_##NAME##_sat(a) == expected);                                                \
        I result = 42;                                                                             \
        enum csk_trap trap = CSK_TRAP_NONE;                                                        \
        bool fits = wasm_##NAME##_fits(a);                                                         \
        if (fits)                                                                                  \
            result = wasm_##NAME##_sat(a);                                                         \
        else                                                                                       \
            trap = wasm_##NAME##_trap(a);                                                          \
        CHECK(fits == (status == REF_FITS));                                                       \
        CHECK((U)result == (fits ? expected : 42));                                                \
        CHECK(trap == (fits                   ? CSK_TRAP_NONE                                      \
                       : status == REF_IS_NAN ? CSK_TRAP_INVALID_CONVERSION                        \
                                              : CSK_TRAP_INTEGER_OVERFLOW));                       \
    }

TRUNC_CHECK(trunc_i32_f32_s, float, f32, int32_t, uint32_t, ref_f32, 32, true)
TRUNC_CHECK(trunc_i32_f32_u, float, f32, uint32_t, uint32_t, ref_f32, 32, false)
TRUNC_CHECK(trunc_i32_f64_s, double, f64, int32_t, uint32_t, ref_f64, 32, true)
TRUNC_CHECK(trunc_i32_f64_u, double, f64, uint32_t, uint32_t, ref_f64, 32, false)
TRUNC_CHECK(trunc_i64_f32_s, float, f32, int64_t, uint64_t, ref_f32, 64, true)
TRUNC_CHECK(trunc_i64_f32_u, float, f32, uint64_t, uint64_t, ref_f32, 64, false)
TRUNC_CHECK(trunc_i64_f64_s, double, f64, int64_t, uint64_t, ref_f64, 64, true)
TRUNC_CHECK(trunc_i64_f64_u, double, f64, uint64_t, uint64_t, ref_f64, 64, false)

static void check_conversions(uint64_t x32, uint64_t x64)
{
    check_trunc_i32_f32_s(x32);
    check_trunc_i32_f32_u(x32);
    check_trunc_i64_f32_s(x32);
    check_trunc_i64_f32_u(x32);
    check_trunc_i32_f64_s(x64);
    check_trunc_i32_f64_u(x64);
    check_trunc_i64_f64_s(x64);
    check_trunc_i64_f64_u(x64);
    CHECK(wasm_f32_bits(wasm_f32_demote(wasm_f64_from_bits(x64))) ==
          ref_convert(x64, ref_f64, ref_f32));
    CHECK(wasm_f64_bits(wasm_f64_promote(wasm_f32_from_bits((uint32_t)x32))) ==
          ref_convert(x32, ref_f32, ref_f64));
}

static void test_conversions(void)
{
    for (unsigned i = 0; i < REF_COUNT(ref_edges_f64); i++)
        check_conversions(ref_edges_f32[i % REF_COUNT(ref_edges_f32)], ref_edges_f64[i]);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t x = ref_sample(ref_f32), y = ref_sample(ref_f64);
        check_conversions(x, y);
    }
}

/* The compiler's own integer to float conversions, which the interpreter uses as they are. */
static void check_from_int(uint64_t x)
{
    uint32_t w = (uint32_t)x;
    CHECK(wasm_f32_bits((float)(int32_t)w) == ref_from_int(w, 32, true, ref_f32));
    CHECK(wasm_f32_bits((float)w) == ref_from_int(w, 32, false, ref_f32));
    CHECK(wasm_f64_bits((double)(int32_t)w) == ref_from_int(w, 32, true, ref_f64));
    CHECK(wasm_f64_bits((double)w) == ref_from_int(w, 32, false, ref_f64));
    CHECK(wasm_f32_bits((float)(int64_t)x) == ref_from_int(x, 64, true, ref_f32));
    CHECK(wasm_f32_bits((float)x) == ref_from_int(x, 64, false, ref_f32));
    CHECK(wasm_f64_bits((double)(int64_t)x) == ref_from_int(x, 64, true, ref_f64));
    CHECK(wasm_f64_bits((double)x) == ref_from_int(x, 64, false, ref_f64));
}

static void test_from_int(void)
{
    for (unsigned shift = 0; shift < 64; shift++) { /* around every power of two and its halves */
        for (int d = -3; d <= 3; d++) {
            check_from_int((UINT64_C(1) << shift) + (uint64_t)(int64_t)d);
            check_from_int((UINT64_C(0x8000008000000400) >> shift) + (uint64_t)(int64_t)d);
            check_from_int((UINT64_C(0x8000018000000c00) >> shift) + (uint64_t)(int64_t)d);
        }
    }
    for (unsigned i = 0; i < ROUNDS; i++)
        check_from_int(ref_random() >> ref_random() % 64);
}

/* The references themselves, where the right answer is known. */
static void test_references(void)
{
    CHECK(ref_pack(false, 1, 0, ref_f32) == 0x3f800000 &&
          ref_pack(true, 3, -1, ref_f64) == 0xbff8000000000000);
    CHECK(ref_pack(false, 1, -149, ref_f32) == 1 && ref_pack(false, 1, -150, ref_f32) == 0);
    CHECK(ref_pack(false, 3, -150, ref_f32) == 2 && ref_pack(false, 1, -1074, ref_f64) == 1);
    CHECK(ref_pack(false, 0x1ffffff, 103, ref_f32) == 0x7f800000);
    CHECK(ref_pack(false, 0xffffff, 104, ref_f32) == 0x7f7fffff);
    CHECK(ref_pack(false, 0x1000001, 0, ref_f32) == 0x4b800000);
    CHECK(ref_pack(false, 0x1000003, 0, ref_f32) == 0x4b800002);
    CHECK(ref_round(0x40200000, REF_NEAREST, ref_f32) == 0x40000000); /* 2.5 -> 2 */
    CHECK(ref_round(0x40600000, REF_NEAREST, ref_f32) == 0x40800000); /* 3.5 -> 4 */
    CHECK(ref_round(0xbf000000, REF_CEIL, ref_f32) == 0x80000000);    /* -0.5 -> -0 */
    CHECK(ref_arith('+', 1, 1, ref_f64) == 2 &&
          ref_arith('+', 1, 1, ref_f32) == 2); /* subnormals */
    CHECK(ref_arith('/', 0, 0, ref_f64) == 0x7ff8000000000000);
    CHECK(ref_arith('*', 0x7f7fffff, 0x7f7fffff, ref_f32) == 0x7f800000);
    CHECK(ref_min(0, 0x80000000, ref_f32) == 0x80000000 && ref_max(0x80000000, 0, ref_f32) == 0);
}

int main(void)
{
    test_references();
    test_bits();
    test_f32();
    test_f64();
    test_modes();
    test_conversions();
    test_from_int();
    return check_report("numeric");
}
