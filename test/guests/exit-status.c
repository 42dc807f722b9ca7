/* SPDX-License-Identifier: Apache-2.0 */
/* walk: exit 42 */
#include "guest.h"

static __attribute__((noinline)) void leave(uint32_t n)
{
    SAY(".");
    if (n == 0)
        proc_exit(42);
    leave(n - 1);
    SAY("never\n");
}

void _start(void)
{
    leave(4);
}
