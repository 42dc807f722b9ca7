/* SPDX-License-Identifier: Apache-2.0 */
/* walk: stdin ignored */
#include "guest.h"

void _start(void)
{
    char c;
    uint32_t n;
    struct iov iov = {&c, 1};
    need(fd_close(0) == 0, 1);
    SAY("closed stdin\n");
    need(fd_read(0, &iov, 1, &n) == 8, 2);
    need(fd_close(2) == 0, 3);
    need(fd_write(2, &iov, 1, &n) == 8, 4);
    SAY("closed stderr\n");
    need(fd_close(1) == 0, 5);
    proc_exit(fd_write(1, &iov, 1, &n) == 8 ? 0 : 6);
}
