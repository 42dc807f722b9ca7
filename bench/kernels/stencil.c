/* SPDX-License-Identifier: Apache-2.0 */
/* Heat on a plate: five-point stencil, two grids. */
#include "kernel.h"

#define N 256

static double grid[2][N][N];

static void step(double (*to)[N], double (*from)[N])
{
    for (int i = 1; i < N - 1; i++) {
        for (int j = 1; j < N - 1; j++)
            to[i][j] = 0.2 * (from[i][j] + from[i - 1][j] + from[i + 1][j] + from[i][j - 1] +
                              from[i][j + 1]);
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            grid[0][i][j] = grid[1][i][j] = i == 0 || j == 0 ? 100 : 0;
    }
    for (unsigned w = 0; w < work * 12; w++)
        step(grid[1 - w % 2], grid[w % 2]);
    for (int i = 0; i < N; i++)
        sum = kernel_mix_double(sum, grid[0][i][N - 1 - i] + grid[1][i][i]);
    return kernel_report("stencil", sum);
}
