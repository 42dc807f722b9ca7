/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

static uint32_t hash;

static __attribute__((noinline)) void permute(uint8_t *p, uint32_t k)
{
    if (k == 3) {
        hash = hash * 31 + (uint32_t)(p[0] << 16 | p[1] << 8 | p[2]);
        return;
    }
    for (uint32_t i = k; i < 3; i++) {
        uint8_t t = p[k];
        p[k] = p[i], p[i] = t;
        permute(p, k + 1);
        t = p[k];
        p[k] = p[i], p[i] = t;
    }
}

void _start(void)
{
    uint8_t p[3] = {1, 2, 3};
    permute(p, 0);
    say_hex("perm", hash);
}
