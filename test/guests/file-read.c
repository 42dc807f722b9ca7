/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    char buf[16];
    uint32_t n;
    struct iov iov = {buf, sizeof buf};
    int fd = open_with(DIR_FD, PATH("in.txt"), 0, 0, RIGHTS_READ);
    need(fd > 0, 1);
    while (fd_read(fd, &iov, 1, &n) == 0 && n != 0)
        put(1, buf, n);
    need(fd_close(fd) == 0, 2);
    need(fd_read(fd, &iov, 1, &n) == 8, 3); /* EBADF */
}
