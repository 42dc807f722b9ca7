/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    char buf[12];
    uint32_t n;
    uint64_t pos;
    struct iov iov = {buf, sizeof buf};
    int fd = open_at(DIR_FD, PATH("scratch"), O_CREAT, 0);
    need(fd > 0, 1);
    put(fd, "kept without ", 13);
    need(path_unlink_file(DIR_FD, PATH("scratch")) == 0, 2);
    put(fd, "a name\n", 7);
    need(fd_seek(fd, 5, 0, &pos) == 0, 3);
    while (fd_read(fd, &iov, 1, &n) == 0 && n != 0)
        put(1, buf, n);
    put(fd, "and more", 8);
    need(fd_seek(fd, -8, 2, &pos) == 0 && pos == 20, 4);
    need(fd_read(fd, &iov, 1, &n) == 0 && n == 8, 5);
    put(1, buf, n);
    SAY("\n");
}
