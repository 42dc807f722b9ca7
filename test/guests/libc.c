/* SPDX-License-Identifier: Apache-2.0 */
/* walk: libc */
/* walk: exit 7 */
/* walk: args a b */
/* walk: env WHO=you */
#include <stdlib.h>
#include <unistd.h>

/* wasi-libc's own start-up, its allocator and environment, without the length of stdio. */
int main(int argc, char **argv)
{
    char *copy = malloc(64);
    const char *who = getenv("WHO");
    if (copy == NULL || who == NULL)
        return 1;
    copy[0] = (char)('0' + argc);
    copy[1] = argv[1][0];
    copy[2] = who[0];
    copy[3] = '\n';
    return write(1, copy, 4) == 4 ? 7 : 2;
}
