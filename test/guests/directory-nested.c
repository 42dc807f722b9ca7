/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    need(path_create_directory(DIR_FD, PATH("a")) == 0, 1);
    need(path_create_directory(DIR_FD, PATH("a/b")) == 0, 2);
    int a = open_at(DIR_FD, PATH("a"), O_DIRECTORY, 0);
    int b = open_at(a, PATH("b"), O_DIRECTORY, 0);
    need(a > 0 && b > 0, 3);
    int f = open_at(b, PATH("file"), O_CREAT, 0);
    need(f > 0, 4);
    put(f, "deep\n", 5);
    need(fd_close(a) == 0, 5);
    need(path_remove_directory(DIR_FD, PATH("a/b")) != 0, 6);
    put(f, "deeper\n", 7);
    need(path_unlink_file(b, PATH("file")) == 0, 7);
    put(f, "unlinked\n", 9);
    SAY("nested\n");
}
