/* SPDX-License-Identifier: Apache-2.0 */
/* LU decomposition with partial pivoting. */
#include <math.h>

#include "kernel.h"

#define N 120

static double original[N][N], m[N][N];

static double decompose(void)
{
    double determinant = 1;
    for (int k = 0; k < N; k++) {
        int pivot = k;
        for (int i = k + 1; i < N; i++) {
            if (fabs(m[i][k]) > fabs(m[pivot][k]))
                pivot = i;
        }
        for (int j = 0; pivot != k && j < N; j++) {
            double t = m[k][j];
            m[k][j] = m[pivot][j];
            m[pivot][j] = t;
        }
        determinant *= m[k][k];
        for (int i = k + 1; i < N; i++) {
            double f = m[i][k] /= m[k][k];
            for (int j = k + 1; j < N; j++)
                m[i][j] -= f * m[k][j];
        }
    }
    return determinant;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 11;
    uint64_t sum = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            original[i][j] = kernel_random_double(&seed) - 0.5;
    }
    for (unsigned w = 0; w < work * 3; w++) {
        memcpy(m, original, sizeof m);
        m[w % N][w / N % N] += 1;
        sum = kernel_mix_double(sum, decompose());
    }
    return kernel_report("lu", sum);
}
