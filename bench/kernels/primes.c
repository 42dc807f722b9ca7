/* SPDX-License-Identifier: Apache-2.0 */
/* Counting primes by strong pseudoprime tests, with 64-bit remainders. */
#include "kernel.h"

static uint32_t power(uint32_t base, uint32_t exponent, uint32_t n)
{
    uint64_t result = 1, square = base % n;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = result * square % n;
        square = square * square % n;
    }
    return (uint32_t)result;
}

/* For odd n; right below 4,759,123,141 with the bases 2, 7 and 61. */
static int passes(uint32_t n, uint32_t base)
{
    uint32_t odd = n - 1, twos = 0;
    for (; odd % 2 == 0; odd /= 2)
        twos++;
    uint64_t x = power(base, odd, n);
    if (x == 1 || x == n - 1)
        return 1;
    for (uint32_t i = 1; i < twos; i++) {
        x = x * x % n;
        if (x == n - 1)
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    uint32_t n = 1000000001;
    for (unsigned w = 0; w < work; w++) {
        uint32_t count = 0;
        for (int i = 0; i < 3000; i++, n += 2)
            count += n % 3 != 0 && n % 5 != 0 && passes(n, 2) && passes(n, 7) && passes(n, 61);
        sum = kernel_mix(sum, count);
    }
    return kernel_report("primes", sum);
}
