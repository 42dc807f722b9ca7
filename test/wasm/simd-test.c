/* SPDX-License-Identifier: Apache-2.0 */
/* Every SIMD instruction against a reference that goes lane by lane in plain integers. */

#include "base/mem.h"
#include "test/check.h"
#include "test/wasm/float-ref.h"
#include "wasm/simd.h"

#define ROUNDS 1500

static bool covered[SIMD_OPCODES];
static const char *current = ""; /* the instruction under test, for messages */

/* ---- lanes ---------------------------------------------------------------------- */

static uint64_t lane(const uint8_t *v, unsigned bits, unsigned i)
{
    uint64_t x = 0;
    for (unsigned b = 0; b < bits / 8; b++)
        x |= (uint64_t)v[i * bits / 8 + b] << (8 * b);
    return x;
}

static void set_lane(uint8_t *v, unsigned bits, unsigned i, uint64_t x)
{
    for (unsigned b = 0; b < bits / 8; b++)
        v[i * bits / 8 + b] = (uint8_t)(x >> (8 * b));
}

static int64_t extend(uint64_t x, unsigned bits)
{
    return (int64_t)(x << (64 - bits)) >> (64 - bits);
}

static uint64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return (uint64_t)(x < low ? low : x > high ? high : x);
}

static uint64_t clamp_s(int64_t x, unsigned bits)
{
    return clamp(x, -(INT64_C(1) << (bits - 1)), (INT64_C(1) << (bits - 1)) - 1);
}

static uint64_t clamp_u(int64_t x, unsigned bits)
{
    return clamp(x, 0, (INT64_C(1) << bits) - 1);
}

static struct ref_format format(unsigned bits)
{
    return bits == 32 ? ref_f32 : ref_f64;
}

/* ---- inputs ---------------------------------------------------------------------- */

static const uint64_t int_edges[] = {
    0,          1,          2,          0x7e,       0x7f,       0x80,       0x81,
    0xfe,       0xff,       0x100,      0x7ffe,     0x7fff,     0x8000,     0x8001,
    0xfffe,     0xffff,     0x10000,    0x7fffffff, 0x80000000, 0x80000001, 0xffffffff,
    1ull << 32, ~0ull >> 1, 1ull << 63, ~0ull,      ~0ull << 7, ~0ull << 8, ~0ull << 15,
};

static void fill_ints(uint8_t *v, unsigned bits)
{
    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t r = ref_random();
        uint64_t x = r % 2 ? int_edges[r / 2 % REF_COUNT(int_edges)] : ref_random();
        set_lane(v, bits, i, x);
    }
}

static void fill(uint8_t *v)
{
    uint64_t r = ref_random() % 6;
    if (r < 4) {
        fill_ints(v, 8u << r);
        return;
    }
    unsigned bits = r == 4 ? 32 : 64;
    for (unsigned i = 0; i < 128 / bits; i++)
        set_lane(v, bits, i, ref_sample(format(bits)));
}

/* ---- references, one lane ------------------------------------------------------------ */

/* x, y and the result have `bits` bits; what is above in the result is ignored. */
typedef uint64_t lane_fn(uint64_t x, uint64_t y, unsigned bits);

#define LANE(name, expr)                                                                           \
    static uint64_t lane_##name(uint64_t x, uint64_t y, unsigned bits)                             \
    {                                                                                              \
        (void)y;                                                                                   \
        (void)bits;                                                                                \
        return (uint64_t)(expr);                                                                   \
    }
#define MASK(cond) ((cond) ? UINT64_MAX : 0)
#define SX         extend(x, bits)
#define SY         extend(y, bits)

