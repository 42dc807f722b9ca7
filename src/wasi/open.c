/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "wasi/internal.h"

/*
 * path_open.
 *
 * The new fd gets the rights that were asked for, cut to what the directory may pass on and
 * to what means something for the file. Reading and writing are not cut silently: a program
 * that asks to write and may not is told so here and not at its first write.
 */

#define READ_RIGHTS  (WASI_R_FD_READ | WASI_R_FD_READDIR)
#define WRITE_RIGHTS (WASI_R_FD_WRITE | WASI_R_FD_ALLOCATE | WASI_R_FD_FILESTAT_SET_SIZE)

struct request {
    char path[WASI_PATH_MAX + 1];
    struct wasi_fd *dir;
    uint32_t lookup;
    uint32_t oflags;
    uint64_t base;
    uint64_t inheriting;
    uint32_t fdflags;
};

static uint64_t rights_for_flags(const struct request *r)
{
    uint64_t rights = 0;
    if ((r->fdflags & WASI_FLAG_DSYNC) != 0)
        rights |= WASI_R_FD_DATASYNC;
    if ((r->fdflags & (WASI_FLAG_SYNC | WASI_FLAG_RSYNC)) != 0)
        rights |= WASI_R_FD_SYNC;
    return rights;
}

static int check(struct request *r)
{
    const uint64_t passed_on = r->dir->rights_inheriting;
    uint64_t needs = (r->base & (WASI_R_FD_READ | WASI_R_FD_WRITE)) | rights_for_flags(r);
    uint64_t dir_needs = WASI_R_PATH_OPEN;
    if ((r->lookup & ~WASI_LOOKUP_FOLLOW) != 0 || (r->oflags & ~(uint32_t)WASI_O_ALL) != 0 ||
        (r->fdflags & ~(uint32_t)WASI_FLAGS_ALL) != 0)
        return WASI_EINVAL;
    if ((r->oflags & WASI_O_CREAT) != 0)
        dir_needs |= WASI_R_PATH_CREATE_FILE;
    if ((r->oflags & WASI_O_TRUNC) != 0)
        dir_needs |= WASI_R_PATH_FILESTAT_SET_SIZE;
    if ((r->dir->rights_base & dir_needs) != dir_needs || (passed_on & needs) != needs)
        return WASI_ENOTCAPABLE;
    if ((r->oflags & WASI_O_DIRECTORY) != 0) {
        if ((r->oflags & WASI_O_CREAT) != 0)
            return WASI_EINVAL;
        if ((r->base & WASI_R_FD_WRITE) != 0)
            return WASI_EISDIR;
    }
    r->base &= passed_on;
    r->inheriting &= passed_on;
    return 0;
}

static int host_flags(const struct request *r)
{
    /* A pipe without a peer must not keep us waiting, nor a terminal become ours. */
    int flags = O_NONBLOCK | O_NOCTTY;
    bool writes = (r->base & WRITE_RIGHTS) != 0 || (r->oflags & WASI_O_TRUNC) != 0;
    bool reads = (r->base & READ_RIGHTS) != 0;
    if ((r->oflags & WASI_O_DIRECTORY) != 0)
        flags |= O_DIRECTORY;
    else
        flags |= writes && reads ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
    if ((r->lookup & WASI_LOOKUP_FOLLOW) == 0)
        flags |= O_NOFOLLOW;
    if ((r->oflags & WASI_O_CREAT) != 0)
        flags |= O_CREAT;
    if ((r->oflags & WASI_O_EXCL) != 0 && (r->oflags & WASI_O_CREAT) != 0)
        flags |= O_EXCL;
    if ((r->oflags & WASI_O_TRUNC) != 0)
        flags |= O_TRUNC;
    if ((r->fdflags & WASI_FLAG_APPEND) != 0)
        flags |= O_APPEND;
    return flags;
}

/* Shape the opened file into an fd of its kind. */
static int adopt(struct wasi_fd *f, const struct wasi *w, const struct request *r)
{
    struct stat st;
    uint64_t base;
    uint64_t inheriting;
    if (fstat(f->host, &st) != 0)
        return wasi_errno(errno);
    f->filetype = wasi_filetype_of(f->host, &st);
    f->flags = (uint16_t)r->fdflags;
    if (f->filetype == WASI_TYPE_DIR) {
        f->kind = WASI_FD_DIR;
        f->ops = &wasi_dir_ops;
        f->flags = 0;
    }
    wasi_rights_max(f->kind, f->filetype, w->roots[r->dir->root].read_only, &base, &inheriting);
    f->rights_base = r->base & base;
    f->rights_inheriting = r->inheriting & inheriting;
    return 0;
}

static int open_request(struct wasi *w, const struct request *r, uint32_t *ret_fd)
{
    int rc = wasi_fd_reserve(w);
    if (rc != 0)
        return rc;
    struct wasi_fd *f = wasi_fd_new(WASI_FD_FILE, &wasi_file_ops, -1);
    if (f == NULL)
        return WASI_ENOMEM;
    f->root = r->dir->root;
    f->path = r->dir->path != NULL ? wasi_path_join(r->dir->path, r->path) : NULL;
    rc = wasi_open_beneath(w, r->dir->host, r->path, host_flags(r), 0666, &f->host);
    if (rc == 0)
        rc = adopt(f, w, r);
    if (rc == 0)
        *ret_fd = wasi_fd_add(w, f);
    else
        wasi_fd_free(f);
    return rc;
}

int wasi_path_open(struct wasi *w, struct wasm_host_call *call)
{
    uint32_t fd = 0;
    struct request r = {
        .lookup = wasi_arg32(call, 1),
        .oflags = wasi_arg32(call, 4) & 0xffff,
        .base = wasi_arg64(call, 5),
        .inheriting = wasi_arg64(call, 6),
        .fdflags = wasi_arg32(call, 7) & 0xffff,
    };
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 8), 4);
    int rc = wasi_dir_get(w, wasi_arg32(call, 0), WASI_R_PATH_OPEN, &r.dir);
    if (rc == 0 && out == NULL)
        rc = WASI_EFAULT;
    if (rc == 0)
        rc = wasi_path_arg(call, wasi_arg32(call, 2), wasi_arg32(call, 3), r.path);
    if (rc == 0)
        rc = check(&r);
    if (rc == 0)
        rc = open_request(w, &r, &fd);
    if (rc == 0)
        put_le32(out, fd);
    return rc;
}
