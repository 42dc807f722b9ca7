/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bits.h"
#include "wasi/internal.h"

/*
 * Sockets: listeners that were handed to the cell, and the connections it accepted.
 *
 * A connection does not survive a move. After a thaw its fd is still there, with no host fd
 * behind it: it reads as end of file, and writing fails with ECONNRESET, which is what a
 * program must expect of any connection.
 */

static bool is_nonblocking(const struct wasi_fd *f)
{
    return (f->flags & WASI_FLAG_NONBLOCK) != 0;
}

static int receive(struct wasi *w, struct wasi_fd *f, struct iovec *iov, int n, int flags,
                   size_t *ret_n, bool *ret_truncated)
{
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    if (f->host < 0) {
        *ret_n = 0;
        return 0;
    }
    if ((flags & MSG_WAITALL) == 0 || is_nonblocking(f))
        flags = (flags & ~MSG_WAITALL) | MSG_DONTWAIT;
    for (;;) {
        int rc = wasi_wait(w, f->host, POLLIN, is_nonblocking(f));
        if (rc != 0)
            return rc;
        ssize_t got = recvmsg(f->host, &msg, flags);
        if (got >= 0) {
            *ret_n = (size_t)got;
            *ret_truncated = (msg.msg_flags & MSG_TRUNC) != 0;
            return 0;
        }
        if (errno != EINTR && (errno != EAGAIN || is_nonblocking(f)))
            return wasi_errno(errno);
    }
}

static int send_all(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                    size_t *ret_n)
{
    struct msghdr msg = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n};
    int flags = MSG_NOSIGNAL | (is_nonblocking(f) ? MSG_DONTWAIT : 0);
    if (f->host < 0)
        return WASI_ECONNRESET;
    for (;;) {
        if (wasi_requested(w))
            return WASI_SUSPEND;
        ssize_t put = sendmsg(f->host, &msg, flags);
        if (put >= 0) {
            *ret_n = (size_t)put;
            return 0;
        }
        if (errno != EINTR)
            return wasi_errno(errno);
    }
}

static int socket_read(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n,
                       size_t *ret_n)
{
    bool truncated;
    return receive(w, f, (struct iovec *)iov, n, 0, ret_n, &truncated);
}

static int socket_set_flags(struct wasi_fd *f, uint16_t flags)
{
    f->flags = flags;
    return 0;
}

static uint64_t socket_readable(struct wasi_fd *f)
{
    int n = 0;
    return f->host >= 0 && ioctl(f->host, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

const struct wasi_ops wasi_socket_ops = {
    .read = socket_read,
    .write = send_all,
    .set_flags = socket_set_flags,
    .readable = socket_readable,
    .is_socket = true,
};

const struct wasi_ops wasi_listener_ops = {
    .set_flags = socket_set_flags,
    .is_socket = true,
};

/* ENOTSOCK is said before anything about rights. */
static int socket_get(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd)
{
    struct wasi_fd *f = NULL;
    int rc = wasi_fd_get(w, fd, 0, &f);
    if (rc != 0)
        return rc;
    if (!f->ops->is_socket)
        return WASI_ENOTSOCK;
    return wasi_fd_get(w, fd, rights, ret_fd);
}

static int accept_host(const struct wasi *w, const struct wasi_fd *listener, int *ret_host)
{
    for (;;) {
        int rc = wasi_wait(w, listener->host, POLLIN, is_nonblocking(listener));
        if (rc != 0)
            return rc;
        int host = accept4(listener->host, NULL, NULL, SOCK_CLOEXEC);
        if (host >= 0) {
            *ret_host = host;
            return 0;
        }
        bool gone = errno == ECONNABORTED || errno == EINTR; /* it hung up first */
        if (!gone && (errno != EAGAIN || is_nonblocking(listener)))
            return wasi_errno(errno);
    }
}

/* The fd of the connection is made first: once accepted it must not be lost. */
int wasi_sock_accept(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *listener = NULL;
    uint32_t flags = wasi_arg32(call, 1);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 2), 4);
    int rc = socket_get(w, wasi_arg32(call, 0), WASI_R_SOCK_ACCEPT, &listener);
    if (rc != 0)
        return rc;
    if (listener->kind != WASI_FD_LISTENER || (flags & ~(uint32_t)WASI_FLAG_NONBLOCK) != 0)
        return WASI_EINVAL;
    if (out == NULL)
        return WASI_EFAULT;
    rc = wasi_fd_reserve(w);
    if (rc != 0)
        return rc;
    struct wasi_fd *f = wasi_fd_new(WASI_FD_SOCKET, &wasi_socket_ops, -1);
    if (f == NULL)
        return WASI_ENOMEM;
    wasi_rights_max(f->kind, WASI_TYPE_STREAM, false, &f->rights_base, &f->rights_inheriting);
    f->rights_base &= listener->rights_inheriting;
    f->filetype = WASI_TYPE_STREAM;
    f->flags = (uint16_t)flags;
    rc = accept_host(w, listener, &f->host);
    if (rc == 0)
        put_le32(out, wasi_fd_add(w, f));
    else
        wasi_fd_free(f);
    return rc;
}

