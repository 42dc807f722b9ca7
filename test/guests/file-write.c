/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    int fd = open_at(DIR_FD, PATH("out.txt"), O_CREAT | O_TRUNC, 0);
    need(fd > 0, 1);
    for (int i = 0; i < 5; i++)
        put(fd, &"0123456789abcdef"[i], 10);
    need(fd_sync(fd) == 0, 2);
    need(fd_close(fd) == 0, 3);
    SAY("written\n");
}
