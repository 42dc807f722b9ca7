/* SPDX-License-Identifier: Apache-2.0 */
#include "wasi/fdstat.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"

/* The fd_* calls about the file behind the fd. */

#define NS_PER_S UINT64_C(1000000000)

static uint64_t ns_of(struct timespec ts)
{
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void wasi_put_filestat(uint8_t *out, int host, const struct stat *st)
{
    memset(out, 0, WASI_FILESTAT_SIZE);
    put_le64(out, (uint64_t)st->st_dev);
    put_le64(out + 8, (uint64_t)st->st_ino);
    out[16] = wasi_filetype_of(host, st);
    put_le64(out + 24, (uint64_t)st->st_nlink);
    put_le64(out + 32, (uint64_t)st->st_size);
    put_le64(out + 40, ns_of(st->st_atim));
    put_le64(out + 48, ns_of(st->st_mtim));
    put_le64(out + 56, ns_of(st->st_ctim));
}

void wasi_put_old_filestat(uint8_t *out, int host, const struct stat *st)
{
    memset(out, 0, WASI_OLD_FILESTAT_SIZE);
    put_le64(out, (uint64_t)st->st_dev);
    put_le64(out + 8, (uint64_t)st->st_ino);
    out[16] = wasi_filetype_of(host, st);
    put_le32(out + 20, (uint32_t)st->st_nlink);
    put_le64(out + 24, (uint64_t)st->st_size);
    put_le64(out + 32, ns_of(st->st_atim));
    put_le64(out + 40, ns_of(st->st_mtim));
    put_le64(out + 48, ns_of(st->st_ctim));
}

/* A connection that ended with a move is still a socket to the guest. */
static int stat_fd(const struct wasi_fd *f, struct stat *st)
{
    memset(st, 0, sizeof *st);
    if (f->host >= 0)
        return fstat(f->host, st) == 0 ? 0 : wasi_errno(errno);
    st->st_mode = S_IFSOCK;
    return 0;
}

static int filestat_get(struct wasi *w, struct wasm_host_call *call, uint32_t size,
                        void (*put)(uint8_t *, int, const struct stat *))
{
    struct stat st;
    struct wasi_fd *f = NULL;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), size);
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), WASI_R_FD_FILESTAT_GET, &f);
    if (rc == 0 && out == NULL)
        rc = WASI_EFAULT;
    if (rc == 0)
        rc = stat_fd(f, &st);
    if (rc == 0)
        put(out, f->host, &st);
    return rc;
}

int wasi_fd_filestat_get(struct wasi *w, struct wasm_host_call *call)
{
    return filestat_get(w, call, WASI_FILESTAT_SIZE, wasi_put_filestat);
}

int wasi_old_fd_filestat_get(struct wasi *w, struct wasm_host_call *call)
{
    return filestat_get(w, call, WASI_OLD_FILESTAT_SIZE, wasi_put_old_filestat);
}

static int one_time(uint64_t ns, bool set, bool set_now, struct timespec *ret_ts)
{
    if (set && set_now)
        return WASI_EINVAL;
    ret_ts->tv_sec = 0;
    ret_ts->tv_nsec = set_now ? UTIME_NOW : UTIME_OMIT;
    if (!set)
        return 0;
    ret_ts->tv_sec = (time_t)(ns / NS_PER_S);
    ret_ts->tv_nsec = (long)(ns % NS_PER_S);
    /* where time_t has 32 bits, it ends in 2038 */
    return (uint64_t)ret_ts->tv_sec == ns / NS_PER_S ? 0 : WASI_EOVERFLOW;
}

int wasi_times_arg(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec ret_ts[static 2])
{
    if ((flags & ~(uint32_t)WASI_FST_ALL) != 0)
        return WASI_EINVAL;
    int rc =
        one_time(atim, (flags & WASI_FST_ATIM) != 0, (flags & WASI_FST_ATIM_NOW) != 0, &ret_ts[0]);
    if (rc != 0)
        return rc;
    return one_time(mtim, (flags & WASI_FST_MTIM) != 0, (flags & WASI_FST_MTIM_NOW) != 0,
                    &ret_ts[1]);
}