LANE(eq, MASK(x == y))
LANE(ne, MASK(x != y))
LANE(lt_s, MASK(SX < SY))
LANE(lt_u, MASK(x < y))
LANE(gt_s, MASK(SX > SY))
LANE(gt_u, MASK(x > y))
LANE(le_s, MASK(SX <= SY))
LANE(le_u, MASK(x <= y))
LANE(ge_s, MASK(SX >= SY))
LANE(ge_u, MASK(x >= y))
LANE(add, x + y)
LANE(sub, x - y)
LANE(mul, x *y)
LANE(neg, 0 - x)
LANE(abs, SX < 0 ? 0 - x : x)
LANE(min_s, SX < SY ? x : y)
LANE(min_u, x < y ? x : y)
LANE(max_s, SX > SY ? x : y)
LANE(max_u, x > y ? x : y)
LANE(add_sat_s, clamp_s(SX + SY, bits))
LANE(add_sat_u, clamp_u((int64_t)(x + y), bits))
LANE(sub_sat_s, clamp_s(SX - SY, bits))
LANE(sub_sat_u, clamp_u((int64_t)(x - y), bits))
LANE(avgr_u, (x + y + 1) / 2)
LANE(q15mulr_sat_s, clamp_s((SX * SY + 0x4000) >> 15, bits))
LANE(not, ~x)
LANE(and, x &y)
LANE(andnot, x & ~y)
LANE(or, x | y)
LANE(xor, x ^ y)
LANE(shl, x << y % bits)
LANE(shr_s, SX >> y % bits)
LANE(shr_u, x >> y % bits)

static uint64_t lane_popcnt(uint64_t x, uint64_t y, unsigned bits)
{
    (void)y;
    uint64_t n = 0;
    for (unsigned i = 0; i < bits; i++)
        n += x >> i & 1;
    return n;
}

#define F     format(bits)
#define ORDER ref_compare(x, y, format(bits))
LANE(feq, MASK(ORDER == 0))
LANE(fne, MASK(ORDER != 0))
LANE(flt, MASK(ORDER == -1))
LANE(fgt, MASK(ORDER == 1))
LANE(fle, MASK(ORDER == -1 || ORDER == 0))
LANE(fge, MASK(ORDER == 1 || ORDER == 0))
LANE(fabs, x & ~ref_sign(F))
LANE(fneg, x ^ ref_sign(F))
LANE(fsqrt, ref_arith('s', x, x, F))
LANE(fadd, ref_arith('+', x, y, F))
LANE(fsub, ref_arith('-', x, y, F))
LANE(fmul, ref_arith('*', x, y, F))
LANE(fdiv, ref_arith('/', x, y, F))
LANE(fmin, ref_min(x, y, F))
LANE(fmax, ref_max(x, y, F))
LANE(fpmin, ORDER == 1 ? y : x)
LANE(fpmax, ORDER == -1 ? y : x)
LANE(fceil, ref_round(x, REF_CEIL, F))
LANE(ffloor, ref_round(x, REF_FLOOR, F))
LANE(ftrunc, ref_round(x, REF_TRUNC, F))
LANE(fnearest, ref_round(x, REF_NEAREST, F))
LANE(convert_s, ref_from_int(x, 32, true, ref_f32))
LANE(convert_u, ref_from_int(x, 32, false, ref_f32))

static uint64_t to_int(uint64_t x, struct ref_format f, bool is_signed)
{
    uint64_t z;
    ref_to_int(x, f, 32, is_signed, &z);
    return z;
}

LANE(trunc_sat_s, to_int(x, ref_f32, true))
LANE(trunc_sat_u, to_int(x, ref_f32, false))

/* ---- references, whole vector --------------------------------------------------------- */

struct row;
typedef void whole_fn(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row);

/* An instruction: lanes of `bits` bits in the result, and a reference of either kind. */
struct row {
    unsigned op;
    unsigned bits;
    lane_fn *lane;
    whole_fn *whole;
    bool high, is_signed;
};

/* Lane i of an operand of half the width, made wider as the row says. */
static uint64_t half(const uint8_t *v, unsigned i, const struct row *row)
{
    uint64_t x = lane(v, row->bits / 2, i);
    return row->is_signed ? (uint64_t)extend(x, row->bits / 2) : x;
}

static void whole_lanes(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    for (unsigned i = 0; i < 128 / row->bits; i++)
        set_lane(r, row->bits, i,
                 row->lane(lane(a, row->bits, i), lane(b, row->bits, i), row->bits));
}

static void whole_extend(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    unsigned n = 128 / row->bits;
    for (unsigned i = 0; i < n; i++)
        set_lane(r, row->bits, i, half(a, row->high ? i + n : i, row));
}

static void whole_extmul(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    unsigned n = 128 / row->bits;
    for (unsigned i = 0; i < n; i++) {
        unsigned j = row->high ? i + n : i;
        set_lane(r, row->bits, i, half(a, j, row) * half(b, j, row));
    }
}

