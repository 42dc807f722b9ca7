/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    struct fdstat st;
    int fd = open_at(DIR_FD, PATH("in.txt"), 0, F_NONBLOCK);
    need(fd > 0 && fd_fdstat_get(fd, &st) == 0, 1);
    say_hex("flag", st.flags);
    need(fd_fdstat_set_flags(fd, F_APPEND | F_NONBLOCK) == 0, 2);
    SAY("set\n");
    need(fd_fdstat_get(fd, &st) == 0, 3);
    say_hex("flag", st.flags);
    put(fd, "tail\n", 5);
    need(fd_fdstat_get(1, &st) == 0, 4);
    SAY("out\n");
}
