/* SPDX-License-Identifier: Apache-2.0 */
#include "wasi/travel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

#define COPY_BYTES 65536u
#define NAME_TRIES 16u

static int out_of_memory(struct csk_error *err)
{
    return error_set(err, CSK_E_NOMEM, "out of memory");
}

/* ---- bytes ---------------------------------------------------------------- */

/* As many bytes at `offset` as there are, up to size; negative errno. */
static ssize_t read_at(int host, uint8_t *to, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(host, to + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)done;
}

static int write_at(int host, const uint8_t *from, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(host, from + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR)
            return errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return true;
}

/* Copy, leaving holes where there are zeros. A host errno. */
static int copy(int from, int to, uint64_t size)
{
    uint8_t *buf = mem_alloc(COPY_BYTES);
    int error = buf == NULL ? ENOMEM : 0;
    if (error == 0 && ftruncate(to, (off_t)size) != 0)
        error = errno;
    for (uint64_t at = 0; error == 0 && at < size;) {
        size_t n = size - at < COPY_BYTES ? (size_t)(size - at) : COPY_BYTES;
        ssize_t got = read_at(from, buf, n, at);
        if (got < 0)
            error = (int)-got;
        else if ((size_t)got < n)
            error = EIO;
        else if (!is_zero(buf, n))
            error = write_at(to, buf, n, at);
        at += n;
    }
    mem_free(buf);
    return error;
}

/* Are the two the same byte for byte? A host errno, or 0 with the answer. */
static int compare(int a, int b, uint64_t size, bool *ret_equal)
{
    struct stat st;
    uint8_t *buf = mem_alloc(2 * COPY_BYTES);
    int error = buf == NULL ? ENOMEM : 0;
    if (error == 0 && fstat(b, &st) != 0)
        error = errno;
    bool equal = error == 0 && (uint64_t)st.st_size == size;
    for (uint64_t at = 0; error == 0 && equal && at < size; at += COPY_BYTES) {
        ssize_t na = read_at(a, buf, COPY_BYTES, at);
        ssize_t nb = read_at(b, buf + COPY_BYTES, COPY_BYTES, at);
        if (na < 0 || nb < 0)
            error = (int)-(na < 0 ? na : nb);
        else
            equal = na == nb && memcmp(buf, buf + COPY_BYTES, (size_t)na) == 0;
    }
    mem_free(buf);
    *ret_equal = equal;
    return error;
}

/* Where the bytes are: a decoder's temporary file, or the frozen cell's own file. */
static int source_fd(const struct wasi_content *c)
{
    return c->temp_fd >= 0 ? c->temp_fd : c->host_fd;
}

/* ---- files with a name ---------------------------------------------------- */

static int file_error(const struct travel *t, const struct wasi_content *c, int code,
                      const char *why, struct csk_error *err)
{
    return error_set(err, code, "file %.120s in %.60s: %s", c->path, t->state->preopens[c->preopen],
                     why);
}

/* The directories on the way to `path`, as far as they are missing. */
static void make_parents(const struct travel *t, int root, const char *path)
{
    char prefix[WASI_PATH_MAX + 1];
    for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/')) {
        struct wasi_parent parent;
        size_t len = (size_t)(p - path);
        memcpy(prefix, path, len);
        prefix[len] = '\0';
        if (wasi_parent_open(t->w, root, prefix, &parent) != 0)
            return; /* opening the file's own parent will say why */
        (void)mkdirat(parent.dir, parent.name, 0777);
        wasi_parent_close(&parent);
    }
}

static int random_name(char *name, size_t size)
{
    uint64_t r;
    if (getrandom(&r, sizeof r, 0) != (ssize_t)sizeof r)
        return errno;
    (void)snprintf(name, size, ".cloudskin-%016" PRIx64, r);
    return 0;
}

/* A file that nobody else has, beside where it is going to be. A host errno. */
static int open_beside(int dir, char *name, size_t size, int *ret_host)
{
    int error = EEXIST;
    for (unsigned i = 0; i < NAME_TRIES && error == EEXIST; i++) {
        error = random_name(name, size);
        if (error != 0)
            return error;
        *ret_host = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        error = *ret_host >= 0 ? 0 : errno;
    }
    return error;
}

/* Give the finished file its name unless somebody has taken it. A host errno. */
static int rename_new(int dir, const char *from, const char *to)
{
    if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL)
        return errno;
    if (linkat(dir, from, dir, to, 0) != 0)
        return errno;
    (void)unlinkat(dir, from, 0);
    return 0;
}

static int make_beside(const struct wasi_content *c, int dir, const char *last)
{
    char name[40];
    int host = -1;
    int error = open_beside(dir, name, sizeof name, &host);
    if (error != 0)
        return error;
    error = copy(source_fd(c), host, c->size);
    if (error == 0 && fchmod(host, c->mode & 0777u) != 0)
        error = errno;
    if (close(host) != 0 && error == 0)
        error = errno;
    if (error == 0)
        error = rename_new(dir, name, last);
    if (error != 0)
        (void)unlinkat(dir, name, 0);
    return error;
}

static int make_file(struct travel *t, uint32_t index, struct csk_error *err)
{
    const struct wasi_content *c = &t->state->contents[index];
    const struct wasi_root *root = &t->w->roots[c->preopen];
    struct wasi_parent parent;
    if (root->read_only)
        return file_error(t, c, CSK_E_DENIED, "absent, and the directory is read-only", err);
    make_parents(t, root->host, c->path);
    if (wasi_parent_open(t->w, root->host, c->path, &parent) != 0)
        return file_error(t, c, CSK_E_IO, "its directory cannot be opened", err);
    int error = make_beside(c, parent.dir, parent.name);
    wasi_parent_close(&parent);
    if (error == ENOMEM)
        return out_of_memory(err);
    if (error != 0)
        return file_error(t, c, CSK_E_IO, strerror(error), err);
    t->made[index] = true;
    return 0;
}

