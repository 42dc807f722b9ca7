/* SPDX-License-Identifier: Apache-2.0 */
#include_next <stdlib.h>
#ifndef CLOUDSKIN_GUEST_STDLIB_H
#define CLOUDSKIN_GUEST_STDLIB_H

#include <cloudskin-guest.h>

__CLOUDSKIN_BEGIN
int system(const char *command); /* no shell: 0 for NULL, else -1 and ENOSYS */
int mkstemp(char *name);
char *mkdtemp(char *name);
char *realpath(const char *__restrict path, char *__restrict resolved);
__CLOUDSKIN_END

#endif
