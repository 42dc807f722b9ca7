/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_SANDBOX_H
#define FUZZ_SANDBOX_H

#include "wasi/wasi.h"

/*
 * Where guests may play:  <tmp>/root     pre-opened, with a few files and links
 *                         <tmp>/outside  beside it, which nobody may reach
 * One for a process; it is removed when the process ends as it should.
 */

/* Whether these bytes hold what only the file outside holds: a guest that has it got out.
 * No constant for the fuzzer to learn. */
bool sandbox_has_secret(const uint8_t *bytes, size_t size);

/* Made at the first call. */
const char *sandbox_root(void);

/* Pre-opens "/" and, read-only, "/ro"; standard streams are /dev/null; few fds. */
struct wasi_config sandbox_config(void);

/* Put the root's content back as it was at first. */
void sandbox_reset(void);

/* The outside is as it was. */
void sandbox_check(void);

#endif
