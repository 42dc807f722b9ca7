/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wasi/internal.h"

/*
 * Reading and writing where the other end may keep us waiting: pipes, terminals, sockets.
 *
 * A transfer that has moved bytes returns them, also when it was interrupted. One that has
 * not moved any can be rolled back: it gives up with WASI_SUSPEND as soon as a request is
 * made, which it notices before it waits and whenever a signal ends its waiting.
 */

int wasi_wait(const struct wasi *w, int host, short events, bool nonblock)
{
    struct pollfd p = {.fd = host, .events = events};
    if (host < 0)
        return WASI_EBADF;
    for (;;) {
        if (wasi_requested(w))
            return WASI_SUSPEND;
        int n = poll(&p, 1, nonblock ? 0 : -1);
        if (n > 0)
            return (p.revents & POLLNVAL) != 0 ? WASI_EBADF : 0;
        if (n == 0)
            return WASI_EAGAIN;
        if (errno != EINTR)
            return wasi_errno(errno);
    }
}

int wasi_stream_read(const struct wasi *w, int host, bool nonblock, const struct iovec *iov, int n,
                     size_t *ret_n)
{
    for (;;) {
        int rc = wasi_wait(w, host, POLLIN, nonblock);
        if (rc != 0)
            return rc;
        ssize_t got = readv(host, iov, n);
        if (got >= 0) {
            *ret_n = (size_t)got;
            return 0;
        }
        if (errno != EINTR && (errno != EAGAIN || nonblock))
            return wasi_errno(errno);
    }
}

/* A pipe that is ready takes this much without waiting. */
static int cut_to_pipe_buf(const struct iovec *iov, int n, struct iovec *ret_iov)
{
    for (int i = 0; i < n; i++)
        if (iov[i].iov_len != 0) {
            *ret_iov = iov[i];
            if (ret_iov->iov_len > PIPE_BUF)
                ret_iov->iov_len = PIPE_BUF;
            return 1;
        }
    return 0;
}

int wasi_stream_write(const struct wasi *w, int host, bool nonblock, const struct iovec *iov, int n,
                      size_t *ret_n)
{
    struct iovec head;
    if (nonblock) { /* the host fd is shared with other processes and stays blocking */
        n = cut_to_pipe_buf(iov, n, &head);
        iov = &head;
    }
    for (;;) {
        if (wasi_requested(w))
            return WASI_SUSPEND;
        int rc = nonblock ? wasi_wait(w, host, POLLOUT, true) : 0;
        if (rc != 0)
            return rc;
        ssize_t put = writev(host, iov, n);
        if (put >= 0) {
            *ret_n = (size_t)put;
            return 0;
        }
        if (errno == EAGAIN && !nonblock)
            rc = wasi_wait(w, host, POLLOUT, false);
        else if (errno != EINTR)
            rc = wasi_errno(errno);
        if (rc != 0)
            return rc;
    }
}

static uint64_t bytes_waiting(struct wasi_fd *f)
{
    int n = 0;
    return ioctl(f->host, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

/* ---- the process's own three ---------------------------------------------- */

static int stdio_read(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                      size_t *ret_n)
{
    bool nonblock = (f->flags & WASI_FLAG_NONBLOCK) != 0;
    int rc = wasi_stream_read(w, f->host, nonblock, iov, n, ret_n);
    if (rc == 0)
        f->count += *ret_n;
    return rc;
}

static int stdio_write(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                       size_t *ret_n)
{
    bool nonblock = (f->flags & WASI_FLAG_NONBLOCK) != 0;
    int rc = wasi_stream_write(w, f->host, nonblock, iov, n, ret_n);
    if (rc == 0)
        f->count += *ret_n;
    return rc;
}

static int stdio_seek(struct wasi_fd *f, int64_t delta, int whence, uint64_t *ret_position)
{
    off_t at = lseek(f->host, (off_t)delta, whence);
    if (at < 0)
        return wasi_errno(errno);
    *ret_position = (uint64_t)at;
    return 0;
}

/* Kept by us alone: the open file is the shell's as much as ours. */
static int stdio_set_flags(struct wasi_fd *f, uint16_t flags)
{
    f->flags = flags;
    return 0;
}

const struct wasi_ops wasi_stdio_ops = {
    .read = stdio_read,
    .write = stdio_write,
    .seek = stdio_seek,
    .set_flags = stdio_set_flags,
    .readable = bytes_waiting,
};
