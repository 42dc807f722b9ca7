/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LEB128_H
#define BASE_LEB128_H

#include <stdint.h>

#include "base/error.h"

/*
 * LEB128 integers as WebAssembly's binary format restricts them: at most
 * ceil(bits / 7) bytes, and the unused bits of the last possible byte must be zero
 * (unsigned) or copies of the sign (signed).
 *
 * Each function reads at *p, never at or beyond `end`, and returns 0 with *p moved
 * and *ret set, or CSK_E_MALFORMED with both untouched. Longer encodings than
 * needed are legal as long as they fit those rules.
 */

/* `bits` is a constant at every call, so all of this folds away. */
static inline __attribute__((always_inline)) int leb_unsigned(const uint8_t **p, const uint8_t *end,
                                                              unsigned bits, uint64_t *ret)
{
    const uint8_t *q = *p;
    uint64_t v = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
        if (q >= end)
            return CSK_E_MALFORMED;
        uint8_t byte = *q++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (bits - shift <= 7 && ((unsigned)byte >> (bits - shift)) != 0)
            return CSK_E_MALFORMED; /* continues, or has bits that do not fit */
        if ((byte & 0x80) == 0) {
            *p = q;
            *ret = v;
            return 0;
        }
    }
    return CSK_E_MALFORMED;
}

static inline __attribute__((always_inline)) int leb_signed(const uint8_t **p, const uint8_t *end,
                                                            unsigned bits, int64_t *ret)
{
    const uint8_t *q = *p;
    uint64_t v = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
        if (q >= end)
            return CSK_E_MALFORMED;
        uint8_t byte = *q++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (bits - shift <= 7) {
            /* sign bit and everything above it must agree, and nothing may follow */
            unsigned top = (unsigned)byte >> (bits - shift - 1);
            unsigned ones = 0x7fu >> (bits - shift - 1);
            if (top != 0 && top != ones)
                return CSK_E_MALFORMED;
        }
        if ((byte & 0x80) == 0) {
            if ((byte & 0x40) != 0 && shift + 7 < 64)
                v |= ~UINT64_C(0) << (shift + 7);
            *p = q;
            *ret = (int64_t)v;
            return 0;
        }
    }
    return CSK_E_MALFORMED;
}

static inline int leb_u32(const uint8_t **p, const uint8_t *end, uint32_t *ret)
{
    uint64_t v;
    if (*p < end && **p < 0x80) {
        *ret = *(*p)++;
        return 0;
    }
    int r = leb_unsigned(p, end, 32, &v);
    if (r == 0)
        *ret = (uint32_t)v;
    return r;
}

static inline int leb_u64(const uint8_t **p, const uint8_t *end, uint64_t *ret)
{
    if (*p < end && **p < 0x80) {
        *ret = *(*p)++;
        return 0;
    }
    return leb_unsigned(p, end, 64, ret);
}

static inline int leb_s32(const uint8_t **p, const uint8_t *end, int32_t *ret)
{
    int64_t v;
    if (*p < end && **p < 0x40) {
        *ret = *(*p)++;
        return 0;
    }
    int r = leb_signed(p, end, 32, &v);
    if (r == 0)
        *ret = (int32_t)v;
    return r;
}

/* Block types: a type index or a negative one-byte type. */
static inline int leb_s33(const uint8_t **p, const uint8_t *end, int64_t *ret)
{
    if (*p < end && **p < 0x40) {
        *ret = *(*p)++;
        return 0;
    }
    return leb_signed(p, end, 33, ret);
}

static inline int leb_s64(const uint8_t **p, const uint8_t *end, int64_t *ret)
{
    if (*p < end && **p < 0x40) {
        *ret = *(*p)++;
        return 0;
    }
    return leb_signed(p, end, 64, ret);
}

#endif