static void whole_extadd(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    for (unsigned i = 0; i < 128 / row->bits; i++)
        set_lane(r, row->bits, i, half(a, 2 * i, row) + half(a, 2 * i + 1, row));
}

static void whole_dot(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t even = half(a, 2 * i, row) * half(b, 2 * i, row);
        uint64_t odd = half(a, 2 * i + 1, row) * half(b, 2 * i + 1, row);
        set_lane(r, 32, i, even + odd);
    }
}

static void whole_narrow(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    unsigned n = 128 / row->bits;
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *from = i < n / 2 ? a : b;
        int64_t x = extend(lane(from, row->bits * 2, i % (n / 2)), row->bits * 2);
        set_lane(r, row->bits, i, row->is_signed ? clamp_s(x, row->bits) : clamp_u(x, row->bits));
    }
}

static void whole_swizzle(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)row;
    for (unsigned i = 0; i < 16; i++)
        r[i] = b[i] > 15 ? 0 : a[b[i]];
}

static void whole_demote(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    (void)row;
    for (unsigned i = 0; i < 4; i++)
        set_lane(r, 32, i, i < 2 ? ref_convert(lane(a, 64, i), ref_f64, ref_f32) : 0);
}

static void whole_promote(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    (void)row;
    for (unsigned i = 0; i < 2; i++)
        set_lane(r, 64, i, ref_convert(lane(a, 32, i), ref_f32, ref_f64));
}

static void whole_trunc_zero(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    for (unsigned i = 0; i < 4; i++)
        set_lane(r, 32, i, i < 2 ? to_int(lane(a, 64, i), ref_f64, row->is_signed) : 0);
}

static void whole_convert_low(uint8_t *r, const uint8_t *a, const uint8_t *b, const struct row *row)
{
    (void)b;
    for (unsigned i = 0; i < 2; i++)
        set_lane(r, 64, i, ref_from_int(lane(a, 32, i), 32, row->is_signed, ref_f64));
}

/* ---- unary and binary --------------------------------------------------------------------- */

/* clang-format off */
#define L(P, bits, name)     {SIMD_OP_##P##_##name, bits, lane_##name, whole_lanes, false, false}
#define FL(P, bits, name)    {SIMD_OP_##P##_##name, bits, lane_f##name, whole_lanes, false, false}
#define W(op, bits, whole, high, is_signed) {SIMD_OP_##op, bits, NULL, whole_##whole, high, is_signed}

#define INTEGER(P, bits)                                                                           \
    L(P, bits, eq), L(P, bits, ne), L(P, bits, lt_s), L(P, bits, gt_s), L(P, bits, le_s),          \
    L(P, bits, ge_s), L(P, bits, add), L(P, bits, sub), L(P, bits, neg), L(P, bits, abs)
#define INTEGER_TO_32(P, bits)                                                                     \
    L(P, bits, lt_u), L(P, bits, gt_u), L(P, bits, le_u), L(P, bits, ge_u),                        \
    L(P, bits, min_s), L(P, bits, min_u), L(P, bits, max_s), L(P, bits, max_u)
#define INTEGER_TO_16(P, bits)                                                                     \
    L(P, bits, add_sat_s), L(P, bits, add_sat_u), L(P, bits, sub_sat_s), L(P, bits, sub_sat_u),    \
    L(P, bits, avgr_u)
#define FLOAT(P, bits)                                                                             \
    FL(P, bits, eq), FL(P, bits, ne), FL(P, bits, lt), FL(P, bits, gt), FL(P, bits, le),           \
    FL(P, bits, ge), FL(P, bits, abs), FL(P, bits, neg), FL(P, bits, sqrt), FL(P, bits, add),      \
    FL(P, bits, sub), FL(P, bits, mul), FL(P, bits, div), FL(P, bits, min), FL(P, bits, max),      \
    FL(P, bits, pmin), FL(P, bits, pmax), FL(P, bits, ceil), FL(P, bits, floor),                   \
    FL(P, bits, trunc), FL(P, bits, nearest)
