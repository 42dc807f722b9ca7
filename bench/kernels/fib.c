/* SPDX-License-Identifier: Apache-2.0 */
/* Calls, and nothing else. */
#include "kernel.h"

static uint32_t __attribute__((noinline)) fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 4; w++)
        sum = kernel_mix(sum, fib(25 + w % 2));
    return kernel_report("fib", sum);
}
