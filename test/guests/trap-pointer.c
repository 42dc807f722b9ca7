/* SPDX-License-Identifier: Apache-2.0 */
/* walk: exit 134 */
#include "guest.h"

static __attribute__((noinline)) uint32_t chase(uint32_t depth, volatile uint32_t *p)
{
    SAY("chasing\n");
    return depth == 0 ? *p : chase(depth - 1, p + 0x1000000) + 1;
}

void _start(void)
{
    say_hex("got ", chase(4, (volatile uint32_t *)16));
}
