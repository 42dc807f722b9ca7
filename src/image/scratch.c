/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <zstd.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/chunk.h"

struct image_scratch {
    ZSTD_CCtx *compressor; /* made when first needed */
    ZSTD_DCtx *decompressor;
    uint8_t plain[IMAGE_CHUNK_HEADER + IMAGE_CHUNK_MAX];
    uint8_t stored[IMAGE_CHUNK_HEADER + ZSTD_COMPRESSBOUND(IMAGE_CHUNK_MAX)];
};

static struct image_scratch resident;
static atomic_flag resident_taken = ATOMIC_FLAG_INIT;

struct image_scratch *image_scratch_get(void)
{
    if (!atomic_flag_test_and_set_explicit(&resident_taken, memory_order_acquire))
        return &resident;
    struct image_scratch *scratch = mem_alloc(sizeof *scratch);
    if (scratch != NULL) {
        scratch->compressor = NULL;
        scratch->decompressor = NULL;
    }
    return scratch;
}

void image_scratch_put(struct image_scratch *scratch)
{
    if (scratch == NULL)
        return;
    if (scratch == &resident) {
        atomic_flag_clear_explicit(&resident_taken, memory_order_release);
        return;
    }
    ZSTD_freeCCtx(scratch->compressor);
    ZSTD_freeDCtx(scratch->decompressor);
    mem_free(scratch);
}

uint8_t *image_scratch_plain(struct image_scratch *scratch)
{
    return scratch->plain + IMAGE_CHUNK_HEADER;
}

uint8_t *image_scratch_stored(struct image_scratch *scratch)
{
    return scratch->stored + IMAGE_CHUNK_HEADER;
}

static int need_compressor(struct image_scratch *scratch)
{
    if (scratch->compressor != NULL)
        return 0;
    ZSTD_CCtx *c = ZSTD_createCCtx();
    if (c == NULL)
        return CSK_E_NOMEM;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, IMAGE_ZSTD_LEVEL))) {
        ZSTD_freeCCtx(c);
        return CSK_E_NOMEM;
    }
    scratch->compressor = c;
    return 0;
}

int image_compress(struct image_scratch *scratch, size_t plain_size, size_t *ret_size)
{
    *ret_size = 0;
    if (plain_size < IMAGE_COMPRESS_MIN)
        return 0;
    int rc = need_compressor(scratch);
    if (rc != 0)
        return rc;
    size_t n = ZSTD_compress2(scratch->compressor, image_scratch_stored(scratch),
                              sizeof scratch->stored - IMAGE_CHUNK_HEADER,
                              image_scratch_plain(scratch), plain_size);
    if (ZSTD_isError(n))
        return CSK_E_NOMEM; /* the bound is kept, so nothing else can go wrong */
    if (n <= plain_size - plain_size / 8)
        *ret_size = n;
    return 0;
}

int image_decompress(struct image_scratch *scratch, size_t stored_size, size_t plain_size)
{
    if (scratch->decompressor == NULL)
        scratch->decompressor = ZSTD_createDCtx();
    if (scratch->decompressor == NULL)
        return CSK_E_NOMEM;
    const uint8_t *stored = image_scratch_stored(scratch);
    if (ZSTD_getFrameContentSize(stored, stored_size) != plain_size ||
        ZSTD_findFrameCompressedSize(stored, stored_size) != stored_size)
        return CSK_E_CORRUPT;
    size_t n = ZSTD_decompressDCtx(scratch->decompressor, image_scratch_plain(scratch), plain_size,
                                   stored, stored_size);
    return n == plain_size ? 0 : CSK_E_CORRUPT;
}
