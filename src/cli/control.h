/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "cell/cell.h"

/*
 * What makes a running cell reachable by its name: a thread that answers on the
 * cell's socket while the thread that runs the cell runs it.
 *
 * A checkpoint goes: the control thread asks (request word, and a signal again and
 * again so that a blocking system call ends); the running thread stops at a
 * safepoint, sees control_pending() and writes the image in control_serve(); the
 * client puts the file in place and says so; only then does the cell end. Whatever
 * breaks before that point lets the cell run on, so there is always exactly one.
 */
struct control;

struct control_request {
    int image_fd; /* where the image goes */
    bool leave_running;
    bool with_files;
    bool has_with_module;
    bool with_module;
};

/* Claim `name` and start answering. Called by the thread that will run the cell.
 * 0 or the exit status, the message printed. */
int control_start(struct cell *cell, const char *name, const char *module_path,
                  struct control **ret_control);

bool control_pending(struct control *control);

/* Writes the image for a request: 0 and its size, or an error. */
typedef int control_write_fn(void *user, const struct control_request *request, uint64_t *ret_bytes,
                             struct csk_error *err);

/* Serve a pending request; true when the cell is to end here. */
bool control_serve(struct control *control, control_write_fn *write, void *user);

/* The cell has ended: give the name back and end the thread. NULL is allowed. */
void control_stop(struct control *control);

#endif
