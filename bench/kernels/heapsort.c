/* SPDX-License-Identifier: Apache-2.0 */
/* Heapsort of doubles. */
#include "kernel.h"

#define N 8192

static double values[N];

static void sift(int root, int n)
{
    double x = values[root];
    for (;;) {
        int child = 2 * root + 1;
        if (child >= n)
            break;
        if (child + 1 < n && values[child + 1] > values[child])
            child++;
        if (values[child] <= x)
            break;
        values[root] = values[child];
        root = child;
    }
    values[root] = x;
}

static void sort(void)
{
    for (int i = N / 2 - 1; i >= 0; i--)
        sift(i, N);
    for (int n = N - 1; n > 0; n--) {
        double t = values[0];
        values[0] = values[n];
        values[n] = t;
        sift(0, n);
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 9;
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++) {
        for (int i = 0; i < N; i++)
            values[i] = kernel_random_double(&seed);
        sort();
        for (int i = 0; i < N; i += 64)
            sum = kernel_mix_double(sum, values[i]);
    }
    return kernel_report("heapsort", sum);
}