#define WIDER(P, bits, N)                                                                          \
    W(P##_extend_low_##N##_s, bits, extend, false, true),                                          \
    W(P##_extend_high_##N##_s, bits, extend, true, true),                                          \
    W(P##_extend_low_##N##_u, bits, extend, false, false),                                         \
    W(P##_extend_high_##N##_u, bits, extend, true, false),                                         \
    W(P##_extmul_low_##N##_s, bits, extmul, false, true),                                          \
    W(P##_extmul_high_##N##_s, bits, extmul, true, true),                                          \
    W(P##_extmul_low_##N##_u, bits, extmul, false, false),                                         \
    W(P##_extmul_high_##N##_u, bits, extmul, true, false)

static const struct row rows[] = {
    INTEGER(i8x16, 8), INTEGER(i16x8, 16), INTEGER(i32x4, 32), INTEGER(i64x2, 64),
    INTEGER_TO_32(i8x16, 8), INTEGER_TO_32(i16x8, 16), INTEGER_TO_32(i32x4, 32),
    INTEGER_TO_16(i8x16, 8), INTEGER_TO_16(i16x8, 16),
    L(i8x16, 8, popcnt), L(i16x8, 16, mul), L(i32x4, 32, mul), L(i64x2, 64, mul),
    L(i16x8, 16, q15mulr_sat_s),
    L(v128, 64, not), L(v128, 64, and), L(v128, 64, andnot), L(v128, 64, or), L(v128, 64, xor),
    FLOAT(f32x4, 32), FLOAT(f64x2, 64),
    {SIMD_OP_i32x4_trunc_sat_f32x4_s, 32, lane_trunc_sat_s, whole_lanes, false, false},
    {SIMD_OP_i32x4_trunc_sat_f32x4_u, 32, lane_trunc_sat_u, whole_lanes, false, false},
    {SIMD_OP_f32x4_convert_i32x4_s, 32, lane_convert_s, whole_lanes, false, false},
    {SIMD_OP_f32x4_convert_i32x4_u, 32, lane_convert_u, whole_lanes, false, false},
    WIDER(i16x8, 16, i8x16), WIDER(i32x4, 32, i16x8), WIDER(i64x2, 64, i32x4),
    W(i16x8_extadd_pairwise_i8x16_s, 16, extadd, false, true),
    W(i16x8_extadd_pairwise_i8x16_u, 16, extadd, false, false),
    W(i32x4_extadd_pairwise_i16x8_s, 32, extadd, false, true),
    W(i32x4_extadd_pairwise_i16x8_u, 32, extadd, false, false),
    W(i32x4_dot_i16x8_s, 32, dot, false, true),
    W(i8x16_narrow_i16x8_s, 8, narrow, false, true),
    W(i8x16_narrow_i16x8_u, 8, narrow, false, false),
    W(i16x8_narrow_i32x4_s, 16, narrow, false, true),
    W(i16x8_narrow_i32x4_u, 16, narrow, false, false),
    W(i8x16_swizzle, 8, swizzle, false, false),
    W(f32x4_demote_f64x2_zero, 32, demote, false, false),
    W(f64x2_promote_low_f32x4, 64, promote, false, false),
    W(i32x4_trunc_sat_f64x2_s_zero, 32, trunc_zero, false, true),
    W(i32x4_trunc_sat_f64x2_u_zero, 32, trunc_zero, false, false),
    W(f64x2_convert_low_i32x4_s, 64, convert_low, false, true),
    W(f64x2_convert_low_i32x4_u, 64, convert_low, false, false),
};
/* clang-format on */

/* What the function makes of copies of a and b: at odd addresses, or in place of one. */
static void apply(unsigned op, uint8_t *r, const uint8_t *a, const uint8_t *b, unsigned alias)
{
    uint8_t room[3][17];
    memcpy(room[1] + 1, a, 16);
    memcpy(room[2] + 1, b, 16);
    uint8_t *out = room[alias] + 1;
    if (simd_info(op)->shape == SIMD_UNARY)
        simd_fns[op].unary(out, room[1] + 1);
    else
        simd_fns[op].binary(out, room[1] + 1, room[2] + 1);
    memcpy(r, out, 16);
}

static void report(const char *what, const uint8_t *v)
{
    fprintf(stderr, "  %-8s", what);
    for (unsigned i = 0; i < 16; i++)
        fprintf(stderr, "%02x", v[i]);
    fputc('\n', stderr);
}

/* Compare, and say what went in when it differs. */
static void check_vector(const uint8_t *r, const uint8_t *expected, const uint8_t *a,
                         const uint8_t *b)
{
    if (CHECK(memcmp(r, expected, 16) == 0) || check_failed > CHECK_PRINTED_MAX)
        return;
    fprintf(stderr, "  %s\n", current);
    report("a", a);
    report("b", b);
    report("got", r);
    report("expected", expected);
}

static void check_row(const struct row *row, const uint8_t *a, const uint8_t *b)
{
    uint8_t r[16], expected[16];
    row->whole(expected, a, b, row);
    for (unsigned alias = 0; alias < 3; alias++) {
        apply(row->op, r, a, b, alias);
        check_vector(r, expected, a, b);
    }
}

/* All pairs of 8-bit values. */
static void check_all_bytes(const struct row *row)
{
    uint8_t a[16], b[16];
    for (unsigned x = 0; x < 256; x += 16) {
        for (unsigned y = 0; y < 256; y++) {
            for (unsigned i = 0; i < 16; i++) {
                a[i] = (uint8_t)(x + i);
                b[i] = (uint8_t)y;
            }
            check_row(row, a, b);
        }
    }
}

/* All pairs of edge values of a width, each in every lane. */
static void check_all_edges(const struct row *row, unsigned bits, const uint64_t *edges, unsigned n)
{
    uint8_t a[16], b[16];
    for (unsigned x = 0; x < n; x++) {
        for (unsigned y = 0; y < n; y++) {
            for (unsigned i = 0; i < 128 / bits; i++) {
                set_lane(a, bits, i, edges[(x + i) % n]);
                set_lane(b, bits, i, edges[y]);
            }
            check_row(row, a, b);
        }
    }
}

static void test_row(const struct row *row)
{
    const struct simd_info *info = simd_info(row->op);
    current = info->name;
    covered[row->op] = true;
    CHECK(info->shape == SIMD_UNARY || info->shape == SIMD_BINARY);
    CHECK(info->number == 1 || info->number == 128 / row->bits);
    if (row->bits == 8)
        check_all_bytes(row);
    else
        check_all_edges(row, row->bits, int_edges, REF_COUNT(int_edges));
    if (strstr(info->name, "f32") != NULL)
        check_all_edges(row, 32, ref_edges_f32, REF_COUNT(ref_edges_f32));
    if (strstr(info->name, "f64") != NULL)
        check_all_edges(row, 64, ref_edges_f64, REF_COUNT(ref_edges_f64));
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], b[16];
        fill(a);
        fill(b);
        check_row(row, a, b);
    }
}

/* ---- shifts, tests, bitselect, shuffle ---------------------------------------------------- */

static void test_shift(unsigned op, unsigned bits, lane_fn *fn)
{
    current = simd_info(op)->name;
    covered[op] = true;
    CHECK(simd_info(op)->shape == SIMD_SHIFT && simd_info(op)->number == 128 / bits);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], r[16], expected[16];
        uint32_t n = i < 300 ? i : (uint32_t)ref_random();
        fill(a);
        for (unsigned k = 0; k < 128 / bits; k++)
            set_lane(expected, bits, k, fn(lane(a, bits, k), n, bits));
        simd_fns[op].shift(r, a, n);
        check_vector(r, expected, a, a);
        memcpy(r, a, 16);
        simd_fns[op].shift(r, r, n);
        check_vector(r, expected, a, a);
    }
}

static void test_shifts(void)
{
#define SHIFTS(P, bits)                                                                            \
    test_shift(SIMD_OP_##P##_shl, bits, lane_shl);                                                 \
    test_shift(SIMD_OP_##P##_shr_s, bits, lane_shr_s);                                             \
    test_shift(SIMD_OP_##P##_shr_u, bits, lane_shr_u)
    SHIFTS(i8x16, 8);
    SHIFTS(i16x8, 16);
    SHIFTS(i32x4, 32);
    SHIFTS(i64x2, 64);
}

static void check_test(unsigned op, unsigned bits, const uint8_t *a)
{
    uint32_t any = 0, all = 1, mask = 0;
    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t x = lane(a, bits, i);
        any |= x != 0;
        all &= x != 0;
        mask |= (uint32_t)(x >> (bits - 1)) << i;
    }
    const char *name = simd_info(op)->name;
    uint32_t expected = strstr(name, "any") != NULL   ? any
                        : strstr(name, "all") != NULL ? all
                                                      : mask;
    CHECK(simd_fns[op].test(a) == expected);
}

static void test_test(unsigned op, unsigned bits)
{
    uint8_t a[16];
    covered[op] = true;
    CHECK(simd_info(op)->shape == SIMD_TEST);
    for (unsigned i = 0; i < 128; i++) { /* one bit set, one bit clear, one lane zero */
        memset(a, 0, 16);
        check_test(op, bits, a);
        a[i / 8] = (uint8_t)(1u << i % 8);
        check_test(op, bits, a);
        memset(a, 0xff, 16);
        check_test(op, bits, a);
        a[i / 8] = (uint8_t)~(1u << i % 8);
        check_test(op, bits, a);
        set_lane(a, bits, i * 5 % (128 / bits), 0);
        check_test(op, bits, a);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        fill(a);
        check_test(op, bits, a);
    }
}

static void test_tests(void)
{
    test_test(SIMD_OP_v128_any_true, 64);
    test_test(SIMD_OP_i8x16_all_true, 8);
    test_test(SIMD_OP_i16x8_all_true, 16);
    test_test(SIMD_OP_i32x4_all_true, 32);
    test_test(SIMD_OP_i64x2_all_true, 64);
    test_test(SIMD_OP_i8x16_bitmask, 8);
    test_test(SIMD_OP_i16x8_bitmask, 16);
    test_test(SIMD_OP_i32x4_bitmask, 32);
    test_test(SIMD_OP_i64x2_bitmask, 64);
}

static void test_bitselect(void)
{
    current = "v128.bitselect";
    covered[SIMD_OP_v128_bitselect] = true;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t v[3][16], expected[16], r[16];
        for (unsigned k = 0; k < 3; k++)
            fill(v[k]);
        for (unsigned k = 0; k < 128; k++) {
            unsigned bit = 1u << k % 8;
            unsigned from = v[2][k / 8] & bit ? v[0][k / 8] : v[1][k / 8];
            unsigned before = k % 8 == 0 ? 0 : expected[k / 8];
            expected[k / 8] = (uint8_t)(before | (from & bit));
        }
        simd_fns[SIMD_OP_v128_bitselect].ternary(r, v[0], v[1], v[2]);
        check_vector(r, expected, v[0], v[1]);
        uint8_t *out = v[i % 3];
        simd_fns[SIMD_OP_v128_bitselect].ternary(out, v[0], v[1], v[2]);
        check_vector(out, expected, v[0], v[1]);
    }
}

static void test_shuffle(void)
{
    current = "i8x16.shuffle";
    covered[SIMD_OP_i8x16_shuffle] = true;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], b[16], lanes[16], expected[16], r[16];
        fill(a);
        fill(b);
        for (unsigned k = 0; k < 16; k++) {
            lanes[k] = (uint8_t)(ref_random() % 32);
            expected[k] = lanes[k] < 16 ? a[lanes[k]] : b[lanes[k] - 16];
        }
        simd_fns[SIMD_OP_i8x16_shuffle].shuffle(r, a, b, lanes);
        check_vector(r, expected, a, b);
        uint8_t *out = i % 2 ? a : b;
        simd_fns[SIMD_OP_i8x16_shuffle].shuffle(out, a, b, lanes);
        check_vector(out, expected, a, b);
    }
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static void test_extract(unsigned op, unsigned bits, bool is_signed)
{
    covered[op] = true;
    CHECK(simd_info(op)->shape >= SIMD_EXTRACT_I32 && simd_info(op)->shape <= SIMD_EXTRACT_F64);
    CHECK(simd_info(op)->number == 128 / bits);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16];
        fill(a);
        for (unsigned k = 0; k < 128 / bits; k++) {
            uint64_t x = lane(a, bits, k);
            if (is_signed)
                x = (uint64_t)extend(x, bits) & UINT32_MAX;
            CHECK(simd_fns[op].extract(a, k) == x);
        }
    }
}

static void test_replace(unsigned op, unsigned bits)
{
    current = simd_info(op)->name;
    covered[op] = true;
    CHECK(simd_info(op)->shape >= SIMD_REPLACE_I32 && simd_info(op)->shape <= SIMD_REPLACE_F64);
    CHECK(simd_info(op)->number == 128 / bits);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], r[16], expected[16];
        unsigned k = i % (128 / bits);
        uint64_t slot = bits == 64 ? ref_random() : ref_random() >> 32;
        fill(a);
        memcpy(expected, a, 16);
        set_lane(expected, bits, k, slot);
        simd_fns[op].replace(r, a, k, slot);
        check_vector(r, expected, a, a);
        simd_fns[op].replace(a, a, k, slot);
        check_vector(a, expected, a, a);
    }
}

