/* SPDX-License-Identifier: Apache-2.0 */
/* Radix-2 Fourier transform in place, forth and back. */
#include <math.h>

#include "kernel.h"

#define LOG 12
#define N   (1 << LOG)

static double re[N], im[N];
static double wr[N / 2], wi[N / 2];

/* Roots of unity by halving angles: only square roots, so the same everywhere. */
static void roots(void)
{
    wr[0] = 1;
    double c = -1, s = 0; /* of half a turn */
    for (int step = N / 2; step >= 1; step /= 2) {
        for (int i = step; i < N / 2; i += 2 * step) {
            wr[i] = wr[i - step] * c - wi[i - step] * s;
            wi[i] = wr[i - step] * s + wi[i - step] * c;
        }
        double half = sqrt((1 - c) / 2);
        c = step == N / 2 ? 0 : sqrt((1 + c) / 2);
        s = half;
    }
}

static void permute(void)
{
    for (int i = 1, j = 0; i < N; i++) {
        int bit = N >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }
}

static void transform(double sign)
{
    permute();
    for (int len = 2; len <= N; len *= 2) {
        int stride = N / len;
        for (int i = 0; i < N; i += len) {
            for (int k = 0; k < len / 2; k++) {
                int p = i + k, q = p + len / 2;
                double c = wr[k * stride], s = sign * wi[k * stride];
                double x = re[q] * c - im[q] * s, y = re[q] * s + im[q] * c;
                re[q] = re[p] - x;
                im[q] = im[p] - y;
                re[p] += x;
                im[p] += y;
            }
        }
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 3;
    uint64_t sum = 0;
    roots();
    for (int i = 0; i < N; i++)
        re[i] = kernel_random_double(&seed);
    for (unsigned w = 0; w < work * 12; w++) {
        transform(1);
        transform(-1);
        for (int i = 0; i < N; i++) {
            re[i] /= N;
            im[i] /= N;
        }
        sum = kernel_mix_double(sum, re[w % N]);
    }
    return kernel_report("fft", sum);
}
