/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    int a = open_at(DIR_FD, PATH("a.txt"), O_CREAT, 0);
    int b = open_at(DIR_FD, PATH("b.txt"), O_CREAT, 0);
    need(a > 0 && b > 0, 1);
    put(a, "to a\n", 5);
    need(fd_renumber(a, b) == 0, 2);
    put(b, "also to a\n", 10);
    struct iov iov = {"x", 1};
    uint32_t n;
    need(fd_write(a, &iov, 1, &n) == 8, 3);
    int c = open_at(DIR_FD, PATH("c.txt"), O_CREAT, 0);
    need(c > 0, 4);
    put(c, "to c\n", 5);
    put(b, "again a\n", 8);
    say_hex("fd b", (uint32_t)b);
}
