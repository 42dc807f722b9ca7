/* SPDX-License-Identifier: Apache-2.0 */
/* The game of life on a torus. */
#include "kernel.h"

#define N 128

static uint8_t world[2][N][N];

static void step(uint8_t (*to)[N], uint8_t (*from)[N])
{
    for (unsigned i = 0; i < N; i++) {
        const uint8_t *up = from[(i + N - 1) % N], *here = from[i], *down = from[(i + 1) % N];
        for (unsigned j = 0; j < N; j++) {
            unsigned l = (j + N - 1) % N, r = (j + 1) % N;
            int n = up[l] + up[j] + up[r] + here[l] + here[r] + down[l] + down[j] + down[r];
            to[i][j] = n == 3 || (n == 2 && here[j]);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 37;
    uint64_t sum = 0;
    for (unsigned i = 0; i < N * N; i++)
        world[0][i / N][i % N] = kernel_random(&seed) % 3 == 0;
    for (unsigned w = 0; w < work * 20; w++)
        step(world[1 - w % 2], world[w % 2]);
    for (unsigned i = 0; i < N * N; i++)
        sum = kernel_mix(sum, world[0][i / N][i % N]);
    return kernel_report("life", sum);
}
