/* SPDX-License-Identifier: Apache-2.0 */
/* All shortest paths in a sparse graph, Floyd and Warshall. */
#include "kernel.h"

#define N   128
#define FAR 1000000000

static int32_t distance[N][N];

static void build(uint32_t seed)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            distance[i][j] = i == j ? 0 : FAR;
        for (int e = 0; e < 4; e++) {
            uint32_t r = kernel_random(&seed);
            distance[i][r % N] = (int32_t)(r >> 16) + 1;
        }
    }
}

static void paths(void)
{
    for (int k = 0; k < N; k++) {
        for (int i = 0; i < N; i++) {
            int32_t first = distance[i][k];
            for (int j = 0; j < N; j++) {
                int32_t both = first + distance[k][j];
                if (both < distance[i][j])
                    distance[i][j] = both;
            }
        }
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++) {
        build(w + 1);
        paths();
        for (int i = 0; i < N; i++)
            sum = kernel_mix(sum, (uint64_t)distance[i][N - 1 - i]);
    }
    return kernel_report("floyd", sum);
}
