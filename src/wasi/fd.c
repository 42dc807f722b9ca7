/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "wasi/internal.h"

/* The fd_* calls that move bytes, and those that manage the fds themselves. */

int wasi_iovs(const struct wasm_host_call *call, uint32_t at, uint32_t count, struct iovec *iov,
              int *ret_n)
{
    size_t left = WASI_TRANSFER_MAX;
    int n = 0;
    if (count > WASI_IOVS_MAX)
        return WASI_EINVAL;
    const uint8_t *entry = wasi_guest(call, at, (uint64_t)count * WASI_IOVEC_SIZE);
    if (entry == NULL)
        return WASI_EFAULT;
    for (uint32_t i = 0; i < count; i++, entry += WASI_IOVEC_SIZE) {
        size_t len = get_le32(entry + 4);
        uint8_t *bytes = wasi_guest(call, get_le32(entry), len);
        if (bytes == NULL)
            return WASI_EFAULT;
        len = len < left ? len : left;
        left -= len;
        if (len != 0)
            iov[n++] = (struct iovec){.iov_base = bytes, .iov_len = len};
    }
    *ret_n = n;
    return 0;
}

/* An fd for moving bytes. What a native program gets for a directory is EISDIR. */
static int data_fd(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd)
{
    struct wasi_fd *f = NULL;
    int rc = wasi_fd_get(w, fd, 0, &f);
    if (rc != 0)
        return rc;
    if (f->ops == &wasi_dir_ops)
        return WASI_EISDIR;
    return wasi_fd_get(w, fd, rights, ret_fd);
}

int wasi_fd_read(struct wasi *w, struct wasm_host_call *call)
{
    struct iovec iov[WASI_IOVS_MAX];
    struct wasi_fd *f = NULL;
    size_t got = 0;
    int n = 0;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 3), 4);
    int rc = data_fd(w, wasi_arg32(call, 0), WASI_R_FD_READ, &f);
    if (rc == 0)
        rc = out == NULL ? WASI_EFAULT
                         : wasi_iovs(call, wasi_arg32(call, 1), wasi_arg32(call, 2), iov, &n);
    if (rc == 0 && n != 0)
        rc = f->ops->read == NULL ? WASI_ENOTSUP : f->ops->read(w, f, iov, n, &got);
    if (rc == 0)
        put_le32(out, (uint32_t)got);
    return rc;
}

int wasi_fd_write(struct wasi *w, struct wasm_host_call *call)
{
    struct iovec iov[WASI_IOVS_MAX];
    struct wasi_fd *f = NULL;
    size_t put = 0;
    int n = 0;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 3), 4);
    int rc = data_fd(w, wasi_arg32(call, 0), WASI_R_FD_WRITE, &f);
    if (rc == 0)
        rc = out == NULL ? WASI_EFAULT
                         : wasi_iovs(call, wasi_arg32(call, 1), wasi_arg32(call, 2), iov, &n);
    if (rc == 0 && n != 0)
        rc = f->ops->write == NULL ? WASI_ENOTSUP : f->ops->write(w, f, iov, n, &put);
    if (rc == 0)
        put_le32(out, (uint32_t)put);
    return rc;
}

/* At an offset, leaving the position alone; what cannot seek says ESPIPE. */
static int transfer_at(struct wasi *w, struct wasm_host_call *call, uint64_t right,
                       ssize_t (*transfer)(int, const struct iovec *, int, off_t))
{
    struct iovec iov[WASI_IOVS_MAX];
    struct wasi_fd *f = NULL;
    ssize_t moved = 0;
    int n = 0;
    uint64_t offset = wasi_arg64(call, 3);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 4), 4);
    int rc = data_fd(w, wasi_arg32(call, 0), right | WASI_R_FD_SEEK, &f);
    if (rc == 0)
        rc = out == NULL ? WASI_EFAULT
                         : wasi_iovs(call, wasi_arg32(call, 1), wasi_arg32(call, 2), iov, &n);
    if (rc == 0 && f->ops->seek == NULL)
        rc = WASI_ESPIPE;
    if (rc == 0 && offset > INT64_MAX)
        rc = WASI_EINVAL;
    while (rc == 0 && n != 0) {
        moved = transfer(f->host, iov, n, (off_t)offset);
        if (moved >= 0)
            break;
        rc = errno == EINTR ? 0 : wasi_errno(errno);
    }
    if (rc == 0 && right == WASI_R_FD_WRITE)
        rc = wasi_sync_after_write(f);
    if (rc == 0)
        put_le32(out, (uint32_t)moved);
    return rc;
}

int wasi_fd_pread(struct wasi *w, struct wasm_host_call *call)
{
    return transfer_at(w, call, WASI_R_FD_READ, preadv);
}

int wasi_fd_pwrite(struct wasi *w, struct wasm_host_call *call)
{
    return transfer_at(w, call, WASI_R_FD_WRITE, pwritev);
}

