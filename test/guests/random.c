/* SPDX-License-Identifier: Apache-2.0 */
/* walk: volatile the guest's memory holds random bytes */
#include "guest.h"

void _start(void)
{
    uint64_t a[4] = {0}, b[4] = {0};
    need(random_get(a, sizeof a) == 0, 1);
    need(random_get(b, sizeof b) == 0, 2);
    need((a[0] | a[1] | a[2] | a[3]) != 0, 3);
    need(a[0] != b[0] || a[1] != b[1], 4);
    need(random_get(b, 0) == 0, 5);
    SAY("random enough\n");
}
