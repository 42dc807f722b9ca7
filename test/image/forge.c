/* SPDX-License-Identifier: Apache-2.0 */
#include "forge.h"

#include <string.h>
#include <zstd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "base/sha256.h"

#define FILE_HEADER  16u
#define CHUNK_HEADER 48u
#define END_TYPE     255u
#define PACKED_HEAD  6u

void forge_init(struct forge *f)
{
    *f = (struct forge){.version = 1};
}

void forge_fini(struct forge *f)
{
    for (size_t i = 0; i < f->nchunks; i++)
        buf_fini(&f->chunks[i].plain);
    mem_free(f->chunks);
    *f = (struct forge){0};
}

struct forge_chunk *forge_insert(struct forge *f, size_t at, uint16_t type, uint8_t flags,
                                 const void *plain, size_t size)
{
    if (mem_grow((void **)&f->chunks, &f->cap, f->nchunks + 1, sizeof *f->chunks) != 0)
        return NULL;
    struct forge_chunk *c = f->chunks + at;
    memmove(c + 1, c, (f->nchunks - at) * sizeof *c);
    *c = (struct forge_chunk){.type = type, .flags = flags};
    f->nchunks++;
    return buf_put(&c->plain, plain, size) == 0 ? c : NULL;
}

void forge_remove(struct forge *f, size_t at)
{
    buf_fini(&f->chunks[at].plain);
    f->nchunks--;
    memmove(f->chunks + at, f->chunks + at + 1, (f->nchunks - at) * sizeof *f->chunks);
}

struct forge_chunk *forge_find(struct forge *f, uint16_t type)
{
    for (size_t i = 0; i < f->nchunks; i++) {
        if (f->chunks[i].type == type)
            return &f->chunks[i];
    }
    return NULL;
}

/* One chunk at `p`; how long it is there, or 0. */
static size_t open_chunk(struct forge *f, const uint8_t *p, size_t left)
{
    if (left < CHUNK_HEADER)
        return 0;
    uint32_t stored = get_le32(p + 4), plain = get_le32(p + 8);
    if (stored > left - CHUNK_HEADER || plain > (1u << 20))
        return 0;
    if (get_le16(p) == END_TYPE)
        return CHUNK_HEADER + stored;
    struct forge_chunk *c = forge_insert(f, f->nchunks, get_le16(p), p[3], NULL, 0);
    if (c == NULL || buf_reserve(&c->plain, plain) != 0)
        return 0;
    c->coding = p[2];
    c->plain.size = plain;
    if (p[2] == 0)
        memcpy(c->plain.data, p + CHUNK_HEADER, plain);
    else if (ZSTD_decompress(c->plain.data, plain, p + CHUNK_HEADER, stored) != plain)
        return 0;
    return CHUNK_HEADER + stored;
}

bool forge_open(struct forge *f, const void *image, size_t size)
{
    const uint8_t *p = image;
    forge_init(f);
    size_t at = FILE_HEADER;
    while (at < size) {
        size_t n = open_chunk(f, p + at, size - at);
        if (n == 0)
            return false;
        at += n;
    }
    return at == size;
}

static bool put_chunk(struct buf *out, const struct forge_chunk *c, uint32_t number,
                      struct sha256 *root)
{
    uint8_t header[CHUNK_HEADER];
    struct buf packed = {0};
    const uint8_t *body = c->plain.data;
    size_t stored = c->plain.size;
    if (c->coding == 1) {
        size_t bound = ZSTD_compressBound(c->plain.size);
        if (buf_reserve(&packed, bound) != 0)
            return false;
        stored = ZSTD_compress(packed.data, bound, c->plain.data, c->plain.size, 1);
        body = packed.data;
    }
    put_le16(header, c->type);
    header[2] = c->coding;
    header[3] = c->flags;
    put_le32(header + 4, (uint32_t)stored);
    put_le32(header + 8, (uint32_t)c->plain.size);
    put_le32(header + 12, number);
    sha256_of(c->plain.data, c->plain.size, header + 16);
    if (root != NULL) {
        sha256_update(root, header, sizeof header);
        if (c->coding == 1)
            sha256_update(root, body, stored);
    }
    bool ok = buf_put(out, header, sizeof header) == 0 && buf_put(out, body, stored) == 0;
    buf_fini(&packed);
    return ok;
}

static bool put_end(struct buf *out, size_t start, uint32_t number, struct sha256 *root)
{
    uint8_t body[CHUNK_HEADER] = {0};
    put_le64(body, out->size - start);
    put_le32(body + 8, number);
    sha256_final(root, body + 16);
    struct forge_chunk end = {.type = END_TYPE, .plain = {.data = body, .size = sizeof body}};
    return put_chunk(out, &end, number, NULL);
}

bool forge_write(const struct forge *f, struct buf *out)
{
    size_t start = out->size;
    uint8_t header[FILE_HEADER] = {0x8a, 'C', 'E', 'L', 'L', '\r', '\n', 0x1a};
    put_le32(header + 8, f->version);
    struct sha256 root;
    sha256_init(&root);
    sha256_update(&root, header, sizeof header);
    if (buf_put(out, header, sizeof header) != 0)
        return false;
    for (size_t i = 0; i < f->nchunks; i++) {
        if (!put_chunk(out, &f->chunks[i], (uint32_t)i, &root))
            return false;
    }
    return put_end(out, start, (uint32_t)f->nchunks, &root);
}

bool forge_unpack(struct forge *f, const void *packed, size_t size)
{
    const uint8_t *p = packed;
    forge_init(f);
    while (size >= PACKED_HEAD) {
        size_t n = get_le32(p + 2);
        if (n > size - PACKED_HEAD)
            n = size - PACKED_HEAD;
        if (forge_insert(f, f->nchunks, p[0], p[1], p + PACKED_HEAD, n) == NULL)
            return false;
        p += PACKED_HEAD + n;
        size -= PACKED_HEAD + n;
    }
    return true;
}

bool forge_pack(const struct forge *f, struct buf *out)
{
    for (size_t i = 0; i < f->nchunks; i++) {
        const struct forge_chunk *c = &f->chunks[i];
        buf_put_u8(out, (uint8_t)c->type);
        buf_put_u8(out, c->flags);
        buf_put_u32(out, (uint32_t)c->plain.size);
        buf_put(out, c->plain.data, c->plain.size);
    }
    return !out->failed;
}
