/* SPDX-License-Identifier: Apache-2.0 */
/* Factorials in base 10^9: long multiplication with carries. */
#include "kernel.h"

#define DIGITS 400
#define BASE   1000000000u

static uint32_t digits[DIGITS];

static int multiply(int n, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < n; i++) {
        carry += (uint64_t)digits[i] * by;
        digits[i] = (uint32_t)(carry % BASE);
        carry /= BASE;
    }
    if (carry != 0 && n < DIGITS)
        digits[n++] = (uint32_t)carry;
    return n;
}

static uint64_t factorial(uint32_t of)
{
    int n = 1;
    uint64_t sum = 0;
    digits[0] = 1;
    for (uint32_t i = 2; i <= of; i++)
        n = multiply(n, i);
    for (int i = 0; i < n; i++)
        sum = kernel_mix(sum, digits[i]);
    return sum;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 3; w++)
        sum = kernel_mix(sum, factorial(900 + w % 100));
    return kernel_report("bigint", sum);
}
