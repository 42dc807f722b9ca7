/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* walk: volatile the guest's memory holds inode numbers */
#include "guest.h"

/* A small buffer, so that the directory takes several calls and cookies matter. */
void _start(void)
{
    uint8_t buf[64];
    uint32_t used, seen = 0;
    uint64_t cookie = 0;
    int fd = open_at(DIR_FD, PATH("sub"), O_DIRECTORY, 0);
    need(fd > 0, 1);
    do {
        need(fd_readdir(fd, buf, sizeof buf, cookie, &used) == 0, 2);
        uint32_t name_len;
        if (used < 24)
            break;
        __builtin_memcpy(&name_len, buf + 16, 4);
        if (used < 24 + name_len)
            break;
        __builtin_memcpy(&cookie, buf, 8);
        seen++;
    } while (used == sizeof buf);
    say_hex("seen", seen);
    SAY("read\n");
}
