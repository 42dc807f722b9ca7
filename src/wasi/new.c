/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasi/internal.h"

static const char *const stdio_names[] = {"standard input", "standard output", "standard error"};

int wasi_alloc(uint32_t fds_max, struct wasi **ret_wasi, struct csk_error *err)
{
    if (fds_max > WASI_FDS_LIMIT)
        return error_set(err, CSK_E_LIMIT, "%u open files asked for, limit is %u",
                         (unsigned)fds_max, WASI_FDS_LIMIT);
    struct wasi *w = mem_calloc(1, sizeof *w);
    if (w == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    w->fds_max = fds_max != 0 ? fds_max : WASI_FDS_MAX;
    w->monotonic_ns = WASI_MONOTONIC_START;
    w->walk_only = !wasi_have_openat2();
    w->dir_chunk = WASI_DIR_CHUNK;
    *ret_wasi = w;
    return 0;
}

void wasi_free_strings(char **strings, uint32_t n)
{
    for (uint32_t i = 0; strings != NULL && i < n; i++)
        mem_free(strings[i]);
    mem_free(strings);
}

/* The guest reads them as one block of bytes, so that is what is bounded. */
static int check_strings(const char *const *from, size_t n, const char *what, struct csk_error *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        if (from[i] == NULL)
            return error_set(err, CSK_E_ARGUMENT, "%s %zu is missing", what, i);
        bytes += strlen(from[i]) + 1 + sizeof(uint32_t);
        if (bytes > WASI_ARGS_BYTES_MAX)
            return error_set(err, CSK_E_LIMIT, "%ss take more than %u bytes", what,
                             WASI_ARGS_BYTES_MAX);
    }
    return 0;
}

int wasi_copy_strings(const char *const *from, size_t n, const char *what, char ***ret_to,
                      uint32_t *ret_n, struct csk_error *err)
{
    int rc = check_strings(from, n, what, err);
    if (rc != 0)
        return rc;
    char **to = mem_calloc(n, sizeof *to);
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[i] = mem_strdup(from[i]);
        if (to[i] == NULL) {
            wasi_free_strings(to, (uint32_t)n);
            to = NULL;
        }
    }
    if (to == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    *ret_to = to;
    *ret_n = (uint32_t)n;
    return 0;
}

static int root_error(const char *host, int error, struct csk_error *err)
{
    int code = error == ENOENT                      ? CSK_E_NOT_FOUND
               : error == EACCES || error == EPERM  ? CSK_E_DENIED
               : error == ENOTDIR || error == ELOOP ? CSK_E_ARGUMENT
                                                    : CSK_E_IO;
    return error_set(err, code, "cannot open directory %.150s: %s", host, strerror(error));
}

