/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

void _start(void)
{
    SAY("hello, ");
    SAY("world\n");
    put(2, "to stderr\n", 10);
}
