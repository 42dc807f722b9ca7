/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasi/internal.h"
#include "wasi/travel.h"

/*
 * Rebuilding what wasi_freeze described, from a state that may come from an enemy: whatever
 * it says, no file outside the pre-opened directories is touched, nothing is truncated or
 * overwritten, and no fd gets more rights than it could have had from the start.
 */

struct thawer {
    const struct wasi_state *state;
    const struct wasi_config *config;
    struct wasi *w;
    struct travel travel;
    struct csk_error *err;
};

static int out_of_memory(struct csk_error *err)
{
    return error_set(err, CSK_E_NOMEM, "out of memory");
}

/* ---- checks that need no system ------------------------------------------- */

static bool kind_is_sound(const struct wasi_state *state, const struct wasi_fd_state *s)
{
    bool content_ok = s->content == WASI_NO_CONTENT || s->content < state->ncontents;
    switch (s->kind) {
    case WASI_FD_STDIO:
        return s->stdio <= 2;
    case WASI_FD_PREOPEN:
    case WASI_FD_DIR:
        return s->filetype == WASI_TYPE_DIR && s->preopen < state->npreopens;
    case WASI_FD_FILE:
        return s->filetype <= WASI_TYPE_STREAM && s->filetype != WASI_TYPE_DIR &&
               s->preopen < state->npreopens && content_ok;
    case WASI_FD_UNLINKED:
        return s->preopen < state->npreopens &&
               ((s->filetype == WASI_TYPE_REGULAR && s->content < state->ncontents) ||
                s->filetype == WASI_TYPE_DIR);
    case WASI_FD_LISTENER:
    case WASI_FD_SOCKET:
        return true;
    default:
        return false;
    }
}

static int check_fd(const struct thawer *t, uint32_t i)
{
    const struct wasi_fd_state *s = &t->state->fds[i];
    if (s->fd >= t->w->fds_max)
        return error_set(t->err, CSK_E_LIMIT, "fd %u of the image: a cell here has %u at most",
                         s->fd, t->w->fds_max);
    if ((i != 0 && s->fd <= t->state->fds[i - 1].fd) || !kind_is_sound(t->state, s) ||
        s->path == NULL || strlen(s->path) > WASI_PATH_MAX || s->offset > INT64_MAX ||
        (s->fdflags & ~WASI_FLAGS_ALL) != 0 || s->filetype > WASI_TYPE_STREAM)
        return error_set(t->err, CSK_E_CORRUPT, "fd %u of the image does not make sense", s->fd);
    return 0;
}

static int check_content(const struct thawer *t, uint32_t i)
{
    const struct wasi_content *c = &t->state->contents[i];
    bool named = c->preopen != WASI_NO_CONTENT;
    if (c->path == NULL || strlen(c->path) > WASI_PATH_MAX || c->size > INT64_MAX ||
        (named && (c->preopen >= t->state->npreopens || c->path[0] == '\0')))
        return error_set(t->err, CSK_E_CORRUPT, "file %u of the image does not make sense", i);
    return 0;
}

static int check_state(const struct thawer *t)
{
    const struct wasi_state *state = t->state;
    int rc = 0;
    if (state->monotonic_ns > INT64_MAX || state->cpu_ns > INT64_MAX)
        return error_set(t->err, CSK_E_CORRUPT, "the image's clocks do not make sense");
    if (state->npreopens > WASI_FDS_LIMIT || state->nfds > WASI_FDS_LIMIT ||
        state->ncontents > WASI_FDS_LIMIT)
        return error_set(t->err, CSK_E_LIMIT, "over %u open files in the image", WASI_FDS_LIMIT);
    for (uint32_t i = 0; rc == 0 && i < state->nfds; i++)
        rc = check_fd(t, i);
    for (uint32_t i = 0; rc == 0 && i < state->ncontents; i++)
        rc = check_content(t, i);
    return rc;
}

/* ---- roots ---------------------------------------------------------------- */

