/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "wasi/fdstat.h"
#include "wasi/internal.h"

/* The path_* calls but path_open. */

int wasi_path_arg(const struct wasm_host_call *call, uint32_t at, uint32_t len, char *path)
{
    const uint8_t *bytes = wasi_guest(call, at, len);
    if (bytes == NULL)
        return WASI_EFAULT;
    if (len > WASI_PATH_MAX)
        return WASI_ENAMETOOLONG;
    if (memchr(bytes, '\0', len) != NULL)
        return WASI_EINVAL;
    if (len != 0)
        memcpy(path, bytes, len);
    path[len] = '\0';
    return 0;
}

/* A directory fd in argument `fd`, with a path in the two arguments from `at` on, resolved
 * to its parent. Close it when 0 was returned. */
static int parent_arg(struct wasi *w, struct wasm_host_call *call, unsigned fd, unsigned at,
                      uint64_t right, struct wasi_parent *ret_parent)
{
    char path[WASI_PATH_MAX + 1];
    struct wasi_fd *dir = NULL;
    int rc = wasi_dir_get(w, wasi_arg32(call, fd), right, &dir);
    if (rc == 0)
        rc = wasi_path_arg(call, wasi_arg32(call, at), wasi_arg32(call, at + 1), path);
    if (rc == 0)
        rc = wasi_parent_open(w, dir->host, path, ret_parent);
    return rc;
}

static int finish(struct wasi_parent *parent, int host_rc)
{
    int rc = host_rc == 0 ? 0 : wasi_errno(errno);
    wasi_parent_close(parent);
    return rc;
}

int wasi_path_create_directory(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent parent;
    int rc = parent_arg(w, call, 0, 1, WASI_R_PATH_CREATE_DIRECTORY, &parent);
    if (rc != 0)
        return rc;
    return finish(&parent, mkdirat(parent.dir, parent.name, 0777));
}

int wasi_path_remove_directory(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent parent;
    int rc = parent_arg(w, call, 0, 1, WASI_R_PATH_REMOVE_DIRECTORY, &parent);
    if (rc != 0)
        return rc;
    return finish(&parent, unlinkat(parent.dir, parent.name, AT_REMOVEDIR));
}

int wasi_path_unlink_file(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent parent;
    int rc = parent_arg(w, call, 0, 1, WASI_R_PATH_UNLINK_FILE, &parent);
    if (rc != 0)
        return rc;
    return finish(&parent, unlinkat(parent.dir, parent.name, 0));
}

int wasi_path_rename(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent from;
    struct wasi_parent to;
    int rc = parent_arg(w, call, 0, 1, WASI_R_PATH_RENAME_SOURCE, &from);
    if (rc != 0)
        return rc;
    rc = parent_arg(w, call, 3, 4, WASI_R_PATH_RENAME_TARGET, &to);
    if (rc == 0)
        rc = finish(&to, renameat(from.dir, from.name, to.dir, to.name));
    wasi_parent_close(&from);
    return rc;
}

static bool ends_in_slash(const char *name)
{
    size_t len = strlen(name);
    return len != 0 && name[len - 1] == '/';
}

/* A trailing slash makes the host follow a last symlink, wherever it leads. Resolve such a
 * path beneath instead: it can only be a directory, and those get no second name. */
static int link_source_slash(const struct wasi *w, const struct wasi_parent *from)
{
    int fd = -1;
    int rc = wasi_open_beneath(w, from->dir, from->name, O_PATH | O_DIRECTORY, 0, &fd);
    if (rc != 0)
        return rc;
    (void)close(fd);
    return WASI_EPERM;
}

int wasi_path_link(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent from;
    struct wasi_parent to;
    if (wasi_arg32(call, 1) != 0)
        return WASI_EINVAL; /* a link to what a symlink points to is not offered */
    int rc = parent_arg(w, call, 0, 2, WASI_R_PATH_LINK_SOURCE, &from);
    if (rc != 0)
        return rc;
    rc = parent_arg(w, call, 4, 5, WASI_R_PATH_LINK_TARGET, &to);
    if (rc == 0 && ends_in_slash(from.name)) {
        rc = link_source_slash(w, &from);
        wasi_parent_close(&to);
    } else if (rc == 0) {
        rc = finish(&to, linkat(from.dir, from.name, to.dir, to.name, 0));
    }
    wasi_parent_close(&from);
    return rc;
}

/* The target is text, checked when it is followed; but one that can never be followed is
 * refused here, where the mistake is made. */
