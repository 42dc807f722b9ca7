/* SPDX-License-Identifier: Apache-2.0 */
#include_next <signal.h>
#ifndef CLOUDSKIN_GUEST_SIGNAL_H
#define CLOUDSKIN_GUEST_SIGNAL_H

#include <cloudskin-guest.h>
#include <sys/types.h>

__CLOUDSKIN_BEGIN
int kill(pid_t pid, int signal); /* of oneself; nobody else is there (ESRCH) */
__CLOUDSKIN_END

#endif