int wasi_sock_recv(struct wasi *w, struct wasm_host_call *call)
{
    struct iovec iov[WASI_IOVS_MAX];
    struct wasi_fd *f = NULL;
    bool truncated = false;
    size_t got = 0;
    int n = 0;
    uint32_t flags = wasi_arg32(call, 3);
    uint8_t *out_n = wasi_guest(call, wasi_arg32(call, 4), 4);
    uint8_t *out_flags = wasi_guest(call, wasi_arg32(call, 5), 2);
    int rc = socket_get(w, wasi_arg32(call, 0), WASI_R_FD_READ, &f);
    if (rc == 0 && (flags & ~(WASI_RECV_PEEK | WASI_RECV_WAITALL)) != 0)
        rc = WASI_EINVAL;
    if (rc == 0 && f->kind != WASI_FD_SOCKET)
        rc = WASI_ENOTCONN;
    if (rc == 0)
        rc = out_n == NULL || out_flags == NULL
                 ? WASI_EFAULT
                 : wasi_iovs(call, wasi_arg32(call, 1), wasi_arg32(call, 2), iov, &n);
    if (rc != 0)
        return rc;
    int host_flags = ((flags & WASI_RECV_PEEK) != 0 ? MSG_PEEK : 0) |
                     ((flags & WASI_RECV_WAITALL) != 0 ? MSG_WAITALL : 0);
    if (n != 0)
        rc = receive(w, f, iov, n, host_flags, &got, &truncated);
    if (rc != 0)
        return rc;
    put_le32(out_n, (uint32_t)got);
    put_le16(out_flags, truncated ? WASI_RECV_TRUNCATED : 0);
    return 0;
}

int wasi_sock_send(struct wasi *w, struct wasm_host_call *call)
{
    struct iovec iov[WASI_IOVS_MAX];
    struct wasi_fd *f = NULL;
    size_t put = 0;
    int n = 0;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 4), 4);
    int rc = socket_get(w, wasi_arg32(call, 0), WASI_R_FD_WRITE, &f);
    if (rc == 0 && wasi_arg32(call, 3) != 0)
        rc = WASI_EINVAL; /* no flags are defined */
    if (rc == 0)
        rc = out == NULL ? WASI_EFAULT
                         : wasi_iovs(call, wasi_arg32(call, 1), wasi_arg32(call, 2), iov, &n);
    if (rc == 0)
        rc = send_all(w, f, iov, n, &put);
    if (rc == 0)
        put_le32(out, (uint32_t)put);
    return rc;
}

int wasi_sock_shutdown(struct wasi *w, struct wasm_host_call *call)
{
    static const int hows[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
    struct wasi_fd *f = NULL;
    uint32_t how = wasi_arg32(call, 1);
    int rc = socket_get(w, wasi_arg32(call, 0), 0, &f);
    if (rc == 0 && f->kind != WASI_FD_SOCKET)
        rc = WASI_ENOTCONN;
    if (rc == 0)
        rc = wasi_fd_get(w, wasi_arg32(call, 0), WASI_R_SOCK_SHUTDOWN, &f);
    if (rc == 0 && (how == 0 || how > (WASI_SHUT_RD | WASI_SHUT_WR)))
        rc = WASI_EINVAL;
    if (rc != 0)
        return rc;
    if (f->host < 0)
        return WASI_ENOTCONN;
    return shutdown(f->host, hows[how - 1]) == 0 ? 0 : wasi_errno(errno);
}
