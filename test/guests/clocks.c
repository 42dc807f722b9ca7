/* SPDX-License-Identifier: Apache-2.0 */
/* walk: volatile the guest's memory holds times */
#include "guest.h"

void _start(void)
{
    uint64_t before = 0, now, real, res, cpu;
    for (int i = 0; i < 6; i++) {
        need(clock_time_get(1, 1, &now) == 0, 1);
        need(now >= before, 2); /* also across a freeze and a thaw */
        before = now;
        SAY("tick\n");
    }
    need(clock_res_get(1, &res) == 0 && res != 0, 3);
    need(clock_time_get(0, 1, &real) == 0 && real > 1500000000000000000u, 4);
    need(clock_time_get(2, 1, &cpu) == 0, 5);
    SAY("done\n");
}