static int add_roots(struct thawer *t)
{
    const struct wasi_state *state = t->state;
    t->w->roots = mem_calloc(state->npreopens, sizeof *t->w->roots);
    if (t->w->roots == NULL)
        return out_of_memory(t->err);
    for (uint32_t i = 0; i < state->npreopens; i++) {
        const struct wasi_preopen *found = NULL;
        for (size_t j = 0; j < t->config->npreopens && found == NULL; j++)
            if (strcmp(t->config->preopens[j].guest, state->preopens[i]) == 0)
                found = &t->config->preopens[j];
        if (found == NULL)
            return error_set(t->err, CSK_E_NOT_FOUND,
                             "the cell had directory %.150s, and no directory is given for it",
                             state->preopens[i]);
        int rc = wasi_add_root(t->w, found, t->err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- one fd of each kind -------------------------------------------------- */

static int thaw_stdio(const struct thawer *t, const struct wasi_fd_state *s,
                      struct wasi_fd **ret_fd)
{
    struct stat st;
    int host = t->config->stdio[s->stdio];
    if (host < 0 || fcntl(host, F_GETFD) < 0)
        host = -1;
    struct wasi_fd *f = wasi_make_stdio(host, s->stdio);
    if (f == NULL)
        return out_of_memory(t->err);
    f->filetype = s->filetype; /* a program has looked and will not look again */
    f->count = s->offset;
    f->rights_base = wasi_stdio_rights(s->stdio, s->filetype);
    *ret_fd = f;
    if (s->stdio != 0 || fstat(host, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    if (lseek(host, (off_t)s->offset, SEEK_SET) >= 0)
        return 0;
    return error_set(t->err, CSK_E_IO, "cannot seek standard input: %s", strerror(errno));
}

static int thaw_listener(const struct thawer *t, const struct wasi_fd_state *s,
                         struct wasi_fd **ret_fd)
{
    for (size_t i = 0; i < t->config->nlisteners; i++) {
        const struct wasi_listener *l = &t->config->listeners[i];
        if (l->address == NULL || strcmp(l->address, s->path) != 0)
            continue;
        *ret_fd = wasi_make_listener(l->host_fd, l->address);
        return *ret_fd != NULL ? 0 : out_of_memory(t->err);
    }
    return error_set(t->err, CSK_E_NOT_FOUND,
                     "the cell listened on %.150s, and no listener is given for it", s->path);
}

static int path_error(const struct thawer *t, const struct wasi_fd_state *s, int rc)
{
    int code = rc == WASI_ENOENT || rc == WASI_ENOTDIR       ? CSK_E_NOT_FOUND
               : rc == WASI_EACCES || rc == WASI_ENOTCAPABLE ? CSK_E_DENIED
                                                             : CSK_E_IO;
    const char *why = rc == WASI_ENOENT || rc == WASI_ENOTDIR ? "it is not there"
                      : rc == WASI_ENOTCAPABLE                ? "the path leads out"
                      : rc == WASI_EACCES                     ? "permission denied"
                                                              : "it cannot be opened";
    return error_set(t->err, code, "fd %u had %.120s open in %.60s: %s", s->fd, s->path,
                     t->state->preopens[s->preopen], why);
}

static int host_mode(uint64_t rights)
{
    bool reads = (rights & (WASI_R_FD_READ | WASI_R_FD_READDIR)) != 0;
    bool writes =
        (rights & (WASI_R_FD_WRITE | WASI_R_FD_ALLOCATE | WASI_R_FD_FILESTAT_SET_SIZE)) != 0;
    return writes && reads ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
}

/* The rights a state names, cut to what an fd of that kind can have in this place. */
static void cut_rights(const struct thawer *t, const struct wasi_fd_state *s, struct wasi_fd *f)
{
    uint64_t base = f->rights_base;
    uint64_t inheriting = f->rights_inheriting;
    bool beneath = s->kind != WASI_FD_STDIO;
    bool read_only = f->kind != WASI_FD_SOCKET && f->kind != WASI_FD_LISTENER && beneath &&
                     s->kind != WASI_FD_UNLINKED && t->w->roots[f->root].read_only;
    if (beneath)
        wasi_rights_max(s->kind, f->filetype, read_only, &base, &inheriting);
    f->rights_base = s->rights_base & base;
    f->rights_inheriting = s->rights_inheriting & inheriting;
}

static int open_named(const struct thawer *t, const struct wasi_fd_state *s, struct wasi_fd *f)
{
    struct stat st;
    int oflags = O_NONBLOCK | O_NOCTTY;
    f->kind = s->kind;
    f->root = s->preopen;
    f->filetype = s->filetype;
    cut_rights(t, s, f);
    oflags |= s->kind == WASI_FD_DIR ? O_DIRECTORY : host_mode(f->rights_base);
    if (s->kind == WASI_FD_FILE && (s->fdflags & WASI_FLAG_APPEND) != 0)
        oflags |= O_APPEND;
    f->path = mem_strdup(s->path);
    if (f->path == NULL)
        return out_of_memory(t->err);
    int rc = wasi_open_beneath(t->w, t->w->roots[f->root].host, s->path, oflags, 0, &f->host);
    if (rc != 0)
        return path_error(t, s, rc);
    if (fstat(f->host, &st) != 0 || wasi_filetype_of(f->host, &st) != s->filetype)
        return error_set(t->err, CSK_E_STATE,
                         "fd %u had %.120s open in %.60s: it is of another type", s->fd, s->path,
                         t->state->preopens[s->preopen]);
    return 0;
}

static int thaw_named(const struct thawer *t, const struct wasi_fd_state *s,
                      struct wasi_fd **ret_fd)
{
    bool dir = s->kind == WASI_FD_DIR;
    struct wasi_fd *f = wasi_fd_new(s->kind, dir ? &wasi_dir_ops : &wasi_file_ops, -1);
    if (f == NULL)
        return out_of_memory(t->err);
    *ret_fd = f;
    int rc = open_named(t, s, f);
    if (rc != 0 || s->filetype != WASI_TYPE_REGULAR)
        return rc;
    if (lseek(f->host, (off_t)s->offset, SEEK_SET) < 0)
        return error_set(t->err, CSK_E_IO, "fd %u: %s", s->fd, strerror(errno));
    return 0;
}

static int thaw_unlinked(const struct thawer *t, const struct wasi_fd_state *s,
                         struct wasi_fd **ret_fd)
{
    bool dir = s->filetype == WASI_TYPE_DIR;
    int oflags = host_mode(s->rights_base);
    struct wasi_fd *f =
        wasi_fd_new(dir ? WASI_FD_DIR : WASI_FD_FILE, dir ? &wasi_dir_ops : &wasi_file_ops, -1);
    if (f == NULL)
        return out_of_memory(t->err);
    *ret_fd = f;
    f->filetype = s->filetype;
    f->root = s->preopen;
    if (dir)
        return travel_removed_dir(&f->host, t->err);
    if ((s->fdflags & WASI_FLAG_APPEND) != 0)
        oflags |= O_APPEND;
    int rc = travel_open(&t->travel, s->content, oflags, &f->host, t->err);
    if (rc != 0)
        return rc;
    if (lseek(f->host, (off_t)s->offset, SEEK_SET) < 0)
        return error_set(t->err, CSK_E_IO, "fd %u: %s", s->fd, strerror(errno));
    return 0;
}

static int thaw_socket(const struct thawer *t, struct wasi_fd **ret_fd)
{
    *ret_fd = wasi_fd_new(WASI_FD_SOCKET, &wasi_socket_ops, -1);
    if (*ret_fd == NULL)
        return out_of_memory(t->err);
    (*ret_fd)->filetype = WASI_TYPE_STREAM;
    return 0;
}

static int thaw_kind(const struct thawer *t, const struct wasi_fd_state *s, struct wasi_fd **ret_fd)
{
    switch (s->kind) {
    case WASI_FD_STDIO:
        return thaw_stdio(t, s, ret_fd);
    case WASI_FD_PREOPEN:
        *ret_fd = wasi_make_preopen(t->w, s->preopen);
        return *ret_fd != NULL ? 0 : out_of_memory(t->err);
    case WASI_FD_LISTENER:
        return thaw_listener(t, s, ret_fd);
    case WASI_FD_SOCKET:
        return thaw_socket(t, ret_fd);
    case WASI_FD_UNLINKED:
        return thaw_unlinked(t, s, ret_fd);
    default:
        return thaw_named(t, s, ret_fd);
    }
}

static int thaw_fd(const struct thawer *t, const struct wasi_fd_state *s)
{
    struct wasi_fd *f = NULL;
    int rc = thaw_kind(t, s, &f);
    if (rc == 0) {
        f->flags = s->fdflags;
        cut_rights(t, s, f);
        rc = wasi_fd_put(t->w, s->fd, f);
        if (rc != 0)
            rc = out_of_memory(t->err);
    }
    if (rc != 0)
        wasi_fd_free(f);
    return rc;
}

static int thaw_fds(const struct thawer *t)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < t->state->nfds; i++)
        rc = thaw_fd(t, &t->state->fds[i]);
    return rc;
}

/* Success: the listeners are ours now, and those that the cell does not need are closed. */
static void take_listeners(const struct thawer *t)
{
    for (size_t i = 0; i < t->config->nlisteners; i++) {
        bool used = false;
        for (size_t fd = 0; fd < t->w->fds_cap; fd++) {
            struct wasi_fd *f = t->w->fds[fd];
            if (f == NULL || f->kind != WASI_FD_LISTENER ||
                f->host != t->config->listeners[i].host_fd)
                continue;
            f->owns_host = !used;
            used = true;
        }
        if (!used)
            (void)close(t->config->listeners[i].host_fd);
    }
}

int wasi_thaw(const struct wasi_state *state, const struct wasi_config *config,
              struct wasi **ret_wasi, struct csk_error *err)
{
    struct thawer t = {.state = state, .config = config, .err = err};
    int rc = wasi_alloc(config->fds_max, &t.w, err);
    if (rc == 0)
        rc = check_state(&t);
    if (rc == 0)
        rc = wasi_copy_strings((const char *const *)state->args, state->nargs, "argument",
                               &t.w->args, &t.w->nargs, err);
    if (rc == 0)
        rc = wasi_copy_strings((const char *const *)state->env, state->nenv, "environment string",
                               &t.w->env, &t.w->nenv, err);
    if (rc == 0)
        rc = add_roots(&t);
    if (rc == 0)
        rc = travel_unpack(&t.travel, t.w, state, err);
    if (rc == 0)
        rc = thaw_fds(&t);
    if (rc == 0) {
        t.w->monotonic_ns = state->monotonic_ns;
        t.w->cpu_ns = state->cpu_ns;
        t.w->poll_deadline_set = state->poll_deadline_set;
        t.w->poll_deadline_ns = state->poll_deadline_ns;
        take_listeners(&t);
        *ret_wasi = t.w;
        t.w = NULL;
    } else {
        travel_undo(&t.travel);
    }
    travel_fini(&t.travel);
    wasi_free(t.w);
    return rc;
}
