/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

static uint32_t moves;

static __attribute__((noinline)) void move(int n, uint32_t from, uint32_t to)
{
    if (n == 0)
        return;
    move(n - 1, from, 6 - from - to);
    moves = moves * 7 + from * 3 + to;
    move(n - 1, 6 - from - to, to);
}

void _start(void)
{
    move(4, 1, 3);
    say_hex("move", moves);
}
