/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* Calls that fail, with their codes, at either side of a freeze. */
#include "guest.h"

void _start(void)
{
    uint32_t n;
    struct iov iov = {(void *)0xfffffff0u, 64};
    say_hex("bad1", (uint32_t)fd_close(55));
    say_hex("bad2", (uint32_t)fd_write(1, &iov, 1, &n));
    say_hex("bad3", (uint32_t)open_at(DIR_FD, PATH("../out"), 0, 0));
    say_hex("bad4", (uint32_t)open_at(DIR_FD, PATH("none"), 0, 0));
    say_hex("bad5", (uint32_t)fd_prestat_get(1, &n));
    say_hex("bad6", (uint32_t)path_remove_directory(DIR_FD, PATH("in.txt")));
}