static void test_splat(unsigned op, unsigned bits)
{
    current = simd_info(op)->name;
    covered[op] = true;
    CHECK(simd_info(op)->shape >= SIMD_SPLAT_I32 && simd_info(op)->shape <= SIMD_SPLAT_F64);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t r[16], expected[16];
        uint64_t slot = bits == 64 ? ref_random() : ref_random() >> 32;
        for (unsigned k = 0; k < 128 / bits; k++)
            set_lane(expected, bits, k, slot);
        simd_fns[op].splat(r, slot);
        check_vector(r, expected, expected, expected);
    }
}

static void test_lanes(void)
{
    test_extract(SIMD_OP_i8x16_extract_lane_s, 8, true);
    test_extract(SIMD_OP_i8x16_extract_lane_u, 8, false);
    test_extract(SIMD_OP_i16x8_extract_lane_s, 16, true);
    test_extract(SIMD_OP_i16x8_extract_lane_u, 16, false);
    test_extract(SIMD_OP_i32x4_extract_lane, 32, false);
    test_extract(SIMD_OP_i64x2_extract_lane, 64, false);
    test_extract(SIMD_OP_f32x4_extract_lane, 32, false);
    test_extract(SIMD_OP_f64x2_extract_lane, 64, false);
#define REPLACE_AND_SPLAT(P, bits)                                                                 \
    test_replace(SIMD_OP_##P##_replace_lane, bits);                                                \
    test_splat(SIMD_OP_##P##_splat, bits)
    REPLACE_AND_SPLAT(i8x16, 8);
    REPLACE_AND_SPLAT(i16x8, 16);
    REPLACE_AND_SPLAT(i32x4, 32);
    REPLACE_AND_SPLAT(i64x2, 64);
    REPLACE_AND_SPLAT(f32x4, 32);
    REPLACE_AND_SPLAT(f64x2, 64);
}

/* ---- memory ------------------------------------------------------------------------------------
 */

enum load_kind {
    LOAD_WHOLE,
    LOAD_SPLAT,
    LOAD_ZERO,
    LOAD_SIGNED,
    LOAD_UNSIGNED
};

static void load_reference(uint8_t *r, const uint8_t *mem, enum load_kind kind, unsigned bits)
{
    memset(r, 0, 16);
    switch (kind) {
    case LOAD_WHOLE:
        memcpy(r, mem, 16);
        break;
    case LOAD_SPLAT:
        for (unsigned i = 0; i < 128 / bits; i++)
            set_lane(r, bits, i, lane(mem, bits, 0));
        break;
    case LOAD_ZERO:
        set_lane(r, bits, 0, lane(mem, bits, 0));
        break;
    case LOAD_SIGNED:
        for (unsigned i = 0; i < 64 / bits; i++)
            set_lane(r, 2 * bits, i, (uint64_t)extend(lane(mem, bits, i), bits));
        break;
    case LOAD_UNSIGNED:
        for (unsigned i = 0; i < 64 / bits; i++)
            set_lane(r, 2 * bits, i, lane(mem, bits, i));
        break;
    }
}

/* From a block of exactly the bytes accessed, for the address sanitizer to watch. */
static void test_load(unsigned op, enum load_kind kind, unsigned bits, unsigned bytes)
{
    current = simd_info(op)->name;
    covered[op] = true;
    CHECK(simd_info(op)->number == bytes);
    uint8_t *mem = mem_alloc(bytes);
    if (!CHECK(mem != NULL))
        return;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], r[16], expected[16];
        fill(a);
        memcpy(mem, a, bytes);
        load_reference(expected, a, kind, bits);
        simd_fns[op].load(r, mem);
        check_vector(r, expected, a, a);
    }
    mem_free(mem);
}

