/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

static uint8_t composite[32];

void _start(void)
{
    uint32_t primes = 0;
#pragma clang loop unroll(disable)
    for (uint32_t i = 2; i < sizeof composite; i++) {
        if (composite[i])
            continue;
        primes |= 1u << i;
#pragma clang loop unroll(disable)
        for (uint32_t k = i * i; k < sizeof composite; k += i)
            composite[k] = 1;
    }
    say_hex("mask", primes);
}
