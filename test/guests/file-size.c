/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* walk: volatile the guest's memory holds inode numbers and times */
#include "guest.h"

void _start(void)
{
    struct filestat st;
    int fd = open_at(DIR_FD, PATH("sized"), O_CREAT, 0);
    need(fd > 0, 1);
    put(fd, "some bytes here", 15);
    need(fd_filestat_set_size(fd, 6) == 0, 2);
    need(fd_filestat_get(fd, &st) == 0 && st.size == 6, 3);
    st = (struct filestat){0}; /* inode numbers are not for images to compare */
    need(fd_allocate(fd, 0, 100) == 0 || 1, 4);
    need(fd_filestat_set_size(fd, 32) == 0, 5);
    put(fd, "X", 1);
    say_hex("done", 1);
}