static int check_file(const struct travel *t, const struct wasi_content *c, int host,
                      struct csk_error *err)
{
    struct stat st;
    bool equal = false;
    int error = fstat(host, &st) != 0 ? errno : 0;
    if (error == 0 && !S_ISREG(st.st_mode))
        return file_error(t, c, CSK_E_EXISTS, "something that is not a file is there", err);
    if (error == 0)
        error = compare(source_fd(c), host, c->size, &equal);
    if (error == ENOMEM)
        return out_of_memory(err);
    if (error != 0)
        return file_error(t, c, CSK_E_IO, strerror(error), err);
    if (!equal)
        return file_error(t, c, CSK_E_EXISTS,
                          "another file of this name is there; it is not overwritten", err);
    return 0;
}

static int unpack_one(struct travel *t, uint32_t index, struct csk_error *err)
{
    const struct wasi_content *c = &t->state->contents[index];
    int host = -1;
    if (c->preopen == WASI_NO_CONTENT)
        return 0;
    if (source_fd(c) < 0)
        return error_set(err, CSK_E_CORRUPT, "file %u of the image has no content", index);
    int rc = wasi_open_beneath(t->w, t->w->roots[c->preopen].host, c->path, O_RDONLY | O_NONBLOCK,
                               0, &host);
    if (rc == WASI_ENOENT)
        return make_file(t, index, err);
    if (rc != 0)
        return file_error(t, c, CSK_E_DENIED, "it cannot be opened", err);
    rc = check_file(t, c, host, err);
    (void)close(host);
    return rc;
}

int travel_unpack(struct travel *t, struct wasi *w, const struct wasi_state *state,
                  struct csk_error *err)
{
    int rc = 0;
    t->w = w;
    t->state = state;
    t->made = mem_calloc(state->ncontents, sizeof *t->made);
    t->nameless = mem_array(state->ncontents, sizeof *t->nameless);
    for (uint32_t i = 0; t->nameless != NULL && i < state->ncontents; i++)
        t->nameless[i] = -1;
    if (t->made == NULL || t->nameless == NULL)
        return out_of_memory(err);
    for (uint32_t i = 0; rc == 0 && i < state->ncontents; i++)
        rc = unpack_one(t, i, err);
    return rc;
}

void travel_undo(struct travel *t)
{
    for (uint32_t i = 0; t->made != NULL && i < t->state->ncontents; i++) {
        const struct wasi_content *c = &t->state->contents[i];
        struct wasi_parent parent;
        if (!t->made[i] ||
            wasi_parent_open(t->w, t->w->roots[c->preopen].host, c->path, &parent) != 0)
            continue;
        (void)unlinkat(parent.dir, parent.name, 0);
        wasi_parent_close(&parent);
    }
}

void travel_fini(struct travel *t)
{
    for (uint32_t i = 0; t->nameless != NULL && i < t->state->ncontents; i++)
        if (t->nameless[i] >= 0)
            (void)close(t->nameless[i]);
    mem_free(t->made);
    mem_free(t->nameless);
}

/* ---- files without one ---------------------------------------------------- */

/* A nameless copy, for a state that was never an image. */
static int copy_nameless(const struct travel *t, uint32_t index, struct csk_error *err)
{
    const struct wasi_content *c = &t->state->contents[index];
    int host = memfd_create("cloudskin-unlinked", MFD_CLOEXEC);
    if (host < 0)
        return error_set(err, CSK_E_IO, "no memory file: %s", strerror(errno));
    int error = copy(c->host_fd, host, c->size);
    if (error != 0) {
        (void)close(host);
        return error_set(err, error == ENOMEM ? CSK_E_NOMEM : CSK_E_IO,
                         "cannot copy an unlinked file: %s", strerror(error));
    }
    t->nameless[index] = host;
    return 0;
}

int travel_open(const struct travel *t, uint32_t index, int oflags, int *ret_host,
                struct csk_error *err)
{
    const struct wasi_content *c = &t->state->contents[index];
    int rc = 0;
    if (c->temp_fd < 0 && c->host_fd < 0)
        return error_set(err, CSK_E_CORRUPT, "file %u of the image has no content", index);
    if (c->temp_fd < 0 && t->nameless[index] < 0)
        rc = copy_nameless(t, index, err);
    if (rc != 0)
        return rc;
    int from = c->temp_fd >= 0 ? c->temp_fd : t->nameless[index];
    /* open first: the mode may forbid what the cell may do with the fd it had */
    (void)fchmod(from, 0600);
    int error = wasi_reopen(from, oflags, ret_host);
    (void)fchmod(from, c->mode & 0777u);
    if (error != 0)
        return error_set(err, CSK_E_IO, "cannot open an unlinked file again: %s", strerror(error));
    return 0;
}

int travel_removed_dir(int *ret_host, struct csk_error *err)
{
    char path[] = "/tmp/cloudskin-XXXXXX";
    if (mkdtemp(path) == NULL)
        return error_set(err, CSK_E_IO, "cannot make a directory in /tmp: %s", strerror(errno));
    *ret_host = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    (void)rmdir(path);
    if (*ret_host < 0)
        return error_set(err, CSK_E_IO, "cannot open %s: %s", path, strerror(error));
    return 0;
}
