/* SPDX-License-Identifier: Apache-2.0 */
/* Eratosthenes, a byte a number. */
#include "kernel.h"

#define N 400000

static uint8_t composite[N];

static uint32_t sieve(uint32_t n)
{
    uint32_t count = 0;
    memset(composite, 0, n);
    for (uint32_t p = 2; p < n; p++) {
        if (composite[p])
            continue;
        count++;
        for (uint64_t q = (uint64_t)p * p; q < n; q += p)
            composite[q] = 1;
    }
    return count;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++)
        sum = kernel_mix(sum, sieve(N - w % 1000));
    return kernel_report("sieve", sum);
}
