/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "wasi/internal.h"

struct wasi_fd *wasi_fd_new(uint8_t kind, const struct wasi_ops *ops, int host)
{
    struct wasi_fd *f = mem_calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->kind = kind;
    f->ops = ops;
    f->host = host;
    f->owns_host = true;
    return f;
}

void wasi_fd_free(struct wasi_fd *f)
{
    if (f == NULL)
        return;
    if (f->owns_host && f->host >= 0)
        (void)close(f->host);
    wasi_dir_cache_free(f->cache);
    mem_free(f->path);
    mem_free(f);
}

int wasi_fd_get(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd)
{
    if (fd >= w->fds_cap || w->fds[fd] == NULL)
        return WASI_EBADF;
    struct wasi_fd *f = w->fds[fd];
    if ((f->rights_base & rights) != rights)
        return WASI_ENOTCAPABLE;
    *ret_fd = f;
    return 0;
}

int wasi_dir_get(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd)
{
    struct wasi_fd *f = NULL;
    int rc = wasi_fd_get(w, fd, 0, &f);
    if (rc != 0)
        return rc;
    if (f->ops != &wasi_dir_ops)
        return WASI_ENOTDIR;
    if ((f->rights_base & rights) != rights)
        return WASI_ENOTCAPABLE;
    *ret_fd = f;
    return 0;
}

/* Numbers below fds_cap exist in the array; new ones start out free. */
static int grow(struct wasi *w, size_t need)
{
    size_t had = w->fds_cap;
    if (need > w->fds_max)
        return WASI_EMFILE;
    if (mem_grow((void **)&w->fds, &w->fds_cap, need, sizeof *w->fds) != 0)
        return WASI_ENOMEM;
    for (size_t i = had; i < w->fds_cap; i++)
        w->fds[i] = NULL;
    return 0;
}

static uint32_t lowest_free(const struct wasi *w)
{
    uint32_t fd = 0;
    while (fd < w->fds_cap && w->fds[fd] != NULL)
        fd++;
    return fd;
}

int wasi_fd_reserve(struct wasi *w)
{
    return grow(w, (size_t)lowest_free(w) + 1);
}

uint32_t wasi_fd_add(struct wasi *w, struct wasi_fd *f)
{
    uint32_t fd = lowest_free(w);
    w->fds[fd] = f;
    return fd;
}

int wasi_fd_put(struct wasi *w, uint32_t fd, struct wasi_fd *f)
{
    int rc = grow(w, (size_t)fd + 1);
    if (rc != 0)
        return rc;
    if (w->fds[fd] != NULL)
        return WASI_EBADF;
    w->fds[fd] = f;
    return 0;
}

static uint8_t socket_type(int host)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(host, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return WASI_TYPE_UNKNOWN;
    return type == SOCK_DGRAM ? WASI_TYPE_DGRAM : WASI_TYPE_STREAM;
}

uint8_t wasi_filetype_of(int host, const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG:
        return WASI_TYPE_REGULAR;
    case S_IFDIR:
        return WASI_TYPE_DIR;
    case S_IFCHR:
        return WASI_TYPE_CHAR;
    case S_IFBLK:
        return WASI_TYPE_BLOCK;
    case S_IFLNK:
        return WASI_TYPE_SYMLINK;
    case S_IFSOCK:
        return host >= 0 ? socket_type(host) : WASI_TYPE_STREAM;
    default:
        return WASI_TYPE_UNKNOWN; /* a pipe: the ABI has no name for it */
    }
}
