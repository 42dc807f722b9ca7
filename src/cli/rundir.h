/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RUNDIR_H
#define CLI_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where running named cells are found: a directory of the user's own,
 * $XDG_RUNTIME_DIR/cloudskin or /tmp/cloudskin-UID, with one socket NAME.sock per
 * cell. A socket nobody listens on is what a killed process left behind; whoever
 * meets one removes it, under the directory's lock.
 *
 * A connection carries whole messages (SOCK_SEQPACKET) of lines of text; doc comments
 * in control.c say which. Both ends check that the other is the same user.
 */

#define RUNDIR_MESSAGE_MAX 4096u

bool rundir_name_ok(const char *name);

/* Open, and with `create` make, the directory. An fd, or -1 with the message printed,
 * or -1 silently with *ret_absent when it does not exist. */
int rundir_open(bool create, bool *ret_absent, int status);

/* Connect to NAME.sock: an fd, or -1 with errno (ECONNREFUSED: stale). */
int rundir_connect(int dir_fd, const char *name);
/* Listen on NAME.sock, which must not be in use: an fd, or -1 with errno (EEXIST). */
int rundir_claim(int dir_fd, const char *name);
void rundir_release(int dir_fd, const char *name);
/* Remove NAME.sock if nobody listens on it. */
void rundir_reap(int dir_fd, const char *name);

/* One message. Sending may pass an fd (-1: none); receiving may take one. The text is
 * NUL-terminated. Returns the size, 0 at the end of the connection, -1 with errno. */
int rundir_send(int fd, const char *text, int passed_fd);
int rundir_receive(int fd, char text[RUNDIR_MESSAGE_MAX], int *ret_passed_fd);

/* The value of "KEY VALUE\n" in a message, copied; false when there is none. */
bool rundir_field(const char *message, const char *key, char *value, size_t size);

#endif
