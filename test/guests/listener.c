/* SPDX-License-Identifier: Apache-2.0 */
/* walk: listen */
#include "guest.h"

void _start(void)
{
    struct fdstat st;
    int fd;
    need(fd_fdstat_get(3, &st) == 0, 1);
    say_hex("type", st.filetype);
    need(fd_fdstat_set_flags(3, F_NONBLOCK) == 0, 2);
    say_hex("none", (uint32_t)sock_accept(3, 0, &fd)); /* EAGAIN: nobody calls */
    need(fd_renumber(3, 9) == 0 || 1, 3);
    SAY("still listening\n");
}
