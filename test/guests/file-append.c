/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    uint64_t pos;
    int fd = open_at(DIR_FD, PATH("log.txt"), O_CREAT, F_APPEND);
    int other = open_at(DIR_FD, PATH("log.txt"), 0, 0);
    need(fd > 0 && other > 0, 1);
    put(fd, "one ", 4);
    put(other, "ONE", 3);
    put(fd, "two ", 4);
    need(fd_seek(fd, 0, 0, &pos) == 0 && pos == 0, 2);
    put(fd, "three\n", 6);
    need(fd_fdstat_set_flags(fd, 0) == 0, 3);
    need(fd_seek(fd, 1, 0, &pos) == 0, 4);
    put(fd, "__", 2);
    SAY("appended\n");
}
