/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_FDSTAT_H
#define WASI_FDSTAT_H

#include <time.h>

#include "wasi/internal.h"

/* A filestat in the guest's layout; `host` only tells socket types apart, -1 is allowed. */
void wasi_put_filestat(uint8_t *out, int host, const struct stat *st);
void wasi_put_old_filestat(uint8_t *out, int host, const struct stat *st);

/* atim and mtim as utimensat wants them; WASI_EINVAL for contradicting flags. */
int wasi_times_arg(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec ret_ts[static 2]);

#endif
