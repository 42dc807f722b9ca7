/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasi/internal.h"

/*
 * Describing what a cell holds open. A file is described by where another process will find
 * it, so each one is looked up again now: the path it was opened by, else the path the
 * system knows it by. One that no path leads to travels with its content.
 */

struct freezer {
    struct wasi *w;
    struct wasi_state *state;
    struct csk_error *err;
    size_t contents_cap;
    struct inode {
        dev_t dev;
        ino_t ino;
    } *inodes; /* of each content */
    size_t inodes_cap;
};

static int out_of_memory(struct csk_error *err)
{
    return error_set(err, CSK_E_NOMEM, "out of memory");
}

void wasi_lent_close(struct wasi *w)
{
    for (size_t i = 0; i < w->nlent; i++)
        (void)close(w->lent[i]);
    w->nlent = 0;
}

int wasi_reopen(int host, int oflags, int *ret_host)
{
    char proc[32];
    (void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", host);
    int fd = open(proc, oflags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    *ret_host = fd;
    return 0;
}

/* ---- finding the path of an open file ------------------------------------- */

static bool leads_to(const struct wasi *w, uint32_t root, const char *path, const struct stat *st)
{
    struct stat found;
    int fd = -1;
    if (wasi_open_beneath(w, w->roots[root].host, path, O_PATH, 0, &fd) != 0)
        return false;
    bool same = fstat(fd, &found) == 0 && found.st_dev == st->st_dev && found.st_ino == st->st_ino;
    (void)close(fd);
    return same;
}

static bool system_path(int host, char *buf, size_t size)
{
    char proc[32];
    (void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", host);
    ssize_t len = readlink(proc, buf, size - 1);
    if (len <= 0 || buf[0] != '/')
        return false;
    buf[len] = '\0';
    return true;
}

/* `path` from `root` on, or NULL when it is not beneath. */
static const char *beneath(const char *root, const char *path)
{
    size_t len = strlen(root);
    if (len == 1)
        return path[1] != '\0' ? path + 1 : ".";
    if (strncmp(root, path, len) != 0)
        return NULL;
    if (path[len] == '\0')
        return ".";
    return path[len] == '/' ? path + len + 1 : NULL;
}

static bool found_beneath(const struct wasi *w, uint32_t root, const char *path,
                          const struct stat *st, char **ret_path)
{
    char root_path[WASI_PATH_MAX + 1];
    if (!system_path(w->roots[root].host, root_path, sizeof root_path))
        return false;
    const char *tail = beneath(root_path, path);
    if (tail == NULL || !leads_to(w, root, tail, st))
        return false;
    *ret_path = mem_strdup(tail);
    return true;
}

/* By the path of another fd, when that is the same file by a hard link that still stands. */
static bool found_by_other(const struct wasi *w, const struct stat *st, struct wasi_fd_state *s)
{
    for (size_t i = 0; i < w->fds_cap; i++) {
        const struct wasi_fd *f = w->fds[i];
        if (f == NULL || f->kind != WASI_FD_FILE || f->path == NULL ||
            !leads_to(w, f->root, f->path, st))
            continue;
        s->preopen = f->root;
        s->path = mem_strdup(f->path);
        return true;
    }
    return false;
}

/* Fills root and path of `s`. False when no path leads to the file; when memory ran out
 * the path is NULL and the answer true. */
static bool find_path(const struct wasi *w, const struct wasi_fd *f, const struct stat *st,
                      struct wasi_fd_state *s)
{
    char path[WASI_PATH_MAX + 1];
    s->preopen = f->root;
    if (st->st_nlink == 0)
        return false;
    if (f->path != NULL && leads_to(w, f->root, f->path, st)) {
        s->path = mem_strdup(f->path);
        return true;
    }
    if (f->kind == WASI_FD_FILE && found_by_other(w, st, s))
        return true;
    if (!system_path(f->host, path, sizeof path))
        return false;
    if (found_beneath(w, f->root, path, st, &s->path))
        return true;
    for (uint32_t i = 0; i < w->nroots; i++) {
        s->preopen = i;
        if (i != f->root && found_beneath(w, i, path, st, &s->path))
            return true;
    }
    return false;
}

/* ---- contents ------------------------------------------------------------- */

/* An fd that the encoder can read from; the guest's own may only be open for writing. */
static int readable_fd(struct freezer *z, const struct wasi_fd *f, int *ret_host)
{
    struct wasi *w = z->w;
    int flags = fcntl(f->host, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_WRONLY) {
        *ret_host = f->host;
        return 0;
    }
    if (mem_grow((void **)&w->lent, &w->lent_cap, w->nlent + 1, sizeof *w->lent) != 0)
        return out_of_memory(z->err);
    int error = wasi_reopen(f->host, O_RDONLY, &w->lent[w->nlent]);
    if (error != 0)
        return error_set(z->err, CSK_E_IO, "cannot read a file that travels with the cell: %s",
                         strerror(error));
    *ret_host = w->lent[w->nlent++];
    return 0;
}

static int grow_contents(struct freezer *z)
{
    size_t need = (size_t)z->state->ncontents + 1;
    if (mem_grow((void **)&z->state->contents, &z->contents_cap, need,
                 sizeof *z->state->contents) != 0 ||
        mem_grow((void **)&z->inodes, &z->inodes_cap, need, sizeof *z->inodes) != 0)
        return out_of_memory(z->err);
    return 0;
}

/* The content of `f`, shared with any other fd on the same file. */
static int add_content(struct freezer *z, const struct wasi_fd *f, const struct stat *st,
                       struct wasi_fd_state *s)
{
    struct wasi_state *state = z->state;
    bool named = s->kind == WASI_FD_FILE;
    for (uint32_t i = 0; i < state->ncontents; i++)
        if (z->inodes[i].dev == st->st_dev && z->inodes[i].ino == st->st_ino) {
            s->content = i;
            return 0;
        }
    int rc = grow_contents(z);
    if (rc != 0)
        return rc;
    struct wasi_content *c = &state->contents[state->ncontents];
    *c = (struct wasi_content){
        .host_fd = -1,
        .temp_fd = -1,
        .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
        .mode = S_ISREG(st->st_mode) ? st->st_mode & 0777u : 0,
        .preopen = named ? s->preopen : WASI_NO_CONTENT,
    };
    if (S_ISREG(st->st_mode))
        rc = readable_fd(z, f, &c->host_fd);
    if (rc != 0)
        return rc;
    c->path = mem_strdup(named ? s->path : "");
    if (c->path == NULL)
        return out_of_memory(z->err);
    z->inodes[state->ncontents] = (struct inode){.dev = st->st_dev, .ino = st->st_ino};
    s->content = state->ncontents++;
    return 0;
}

/* ---- one fd --------------------------------------------------------------- */

static int describe_unnamed(struct freezer *z, const struct wasi_fd *f, const struct stat *st,
                            struct wasi_fd_state *s)
{
    if (f->kind == WASI_FD_DIR && st->st_nlink != 0)
        return error_set(z->err, CSK_E_STATE,
                         "directory fd %u was moved out of every pre-opened directory", s->fd);
    if (f->kind == WASI_FD_FILE && !S_ISREG(st->st_mode))
        return error_set(z->err, CSK_E_STATE, "fd %u is a pipe or device that has no path", s->fd);
    s->kind = WASI_FD_UNLINKED;
    s->preopen = f->root;
    s->path = mem_strdup("");
    if (s->path == NULL)
        return out_of_memory(z->err);
    return add_content(z, f, st, s);
}

static int describe_file(struct freezer *z, const struct wasi_fd *f, bool with_files,
                         struct wasi_fd_state *s)
{
    struct stat st;
    if (fstat(f->host, &st) != 0)
        return error_set(z->err, CSK_E_IO, "fd %u: %s", s->fd, strerror(errno));
    if (f->kind == WASI_FD_FILE) {
        off_t at = lseek(f->host, 0, SEEK_CUR);
        s->offset = at > 0 ? (uint64_t)at : 0; /* a pipe has no position */
    }
    if (!find_path(z->w, f, &st, s))
        return describe_unnamed(z, f, &st, s);
    if (s->path == NULL)
        return out_of_memory(z->err);
    if (with_files && f->kind == WASI_FD_FILE && S_ISREG(st.st_mode))
        return add_content(z, f, &st, s);
    return 0;
}

/* Input that is a file stands where the next read will be; everything else is counted. */
static uint64_t stdio_position(const struct wasi_fd *f)
{
    struct stat st;
    if (f->stdio == 0 && fstat(f->host, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t at = lseek(f->host, 0, SEEK_CUR);
        if (at >= 0)
            return (uint64_t)at;
    }
    return f->count;
}

static int describe(struct freezer *z, const struct wasi_fd *f, bool with_files,
                    struct wasi_fd_state *s)
{
    const char *path = "";
    s->kind = f->kind;
    s->stdio = f->stdio;
    s->filetype = f->filetype;
    s->fdflags = f->flags;
    s->rights_base = f->rights_base;
    s->rights_inheriting = f->rights_inheriting;
    s->preopen = f->root;
    s->content = WASI_NO_CONTENT;
    switch (f->kind) {
    case WASI_FD_DIR:
    case WASI_FD_FILE:
        return describe_file(z, f, with_files, s);
    case WASI_FD_STDIO:
        s->offset = stdio_position(f);
        break;
    case WASI_FD_PREOPEN:
        path = z->w->roots[f->root].guest;
        break;
    case WASI_FD_LISTENER:
        path = f->path;
        break;
    default: /* a connection: it ends here, for whoever continues the cell */
        s->eof = 1;
        break;
    }
    s->path = mem_strdup(path);
    return s->path != NULL ? 0 : out_of_memory(z->err);
}

static int describe_fds(struct freezer *z, bool with_files)
{
    const struct wasi *w = z->w;
    uint32_t n = 0;
    for (size_t i = 0; i < w->fds_cap; i++)
        n += w->fds[i] != NULL;
    z->state->fds = mem_calloc(n, sizeof *z->state->fds);
    if (z->state->fds == NULL)
        return out_of_memory(z->err);
    for (size_t i = 0; i < w->fds_cap; i++) {
        if (w->fds[i] == NULL)
            continue;
        struct wasi_fd_state *s = &z->state->fds[z->state->nfds++];
        s->fd = (uint32_t)i;
        int rc = describe(z, w->fds[i], with_files, s);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int describe_roots(struct freezer *z)
{
    const struct wasi *w = z->w;
    z->state->preopens = mem_calloc(w->nroots, sizeof *z->state->preopens);
    if (z->state->preopens == NULL)
        return out_of_memory(z->err);
    for (uint32_t i = 0; i < w->nroots; i++) {
        z->state->preopens[i] = mem_strdup(w->roots[i].guest);
        if (z->state->preopens[i] == NULL)
            return out_of_memory(z->err);
        z->state->npreopens++;
    }
    return 0;
}

static uint64_t cpu_time(const struct wasi *w)
{
    uint64_t ns = 0;
    (void)wasi_clock_ns(w, WASI_CLOCK_PROCESS_CPU, &ns);
    return ns;
}

int wasi_freeze(struct wasi *w, bool with_files, struct wasi_state *ret_state,
                struct csk_error *err)
{
    struct wasi_state state = {
        .monotonic_ns = wasi_monotonic_ns(w),
        .cpu_ns = cpu_time(w),
        .poll_deadline_set = w->poll_deadline_set,
        .poll_deadline_ns = w->poll_deadline_ns,
    };
    struct freezer z = {.w = w, .state = &state, .err = err};
    wasi_lent_close(w);
    int rc = wasi_copy_strings((const char *const *)w->args, w->nargs, "argument", &state.args,
                               &state.nargs, err);
    if (rc == 0)
        rc = wasi_copy_strings((const char *const *)w->env, w->nenv, "environment string",
                               &state.env, &state.nenv, err);
    if (rc == 0)
        rc = describe_roots(&z);
    if (rc == 0)
        rc = describe_fds(&z, with_files);
    mem_free(z.inodes);
    if (rc != 0) {
        wasi_state_fini(&state);
        return rc;
    }
    *ret_state = state;
    return 0;
}
