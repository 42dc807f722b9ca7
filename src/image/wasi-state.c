/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/state.h"
#include "image/tempfile.h"
#include "image/zero.h"

/* ---- writing -------------------------------------------------------------------- */

static void put_string(struct image_out *out, const char *text)
{
    size_t size = text != NULL ? strlen(text) : 0;
    if (size > IMAGE_ARGS_BYTES_MAX) {
        image_out_fail(out, CSK_E_LIMIT, "a string of the cell is over 1 MiB");
        return;
    }
    image_out_u32(out, (uint32_t)size);
    image_out_bytes(out, text, size);
}

static void put_strings(struct image_out *out, char *const *strings, uint32_t count)
{
    image_out_u32(out, count);
    for (uint32_t i = 0; i < count; i++)
        put_string(out, strings[i]);
}

static void put_fd(struct image_out *out, const struct wasi_fd_state *fd)
{
    image_out_u32(out, fd->fd);
    image_out_u8(out, fd->kind);
    image_out_u8(out, fd->stdio);
    image_out_u8(out, fd->filetype);
    image_out_u8(out, fd->eof);
    image_out_u16(out, fd->fdflags);
    image_out_u64(out, fd->rights_base);
    image_out_u64(out, fd->rights_inheriting);
    image_out_u64(out, fd->offset);
    image_out_u32(out, fd->preopen);
    image_out_u32(out, fd->content);
    put_string(out, fd->path);
}

static void put_content_head(struct image_out *out, const struct wasi_content *content)
{
    image_out_u64(out, content->size);
    image_out_u32(out, content->mode & 07777u);
    image_out_u32(out, content->preopen);
    put_string(out, content->path);
}

