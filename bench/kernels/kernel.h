/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_KERNEL_H
#define BENCH_KERNEL_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What the kernels share. A kernel is one program: it takes how much work to do as its
 * only argument (about a millisecond of native time a unit) and prints its name and a
 * checksum, which must be the same natively and as a cell, on every CPU. So: integers of
 * stated width, no libm beyond sqrt, no time, no addresses, and to be compiled with
 * -ffp-contract=off:
 *
 *     gcc -O2 -ffp-contract=off fft.c -o fft -lm
 *     cloudskin-cc -O2 fft.c -o fft.wasm
 */

static inline unsigned kernel_work(int argc, char **argv, unsigned usual)
{
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    return n == 0 || n > 1000000 ? usual : (unsigned)n;
}

static inline int kernel_report(const char *name, uint64_t sum)
{
    printf("%s %016" PRIx64 "\n", name, sum);
    return 0;
}

static inline uint64_t kernel_mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}

static inline uint64_t kernel_mix_double(uint64_t sum, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return kernel_mix(sum, bits);
}

static inline uint32_t kernel_random(uint32_t *state)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* In [0, 1). */
static inline double kernel_random_double(uint32_t *state)
{
    return (double)(kernel_random(state) >> 1) * 0x1p-31;
}

#endif
