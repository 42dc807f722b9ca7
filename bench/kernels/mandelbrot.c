/* SPDX-License-Identifier: Apache-2.0 */
/* Escape times over a picture of the Mandelbrot set. */
#include "kernel.h"

#define LIMIT 200
#define WIDTH 400

static unsigned escape(double cx, double cy)
{
    double x = 0, y = 0;
    unsigned n = 0;
    while (n < LIMIT) {
        double xx = x * x, yy = y * y;
        if (xx + yy > 4)
            break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned row = 0; row < work * 5; row++) {
        double cy = (double)(row % 300) / 150 - 1;
        for (unsigned col = 0; col < WIDTH; col++)
            sum = kernel_mix(sum, escape((double)col / (WIDTH / 3.0) - 2.2, cy));
    }
    return kernel_report("mandelbrot", sum);
}
