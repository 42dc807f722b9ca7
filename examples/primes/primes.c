/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the primes below N, one segment at a time, and says how far it is. A program that
 * only computes: freeze it anywhere. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT 32768u
#define LIMIT   4000000000u

static unsigned small[6600]; /* primes up to the square root of LIMIT */
static unsigned small_count;

static void find_small(unsigned up_to)
{
    static char composite[65536];
    for (unsigned i = 2; i <= up_to; i++) {
        if (composite[i])
            continue;
        small[small_count++] = i;
        for (unsigned j = i * i; j <= up_to; j += i)
            composite[j] = 1;
    }
}

static unsigned count_segment(unsigned low, unsigned high)
{
    static char composite[SEGMENT];
    unsigned found = 0;
    memset(composite, 0, sizeof(composite));
    for (unsigned i = 0; i < small_count && small[i] <= (high - 1) / small[i]; i++) {
        unsigned p = small[i];
        unsigned first = p * p > low ? p * p : (low + p - 1) / p * p;
        for (unsigned j = first; j < high; j += p)
            composite[j - low] = 1;
    }
    for (unsigned i = low; i < high; i++)
        found += i >= 2 && !composite[i - low];
    return found;
}

int main(int argc, char **argv)
{
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    if (n < 2 || n > LIMIT) {
        fprintf(stderr, "usage: primes N   (2 to %u)\n", LIMIT);
        return 2;
    }
    unsigned long total = 0, done = 0;
    find_small((unsigned)sqrt((double)n) + 1);
    while (done < n) {
        unsigned long high = done + SEGMENT < n ? done + SEGMENT : n;
        unsigned long tenth = done * 10 / n;
        total += count_segment((unsigned)done, (unsigned)high);
        done = high;
        if (done * 10 / n != tenth)
            printf("below %10lu: %9lu primes\n", done, total);
    }
    return 0;
}
