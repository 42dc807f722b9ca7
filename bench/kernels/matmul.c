/* SPDX-License-Identifier: Apache-2.0 */
/* Dense product of two matrices of doubles. */
#include "kernel.h"

#define N 120

static double a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            c[i][j] = 0;
        for (int k = 0; k < N; k++) {
            for (int j = 0; j < N; j++)
                c[i][j] += a[i][k] * b[k][j];
        }
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 1;
    uint64_t sum = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = kernel_random_double(&seed) - 0.5;
            b[i][j] = kernel_random_double(&seed) - 0.5;
        }
    }
    for (unsigned w = 0; w < work * 2; w++) {
        multiply();
        a[w % N][w / N % N] += 0.125;
        sum = kernel_mix_double(sum, c[w % N][N - 1 - w % N]);
    }
    return kernel_report("matmul", sum);
}
