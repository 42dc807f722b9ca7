/* SPDX-License-Identifier: Apache-2.0 */
#include_next <sys/file.h>
#ifndef CLOUDSKIN_GUEST_SYS_FILE_H
#define CLOUDSKIN_GUEST_SYS_FILE_H

#include <cloudskin-guest.h>

__CLOUDSKIN_BEGIN
int cloudskin_lock(int fd, int succeed);
#define flock(fd, operation) ((void)(operation), cloudskin_lock(fd, __CLOUDSKIN_LOCKS_SUCCEED))
__CLOUDSKIN_END

#endif
