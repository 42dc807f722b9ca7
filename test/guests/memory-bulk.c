/* SPDX-License-Identifier: Apache-2.0 */
/* walk: flags -mbulk-memory */
#include "guest.h"

static uint8_t a[512], b[512];

void _start(void)
{
    __builtin_memset(a, 7, sizeof a);
    put(1, "fill\n", 5);
    __builtin_memcpy(b, a + 100, 300);
    __builtin_memmove(b + 10, b, 400);
    a[256] = 'x';
    uint32_t sum = 0;
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t i = 0; i < 512; i += 16)
        sum = sum * 3 + b[i];
    say_hex("sum ", sum);
}