int wasi_add_root(struct wasi *w, const struct wasi_preopen *preopen, struct csk_error *err)
{
    if (preopen->guest == NULL || preopen->host == NULL)
        return error_set(err, CSK_E_ARGUMENT, "a pre-opened directory without a name");
    if (strlen(preopen->guest) > WASI_GUEST_NAME_MAX)
        return error_set(err, CSK_E_LIMIT, "the name of a pre-opened directory is over %u bytes",
                         WASI_GUEST_NAME_MAX);
    for (uint32_t i = 0; i < w->nroots; i++)
        if (strcmp(w->roots[i].guest, preopen->guest) == 0)
            return error_set(err, CSK_E_ARGUMENT, "two pre-opened directories named %.150s",
                             preopen->guest);
    int host = open(preopen->host, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (host < 0)
        return root_error(preopen->host, errno, err);
    char *guest = mem_strdup(preopen->guest);
    if (guest == NULL) {
        (void)close(host);
        return error_set(err, CSK_E_NOMEM, "out of memory");
    }
    w->roots[w->nroots++] =
        (struct wasi_root){.guest = guest, .host = host, .read_only = preopen->read_only};
    return 0;
}

struct wasi_fd *wasi_make_preopen(const struct wasi *w, uint32_t root)
{
    struct wasi_fd *f = wasi_fd_new(WASI_FD_PREOPEN, &wasi_dir_ops, w->roots[root].host);
    if (f == NULL)
        return NULL;
    f->owns_host = false;
    f->filetype = WASI_TYPE_DIR;
    f->root = root;
    f->path = mem_strdup(".");
    wasi_rights_max(f->kind, f->filetype, w->roots[root].read_only, &f->rights_base,
                    &f->rights_inheriting);
    if (f->path != NULL)
        return f;
    wasi_fd_free(f);
    return NULL;
}

struct wasi_fd *wasi_make_stdio(int host, uint8_t stdio)
{
    struct stat st;
    struct wasi_fd *f = wasi_fd_new(WASI_FD_STDIO, &wasi_stdio_ops, host);
    if (f == NULL)
        return NULL;
    f->owns_host = false;
    f->stdio = stdio;
    f->filetype = fstat(host, &st) == 0 ? wasi_filetype_of(host, &st) : WASI_TYPE_UNKNOWN;
    /* Guests take a character device that cannot seek for a terminal; /dev/null is none. */
    if (f->filetype == WASI_TYPE_CHAR && isatty(host) == 0)
        f->filetype = WASI_TYPE_UNKNOWN;
    f->rights_base = wasi_stdio_rights(stdio, f->filetype);
    return f;
}

struct wasi_fd *wasi_make_listener(int host, const char *address)
{
    struct wasi_fd *f = wasi_fd_new(WASI_FD_LISTENER, &wasi_listener_ops, host);
    if (f == NULL)
        return NULL;
    f->owns_host = false; /* until the whole construction has succeeded */
    f->filetype = WASI_TYPE_STREAM;
    f->path = mem_strdup(address);
    wasi_rights_max(f->kind, f->filetype, false, &f->rights_base, &f->rights_inheriting);
    if (f->path != NULL)
        return f;
    wasi_fd_free(f);
    return NULL;
}

static int add(struct wasi *w, struct wasi_fd *f, uint32_t fd, struct csk_error *err)
{
    if (f == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    int rc = wasi_fd_put(w, fd, f);
    if (rc == 0)
        return 0;
    wasi_fd_free(f);
    if (rc == WASI_ENOMEM)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    return error_set(err, CSK_E_LIMIT, "more pre-opened files than the %u fds a cell may have",
                     (unsigned)w->fds_max);
}

static int add_stdio(struct wasi *w, const struct wasi_config *config, struct csk_error *err)
{
    for (uint8_t i = 0; i < 3; i++) {
        /* What the process itself was started without, the guest is without too. */
        if (config->stdio[i] < 0 || fcntl(config->stdio[i], F_GETFD) < 0)
            continue;
        int rc = add(w, wasi_make_stdio(config->stdio[i], i), i, err);
        if (rc != 0)
            return error_set(err, rc, "cannot set up %s", stdio_names[i]);
    }
    return 0;
}

static int add_roots(struct wasi *w, const struct wasi_config *config, struct csk_error *err)
{
    if (config->npreopens > w->fds_max)
        return error_set(err, CSK_E_LIMIT, "%zu pre-opened directories, limit is %u",
                         config->npreopens, (unsigned)w->fds_max);
    w->roots = mem_calloc(config->npreopens, sizeof *w->roots);
    if (w->roots == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    for (size_t i = 0; i < config->npreopens; i++) {
        int rc = wasi_add_root(w, &config->preopens[i], err);
        if (rc == 0)
            rc = add(w, wasi_make_preopen(w, (uint32_t)i), 3 + (uint32_t)i, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int add_listeners(struct wasi *w, const struct wasi_config *config, struct csk_error *err)
{
    uint32_t first = 3 + w->nroots;
    for (size_t i = 0; i < config->nlisteners; i++) {
        const struct wasi_listener *l = &config->listeners[i];
        if (l->address == NULL || strlen(l->address) > WASI_GUEST_NAME_MAX)
            return error_set(err, CSK_E_ARGUMENT, "a listener's address is missing or too long");
        int rc = add(w, wasi_make_listener(l->host_fd, l->address), first + (uint32_t)i, err);
        if (rc != 0)
            return rc;
    }
    for (size_t i = 0; i < config->nlisteners; i++)
        w->fds[first + i]->owns_host = true;
    return 0;
}

int wasi_new(const struct wasi_config *config, struct wasi **ret_wasi, struct csk_error *err)
{
    struct wasi *w = NULL;
    int rc = wasi_alloc(config->fds_max, &w, err);
    if (rc == 0)
        rc = wasi_copy_strings(config->args, config->nargs, "argument", &w->args, &w->nargs, err);
    if (rc == 0)
        rc = wasi_copy_strings(config->env, config->nenv, "environment string", &w->env, &w->nenv,
                               err);
    if (rc == 0)
        rc = add_stdio(w, config, err);
    if (rc == 0)
        rc = add_roots(w, config, err);
    if (rc == 0)
        rc = add_listeners(w, config, err);
    if (rc != 0) {
        wasi_free(w);
        return rc;
    }
    *ret_wasi = w;
    return 0;
}

void wasi_free(struct wasi *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->fds_cap; i++)
        wasi_fd_free(w->fds[i]);
    mem_free(w->fds);
    for (uint32_t i = 0; i < w->nroots; i++) {
        mem_free(w->roots[i].guest);
        (void)close(w->roots[i].host);
    }
    mem_free(w->roots);
    wasi_free_strings(w->args, w->nargs);
    wasi_free_strings(w->env, w->nenv);
    wasi_lent_close(w);
    mem_free(w->lent);
    mem_free(w);
}

void wasi_set_request(struct wasi *w, const _Atomic uint32_t *request)
{
    w->request = request;
}
