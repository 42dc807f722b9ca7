/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdint.h>

/* Length of the sequence that `lead` begins, and the bounds of its second byte, which is
 * where overlong forms, surrogates and values beyond U+10FFFF show. 0: not a lead byte. */
static unsigned sequence(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xbf;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef) {
        if (lead == 0xe0)
            *ret_low = 0xa0;
        if (lead == 0xed)
            *ret_high = 0x9f;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (lead == 0xf0)
            *ret_low = 0x90;
        if (lead == 0xf4)
            *ret_high = 0x8f;
        return 4;
    }
    return 0;
}

bool utf8_valid(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    const uint8_t *end = p + size;
    while (p < end) {
        uint8_t low, high;
        unsigned n = sequence(*p, &low, &high);
        if (n == 0 || (size_t)(end - p) < n)
            return false;
        if (n > 1 && (p[1] < low || p[1] > high))
            return false;
        for (unsigned i = 2; i < n; i++) {
            if ((p[i] & 0xc0) != 0x80)
                return false;
        }
        p += n;
    }
    return true;
}