static void test_loads(void)
{
    test_load(SIMD_OP_v128_load, LOAD_WHOLE, 128, 16);
    test_load(SIMD_OP_v128_const, LOAD_WHOLE, 128, 16);
    test_load(SIMD_OP_v128_load8x8_s, LOAD_SIGNED, 8, 8);
    test_load(SIMD_OP_v128_load8x8_u, LOAD_UNSIGNED, 8, 8);
    test_load(SIMD_OP_v128_load16x4_s, LOAD_SIGNED, 16, 8);
    test_load(SIMD_OP_v128_load16x4_u, LOAD_UNSIGNED, 16, 8);
    test_load(SIMD_OP_v128_load32x2_s, LOAD_SIGNED, 32, 8);
    test_load(SIMD_OP_v128_load32x2_u, LOAD_UNSIGNED, 32, 8);
    test_load(SIMD_OP_v128_load8_splat, LOAD_SPLAT, 8, 1);
    test_load(SIMD_OP_v128_load16_splat, LOAD_SPLAT, 16, 2);
    test_load(SIMD_OP_v128_load32_splat, LOAD_SPLAT, 32, 4);
    test_load(SIMD_OP_v128_load64_splat, LOAD_SPLAT, 64, 8);
    test_load(SIMD_OP_v128_load32_zero, LOAD_ZERO, 32, 4);
    test_load(SIMD_OP_v128_load64_zero, LOAD_ZERO, 64, 8);
}

