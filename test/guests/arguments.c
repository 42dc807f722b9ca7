/* SPDX-License-Identifier: Apache-2.0 */
/* walk: args one "two words" 3 */
#include "guest.h"

void _start(void)
{
    char *argv[8];
    char buf[256];
    uint32_t n, bytes;
    need(args_sizes_get(&n, &bytes) == 0 && n == 4 && bytes < sizeof buf, 1);
    need(args_get(argv, buf) == 0, 2);
    uint32_t skip = (uint32_t)(argv[1] - argv[0]);
    say_hex("argc", n);
    say_hex("size", bytes - skip);
    put(1, argv[1], bytes - skip); /* argv[0] is where the module lies */
    need(args_get(argv, buf) == 0 && argv[3][0] == '3', 3);
}
