/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"

#define PIPE_BYTES_START 65536u

void cli_bytes_free(struct cli_bytes *bytes)
{
    if (bytes->mapped != 0)
        (void)munmap(bytes->p, bytes->mapped);
    *bytes = (struct cli_bytes){0};
}

static int map_bytes(size_t size, struct cli_bytes *bytes)
{
    /* Populated in one call: page faults one by one cost more than the copy. */
    void *p =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (p == MAP_FAILED)
        return -1;
    *bytes = (struct cli_bytes){.p = p, .mapped = size};
    return 0;
}

static int grow_bytes(struct cli_bytes *bytes)
{
    void *p = mremap(bytes->p, bytes->mapped, bytes->mapped * 2, MREMAP_MAYMOVE);
    if (p == MAP_FAILED)
        return -1;
    bytes->p = p;
    bytes->mapped *= 2;
    return 0;
}

int cli_read_fd(int fd, size_t max, struct cli_bytes *ret_bytes)
{
    struct cli_bytes bytes;
    struct stat st;
    if (fstat(fd, &st) != 0)
        return -1;
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max) {
        errno = EFBIG;
        return -1;
    }
    size_t guess = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : PIPE_BYTES_START;
    if (map_bytes(guess, &bytes) != 0)
        return -1;
    for (;;) {
        if (bytes.size == bytes.mapped && grow_bytes(&bytes) != 0)
            break;
        ssize_t n = read(fd, bytes.p + bytes.size, bytes.mapped - bytes.size);
        if (n == 0) {
            *ret_bytes = bytes;
            return 0;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        bytes.size += (size_t)n;
        if (bytes.size > max) {
            errno = EFBIG;
            break;
        }
    }
    int saved = errno;
    cli_bytes_free(&bytes);
    errno = saved;
    return -1;
}

int cli_read_module(const char *path, int status, struct cli_bytes *ret_bytes)
{
    struct cli_bytes bytes = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : cli_read_fd(fd, CLI_MODULE_BYTES_MAX, &bytes);
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    if (rc != 0 && errno == EFBIG)
        return cli_fail(status, "module too large: %s: the limit is %u MiB", path,
                        CLI_MODULE_BYTES_MAX >> 20);
    if (rc != 0)
        return cli_fail_errno(status, "cannot read the module", path);
    if (cli_is_text(path, &bytes))
        rc = cli_assemble(path, status, &bytes);
    if (rc != 0) {
        cli_bytes_free(&bytes);
        return rc;
    }
    *ret_bytes = bytes;
    return 0;
}

/* ---- streams ------------------------------------------------------------------------ */

int cli_stream_init(struct cli_stream *s, int fd)
{
    *s = (struct cli_stream){.fd = fd, .buffer = mem_alloc(CLI_STREAM_BYTES)};
    return s->buffer != NULL ? 0 : CSK_E_NOMEM;
}

void cli_stream_fini(struct cli_stream *s)
{
    mem_free(s->buffer);
    s->buffer = NULL;
}

static int write_all(struct cli_stream *s, const uint8_t *p, size_t size)
{
    while (size != 0) {
        ssize_t n = write(s->fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->error = errno;
            return CSK_E_IO;
        }
        p += n;
        size -= (size_t)n;
    }
    return 0;
}

int cli_stream_flush(struct cli_stream *s)
{
    size_t used = s->used;
    s->used = 0;
    return write_all(s, s->buffer, used);
}

int cli_stream_write(void *stream, const void *bytes, size_t size)
{
    struct cli_stream *s = stream;
    s->total += size;
    if (size > CLI_STREAM_BYTES - s->used) {
        int rc = cli_stream_flush(s);
        if (rc != 0)
            return rc;
    }
    if (size >= CLI_STREAM_BYTES)
        return write_all(s, bytes, size);
    memcpy(s->buffer + s->used, bytes, size);
    s->used += size;
    return 0;
}

int64_t cli_stream_read(void *stream, void *bytes, size_t size)
{
    struct cli_stream *s = stream;
    while (s->at == s->used) {
        ssize_t n = read(s->fd, s->buffer, CLI_STREAM_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->error = errno;
            return CSK_E_IO;
        }
        if (n == 0)
            return 0;
        s->at = 0;
        s->used = (size_t)n;
    }
    size_t n = s->used - s->at < size ? s->used - s->at : size;
    memcpy(bytes, s->buffer + s->at, n);
    s->at += n;
    s->total += n;
    return (int64_t)n;
}
