/* SPDX-License-Identifier: Apache-2.0 */
#include_next <fcntl.h>
#ifndef CLOUDSKIN_GUEST_FCNTL_H
#define CLOUDSKIN_GUEST_FCNTL_H

#include <cloudskin-guest.h>

/* Record locks. The constants and the struct are the usual ones; see lock.c. */
__CLOUDSKIN_BEGIN
#ifndef F_SETLK
#define F_GETLK  5
#define F_SETLK  6
#define F_SETLKW 7
#define F_RDLCK  0
#define F_WRLCK  1
#define F_UNLCK  2
#endif
int cloudskin_fcntl(int fd, int succeed, int command, ...);
#define fcntl(fd, ...) cloudskin_fcntl(fd, __CLOUDSKIN_LOCKS_SUCCEED, __VA_ARGS__)
__CLOUDSKIN_END

#endif
