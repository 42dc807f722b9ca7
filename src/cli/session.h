/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cell/cell.h"
#include "cli/options.h"

/* A cell being run by this process, from `run` or `restore`. */
struct session {
    struct cell *cell;
    const struct cell_options *options;
    const char *path; /* of the module or image, for messages */
    bool with_module; /* images carry the module, unless a request says otherwise */
};

/* Run to the end, a limit or a checkpoint; the process's exit status. */
int session_run(struct session *session);

/* Print a trap with the functions it happened in. */
void session_print_trap(const struct cell *cell, const char *path);

/* Parse the words after the module as the entry function's arguments and name it.
 * 0 or the exit status. */
int session_enter(struct cell *cell, uint32_t func, const char *const *words, size_t nwords,
                  const char *path, int usage_status);
/* Print the results of a call that is done, one a line. */
int session_print_results(const struct cell *cell);

#endif
