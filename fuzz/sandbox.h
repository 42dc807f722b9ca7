/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_SANDBOX_H
#define FUZZ_SANDBOX_H

#include "wasi/wasi.h"

/*
 * Where guests may play:  <tmp>/root     pre-opened, with a few files and links
 *                         <tmp>/outside  beside it, which nobody may reach
 * One for a process; it is removed when the process ends as it should.
 */

/* Only this string is in the file outside: a guest that ever has it in memory got out. */
#define SANDBOX_SECRET "this was never inside"

/* Made at the first call. */
const char *sandbox_root(void);

/* Pre-opens "/" and, read-only, "/ro"; standard streams are /dev/null; few fds. */
struct wasi_config sandbox_config(void);

/* Put the root's content back as it was at first. */
void sandbox_reset(void);

/* The outside is as it was. */
void sandbox_check(void);

#endif
