/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/state.h"

static bool name_is_clean(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    }
    return true;
}

void image_put_meta(struct image_out *out, const struct image_meta *meta)
{
    size_t name_size = strnlen(meta->name, sizeof meta->name);
    if (name_size > IMAGE_NAME_MAX || !name_is_clean(meta->name, name_size)) {
        image_out_fail(out, CSK_E_ARGUMENT, "a cell's name has at most 63 bytes, none of control");
        return;
    }
    uint8_t flags = meta->has_fuel ? IMAGE_META_HAS_FUEL : 0;
    flags |= meta->has_wasi ? IMAGE_META_HAS_WASI : 0;
    flags |= meta->has_module ? IMAGE_META_HAS_MODULE : 0;
    image_out_begin(out, IMAGE_META);
    image_out_bytes(out, meta->module_digest, IMAGE_DIGEST_SIZE);
    image_out_u64(out, meta->module_size);
    image_out_u64(out, meta->memory_max_bytes);
    image_out_u64(out, meta->has_fuel ? meta->fuel_left : 0);
    image_out_u32(out, meta->entry_func);
    image_out_u8(out, meta->phase);
    image_out_u8(out, flags);
    image_out_u16(out, 0);
    image_out_u64(out, meta->epoch);
    image_out_u64(out, meta->safepoints);
    image_out_u32(out, (uint32_t)name_size);
    image_out_bytes(out, meta->name, name_size);
    image_out_end(out);
}

static void check_meta(struct image_in *in, const struct image_meta *meta, uint8_t flags)
{
    const uint8_t known = IMAGE_META_HAS_FUEL | IMAGE_META_HAS_WASI | IMAGE_META_HAS_MODULE;
    if ((flags & ~known) != 0 || meta->phase > IMAGE_INITIALIZE)
        image_in_fail(in, CSK_E_VERSION, "unknown flags or phase in meta");
    else if (!meta->has_fuel && meta->fuel_left != 0)
        image_in_fail(in, CSK_E_CORRUPT, "fuel left in a cell that has none");
    else if (meta->module_size > IMAGE_MODULE_BYTES_MAX)
        image_in_fail(in, CSK_E_LIMIT, "module of %llu bytes, limit is %u",
                      (unsigned long long)meta->module_size, IMAGE_MODULE_BYTES_MAX);
}

void image_get_meta(struct image_in *in, struct image_meta *ret_meta)
{
    struct image_meta meta = {0};
    image_in_begin(in, IMAGE_META);
    image_in_bytes(in, meta.module_digest, IMAGE_DIGEST_SIZE);
    meta.module_size = image_in_u64(in);
    meta.memory_max_bytes = image_in_u64(in);
    meta.fuel_left = image_in_u64(in);
    meta.entry_func = image_in_u32(in);
    meta.phase = image_in_u8(in);
    uint8_t flags = image_in_u8(in);
    uint16_t reserved = image_in_u16(in);
    meta.epoch = image_in_u64(in);
    meta.safepoints = image_in_u64(in);
    uint32_t name_size = image_in_u32(in);
    if (name_size > IMAGE_NAME_MAX || reserved != 0)
        image_in_fail(in, CSK_E_CORRUPT, "name of %u bytes, limit is %u", name_size,
                      IMAGE_NAME_MAX);
    if (in->rc == 0)
        image_in_bytes(in, meta.name, name_size);
    if (in->rc == 0 && !name_is_clean(meta.name, name_size))
        image_in_fail(in, CSK_E_CORRUPT, "name with control bytes");
    image_in_end(in);
    meta.has_fuel = (flags & IMAGE_META_HAS_FUEL) != 0;
    meta.has_wasi = (flags & IMAGE_META_HAS_WASI) != 0;
    meta.has_module = (flags & IMAGE_META_HAS_MODULE) != 0;
    check_meta(in, &meta, flags);
    *ret_meta = meta;
}

void image_put_module(struct image_out *out, const struct wasm_module *module)
{
    image_out_begin(out, IMAGE_MODULE);
    image_out_bytes(out, module->bytes, module->size);
    image_out_end(out);
}

/* Grows with what really arrived, so that a size alone allocates nothing. */
static void gather(struct image_in *in, uint64_t size, uint8_t **bytes)
{
    size_t cap = 0, have = 0;
    while (have < size && in->rc == 0) {
        size_t n = size - have < IMAGE_PIECE ? (size_t)(size - have) : IMAGE_PIECE;
        if (mem_grow((void **)bytes, &cap, have + n, 1) != 0) {
            image_in_fail(in, CSK_E_NOMEM, "out of memory for the module");
            return;
        }
        image_in_bytes(in, *bytes + have, n);
        have += n;
    }
}

uint8_t *image_get_module(struct image_in *in, const struct image_meta *meta)
{
    uint8_t *bytes = NULL;
    uint8_t digest[SHA256_SIZE];
    image_in_begin(in, IMAGE_MODULE);
    gather(in, meta->module_size, &bytes);
    image_in_end(in);
    if (in->rc == 0 && bytes == NULL)
        image_in_fail(in, CSK_E_CORRUPT, "module of no bytes");
    if (in->rc == 0) {
        sha256_of(bytes, (size_t)meta->module_size, digest);
        if (memcmp(digest, meta->module_digest, sizeof digest) != 0)
            image_in_fail(in, CSK_E_CORRUPT, "the module inside is not the one it names");
    }
    if (in->rc == 0)
        return bytes;
    mem_free(bytes);
    return NULL;
}
