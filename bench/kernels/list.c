/* SPDX-License-Identifier: Apache-2.0 */
/* Chasing the links of a list that lies scattered in memory, and relinking it. */
#include "kernel.h"

#define N 4096

struct node {
    uint32_t value;
    struct node *next;
};

static struct node nodes[N];

static struct node *link_all(uint32_t *seed)
{
    static uint32_t order[N];
    for (uint32_t i = 0; i < N; i++)
        order[i] = i;
    for (uint32_t i = N - 1; i > 0; i--) {
        uint32_t j = kernel_random(seed) % (i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (uint32_t i = 0; i < N; i++) {
        nodes[order[i]].value = i;
        nodes[order[i]].next = i + 1 < N ? &nodes[order[i + 1]] : NULL;
    }
    return &nodes[order[0]];
}

static struct node *reverse(struct node *list)
{
    struct node *done = NULL;
    while (list != NULL) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static uint64_t walk(const struct node *list)
{
    uint64_t sum = 0;
    for (; list != NULL; list = list->next)
        sum = sum * 31 + list->value;
    return sum;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 31;
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++) {
        struct node *list = link_all(&seed);
        for (int i = 0; i < 60; i++) {
            sum = kernel_mix(sum, walk(list));
            list = reverse(list);
        }
    }
    return kernel_report("list", sum);
}
