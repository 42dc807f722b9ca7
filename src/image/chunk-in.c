/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "image/chunk.h"

const char *image_section_name(enum image_section section)
{
    static const char *const names[IMAGE_SECTIONS_END] = {
        [IMAGE_META] = "meta",         [IMAGE_MODULE] = "module",   [IMAGE_WASI] = "wasi",
        [IMAGE_CONTENT] = "content",   [IMAGE_GLOBALS] = "globals", [IMAGE_TABLES] = "tables",
        [IMAGE_SEGMENTS] = "segments", [IMAGE_FRAMES] = "frames",   [IMAGE_MEMORIES] = "memories",
        [IMAGE_RANGES] = "ranges",
    };
    if (section < IMAGE_META || section >= IMAGE_SECTIONS_END)
        return (unsigned)section == IMAGE_END ? "end" : "unknown";
    return names[section];
}

int image_in_fail(struct image_in *in, int code, const char *fmt, ...)
{
    if (in->rc != 0)
        return in->rc;
    char text[160];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    in->rc = error_at(in->err, code, in->offset, "image: %s", n < 0 ? "bad" : text);
    return in->rc;
}

/* ---- bytes ---------------------------------------------------------------------- */

/* Up to `size` bytes; fewer only at the end of the input or after an error. */
static size_t pull(struct image_in *in, uint8_t *p, size_t size)
{
    size_t got = 0;
    while (got < size && in->rc == 0) {
        int64_t n = in->read(in->user, p + got, size - got);
        if (n == 0)
            break;
        if (n < 0 || (uint64_t)n > size - got) {
            image_in_fail(in, n < 0 && n > INT32_MIN ? (int)n : CSK_E_IO, "reading failed");
            break;
        }
        got += (size_t)n;
        in->offset += (uint64_t)n;
    }
    return got;
}

static bool pull_all(struct image_in *in, uint8_t *p, size_t size)
{
    if (pull(in, p, size) != size)
        image_in_fail(in, CSK_E_CORRUPT, "it ends too early");
    return in->rc == 0;
}

/* ---- chunks --------------------------------------------------------------------- */

struct chunk_header {
    uint16_t type;
    uint8_t coding;
    uint8_t flags;
    uint32_t stored_size;
    uint32_t plain_size;
    uint32_t number;
};

static bool is_section(uint16_t type)
{
    return type >= IMAGE_META && type < IMAGE_SECTIONS_END;
}

static bool is_known(uint16_t type)
{
    return is_section(type) || type == IMAGE_END;
}

static bool is_records(uint16_t type)
{
    return type == IMAGE_CONTENT || type == IMAGE_RANGES;
}

static bool sizes_fit(const struct chunk_header *h)
{
    uint32_t max = is_section(h->type) && !is_records(h->type) ? IMAGE_PIECE : IMAGE_CHUNK_MAX;
    if (h->plain_size == 0 || h->plain_size > max)
        return false;
    if (h->coding == IMAGE_RAW)
        return h->stored_size == h->plain_size;
    return h->stored_size > 0 && h->stored_size < h->plain_size;
}

static int check_header(struct image_in *in, const struct chunk_header *h)
{
    if (h->number != in->number)
        return image_in_fail(in, CSK_E_CORRUPT, "chunk %u where number %u belongs", h->number,
                             in->number);
    if ((h->flags & ~IMAGE_CHUNK_OPTIONAL) != 0 || h->coding > IMAGE_ZSTD)
        return image_in_fail(in, CSK_E_VERSION, "chunk with unknown flags or coding");
    if (!is_known(h->type) && h->flags == 0)
        return image_in_fail(in, CSK_E_VERSION, "required chunk of unknown type %u", h->type);
    if (is_known(h->type) && h->flags != 0)
        return image_in_fail(in, CSK_E_CORRUPT, "%s chunk marked optional",
                             image_section_name((enum image_section)h->type));
    if (!sizes_fit(h))
        return image_in_fail(in, CSK_E_CORRUPT, "chunk sizes %u and %u (at most %u)",
                             h->stored_size, h->plain_size, IMAGE_CHUNK_MAX);
    return 0;
}

/* Sections come in ascending order, each once; the pieces of a stream are full but for
 * the last. */
