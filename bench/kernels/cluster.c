/* SPDX-License-Identifier: Apache-2.0 */
/* k-means over points in single precision. */
#include "kernel.h"

#define POINTS  2000
#define DIMS    4
#define CENTRES 8

static float points[POINTS][DIMS], centres[CENTRES][DIMS], sums[CENTRES][DIMS];
static uint32_t counts[CENTRES];

static int nearest(const float *p)
{
    int best = 0;
    float best_distance = 0;
    for (int c = 0; c < CENTRES; c++) {
        float distance = 0;
        for (int d = 0; d < DIMS; d++) {
            float x = p[d] - centres[c][d];
            distance += x * x;
        }
        if (c == 0 || distance < best_distance) {
            best = c;
            best_distance = distance;
        }
    }
    return best;
}

static void step(void)
{
    memset(sums, 0, sizeof sums);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < POINTS; i++) {
        int c = nearest(points[i]);
        counts[c]++;
        for (int d = 0; d < DIMS; d++)
            sums[c][d] += points[i][d];
    }
    for (int c = 0; c < CENTRES; c++) {
        for (int d = 0; d < DIMS && counts[c] != 0; d++)
            centres[c][d] = sums[c][d] / (float)counts[c];
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 41;
    uint64_t sum = 0;
    for (int i = 0; i < POINTS * DIMS; i++)
        points[i / DIMS][i % DIMS] = (float)kernel_random_double(&seed);
    for (unsigned w = 0; w < work; w++) {
        for (int i = 0; w % 20 == 0 && i < CENTRES * DIMS; i++)
            centres[i / DIMS][i % DIMS] = (float)kernel_random_double(&seed);
        for (int i = 0; i < 50; i++)
            step();
        for (int c = 0; c < CENTRES; c++)
            sum = kernel_mix_double(kernel_mix(sum, counts[c]), (double)centres[c][c % DIMS]);
    }
    return kernel_report("cluster", sum);
}
