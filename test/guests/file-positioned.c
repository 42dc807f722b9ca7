/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    char buf[5];
    uint32_t n;
    uint64_t pos;
    struct iov in = {buf, 5};
    struct iov out = {"<-->", 4};
    int fd = open_at(DIR_FD, PATH("data.bin"), O_CREAT, 0);
    need(fd > 0, 1);
    put(fd, "abcdefghijklmnop", 16);
    need(fd_pwrite(fd, &out, 1, 20, &n) == 0 && n == 4, 2);
    need(fd_pwrite(fd, &out, 1, 2, &n) == 0 && n == 4, 3);
    need(fd_pread(fd, &in, 1, 4, &n) == 0 && n == 5, 4);
    put(1, buf, n);
    need(fd_tell(fd, &pos) == 0 && pos == 16, 5);
    put(fd, "Q", 1);
    SAY("\n");
}
