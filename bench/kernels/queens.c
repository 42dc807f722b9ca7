/* SPDX-License-Identifier: Apache-2.0 */
/* Queens on a board, by recursion over sets of attacked columns and diagonals. */
#include "kernel.h"

static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
    uint32_t found = 0;
    if (columns == all)
        return 1;
    for (uint32_t free = all & ~(columns | left | right); free != 0; free &= free - 1) {
        uint32_t bit = free & -free;
        found += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return found;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 7; w++)
        sum = kernel_mix(sum, place((1u << (8 + w % 3)) - 1, 0, 0, 0));
    return kernel_report("queens", sum);
}
