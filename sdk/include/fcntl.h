/* SPDX-License-Identifier: Apache-2.0 */
#include_next <fcntl.h>
#ifndef CLOUDSKIN_GUEST_FCNTL_H
#define CLOUDSKIN_GUEST_FCNTL_H

#include <cloudskin-guest.h>

/* Record locks: see cloudskin-cc --assume-single-process. */
#ifndef F_SETLK
#define F_GETLK  5
#define F_SETLK  6
#define F_SETLKW 7
#define F_RDLCK  0
#define F_WRLCK  1
#define F_UNLCK  2
#endif

#endif
