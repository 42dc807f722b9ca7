/* SPDX-License-Identifier: Apache-2.0 */
/* walk: volatile a rolled-back wait carries its deadline */
#include "guest.h"

void _start(void)
{
    struct subscription sub = {.userdata = 7, .tag = 0};
    struct event event;
    uint32_t n;
    sub.u.clock.id = 1;
    sub.u.clock.timeout = 3000000;
    for (int i = 0; i < 3; i++) {
        need(poll_oneoff(&sub, &event, 1, &n) == 0 && n == 1, 1);
        need(event.userdata == 7 && event.error == 0 && event.type == 0, 2);
        SAY("woke\n");
    }
}
