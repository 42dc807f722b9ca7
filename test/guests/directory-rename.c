/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    char buf[32];
    uint32_t n;
    need(path_rename(DIR_FD, PATH("in.txt"), DIR_FD, PATH("sub/moved.txt")) == 0, 1);
    need(path_link(DIR_FD, 0, PATH("sub/moved.txt"), DIR_FD, PATH("second")) == 0, 2);
    need(path_symlink(PATH("sub/moved.txt"), DIR_FD, PATH("soft")) == 0, 3);
    need(path_readlink(DIR_FD, PATH("soft"), buf, sizeof buf, &n) == 0, 4);
    put(1, buf, n);
    need(path_unlink_file(DIR_FD, PATH("sub/moved.txt")) == 0, 5);
    int fd = open_at(DIR_FD, PATH("second"), 0, 0);
    struct iov iov = {buf, sizeof buf};
    need(fd > 0 && fd_read(fd, &iov, 1, &n) == 0, 6);
    put(1, buf, n);
}
