/* SPDX-License-Identifier: Apache-2.0 */
/* wasi-libc declares some only to say that it has none. */
#define tmpfile __wasi_tmpfile
#define tmpnam  __wasi_tmpnam
#include_next <stdio.h>
#undef tmpfile
#undef tmpnam
#ifndef CLOUDSKIN_GUEST_STDIO_H
#define CLOUDSKIN_GUEST_STDIO_H

#include <cloudskin-guest.h>

__CLOUDSKIN_BEGIN
#define L_tmpnam 20
#define P_tmpdir "/tmp"
FILE *tmpfile(void);
char *tmpnam(char *buffer);
FILE *popen(const char *command, const char *mode); /* ENOSYS */
int pclose(FILE *stream);
__CLOUDSKIN_END

#endif