static int check_order(struct image_in *in, const struct chunk_header *h)
{
    if (!is_known(h->type))
        return in->type != 0 ? 0 : image_in_fail(in, CSK_E_CORRUPT, "meta is not first");
    if (h->type < in->type)
        return image_in_fail(in, CSK_E_CORRUPT, "%s out of order or twice",
                             image_section_name((enum image_section)h->type));
    if (h->type == in->type && !is_records(h->type) && in->size != IMAGE_PIECE)
        return image_in_fail(in, CSK_E_CORRUPT, "second %s section",
                             image_section_name((enum image_section)h->type));
    return 0;
}

static int check_hash(struct image_in *in, const uint8_t *plain, size_t size, const uint8_t *header)
{
    uint8_t digest[SHA256_SIZE];
    sha256_of(plain, size, digest);
    if (memcmp(digest, header + IMAGE_CHUNK_HASH, SHA256_SIZE) != 0)
        return image_in_fail(in, CSK_E_CORRUPT, "hash of chunk %u does not match", in->number);
    return 0;
}

/* The stored bytes, decompressed when they have to be; NULL after an error. */
static const uint8_t *read_body(struct image_in *in, const struct chunk_header *h,
                                const uint8_t *header)
{
    bool raw = h->coding == IMAGE_RAW;
    uint8_t *plain = image_scratch_plain(in->scratch);
    uint8_t *body = raw ? plain : image_scratch_stored(in->scratch);
    if (!pull_all(in, body, h->stored_size))
        return NULL;
    if (h->type != IMAGE_END) {
        sha256_update(&in->root, header, IMAGE_CHUNK_HEADER);
        if (!raw)
            sha256_update(&in->root, body, h->stored_size);
    }
    if (!raw) {
        int rc = image_decompress(in->scratch, h->stored_size, h->plain_size);
        if (rc != 0) {
            image_in_fail(in, rc, "chunk %u does not decompress", in->number);
            return NULL;
        }
    }
    return check_hash(in, plain, h->plain_size, header) == 0 ? plain : NULL;
}

/* Fold a chunk into the state digest, with what is not program state left out or zeroed. */
static void digest_chunk(struct image_in *in)
{
    uint8_t head[8] = {0}; /* type, 0, size */
    uint8_t start[IMAGE_META_STATE] = {0};
    size_t size = in->size, masked = 0;
    if (in->type == IMAGE_MODULE || in->type == IMAGE_END)
        return;
    if (in->type == IMAGE_META && size >= IMAGE_META_SIZE) {
        size = masked = IMAGE_META_STATE;
        memcpy(start, in->plain, IMAGE_META_STATE);
        start[IMAGE_META_FLAGS] &= (uint8_t)~IMAGE_META_HAS_MODULE;
    } else if (in->type == IMAGE_WASI && in->section != IMAGE_WASI && size >= IMAGE_WASI_TIMES) {
        masked = IMAGE_WASI_TIMES;
    }
    put_le16(head, in->type);
    put_le32(head + 4, (uint32_t)size);
    sha256_update(in->state, head, sizeof head);
    sha256_update(in->state, start, masked);
    sha256_update(in->state, in->plain + masked, size - masked);
}

/* One chunk into in->plain; an optional one of unknown type is checked and dropped. */
static void load_one(struct image_in *in)
{
    uint8_t header[IMAGE_CHUNK_HEADER];
    if (!pull_all(in, header, sizeof header))
        return;
    struct chunk_header h = {
        .type = get_le16(header),
        .coding = header[2],
        .flags = header[3],
        .stored_size = get_le32(header + 4),
        .plain_size = get_le32(header + 8),
        .number = get_le32(header + 12),
    };
    if (check_header(in, &h) != 0 || check_order(in, &h) != 0)
        return;
    const uint8_t *plain = read_body(in, &h, header);
    if (plain == NULL)
        return;
    in->number++;
    if (!is_known(h.type))
        return;
    if (in->sizes != NULL && is_section(h.type)) {
        in->sizes[h.type].chunks++;
        in->sizes[h.type].plain_bytes += h.plain_size;
        in->sizes[h.type].stored_bytes += IMAGE_CHUNK_HEADER + h.stored_size;
    }
    in->type = h.type;
    in->plain = plain;
    in->size = h.plain_size;
    in->used = 0;
    in->loaded = true;
    if (in->state != NULL)
        digest_chunk(in);
}

static bool load(struct image_in *in)
{
    while (!in->loaded && in->rc == 0)
        load_one(in);
    return in->rc == 0;
}

