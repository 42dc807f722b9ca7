/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_ZERO_H
#define IMAGE_ZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether all bytes are 0. Most pages that are not show it in their first words. */
static inline bool image_is_zero(const uint8_t *p, size_t size)
{
    while (size >= 64) {
        uint64_t w[8];
        memcpy(w, p, sizeof w);
        if ((w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]) != 0)
            return false;
        p += 64;
        size -= 64;
    }
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= p[i];
    return any == 0;
}

#endif
