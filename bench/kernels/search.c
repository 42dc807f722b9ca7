/* SPDX-License-Identifier: Apache-2.0 */
/* Counting words in a text: skip tables (Horspool), then a failure function (KMP). */
#include "kernel.h"

#define SIZE 65536
#define WORD 12

static char text[SIZE];

static unsigned skip_search(const char *word, int n)
{
    int skip[256];
    unsigned found = 0;
    for (int c = 0; c < 256; c++)
        skip[c] = n;
    for (int i = 0; i < n - 1; i++)
        skip[(uint8_t)word[i]] = n - 1 - i;
    for (int at = 0; at + n <= SIZE; at += skip[(uint8_t)text[at + n - 1]]) {
        int i = n - 1;
        while (i >= 0 && text[at + i] == word[i])
            i--;
        found += i < 0;
    }
    return found;
}

static unsigned automaton_search(const char *word, int n)
{
    int back[WORD + 1] = {-1};
    unsigned found = 0;
    for (int i = 0, k = -1; i < n;) {
        while (k >= 0 && word[i] != word[k])
            k = back[k];
        back[++i] = ++k;
    }
    for (int i = 0, k = 0; i < SIZE; i++) {
        while (k >= 0 && (k == n || text[i] != word[k]))
            k = back[k];
        k++;
        found += k == n;
    }
    return found;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 17;
    uint64_t sum = 0;
    for (int i = 0; i < SIZE; i++)
        text[i] = (char)('a' + kernel_random(&seed) % 3);
    for (unsigned w = 0; w < work; w++) {
        const char *word = text + kernel_random(&seed) % (SIZE - WORD);
        int n = (int)(3 + w % (WORD - 3));
        sum = kernel_mix(sum, skip_search(word, n));
        sum = kernel_mix(sum, automaton_search(word, n));
    }
    return kernel_report("search", sum);
}