static void test_memory_lane(unsigned load, unsigned store, unsigned bits)
{
    covered[load] = covered[store] = true;
    CHECK(simd_info(load)->shape == SIMD_LOAD_LANE && simd_info(load)->number == bits / 8);
    CHECK(simd_info(store)->shape == SIMD_STORE_LANE && simd_info(store)->number == bits / 8);
    uint8_t *mem = mem_alloc(bits / 8);
    if (!CHECK(mem != NULL))
        return;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t a[16], r[16], expected[16];
        unsigned k = i % (128 / bits);
        uint64_t x = ref_random() & UINT64_MAX >> (64 - bits);
        fill(a);
        memcpy(expected, a, 16);
        set_lane(expected, bits, k, x);
        set_lane(mem, bits, 0, x);
        current = simd_info(load)->name;
        simd_fns[load].load_lane(r, a, mem, k);
        check_vector(r, expected, a, a);
        memcpy(r, a, 16);
        simd_fns[load].load_lane(r, r, mem, k);
        check_vector(r, expected, a, a);
        simd_fns[store].store_lane(mem, a, k);
        CHECK(lane(mem, bits, 0) == lane(a, bits, k));
    }
    mem_free(mem);
}

static void test_store(void)
{
    covered[SIMD_OP_v128_store] = true;
    uint8_t a[16], mem[18];
    fill(a);
    memset(mem, 0x5a, sizeof mem);
    simd_fns[SIMD_OP_v128_store].store(mem + 1, a);
    CHECK(mem[0] == 0x5a && mem[17] == 0x5a && memcmp(mem + 1, a, 16) == 0);
}

