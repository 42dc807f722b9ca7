/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"

#define NAME_MAX_BYTES   63u
#define PATH_BYTES       4096u
#define CONTROL_BACKLOG  16
#define TRANSFER_LIMIT_S 10 /* no peer may keep us waiting longer for one message */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool rundir_name_ok(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_MAX_BYTES || !is_alnum(name[0]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_alnum(name[i]) && strchr("._-", name[i]) == NULL)
            return false;
    }
    return true;
}

static void rundir_path(char *path, size_t size)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    if (base != NULL && base[0] == '/')
        (void)snprintf(path, size, "%s/cloudskin", base);
    else
        (void)snprintf(path, size, "/tmp/cloudskin-%lu", (unsigned long)geteuid());
}

int rundir_open(bool create, bool *ret_absent, int status)
{
    char path[PATH_BYTES];
    struct stat st;
    *ret_absent = false;
    rundir_path(path, sizeof path);
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST) {
        (void)cli_fail_errno(status, "cannot make the runtime directory", path);
        return -1;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        *ret_absent = true;
        return -1;
    }
    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)cli_fail_errno(status, "cannot open the runtime directory", path);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    if (st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        (void)cli_fail(status,
                       "unsafe runtime directory: %s: must be owned by this user, with mode 0700",
                       path);
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* A socket address holds about 100 bytes of path; through /proc any directory fits. */
static void socket_address(int dir_fd, const char *name, struct sockaddr_un *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    ret_address->sun_family = AF_UNIX;
    (void)snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/%s.sock",
                   dir_fd, name);
}

static bool same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void limit_waits(int fd)
{
    struct timeval limit = {.tv_sec = TRANSFER_LIMIT_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

int rundir_connect(int dir_fd, const char *name)
{
    struct sockaddr_un address;
    socket_address(dir_fd, name, &address);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    limit_waits(fd);
    int rc = connect(fd, (struct sockaddr *)&address, sizeof address);
    if (rc == 0 && !same_user(fd)) {
        errno = EPERM;
        rc = -1;
    }
    if (rc != 0) {
        int saved = errno;
        (void)close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static void socket_name(const char *name, char file[NAME_MAX_BYTES + 8])
{
    (void)snprintf(file, NAME_MAX_BYTES + 8, "%s.sock", name);
}

/* With the lock held: is somebody there? Removes what nobody listens on. */
static bool in_use(int dir_fd, const char *name)
{
    char file[NAME_MAX_BYTES + 8];
    int fd = rundir_connect(dir_fd, name);
    if (fd >= 0) {
        (void)close(fd);
        return true;
    }
    if (errno == ECONNREFUSED) {
        socket_name(name, file);
        (void)unlinkat(dir_fd, file, 0);
        return false;
    }
    return errno != ENOENT;
}

static int listen_on(int dir_fd, const char *name)
{
    struct sockaddr_un address;
    socket_address(dir_fd, name, &address);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, CONTROL_BACKLOG) == 0)
        return fd;
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return -1;
}

int rundir_claim(int dir_fd, const char *name)
{
    int fd = -1;
    if (flock(dir_fd, LOCK_EX) != 0)
        return -1;
    if (in_use(dir_fd, name))
        errno = EEXIST;
    else
        fd = listen_on(dir_fd, name);
    int saved = errno;
    (void)flock(dir_fd, LOCK_UN);
    errno = saved;
    return fd;
}

void rundir_release(int dir_fd, const char *name)
{
    char file[NAME_MAX_BYTES + 8];
    socket_name(name, file);
    (void)unlinkat(dir_fd, file, 0);
}

void rundir_reap(int dir_fd, const char *name)
{
    if (flock(dir_fd, LOCK_EX) != 0)
        return;
    (void)in_use(dir_fd, name);
    (void)flock(dir_fd, LOCK_UN);
}

/* ---- messages -------------------------------------------------------------------- */

union ancillary {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

int rundir_send(int fd, const char *text, int passed_fd)
{
    union ancillary control = {0};
    struct iovec iov = {.iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    if (passed_fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof passed_fd);
        memcpy(CMSG_DATA(c), &passed_fd, sizeof passed_fd);
    }
    ssize_t n;
    do {
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return (int)n;
}

int rundir_receive(int fd, char text[RUNDIR_MESSAGE_MAX], int *ret_passed_fd)
{
    union ancillary control = {0};
    struct iovec iov = {.iov_base = text, .iov_len = RUNDIR_MESSAGE_MAX - 1};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int passed = -1;
    ssize_t n;
    do {
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    text[n] = '\0';
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof passed))
        memcpy(&passed, CMSG_DATA(c), sizeof passed);
    if (ret_passed_fd != NULL)
        *ret_passed_fd = passed;
    else if (passed >= 0)
        (void)close(passed);
    return (int)n;
}

bool rundir_field(const char *message, const char *key, char *value, size_t size)
{
    size_t key_len = strlen(key);
    for (const char *line = message; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        if (len > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == ' ') {
            (void)snprintf(value, size, "%.*s", (int)(len - key_len - 1), line + key_len + 1);
            return true;
        }
        line += len + (line[len] == '\n');
    }
    return false;
}
