/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

static volatile int numbers[] = {9, 2, 7, 1, 8, 3, 5};
#define N (sizeof numbers / sizeof *numbers)

void _start(void)
{
    for (uint32_t i = 1; i < N; i++) {
        int v = numbers[i];
        uint32_t k = i;
        for (; k > 0 && numbers[k - 1] > v; k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = v;
    }
    uint32_t digits = 0;
    for (uint32_t i = 0; i < N; i++)
        digits = digits << 4 | (uint32_t)numbers[i];
    say_hex("sort", digits);
}
