/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

typedef uint32_t op(uint32_t);

static uint32_t twice(uint32_t v)
{
    return v * 2;
}
static uint32_t next(uint32_t v)
{
    return v + 1;
}
static uint32_t flip(uint32_t v)
{
    return ~v;
}

static op *volatile program[] = {next, twice, twice, flip, next, twice};

void _start(void)
{
    uint32_t v = 1;
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < 6; i++)
        v = program[i](v);
    say_hex("ops ", v);
}
