/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    int fd = open_at(DIR_FD, PATH("in.txt"), O_TRUNC, 0);
    need(fd > 0, 1);
    put(fd, "all new", 7);
    need(fd_close(fd) == 0, 2);
    fd = open_at(DIR_FD, PATH("in.txt"), 0, 0);
    char buf[32];
    uint32_t n;
    struct iov iov = {buf, sizeof buf};
    need(fd_read(fd, &iov, 1, &n) == 0 && n == 7, 3);
    put(1, buf, n);
    SAY("\n");
}
