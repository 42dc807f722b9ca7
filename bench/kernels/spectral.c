/* SPDX-License-Identifier: Apache-2.0 */
/* Largest singular value of a matrix that is a formula, by power iteration. */
#include <math.h>

#include "kernel.h"

#define N 180

static double u[N], v[N], t[N];

static double element(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void multiply(double *to, const double *from, int transposed)
{
    for (int i = 0; i < N; i++) {
        double s = 0;
        for (int j = 0; j < N; j++)
            s += (transposed ? element(j, i) : element(i, j)) * from[j];
        to[i] = s;
    }
}

static double norm(unsigned rounds)
{
    for (int i = 0; i < N; i++)
        u[i] = 1;
    for (unsigned r = 0; r < rounds; r++) {
        multiply(t, u, 0);
        multiply(v, t, 1);
        multiply(t, v, 0);
        multiply(u, t, 1);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < N; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    return sqrt(uv / vv);
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work * 2; w++)
        sum = kernel_mix_double(sum, norm(2 + w % 3));
    return kernel_report("spectral", sum);
}
