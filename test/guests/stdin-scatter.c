/* SPDX-License-Identifier: Apache-2.0 */
/* walk: stdin abcdefghijklmnopqrstuvwxyz */
#include "guest.h"

void _start(void)
{
    char a[3], b[1], c[6];
    uint32_t n;
    struct iov iovs[] = {{a, 3}, {b, 1}, {a, 0}, {c, 6}};
    for (int i = 0; i < 3; i++) {
        need(fd_read(0, iovs, 4, &n) == 0, 1);
        say_hex("got ", n);
        need(fd_write(1, iovs, 4, &n) == 0 && n == 10, 2);
        SAY("\n");
    }
}