/* Exactly `size` bytes of a file that nobody should be changing now. */
static int read_exactly(int fd, uint8_t *to, size_t size, uint64_t offset)
{
    while (size != 0) {
        ssize_t n = pread(fd, to, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CSK_E_IO;
        to += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static void put_content(struct image_out *out, uint32_t index, const struct wasi_content *content)
{
    image_out_begin(out, IMAGE_CONTENT);
    for (uint64_t at = 0; at < content->size && out->rc == 0; at += IMAGE_RANGE) {
        uint64_t left = content->size - at;
        size_t n = left < IMAGE_RANGE ? (size_t)left : IMAGE_RANGE;
        uint8_t *chunk = image_out_room(out);
        if (read_exactly(content->host_fd, chunk + IMAGE_RANGE_HEAD, n, at) != 0) {
            image_out_fail(out, CSK_E_IO, "a file that travels with the cell cannot be read");
            return;
        }
        if (image_is_zero(chunk + IMAGE_RANGE_HEAD, n))
            continue;
        put_le32(chunk, index);
        put_le32(chunk + 4, 0);
        put_le64(chunk + 8, at);
        image_out_chunk(out, IMAGE_RANGE_HEAD + n);
    }
}

static bool counts_fit(const struct wasi_state *state)
{
    uint64_t total = 0;
    if (state->npreopens > IMAGE_FDS_MAX || state->nfds > IMAGE_FDS_MAX ||
        state->ncontents > IMAGE_FDS_MAX)
        return false;
    for (uint32_t i = 0; i < state->ncontents; i++) {
        if (state->contents[i].size > IMAGE_CONTENT_BYTES_MAX)
            return false;
        total += state->contents[i].size;
    }
    return total <= IMAGE_CONTENT_BYTES_MAX;
}

void image_put_wasi(struct image_out *out, const struct wasi_state *state)
{
    if (!counts_fit(state)) {
        image_out_fail(out, CSK_E_LIMIT,
                       "more open files, or more bytes of files that travel, than an image holds");
        return;
    }
    image_out_begin(out, IMAGE_WASI);
    image_out_u64(out, state->monotonic_ns);
    image_out_u64(out, state->cpu_ns);
    image_out_u64(out, state->poll_deadline_set ? state->poll_deadline_ns : 0);
    image_out_u8(out, state->poll_deadline_set);
    put_strings(out, state->args, state->nargs);
    put_strings(out, state->env, state->nenv);
    put_strings(out, state->preopens, state->npreopens);
    image_out_u32(out, state->nfds);
    for (uint32_t i = 0; i < state->nfds; i++)
        put_fd(out, &state->fds[i]);
    image_out_u32(out, state->ncontents);
    for (uint32_t i = 0; i < state->ncontents; i++)
        put_content_head(out, &state->contents[i]);
    image_out_end(out);
    for (uint32_t i = 0; i < state->ncontents; i++)
        put_content(out, i, &state->contents[i]);
}

/* ---- reading -------------------------------------------------------------------- */

/* A string of at most `size_max` bytes without NUL; NULL after an error. */
static char *get_string(struct image_in *in, uint32_t size_max)
{
    uint32_t size = image_in_u32(in);
    if (size > size_max)
        image_in_fail(in, CSK_E_LIMIT, "string of %u bytes, limit is %u", size, size_max);
    if (in->rc != 0)
        return NULL;
    char *text = mem_alloc((size_t)size + 1);
    if (text == NULL) {
        image_in_fail(in, CSK_E_NOMEM, "out of memory for a string");
        return NULL;
    }
    image_in_bytes(in, text, size);
    text[size] = '\0';
    if (in->rc == 0 && strlen(text) != size)
        image_in_fail(in, CSK_E_CORRUPT, "NUL inside a string");
    if (in->rc == 0)
        return text;
    mem_free(text);
    return NULL;
}

/* One more element at the end of an array that is `count` long; false after an error. */
static bool one_more(struct image_in *in, void **array, size_t *cap, uint32_t count, size_t size)
{
    if (in->rc == 0 && mem_grow(array, cap, (size_t)count + 1, size) != 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for the cell's files");
    return in->rc == 0;
}

struct string_limits {
    uint32_t count;
    uint32_t size;  /* of one */
    uint64_t total; /* with their NULs */
};

static void get_strings(struct image_in *in, const struct string_limits *limits, char ***strings,
                        uint32_t *count)
{
    size_t cap = 0;
    uint64_t total = 0;
    uint32_t n = image_in_u32(in);
    if (n > limits->count)
        image_in_fail(in, CSK_E_LIMIT, "%u strings, limit is %u", n, limits->count);
    while (*count < n && one_more(in, (void **)strings, &cap, *count, sizeof **strings)) {
        char *text = get_string(in, limits->size);
        if (text == NULL)
            return;
        (*strings)[(*count)++] = text;
        total += strlen(text) + 1;
        if (total > limits->total)
            image_in_fail(in, CSK_E_LIMIT, "strings of over %" PRIu64 " bytes", limits->total);
    }
}

static void get_fd(struct image_in *in, struct wasi_fd_state *fd)
{
    fd->fd = image_in_u32(in);
    fd->kind = image_in_u8(in);
    fd->stdio = image_in_u8(in);
    fd->filetype = image_in_u8(in);
    fd->eof = image_in_u8(in);
    fd->fdflags = image_in_u16(in);
    fd->rights_base = image_in_u64(in);
    fd->rights_inheriting = image_in_u64(in);
    fd->offset = image_in_u64(in);
    fd->preopen = image_in_u32(in);
    fd->content = image_in_u32(in);
    fd->path = get_string(in, WASI_PATH_MAX);
}

static bool fd_is_sound(const struct wasi_state *state, const struct wasi_fd_state *fd)
{
    bool has_preopen = fd->kind == WASI_FD_DIR || fd->kind == WASI_FD_FILE;
    return fd->kind <= WASI_FD_SOCKET && fd->stdio <= 2 && fd->eof <= 1 &&
           (!has_preopen || fd->preopen < state->npreopens) &&
           (fd->kind != WASI_FD_UNLINKED || fd->content != WASI_NO_CONTENT);
}

static void get_fds(struct image_in *in, struct wasi_state *state)
{
    size_t cap = 0;
    uint32_t n = image_in_u32(in);
    if (n > IMAGE_FDS_MAX)
        image_in_fail(in, CSK_E_LIMIT, "%u open files, limit is %u", n, IMAGE_FDS_MAX);
    while (state->nfds < n &&
           one_more(in, (void **)&state->fds, &cap, state->nfds, sizeof *state->fds)) {
        struct wasi_fd_state *fd = &state->fds[state->nfds];
        get_fd(in, fd);
        if (fd->path == NULL)
            return;
        state->nfds++;
        if (!fd_is_sound(state, fd) || (state->nfds > 1 && fd->fd <= fd[-1].fd))
            image_in_fail(in, CSK_E_CORRUPT, "open file %u does not make sense", fd->fd);
    }
}

static void get_content_heads(struct image_in *in, struct wasi_state *state)
{
    size_t cap = 0;
    uint64_t total = 0;
    uint32_t n = image_in_u32(in);
    if (n > IMAGE_FDS_MAX)
        image_in_fail(in, CSK_E_LIMIT, "%u files that travel, limit is %u", n, IMAGE_FDS_MAX);
    while (state->ncontents < n && one_more(in, (void **)&state->contents, &cap, state->ncontents,
                                            sizeof *state->contents)) {
        struct wasi_content *content = &state->contents[state->ncontents];
        *content = (struct wasi_content){.host_fd = -1, .temp_fd = -1};
        content->size = image_in_u64(in);
        content->mode = image_in_u32(in);
        content->preopen = image_in_u32(in);
        content->path = get_string(in, WASI_PATH_MAX);
        if (content->path == NULL)
            return;
        state->ncontents++;
        if (content->size > IMAGE_CONTENT_BYTES_MAX - total)
            image_in_fail(in, CSK_E_LIMIT, "files that travel of over %" PRIu64 " bytes",
                          IMAGE_CONTENT_BYTES_MAX);
        else if ((content->mode & ~07777u) != 0 ||
                 (content->preopen != WASI_NO_CONTENT && content->preopen >= state->npreopens))
            image_in_fail(in, CSK_E_CORRUPT, "file %u that travels does not make sense",
                          state->ncontents - 1);
        else
            total += content->size;
    }
}

static void check_contents_used(struct image_in *in, const struct wasi_state *state)
{
    for (uint32_t i = 0; i < state->nfds && in->rc == 0; i++) {
        uint32_t content = state->fds[i].content;
        if (content != WASI_NO_CONTENT && content >= state->ncontents)
            image_in_fail(in, CSK_E_CORRUPT, "open file %u has no content", state->fds[i].fd);
    }
}

static void open_contents(struct image_in *in, struct wasi_state *state)
{
    for (uint32_t i = 0; i < state->ncontents && in->rc == 0; i++) {
        int rc = image_tempfile(state->contents[i].size, &state->contents[i].temp_fd);
        if (rc != 0)
            image_in_fail(in, rc, "no temporary file for a file that travels");
    }
}

/* Where one chunk of file bytes belongs; each comes once, in order. */
struct content_place {
    uint32_t index;
    uint64_t next; /* lowest offset that may come in it */
};

static void get_content_chunk(struct image_in *in, const struct wasi_state *state,
                              struct content_place *place)
{
    size_t size;
    const uint8_t *chunk = image_in_chunk(in, &size);
    if (chunk == NULL || size <= IMAGE_RANGE_HEAD) {
        image_in_fail(in, CSK_E_CORRUPT, "content chunk too short");
        return;
    }
    uint32_t index = get_le32(chunk);
    uint64_t offset = get_le64(chunk + 8);
    bool later = index > place->index || (index == place->index && offset >= place->next);
    if (index >= state->ncontents || get_le32(chunk + 4) != 0 || offset % IMAGE_RANGE != 0 ||
        !later || offset >= state->contents[index].size) {
        image_in_fail(in, CSK_E_CORRUPT, "content chunk out of order or place");
        return;
    }
    uint64_t left = state->contents[index].size - offset;
    size_t n = size - IMAGE_RANGE_HEAD;
    chunk += IMAGE_RANGE_HEAD;
    if (n != (left < IMAGE_RANGE ? left : IMAGE_RANGE) || image_is_zero(chunk, n)) {
        image_in_fail(in, CSK_E_CORRUPT, "content chunk of the wrong size, or zero");
        return;
    }
    *place = (struct content_place){.index = index, .next = offset + IMAGE_RANGE};
    int fd = state->contents[index].temp_fd;
    if (fd >= 0 && image_tempfile_write(fd, chunk, n, offset) != 0)
        image_in_fail(in, CSK_E_IO, "writing a temporary file failed");
}

void image_get_wasi(struct image_in *in, bool keep_contents, struct wasi_state *ret_state)
{
    static const struct string_limits args = {IMAGE_ARGS_BYTES_MAX, IMAGE_ARGS_BYTES_MAX,
                                              IMAGE_ARGS_BYTES_MAX};
    static const struct string_limits paths = {IMAGE_FDS_MAX, WASI_PATH_MAX, UINT64_MAX};
    struct wasi_state *state = ret_state;
    *state = (struct wasi_state){0};
    image_in_begin(in, IMAGE_WASI);
    state->monotonic_ns = image_in_u64(in);
    state->cpu_ns = image_in_u64(in);
    state->poll_deadline_ns = image_in_u64(in);
    uint8_t deadline_set = image_in_u8(in);
    state->poll_deadline_set = deadline_set == 1;
    if (deadline_set > 1 || (deadline_set == 0 && state->poll_deadline_ns != 0))
        image_in_fail(in, CSK_E_CORRUPT, "the deadline of a poll does not make sense");
    get_strings(in, &args, &state->args, &state->nargs);
    get_strings(in, &args, &state->env, &state->nenv);
    get_strings(in, &paths, &state->preopens, &state->npreopens);
    get_fds(in, state);
    get_content_heads(in, state);
    check_contents_used(in, state);
    image_in_end(in);
    if (keep_contents)
        open_contents(in, state);
    struct content_place place = {0};
    while (in->rc == 0 && image_in_next_is(in, IMAGE_CONTENT))
        get_content_chunk(in, state, &place);
}
