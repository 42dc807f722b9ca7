/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* Two descriptors of one file without a name must stay one file. */
#include "guest.h"

void _start(void)
{
    char buf[8];
    uint32_t n;
    struct iov iov = {buf, sizeof buf};
    int w = open_at(DIR_FD, PATH("gone"), O_CREAT, 0);
    int r = open_at(DIR_FD, PATH("gone"), 0, 0);
    need(w > 0 && r > 0, 1);
    need(path_unlink_file(DIR_FD, PATH("gone")) == 0, 2);
    put(w, "first", 5);
    need(fd_read(r, &iov, 1, &n) == 0 && n == 5, 3);
    put(1, buf, n);
    put(w, "second", 6);
    need(fd_read(r, &iov, 1, &n) == 0 && n == 6, 4);
    put(1, buf, n);
    SAY("\n");
}
