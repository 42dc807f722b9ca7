/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

void _start(void)
{
    for (uint32_t i = 0; i < 8; i++)
        need(sched_yield() == 0, 1);
    SAY("yielded\n");
}
