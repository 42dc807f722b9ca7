/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "wasi/internal.h"
#include "wasi/walk.h"

/*
 * Confinement. Every path of a guest is resolved by wasi_open_beneath, or has its parent
 * resolved by it and its last component given to a system call that does not follow
 * symlinks. So a path cannot lead out of its directory, whatever symlinks, "..", absolute
 * names and renames in other processes do.
 */

static int system_openat2(int root, const char *path, int oflags, mode_t mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)oflags,
        .mode = (oflags & O_CREAT) != 0 ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    if ((oflags & O_PATH) == 0)
        how.flags |= (uint64_t)(unsigned)O_LARGEFILE;
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

bool wasi_have_openat2(void)
{
    int fd = system_openat2(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

/* The kernel says EAGAIN when a rename crossed its way and it cannot be sure. */
static int openat2_retrying(int root, const char *path, int oflags, mode_t mode)
{
    for (unsigned i = 0; i < WASI_OPEN_TRIES; i++) {
        int fd = system_openat2(root, path, oflags, mode);
        if (fd >= 0)
            return fd;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
    }
    return -EAGAIN;
}

int wasi_open_beneath(const struct wasi *w, int root, const char *path, int oflags, mode_t mode,
                      int *ret_host)
{
    int fd;
    oflags |= O_CLOEXEC;
    if (path[0] == '/')
        return WASI_ENOTCAPABLE;
    if (path[0] == '\0')
        return WASI_ENOENT;
    fd = w->walk_only ? -EAGAIN : openat2_retrying(root, path, oflags, mode);
    if (fd == -EAGAIN) /* not there, or not sure: our walk holds on to where it has been */
        fd = wasi_walk_open(root, path, oflags, mode);
    if (fd == -EXDEV)
        return WASI_ENOTCAPABLE;
    if (fd < 0)
        return wasi_errno(-fd);
    *ret_host = fd;
    return 0;
}

/* Where the last component starts; trailing slashes belong to it. */
static size_t last_component(const char *path)
{
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    return end;
}

static bool is_dotdot(const char *name)
{
    return name[0] == '.' && name[1] == '.' && (name[2] == '\0' || name[2] == '/');
}

/* "..", as a last component, is not followed by any call that changes something, but it
 * must not even tell whether the guest stands at its root. */
static int check_dotdot(const struct wasi *w, int root, const char *path)
{
    int fd = -1;
    int rc = wasi_open_beneath(w, root, path, O_PATH | O_DIRECTORY, 0, &fd);
    if (rc == 0)
        (void)close(fd);
    return rc;
}

int wasi_parent_open(const struct wasi *w, int root, const char *path,
                     struct wasi_parent *ret_parent)
{
    char dir[WASI_PATH_MAX + 1];
    int fd = root;
    int rc = 0;
    size_t split = last_component(path);
    if (path[0] == '/')
        return WASI_ENOTCAPABLE;
    if (path[0] == '\0')
        return WASI_ENOENT;
    if (is_dotdot(path + split))
        rc = check_dotdot(w, root, path);
    if (rc == 0 && split != 0) {
        memcpy(dir, path, split);
        dir[split] = '\0';
        rc = wasi_open_beneath(w, root, dir, O_PATH | O_DIRECTORY, 0, &fd);
    }
    if (rc != 0)
        return rc;
    ret_parent->dir = fd;
    ret_parent->owned = split != 0;
    memcpy(ret_parent->name, path + split, strlen(path + split) + 1);
    return 0;
}

void wasi_parent_close(struct wasi_parent *parent)
{
    if (parent->owned)
        (void)close(parent->dir);
    parent->owned = false;
}

/* Append the components of `path` that are neither empty nor ".". */
static size_t append_tidied(char *to, size_t used, const char *path)
{
    while (*path != '\0') {
        size_t len = strcspn(path, "/");
        if (len != 0 && !(len == 1 && path[0] == '.')) {
            if (used != 0)
                to[used++] = '/';
            memcpy(to + used, path, len);
            used += len;
        }
        path += len;
        path += *path == '/' ? 1 : 0;
    }
    return used;
}

char *wasi_path_join(const char *dir_path, const char *path)
{
    size_t size = strlen(dir_path) + strlen(path) + 3;
    char *joined = mem_alloc(size);
    if (joined == NULL)
        return NULL;
    size_t used = append_tidied(joined, 0, dir_path);
    used = append_tidied(joined, used, path);
    if (used == 0)
        joined[used++] = '.';
    joined[used] = '\0';
    if (used <= WASI_PATH_MAX)
        return joined;
    mem_free(joined);
    return NULL;
}
