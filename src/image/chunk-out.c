/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "image/chunk.h"

int image_out_fail(struct image_out *out, int code, const char *text)
{
    if (out->rc == 0)
        out->rc = error_set(out->err, code, "%s", text);
    return out->rc;
}

/* The hash in its header vouches for a raw chunk's bytes; a compressed chunk's stored bytes
 * are hashed here, so that no byte of the file can change unnoticed. */
static void hash_root(struct sha256 *root, const uint8_t *header, size_t stored_size)
{
    bool compressed = header[2] == IMAGE_ZSTD;
    sha256_update(root, header, IMAGE_CHUNK_HEADER + (compressed ? stored_size : 0));
}

static void emit(struct image_out *out, const uint8_t *bytes, size_t size)
{
    int rc = out->write(out->user, bytes, size);
    if (rc != 0)
        image_out_fail(out, rc < 0 ? rc : CSK_E_IO, "writing the image failed");
    out->written += size;
}

/* Make a chunk of the plain buffer's first bytes and write it. */
static void flush_chunk(struct image_out *out, uint16_t type, size_t plain_size)
{
    size_t stored_size = 0;
    if (type != IMAGE_END) {
        int rc = image_compress(out->scratch, plain_size, &stored_size);
        if (rc != 0) {
            image_out_fail(out, rc, "out of memory for compressing");
            return;
        }
    }
    bool raw = stored_size == 0;
    uint8_t *plain = image_scratch_plain(out->scratch);
    uint8_t *body = raw ? plain : image_scratch_stored(out->scratch);
    uint8_t *header = body - IMAGE_CHUNK_HEADER;
    if (raw)
        stored_size = plain_size;
    put_le16(header, type);
    header[2] = raw ? IMAGE_RAW : IMAGE_ZSTD;
    header[3] = 0;
    put_le32(header + 4, (uint32_t)stored_size);
    put_le32(header + 8, (uint32_t)plain_size);
    put_le32(header + 12, out->number++);
    sha256_of(plain, plain_size, header + IMAGE_CHUNK_HASH);
    if (type != IMAGE_END)
        hash_root(&out->root, header, stored_size);
    emit(out, header, IMAGE_CHUNK_HEADER + stored_size);
}

int image_out_init(struct image_out *out, image_write_fn *write, void *user, struct csk_error *err)
{
    *out = (struct image_out){.write = write, .user = user, .err = err};
    out->scratch = image_scratch_get();
    if (out->scratch == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory for an image's buffers");
    uint8_t header[IMAGE_FILE_HEADER] = {0};
    memcpy(header, IMAGE_MAGIC, 8);
    put_le32(header + 8, IMAGE_VERSION);
    sha256_init(&out->root);
    sha256_update(&out->root, header, sizeof header);
    emit(out, header, sizeof header);
    return 0;
}

int image_out_fini(struct image_out *out)
{
    if (out->scratch != NULL && out->rc == 0) {
        uint8_t *plain = image_scratch_plain(out->scratch);
        put_le64(plain, out->written);
        put_le32(plain + 8, out->number);
        put_le32(plain + 12, 0);
        sha256_final(&out->root, plain + 16);
        flush_chunk(out, IMAGE_END, IMAGE_END_SIZE);
    }
    image_scratch_put(out->scratch);
    out->scratch = NULL;
    return out->rc;
}

void image_out_begin(struct image_out *out, enum image_section section)
{
    out->type = (uint16_t)section;
    out->fill = 0;
}

void image_out_bytes(struct image_out *out, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    while (size != 0 && out->rc == 0) {
        size_t room = IMAGE_PIECE - out->fill;
        size_t n = size < room ? size : room;
        memcpy(image_scratch_plain(out->scratch) + out->fill, p, n);
        out->fill += n;
        p += n;
        size -= n;
        if (out->fill == IMAGE_PIECE)
            image_out_end(out);
    }
}

void image_out_u8(struct image_out *out, uint8_t v)
{
    image_out_bytes(out, &v, 1);
}

void image_out_u16(struct image_out *out, uint16_t v)
{
    uint8_t le[2];
    put_le16(le, v);
    image_out_bytes(out, le, sizeof le);
}

void image_out_u32(struct image_out *out, uint32_t v)
{
    uint8_t le[4];
    put_le32(le, v);
    image_out_bytes(out, le, sizeof le);
}

void image_out_u64(struct image_out *out, uint64_t v)
{
    uint8_t le[8];
    put_le64(le, v);
    image_out_bytes(out, le, sizeof le);
}

void image_out_end(struct image_out *out)
{
    if (out->fill != 0 && out->rc == 0)
        flush_chunk(out, out->type, out->fill);
    out->fill = 0;
}

uint8_t *image_out_room(struct image_out *out)
{
    return image_scratch_plain(out->scratch);
}

void image_out_chunk(struct image_out *out, size_t size)
{
    if (out->rc == 0)
        flush_chunk(out, out->type, size);
}
