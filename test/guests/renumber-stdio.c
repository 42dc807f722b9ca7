/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
#include "guest.h"

void _start(void)
{
    int file = open_at(DIR_FD, PATH("out.txt"), O_CREAT, 0);
    need(file > 0, 1);
    SAY("to stdout\n");
    need(fd_renumber(1, file) == 0, 2); /* stdout now has the file's number */
    put(file, "still to stdout\n", 16);
    put(2, "stderr\n", 7);
    int again = open_at(DIR_FD, PATH("out.txt"), 0, 0);
    need(again == 1, 3);
    SAY("to the file\n");
    put(file, "the end\n", 8);
}
