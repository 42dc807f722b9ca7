/* SPDX-License-Identifier: Apache-2.0 */
#include_next <sys/stat.h>
#ifndef CLOUDSKIN_GUEST_SYS_STAT_H
#define CLOUDSKIN_GUEST_SYS_STAT_H

#include <cloudskin-guest.h>

/* WASI files have no permission bits and no owner: these check that the file is there. */
__CLOUDSKIN_BEGIN
int chmod(const char *path, mode_t mode);
int fchmod(int fd, mode_t mode);
mode_t umask(mode_t mask);
__CLOUDSKIN_END

#endif