/* Any one of `rights` is enough. */
static int seek(const struct wasi *w, uint32_t fd, int64_t delta, int whence, uint64_t rights,
                uint8_t *out)
{
    struct wasi_fd *f = NULL;
    uint64_t position = 0;
    int rc = data_fd(w, fd, 0, &f);
    if (rc == 0 && (f->rights_base & rights) == 0)
        rc = WASI_ENOTCAPABLE;
    if (rc == 0 && out == NULL)
        rc = WASI_EFAULT;
    if (rc == 0)
        rc = f->ops->seek == NULL ? WASI_ESPIPE : f->ops->seek(f, delta, whence, &position);
    if (rc == 0)
        put_le64(out, position);
    return rc;
}

#define TELL_RIGHTS (WASI_R_FD_TELL | WASI_R_FD_SEEK)

/* Asking where one is by seeking nowhere needs only the right to tell. */
static int seek_by(const struct wasi *w, const struct wasm_host_call *call,
                   const int whences[static 3])
{
    int64_t delta = (int64_t)wasi_arg64(call, 1);
    uint32_t whence = wasi_arg32(call, 2) & 0xff;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 3), 8);
    if (whence > 2)
        return WASI_EINVAL;
    bool tell = delta == 0 && whences[whence] == SEEK_CUR;
    return seek(w, wasi_arg32(call, 0), delta, whences[whence], tell ? TELL_RIGHTS : WASI_R_FD_SEEK,
                out);
}

int wasi_fd_seek(struct wasi *w, struct wasm_host_call *call)
{
    static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    return seek_by(w, call, whences);
}

int wasi_old_fd_seek(struct wasi *w, struct wasm_host_call *call)
{
    static const int whences[] = {SEEK_CUR, SEEK_END, SEEK_SET};
    return seek_by(w, call, whences);
}

int wasi_fd_tell(struct wasi *w, struct wasm_host_call *call)
{
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), 8);
    return seek(w, wasi_arg32(call, 0), 0, SEEK_CUR, TELL_RIGHTS, out);
}

int wasi_fd_close(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint32_t fd = wasi_arg32(call, 0);
    int rc = wasi_fd_get(w, fd, 0, &f);
    if (rc != 0)
        return rc;
    w->fds[fd] = NULL;
    wasi_fd_free(f);
    return 0;
}

/* Both must be open, so that a guest cannot spread its fds over the number space. */
int wasi_fd_renumber(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *from = NULL;
    struct wasi_fd *to = NULL;
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), 0, &from);
    if (rc == 0)
        rc = wasi_fd_get(w, wasi_arg32(call, 1), 0, &to);
    if (rc != 0 || from == to)
        return rc;
    w->fds[wasi_arg32(call, 1)] = from;
    w->fds[wasi_arg32(call, 0)] = NULL;
    wasi_fd_free(to);
    return 0;
}

int wasi_fd_fdstat_get(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), WASI_FDSTAT_SIZE);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), 0, &f);
    if (rc != 0)
        return rc;
    if (out == NULL)
        return WASI_EFAULT;
    memset(out, 0, WASI_FDSTAT_SIZE);
    out[0] = f->filetype;
    put_le16(out + 2, f->flags);
    put_le64(out + 8, f->rights_base);
    put_le64(out + 16, f->rights_inheriting);
    return 0;
}

int wasi_fd_fdstat_set_flags(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint32_t flags = wasi_arg32(call, 1);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), WASI_R_FD_FDSTAT_SET_FLAGS, &f);
    if (rc != 0)
        return rc;
    if ((flags & ~(uint32_t)WASI_FLAGS_ALL) != 0)
        return WASI_EINVAL;
    return f->ops->set_flags(f, (uint16_t)flags);
}

int wasi_fd_fdstat_set_rights(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint64_t base = wasi_arg64(call, 1);
    uint64_t inheriting = wasi_arg64(call, 2);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), 0, &f);
    if (rc != 0)
        return rc;
    if ((base & ~f->rights_base) != 0 || (inheriting & ~f->rights_inheriting) != 0)
        return WASI_ENOTCAPABLE;
    f->rights_base = base;
    f->rights_inheriting = inheriting;
    return 0;
}

int wasi_fd_prestat_get(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), WASI_PRESTAT_SIZE);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), 0, &f);
    if (rc == 0 && f->kind != WASI_FD_PREOPEN)
        rc = WASI_EBADF; /* a guest looks for pre-opens until it gets this */
    if (rc == 0 && out == NULL)
        rc = WASI_EFAULT;
    if (rc != 0)
        return rc;
    memset(out, 0, WASI_PRESTAT_SIZE); /* tag 0: a directory */
    put_le32(out + 4, (uint32_t)strlen(w->roots[f->root].guest));
    return 0;
}

int wasi_fd_prestat_dir_name(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint32_t size = wasi_arg32(call, 2);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), size);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), 0, &f);
    if (rc == 0 && f->kind != WASI_FD_PREOPEN)
        rc = WASI_EBADF;
    if (rc == 0 && out == NULL)
        rc = WASI_EFAULT;
    if (rc != 0)
        return rc;
    size_t len = strlen(w->roots[f->root].guest);
    if (len > size)
        return WASI_ENAMETOOLONG;
    memcpy(out, w->roots[f->root].guest, len);
    return 0;
}
