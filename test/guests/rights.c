/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    struct fdstat st;
    struct iov iov = {"x", 1};
    uint32_t n;
    int fd = open_at(DIR_FD, PATH("in.txt"), 0, 0);
    need(fd > 0 && fd_fdstat_get(fd, &st) == 0, 1);
    say_hex("rgts", (uint32_t)st.rights);
    need(fd_fdstat_set_rights(fd, st.rights & ~UINT64_C(0x40), st.inheriting) == 0, 2);
    need(fd_write(fd, &iov, 1, &n) != 0, 3); /* the right to write is gone ... */
    need(fd_fdstat_set_rights(fd, st.rights, st.inheriting) != 0, 4); /* ... for good */
    need(fd_fdstat_get(fd, &st) == 0, 5);
    say_hex("rgts", (uint32_t)st.rights);
    need(fd_write(fd, &iov, 1, &n) != 0, 6);
}
