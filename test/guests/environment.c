/* SPDX-License-Identifier: Apache-2.0 */
/* walk: env FIRST=1 SECOND=two EMPTY= */
#include "guest.h"

void _start(void)
{
    char *env[8];
    char buf[256];
    uint32_t n, bytes;
    need(environ_sizes_get(&n, &bytes) == 0 && n == 3 && bytes < sizeof buf, 1);
    need(environ_get(env, buf) == 0, 2);
    put(1, buf, bytes);
    need(environ_sizes_get(&n, &bytes) == 0, 3);
    say_hex("envs", n);
}