static void test_memory(void)
{
    test_loads();
    test_store();
    test_memory_lane(SIMD_OP_v128_load8_lane, SIMD_OP_v128_store8_lane, 8);
    test_memory_lane(SIMD_OP_v128_load16_lane, SIMD_OP_v128_store16_lane, 16);
    test_memory_lane(SIMD_OP_v128_load32_lane, SIMD_OP_v128_store32_lane, 32);
    test_memory_lane(SIMD_OP_v128_load64_lane, SIMD_OP_v128_store64_lane, 64);
}

/* ---- the table
 * ------------------------------------------------------------------------------------ */

static void test_table(void)
{
    static const uint8_t unassigned[] = {0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2,
                                         0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf,
                                         0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee};
    unsigned count = 0;
    for (uint32_t op = 0; op < SIMD_OPCODES; op++) {
        bool hole = memchr(unassigned, (int)op, sizeof unassigned) != NULL;
        CHECK((simd_info(op) == NULL) == hole);
        CHECK((simd_fns[op].unary == NULL) == hole);
        CHECK(covered[op] == !hole);
        count += !hole;
    }
    CHECK(count == 236);
    CHECK(simd_info(SIMD_OPCODES) == NULL && simd_info(UINT32_MAX) == NULL);
}

int main(void)
{
    for (unsigned i = 0; i < REF_COUNT(rows); i++)
        test_row(&rows[i]);
    test_shifts();
    test_tests();
    test_bitselect();
    test_shuffle();
    test_lanes();
    test_memory();
    test_table();
    return check_report("simd");
}
