/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leb128.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"

/* Encode in exactly `size` bytes, longer than needed where there is room. */
static void encode(uint8_t *out, unsigned size, uint64_t value, bool is_signed)
{
    for (unsigned i = 0; i < size; i++) {
        unsigned shift = 7 * i;
        uint64_t rest = shift < 64 ? value >> shift : 0;
        if (is_signed && (int64_t)value < 0 && shift != 0)
            rest |= shift < 64 ? ~UINT64_C(0) << (64 - shift) : ~UINT64_C(0);
        out[i] = (uint8_t)((rest & 0x7f) | (i + 1 < size ? 0x80 : 0));
    }
}

/* How many bytes a value of `bits` bits needs at least. */
static unsigned needed_unsigned(uint64_t v)
{
    unsigned n = 1;
    while (v >>= 7)
        n++;
    return n;
}

static unsigned needed_signed(int64_t v)
{
    unsigned n = 1;
    while (v < -64 || v > 63) {
        v >>= 7;
        n++;
    }
    return n;
}

static const uint64_t samples[] = {
    0,          1,          2,          63,         64,          65,          127,
    128,        129,        8191,       8192,       16383,       16384,       0x7fffffff,
    0x80000000, 0xfffffffe, 0xffffffff, 0xfffffff0, 0x100000000, 0x1ffffffff, UINT64_C(1) << 62,
};

#define SAMPLES (sizeof samples / sizeof samples[0])

static void check_unsigned(uint64_t v)
{
    for (unsigned size = needed_unsigned(v); size <= 11; size++) {
        uint8_t bytes[12];
        encode(bytes, size, v, false);
        const uint8_t *p = bytes;
        uint32_t u32 = 0xdead;
        int r = leb_u32(&p, bytes + size, &u32);
        bool fits = v <= UINT32_MAX && size <= 5;
        CHECK(r == (fits ? 0 : CSK_E_MALFORMED));
        CHECK(p == bytes + (fits ? size : 0));
        CHECK(u32 == (fits ? (uint32_t)v : 0xdead));
        p = bytes;
        uint64_t u64 = 0xdead;
        r = leb_u64(&p, bytes + size, &u64);
        fits = size <= 10;
        CHECK(r == (fits ? 0 : CSK_E_MALFORMED));
        CHECK(u64 == (fits ? v : 0xdead));
    }
}

static void check_signed(int64_t v)
{
    for (unsigned size = needed_signed(v); size <= 11; size++) {
        uint8_t bytes[12];
        encode(bytes, size, (uint64_t)v, true);
        const uint8_t *p = bytes;
        int32_t s32 = 77;
        bool fits = v >= INT32_MIN && v <= INT32_MAX && size <= 5;
        CHECK(leb_s32(&p, bytes + size, &s32) == (fits ? 0 : CSK_E_MALFORMED));
        CHECK(s32 == (fits ? (int32_t)v : 77));
        CHECK(p == bytes + (fits ? size : 0));
        p = bytes;
        int64_t s33 = 77;
        fits = v >= -(INT64_C(1) << 32) && v < (INT64_C(1) << 32) && size <= 5;
        CHECK(leb_s33(&p, bytes + size, &s33) == (fits ? 0 : CSK_E_MALFORMED));
        CHECK(s33 == (fits ? v : 77));
        p = bytes;
        int64_t s64 = 77;
        fits = size <= 10;
        CHECK(leb_s64(&p, bytes + size, &s64) == (fits ? 0 : CSK_E_MALFORMED));
        CHECK(s64 == (fits ? v : 77));
    }
}

static void check_truncation(void)
{
    static const uint8_t bytes[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
    for (size_t size = 0; size < sizeof bytes; size++) {
        const uint8_t *p = bytes;
        uint32_t u32;
        uint64_t u64;
        int32_t s32;
        int64_t s64;
        CHECK(leb_u32(&p, bytes + size, &u32) == CSK_E_MALFORMED);
        CHECK(leb_s32(&p, bytes + size, &s32) == CSK_E_MALFORMED);
        CHECK(leb_s33(&p, bytes + size, &s64) == CSK_E_MALFORMED);
        CHECK(leb_u64(&p, bytes + size, &u64) == CSK_E_MALFORMED);
        CHECK(leb_s64(&p, bytes + size, &s64) == CSK_E_MALFORMED);
        CHECK(p == bytes);
    }
}

/* The last byte's bits beyond the width: all 128 values of it. */
static void check_last_byte(void)
{
    for (unsigned last = 0; last < 128; last++) {
        uint8_t bytes[10];
        memset(bytes, 0x80, sizeof bytes);
        bytes[4] = (uint8_t)last;
        const uint8_t *p = bytes;
        uint32_t u32;
        int32_t s32;
        int64_t s64;
        uint64_t u64;
        CHECK((leb_u32(&p, bytes + 5, &u32) == 0) == (last < 0x10));
        p = bytes;
        CHECK((leb_s32(&p, bytes + 5, &s32) == 0) == (last < 0x08 || last >= 0x78));
        p = bytes;
        CHECK((leb_s33(&p, bytes + 5, &s64) == 0) == (last < 0x10 || last >= 0x70));
        bytes[4] = 0x80;
        bytes[9] = (uint8_t)last;
        p = bytes;
        CHECK((leb_u64(&p, bytes + 10, &u64) == 0) == (last < 0x02));
        p = bytes;
        CHECK((leb_s64(&p, bytes + 10, &s64) == 0) == (last == 0 || last == 0x7f));
    }
}

int main(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        check_unsigned(samples[i]);
        check_unsigned(~samples[i]);
        check_signed((int64_t)samples[i]);
        check_signed(-(int64_t)samples[i]);
        check_signed((int64_t)~samples[i]);
    }
    check_truncation();
    check_last_byte();
    return check_report("leb128");
}
