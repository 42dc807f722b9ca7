/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance of two words, one row at a time. */
#include "kernel.h"

#define N 500

static uint8_t a[N], b[N];
static uint32_t row[N + 1];

static uint32_t min(uint32_t x, uint32_t y)
{
    return x < y ? x : y;
}

static uint32_t distance(void)
{
    for (uint32_t j = 0; j <= N; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= N; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= N; j++) {
            uint32_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min(change, min(row[j], row[j - 1]) + 1);
        }
    }
    return row[N];
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 29;
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 2; w++) {
        for (int i = 0; i < N; i++) {
            a[i] = (uint8_t)(kernel_random(&seed) % 5);
            b[i] = (uint8_t)(kernel_random(&seed) % 5);
        }
        sum = kernel_mix(sum, distance());
    }
    return kernel_report("levenshtein", sum);
}
