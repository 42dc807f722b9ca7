/* SPDX-License-Identifier: Apache-2.0 */
/* walk: dir */
/* walk: stdin ready */
#include "guest.h"

static struct subscription subs[3] = {
    {.userdata = 1, .tag = 1}, {.userdata = 2, .tag = 2}, {.userdata = 3, .tag = 1}};
static struct event events[3];

void _start(void)
{
    uint32_t n;
    int fd = open_at(DIR_FD, PATH("in.txt"), 0, 0);
    need(fd > 0, 1);
    subs[0].u.fd = (uint32_t)fd;
    subs[1].u.fd = 1;
    subs[2].u.fd = 77;
    need(poll_oneoff(subs, events, 3, &n) == 0 && n >= 1, 2);
    say_hex("evts", n);
    say_hex("user", (uint32_t)events[0].userdata);
    need(poll_oneoff(subs, events, 0, &n) != 0, 3); /* nothing to wait for */
}
