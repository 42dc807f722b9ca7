/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "world.h"

static int write_buf(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

static int64_t read_bytes(void *user, void *bytes, size_t size)
{
    struct reader *r = user;
    size_t n = reader_left(r) < size ? reader_left(r) : size;
    memcpy(bytes, reader_take(r, n), n);
    return (int64_t)n;
}

static int decode(struct world *to, struct image_decoder *decoder, struct csk_error *err)
{
    struct image_meta meta;
    int rc = image_decode_meta(decoder, &meta, err);
    return rc != 0 ? rc : image_decode_state(decoder, to->inst, to->exec, err);
}

int world_copy_image(struct world *to, struct world *from, struct csk_error *err)
{
    struct buf image = {0};
    struct reader reader;
    struct image_decoder *decoder = NULL;
    struct image_meta meta = {.phase = IMAGE_RUNNING};
    *to = (struct world){0};
    int rc = image_encode(&meta, false, from->exec, from->inst, NULL, write_buf, &image, err);
    if (rc == 0)
        rc = world_open(to, from->module, false, err);
    if (rc != 0)
        goto out;
    reader_init(&reader, image.data, image.size);
    rc = image_decoder_new(read_bytes, &reader, &decoder, err);
    if (rc == 0)
        rc = decode(to, decoder, err);
out:
    image_decoder_free(decoder);
    buf_fini(&image);
    if (rc != 0)
        world_close(to);
    return rc;
}
