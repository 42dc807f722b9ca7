/* SPDX-License-Identifier: Apache-2.0 */
/* The cheapest order to multiply a chain of matrices, by dynamic programming. */
#include "kernel.h"

#define N 128

static uint64_t cost[N][N];
static uint32_t dims[N + 1];

static uint64_t best_order(void)
{
    for (int len = 2; len <= N; len++) {
        for (int i = 0; i + len <= N; i++) {
            int j = i + len - 1;
            uint64_t best = UINT64_MAX;
            for (int k = i; k < j; k++) {
                uint64_t c =
                    cost[i][k] + cost[k + 1][j] + (uint64_t)dims[i] * dims[k + 1] * dims[j + 1];
                if (c < best)
                    best = c;
            }
            cost[i][j] = best;
        }
    }
    return cost[0][N - 1];
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 23;
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 2; w++) {
        for (int i = 0; i <= N; i++)
            dims[i] = kernel_random(&seed) % 100 + 1;
        sum = kernel_mix(sum, best_order());
    }
    return kernel_report("chain", sum);
}
