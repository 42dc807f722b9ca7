/* SPDX-License-Identifier: Apache-2.0 */
/* Quicksort of integers, insertion sort for the short rest. */
#include "kernel.h"

#define N 10000

static int32_t values[N];

static void insertion(int32_t *v, int n)
{
    for (int i = 1; i < n; i++) {
        int32_t x = v[i];
        int j = i;
        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static void sort(int32_t *v, int n)
{
    while (n > 12) {
        int32_t pivot = v[n / 2];
        int i = 0, j = n - 1;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                int32_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        sort(v, j + 1);
        v += i;
        n -= i;
    }
    insertion(v, n);
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 9;
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++) {
        for (int i = 0; i < N; i++)
            values[i] = (int32_t)kernel_random(&seed);
        sort(values, N);
        for (int i = 0; i < N; i += 100)
            sum = kernel_mix(sum, (uint32_t)values[i]);
    }
    return kernel_report("quicksort", sum);
}
