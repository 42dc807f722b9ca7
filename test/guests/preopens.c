/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* walk: dir2 */
#include "guest.h"

void _start(void)
{
    uint32_t prestat[2];
    char name[64];
    int fd = 3;
    for (; fd_prestat_get(fd, prestat) == 0; fd++) {
        need(prestat[1] < sizeof name && fd_prestat_dir_name(fd, name, prestat[1]) == 0, 1);
        put(1, name, prestat[1]);
        SAY("\n");
    }
    say_hex("last", (uint32_t)fd);
    int f = open_at(4, PATH("made.txt"), O_CREAT, 0);
    need(f > 0, 2);
    put(f, "in the second\n", 14);
    need(path_rename(4, PATH("made.txt"), 3, PATH("made.txt")) == 0, 3);
    put(f, "now in the first\n", 17);
}
