/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    char buf[11];
    uint32_t n;
    struct iov iov = {buf, sizeof buf};
    int in = open_at(DIR_FD, PATH("in.txt"), 0, 0);
    int out = open_at(DIR_FD, PATH("copy.txt"), O_CREAT | O_EXCL, 0);
    need(in > 0 && out > 0 && in != out, 1);
    while (fd_read(in, &iov, 1, &n) == 0 && n != 0)
        put(out, buf, n);
    SAY("copied\n");
}