int wasi_path_symlink(struct wasi *w, struct wasm_host_call *call)
{
    char target[WASI_PATH_MAX + 1];
    struct wasi_parent parent;
    int rc = wasi_path_arg(call, wasi_arg32(call, 0), wasi_arg32(call, 1), target);
    if (rc == 0 && target[0] == '/')
        rc = WASI_ENOTCAPABLE;
    if (rc == 0)
        rc = parent_arg(w, call, 2, 3, WASI_R_PATH_SYMLINK, &parent);
    if (rc != 0)
        return rc;
    return finish(&parent, symlinkat(target, parent.dir, parent.name));
}

static int read_link(const struct wasi *w, const struct wasi_parent *parent, uint8_t *buf,
                     size_t size, size_t *ret_used)
{
    char target[WASI_PATH_MAX + 1];
    int fd = -1;
    if (ends_in_slash(parent->name)) { /* see link_source_slash */
        int rc = wasi_open_beneath(w, parent->dir, parent->name, O_PATH | O_DIRECTORY, 0, &fd);
        if (rc != 0)
            return rc;
        (void)close(fd);
        return WASI_EINVAL;
    }
    ssize_t len = readlinkat(parent->dir, parent->name, target, sizeof target);
    if (len < 0)
        return wasi_errno(errno);
    *ret_used = (size_t)len < size ? (size_t)len : size;
    if (*ret_used != 0)
        memcpy(buf, target, *ret_used);
    return 0;
}

int wasi_path_readlink(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_parent parent;
    size_t used = 0;
    uint32_t size = wasi_arg32(call, 4);
    uint8_t *buf = wasi_guest(call, wasi_arg32(call, 3), size);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 5), 4);
    if (buf == NULL || out == NULL)
        return WASI_EFAULT;
    int rc = parent_arg(w, call, 0, 1, WASI_R_PATH_READLINK, &parent);
    if (rc != 0)
        return rc;
    rc = read_link(w, &parent, buf, size, &used);
    wasi_parent_close(&parent);
    if (rc == 0)
        put_le32(out, (uint32_t)used);
    return rc;
}

/* The file itself, for looking at: arguments are fd, lookup flags, path, its length. */
static int open_arg(struct wasi *w, struct wasm_host_call *call, uint64_t right, int *ret_host)
{
    char path[WASI_PATH_MAX + 1];
    struct wasi_fd *dir = NULL;
    uint32_t lookup = wasi_arg32(call, 1);
    int rc = wasi_dir_get(w, wasi_arg32(call, 0), right, &dir);
    if (rc == 0 && (lookup & ~WASI_LOOKUP_FOLLOW) != 0)
        rc = WASI_EINVAL;
    if (rc == 0)
        rc = wasi_path_arg(call, wasi_arg32(call, 2), wasi_arg32(call, 3), path);
    if (rc == 0)
        rc = wasi_open_beneath(w, dir->host, path, O_PATH | (lookup != 0 ? 0 : O_NOFOLLOW), 0,
                               ret_host);
    return rc;
}

static int filestat_get(struct wasi *w, struct wasm_host_call *call, uint32_t size,
                        void (*put)(uint8_t *, int, const struct stat *))
{
    struct stat st;
    int host = -1;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 4), size);
    if (out == NULL)
        return WASI_EFAULT;
    int rc = open_arg(w, call, WASI_R_PATH_FILESTAT_GET, &host);
    if (rc != 0)
        return rc;
    if (fstat(host, &st) != 0)
        rc = wasi_errno(errno);
    else
        put(out, -1, &st);
    (void)close(host);
    return rc;
}

int wasi_path_filestat_get(struct wasi *w, struct wasm_host_call *call)
{
    return filestat_get(w, call, WASI_FILESTAT_SIZE, wasi_put_filestat);
}

int wasi_old_path_filestat_get(struct wasi *w, struct wasm_host_call *call)
{
    return filestat_get(w, call, WASI_OLD_FILESTAT_SIZE, wasi_put_old_filestat);
}

/* By the fd where the system can, else by its name in /proc, which leads to the very file. */
static int set_times(int host, const struct timespec ts[static 2])
{
    char proc[32];
    if (utimensat(host, "", ts, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOENT && errno != ENOSYS)
        return wasi_errno(errno);
    (void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", host);
    return utimensat(AT_FDCWD, proc, ts, 0) == 0 ? 0 : wasi_errno(errno);
}

int wasi_path_filestat_set_times(struct wasi *w, struct wasm_host_call *call)
{
    struct timespec ts[2];
    int host = -1;
    int rc = wasi_times_arg(wasi_arg64(call, 4), wasi_arg64(call, 5), wasi_arg32(call, 6), ts);
    if (rc == 0)
        rc = open_arg(w, call, WASI_R_PATH_FILESTAT_SET_TIMES, &host);
    if (rc != 0)
        return rc;
    rc = set_times(host, ts);
    (void)close(host);
    return rc;
}
