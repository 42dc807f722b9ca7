/* SPDX-License-Identifier: Apache-2.0 */
/* walk: stdin The first line\nThe second line\nThe end */
#include "guest.h"

void _start(void)
{
    char buf[7];
    uint32_t n, total = 0;
    struct iov iov = {buf, sizeof buf};
    while (fd_read(0, &iov, 1, &n) == 0 && n != 0) {
        put(1, buf, n);
        total += n;
    }
    SAY("\n");
    say_hex("read", total);
}