/* ---- sections ------------------------------------------------------------------- */

int image_in_init(struct image_in *in, image_read_fn *read, void *user, struct csk_error *err)
{
    *in = (struct image_in){.read = read, .user = user, .err = err};
    in->scratch = image_scratch_get();
    if (in->scratch == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory for an image's buffers");
    uint8_t header[IMAGE_FILE_HEADER];
    sha256_init(&in->root);
    if (!pull_all(in, header, sizeof header))
        return in->rc;
    sha256_update(&in->root, header, sizeof header);
    if (memcmp(header, IMAGE_MAGIC, 8) != 0)
        return image_in_fail(in, CSK_E_CORRUPT, "this is not a cell image");
    if (get_le32(header + 8) != IMAGE_VERSION || get_le32(header + 12) != 0)
        return image_in_fail(in, CSK_E_VERSION, "format version %u with flags %#x, known is %u",
                             get_le32(header + 8), get_le32(header + 12), IMAGE_VERSION);
    return 0;
}

void image_in_fini(struct image_in *in)
{
    image_scratch_put(in->scratch);
    in->scratch = NULL;
}

bool image_in_next_is(struct image_in *in, enum image_section section)
{
    return load(in) && in->type == (uint16_t)section;
}

void image_in_begin(struct image_in *in, enum image_section section)
{
    if (load(in) && in->type != (uint16_t)section)
        image_in_fail(in, CSK_E_CORRUPT, "%s where %s belongs",
                      image_section_name((enum image_section)in->type),
                      image_section_name(section));
    in->section = (uint16_t)section;
}

void image_in_bytes(struct image_in *in, void *ret_bytes, size_t size)
{
    uint8_t *to = ret_bytes;
    while (size != 0 && load(in)) {
        if (in->type != in->section) {
            image_in_fail(in, CSK_E_CORRUPT, "%s section too short",
                          image_section_name((enum image_section)in->section));
            break;
        }
        size_t left = in->size - in->used;
        size_t n = size < left ? size : left;
        memcpy(to, in->plain + in->used, n);
        in->used += n;
        in->loaded = in->used < in->size;
        to += n;
        size -= n;
    }
    if (size != 0)
        memset(to, 0, size);
}

uint8_t image_in_u8(struct image_in *in)
{
    uint8_t v;
    image_in_bytes(in, &v, 1);
    return v;
}

uint16_t image_in_u16(struct image_in *in)
{
    uint8_t le[2];
    image_in_bytes(in, le, sizeof le);
    return get_le16(le);
}

uint32_t image_in_u32(struct image_in *in)
{
    uint8_t le[4];
    image_in_bytes(in, le, sizeof le);
    return get_le32(le);
}

uint64_t image_in_u64(struct image_in *in)
{
    uint8_t le[8];
    image_in_bytes(in, le, sizeof le);
    return get_le64(le);
}

void image_in_end(struct image_in *in)
{
    if (load(in) && in->type == in->section)
        image_in_fail(in, CSK_E_CORRUPT, "%s section too long",
                      image_section_name((enum image_section)in->section));
}

const uint8_t *image_in_chunk(struct image_in *in, size_t *ret_size)
{
    if (!load(in))
        return NULL;
    in->section = in->type;
    in->loaded = false;
    *ret_size = in->size;
    return in->plain;
}

void image_in_finish(struct image_in *in)
{
    uint64_t before = 0;
    if (load(in))
        before = in->offset - IMAGE_CHUNK_HEADER - in->size;
    if (in->rc != 0)
        return;
    uint32_t chunks = in->number - 1;
    uint8_t root[SHA256_SIZE];
    sha256_final(&in->root, root);
    if (in->type != IMAGE_END || in->size != IMAGE_END_SIZE) {
        image_in_fail(in, CSK_E_CORRUPT, "%s where the end belongs",
                      image_section_name((enum image_section)in->type));
        return;
    }
    uint8_t *extra = image_scratch_stored(in->scratch);
    if (get_le64(in->plain) != before || get_le32(in->plain + 8) != chunks ||
        get_le32(in->plain + 12) != 0 || memcmp(in->plain + 16, root, sizeof root) != 0)
        image_in_fail(in, CSK_E_CORRUPT, "the end does not match what came before");
    else if (pull(in, extra, 1) != 0)
        image_in_fail(in, CSK_E_CORRUPT, "bytes after the end");
    in->ended = in->rc == 0;
}
