/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "wasi/internal.h"

/* Files opened by path: mostly regular ones, sometimes a pipe or a device. On the host they
 * never block; where the guest wants to wait, wasi_wait() does. */

static bool may_wait(const struct wasi_fd *f)
{
    return f->filetype != WASI_TYPE_REGULAR && f->filetype != WASI_TYPE_BLOCK;
}

static int file_read(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                     size_t *ret_n)
{
    if (may_wait(f))
        return wasi_stream_read(w, f->host, (f->flags & WASI_FLAG_NONBLOCK) != 0, iov, n, ret_n);
    ssize_t got;
    do
        got = readv(f->host, iov, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return wasi_errno(errno);
    *ret_n = (size_t)got;
    return 0;
}

/* What SYNC and DSYNC ask for is done after each write, because the host cannot switch
 * them on an open file. The bytes are written by then, so an error here is only reported. */
int wasi_sync_after_write(const struct wasi_fd *f)
{
    int rc = 0;
    if ((f->flags & (WASI_FLAG_SYNC | WASI_FLAG_RSYNC)) != 0)
        rc = fsync(f->host);
    else if ((f->flags & WASI_FLAG_DSYNC) != 0)
        rc = fdatasync(f->host);
    return rc == 0 || errno == EINVAL ? 0 : wasi_errno(errno);
}

static int file_write(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                      size_t *ret_n)
{
    if (may_wait(f))
        return wasi_stream_write(w, f->host, (f->flags & WASI_FLAG_NONBLOCK) != 0, iov, n, ret_n);
    ssize_t put;
    do
        put = writev(f->host, iov, n);
    while (put < 0 && errno == EINTR);
    if (put < 0)
        return wasi_errno(errno);
    *ret_n = (size_t)put;
    return wasi_sync_after_write(f);
}

static int file_seek(struct wasi_fd *f, int64_t delta, int whence, uint64_t *ret_position)
{
    off_t at = lseek(f->host, (off_t)delta, whence);
    if (at < 0)
        return wasi_errno(errno);
    *ret_position = (uint64_t)at;
    return 0;
}

static int file_set_flags(struct wasi_fd *f, uint16_t flags)
{
    int append = (flags & WASI_FLAG_APPEND) != 0 ? O_APPEND : 0;
    if (fcntl(f->host, F_SETFL, append | O_NONBLOCK) != 0)
        return wasi_errno(errno);
    f->flags = flags;
    return 0;
}

static uint64_t file_readable(struct wasi_fd *f)
{
    struct stat st;
    off_t at = lseek(f->host, 0, SEEK_CUR);
    if (at < 0 || fstat(f->host, &st) != 0 || st.st_size <= at)
        return 0;
    return (uint64_t)(st.st_size - at);
}

const struct wasi_ops wasi_file_ops = {
    .read = file_read,
    .write = file_write,
    .seek = file_seek,
    .set_flags = file_set_flags,
    .readable = file_readable,
};

/* ---- directories: neither read nor written, only resolved from ------------ */

static int dir_set_flags(struct wasi_fd *f, uint16_t flags)
{
    f->flags = flags;
    return 0;
}

const struct wasi_ops wasi_dir_ops = {
    .set_flags = dir_set_flags,
    .always_ready = true,
};
