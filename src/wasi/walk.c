/* SPDX-License-Identifier: Apache-2.0 */
#include "wasi/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wasi/internal.h"

struct walk {
    int dirs[WASI_WALK_DEPTH]; /* [0] is the root, borrowed; the rest are ours */
    unsigned depth;            /* index of the directory we are in */
    unsigned hops;
    char rest[WASI_PATH_MAX + 1]; /* what is still to be walked */
    char name[WASI_NAME_MAX + 1]; /* the component at hand */
    bool last;                    /* nothing but slashes comes after it */
    bool must_be_dir;             /* slashes do come after it */
};

static void leave_all(struct walk *walk)
{
    while (walk->depth > 0)
        (void)close(walk->dirs[walk->depth--]);
}

/* Take the next component off `rest` into `name`; an empty name at the end. */
static int next_component(struct walk *walk)
{
    char *p = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(p, "/");
    if (len > WASI_NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(walk->name, p, len);
    walk->name[len] = '\0';
    p += len;
    walk->must_be_dir = *p == '/';
    walk->last = p[strspn(p, "/")] == '\0';
    memmove(walk->rest, p, strlen(p) + 1);
    return 0;
}

static int enter(struct walk *walk, int fd)
{
    if (walk->depth + 1 >= WASI_WALK_DEPTH) {
        (void)close(fd);
        return -ENAMETOOLONG;
    }
    walk->dirs[++walk->depth] = fd;
    return 0;
}

static int leave(struct walk *walk)
{
    if (walk->depth == 0)
        return -EXDEV;
    (void)close(walk->dirs[walk->depth--]);
    return 0;
}

/* Put the symlink's target (the link is open as `fd`) in front of the rest. */
static int expand(struct walk *walk, int fd)
{
    char target[WASI_PATH_MAX + 1];
    if (++walk->hops > WASI_SYMLINK_HOPS)
        return -ELOOP;
    ssize_t len = readlinkat(fd, "", target, sizeof target);
    if (len < 0)
        return -errno;
    if (len == 0)
        return -ENOENT;
    if (target[0] == '/')
        return -EXDEV;
    size_t rest = strlen(walk->rest);
    if ((size_t)len + rest > WASI_PATH_MAX)
        return -ENAMETOOLONG;
    memmove(walk->rest + len, walk->rest, rest + 1);
    memcpy(walk->rest, target, (size_t)len);
    return 0;
}

/* A component that is neither "." nor "..": enter the directory, or splice the link. */
static int step_into(struct walk *walk)
{
    struct stat st;
    int fd = openat(walk->dirs[walk->depth], walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) != 0) {
        (void)close(fd);
        return -EIO;
    }
    if (S_ISDIR(st.st_mode))
        return enter(walk, fd);
    int rc = S_ISLNK(st.st_mode) ? expand(walk, fd) : -ENOTDIR;
    (void)close(fd);
    return rc;
}

/* When the last component is a symlink: splice it and return 1. Otherwise 0: whatever it
 * is, the final open will say it. */
static int follow_last(struct walk *walk)
{
    struct stat st;
    int rc = 0;
    int fd = openat(walk->dirs[walk->depth], walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
        rc = expand(walk, fd);
        rc = rc == 0 ? 1 : rc;
    }
    (void)close(fd);
    return rc;
}

/* Open the last component, which is a name. A negative errno, or an fd; -EAGAIN when it
 * turned into a symlink between our looking and our opening. */
static int open_last(struct walk *walk, int oflags, mode_t mode, bool follow)
{
    if (walk->must_be_dir && (oflags & O_CREAT) != 0)
        return -EISDIR;
    if (walk->must_be_dir)
        oflags |= O_DIRECTORY;
    int fd = openat(walk->dirs[walk->depth], walk->name, oflags | O_NOFOLLOW, mode);
    if (fd < 0)
        return follow && errno == ELOOP ? -EAGAIN : -errno;
    struct stat st;
    if (follow && (oflags & O_PATH) != 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
        (void)close(fd);
        return -EAGAIN;
    }
    return fd;
}

/* The path ended in ".", ".." or a symlink to one: the directory we stand in. */
static int open_here(struct walk *walk, int oflags, mode_t mode)
{
    if ((oflags & O_CREAT) != 0)
        return (oflags & O_EXCL) != 0 ? -EEXIST : -EISDIR;
    int fd = openat(walk->dirs[walk->depth], ".", oflags, mode);
    return fd < 0 ? -errno : fd;
}

/* The last component, a name. Returns 0 when a symlink was spliced in, 1 with *ret_fd when
 * it is open, or an errno. */
static int step_last(struct walk *walk, int oflags, mode_t mode, int *ret_fd)
{
    bool exclusive = (oflags & O_CREAT) != 0 && (oflags & O_EXCL) != 0;
    bool follow = ((oflags & O_NOFOLLOW) == 0 && !exclusive) || walk->must_be_dir;
    int fd = -EAGAIN;
    for (unsigned i = 0; i < WASI_OPEN_TRIES && fd == -EAGAIN; i++) {
        int rc = follow ? follow_last(walk) : 0;
        if (rc != 0)
            return rc == 1 ? 0 : rc;
        fd = open_last(walk, oflags, mode, follow);
    }
    if (fd < 0)
        return fd;
    *ret_fd = fd;
    return 1;
}

/* One component. Returns 0 to go on, 1 with *ret_fd when the path is open, or an errno. */
static int step(struct walk *walk, int oflags, mode_t mode, int *ret_fd)
{
    int rc = next_component(walk);
    if (rc != 0)
        return rc;
    bool dotdot = strcmp(walk->name, "..") == 0;
    bool dot = dotdot || strcmp(walk->name, ".") == 0 || walk->name[0] == '\0';
    if (dotdot && (rc = leave(walk)) != 0)
        return rc;
    if (!dot)
        return walk->last ? step_last(walk, oflags, mode, ret_fd) : step_into(walk);
    if (!walk->last)
        return 0;
    rc = open_here(walk, oflags, mode);
    if (rc < 0)
        return rc;
    *ret_fd = rc;
    return 1;
}

int wasi_walk_open(int root, const char *path, int oflags, mode_t mode)
{
    struct walk walk = {.dirs = {root}};
    size_t len = strlen(path);
    int fd = -1;
    int rc = 0;
    if (len == 0)
        return -ENOENT;
    if (path[0] == '/')
        return -EXDEV;
    if (len > WASI_PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(walk.rest, path, len + 1);
    while (rc == 0)
        rc = step(&walk, oflags, mode, &fd);
    leave_all(&walk);
    return rc == 1 ? fd : rc;
}
