/* SPDX-License-Identifier: Apache-2.0 */
/* Gravity among a few bodies, leapfrog steps. */
#include <math.h>

#include "kernel.h"

#define BODIES 8

struct body {
    double x, y, z;
    double vx, vy, vz;
    double mass;
};

static struct body bodies[BODIES];

static void attract(struct body *p, struct body *q, double dt)
{
    double dx = q->x - p->x, dy = q->y - p->y, dz = q->z - p->z;
    double d2 = dx * dx + dy * dy + dz * dz + 0.01;
    double pull = dt / (d2 * sqrt(d2));
    p->vx += dx * q->mass * pull;
    p->vy += dy * q->mass * pull;
    p->vz += dz * q->mass * pull;
    q->vx -= dx * p->mass * pull;
    q->vy -= dy * p->mass * pull;
    q->vz -= dz * p->mass * pull;
}

static void step(double dt)
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++)
            attract(&bodies[i], &bodies[j], dt);
    }
    for (int i = 0; i < BODIES; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 7;
    uint64_t sum = 0;
    for (int i = 0; i < BODIES; i++) {
        struct body *p = &bodies[i];
        p->x = kernel_random_double(&seed) * 10 - 5;
        p->y = kernel_random_double(&seed) * 10 - 5;
        p->z = kernel_random_double(&seed) * 10 - 5;
        p->vx = kernel_random_double(&seed) - 0.5;
        p->vy = kernel_random_double(&seed) - 0.5;
        p->vz = kernel_random_double(&seed) - 0.5;
        p->mass = i == 0 ? 40 : kernel_random_double(&seed);
    }
    for (unsigned w = 0; w < work * 2500; w++)
        step(0.001);
    for (int i = 0; i < BODIES; i++)
        sum = kernel_mix_double(kernel_mix_double(sum, bodies[i].x), bodies[i].vy);
    return kernel_report("nbody", sum);
}