int wasi_fd_filestat_set_times(struct wasi *w, struct wasm_host_call *call)
{
    struct timespec ts[2];
    struct wasi_fd *f = NULL;
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), WASI_R_FD_FILESTAT_SET_TIMES, &f);
    if (rc == 0)
        rc = wasi_times_arg(wasi_arg64(call, 1), wasi_arg64(call, 2), wasi_arg32(call, 3), ts);
    if (rc == 0 && futimens(f->host, ts) != 0)
        rc = wasi_errno(errno);
    return rc;
}

/* A file to change the size of; a directory says EISDIR before it says anything else. */
static int size_fd(const struct wasi *w, uint32_t fd, uint64_t right, struct wasi_fd **ret_fd)
{
    int rc = wasi_fd_get(w, fd, 0, ret_fd);
    if (rc != 0)
        return rc;
    if ((*ret_fd)->ops == &wasi_dir_ops)
        return WASI_EISDIR;
    return wasi_fd_get(w, fd, right, ret_fd);
}

int wasi_fd_filestat_set_size(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint64_t size = wasi_arg64(call, 1);
    int rc = size_fd(w, wasi_arg32(call, 0), WASI_R_FD_FILESTAT_SET_SIZE, &f);
    if (rc != 0)
        return rc;
    if (size > INT64_MAX)
        return WASI_EINVAL;
    return ftruncate(f->host, (off_t)size) == 0 ? 0 : wasi_errno(errno);
}

/* Where the file system cannot reserve, the size at least is as the guest expects. */
static int allocate_by_size(int host, uint64_t end)
{
    struct stat st;
    if (fstat(host, &st) != 0)
        return wasi_errno(errno);
    if ((uint64_t)st.st_size >= end)
        return 0;
    return ftruncate(host, (off_t)end) == 0 ? 0 : wasi_errno(errno);
}

int wasi_fd_allocate(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint64_t offset = wasi_arg64(call, 1);
    uint64_t size = wasi_arg64(call, 2);
    int rc = size_fd(w, wasi_arg32(call, 0), WASI_R_FD_ALLOCATE, &f);
    if (rc != 0)
        return rc;
    if (size == 0 || offset > INT64_MAX || size > INT64_MAX)
        return WASI_EINVAL;
    if (size > INT64_MAX - offset)
        return WASI_EFBIG;
    while ((rc = fallocate(f->host, 0, (off_t)offset, (off_t)size)) != 0 && errno == EINTR)
        continue;
    if (rc == 0)
        return 0;
    if (errno == EOPNOTSUPP || errno == ENOSYS)
        return allocate_by_size(f->host, offset + size);
    return wasi_errno(errno);
}

int wasi_fd_advise(struct wasi *w, struct wasm_host_call *call)
{
    static const int advices[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                  POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
    struct wasi_fd *f = NULL;
    uint64_t offset = wasi_arg64(call, 1);
    uint64_t size = wasi_arg64(call, 2);
    uint32_t advice = wasi_arg32(call, 3) & 0xff;
    int rc = size_fd(w, wasi_arg32(call, 0), WASI_R_FD_ADVISE, &f);
    if (rc != 0)
        return rc;
    if (advice > WASI_ADVICE_LAST || offset > INT64_MAX || size > INT64_MAX)
        return WASI_EINVAL;
    rc = posix_fadvise(f->host, (off_t)offset, (off_t)size, advices[advice]);
    return rc == 0 ? 0 : wasi_errno(rc);
}

static int sync_fd(struct wasi *w, struct wasm_host_call *call, uint64_t right, int (*sync)(int))
{
    struct wasi_fd *f = NULL;
    int rc = wasi_fd_get(w, wasi_arg32(call, 0), right, &f);
    if (rc != 0)
        return rc;
    return sync(f->host) == 0 ? 0 : wasi_errno(errno);
}

int wasi_fd_sync(struct wasi *w, struct wasm_host_call *call)
{
    return sync_fd(w, call, WASI_R_FD_SYNC, fsync);
}

int wasi_fd_datasync(struct wasi *w, struct wasm_host_call *call)
{
    return sync_fd(w, call, WASI_R_FD_DATASYNC, fdatasync);
}
