/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

static void show(int fd)
{
    char buf[4];
    uint32_t n;
    struct iov iov = {buf, 4};
    need(fd_read(fd, &iov, 1, &n) == 0, 10);
    put(1, buf, n);
    SAY("|");
}

void _start(void)
{
    uint64_t pos;
    int fd = open_at(DIR_FD, PATH("in.txt"), 0, 0);
    need(fd > 0, 1);
    show(fd);
    need(fd_seek(fd, 10, 1, &pos) == 0 && pos == 14, 2);
    show(fd);
    need(fd_seek(fd, -6, 2, &pos) == 0, 3);
    show(fd);
    need(fd_tell(fd, &pos) == 0, 4);
    say_hex("tell", (uint32_t)pos);
    need(fd_seek(fd, 1000, 0, &pos) == 0, 5);
    show(fd);
    need(fd_seek(fd, -1, 0, &pos) != 0, 6);
    need(fd_tell(fd, &pos) == 0 && pos == 1000, 7);
}
