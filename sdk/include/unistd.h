/* SPDX-License-Identifier: Apache-2.0 */
#include_next <unistd.h>
#ifndef CLOUDSKIN_GUEST_UNISTD_H
#define CLOUDSKIN_GUEST_UNISTD_H

#include <cloudskin-guest.h>

/* One user, 1, and no way to become another. */
__CLOUDSKIN_BEGIN
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
pid_t getppid(void);
int chown(const char *path, uid_t user, gid_t group);
int fchown(int fd, uid_t user, gid_t group);
int lchown(const char *path, uid_t user, gid_t group);
int gethostname(char *name, size_t size);
unsigned alarm(unsigned seconds);                 /* nothing is ever delivered: -1 and ENOSYS */
int pipe(int fds[2]);                             /* ENOSYS */
int dup(int fd);                                  /* ENOSYS: a cell's descriptor has one number */
pid_t fork(void);                                 /* ENOSYS */
int execvp(const char *file, char *const args[]); /* ENOSYS */
#ifndef F_LOCK
#define F_ULOCK 0
#define F_LOCK  1
#define F_TLOCK 2
#define F_TEST  3
#endif
int lockf(int fd, int command, off_t size);
__CLOUDSKIN_END

#endif
