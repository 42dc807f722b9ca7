/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "fuzz/fuzz.h"
#include "fuzz/guest.h"
#include "fuzz/sandbox.h"
#include "fuzz/source.h"
#include "image/image.h"
#include "test/image/forge.h"
#include "test/image/modules.h"

/*
 * An image of a known module. The first byte says how the rest is meant: even, as an image;
 * odd, as chunks in the forge's compact form, which are given right sums, so that mutations
 * reach what lies behind them. An image that is accepted must encode to itself, and run.
 */

#define MODULE_SIZE_AT 32u /* in the meta chunk, after the digest */
#define META_HEAD      40u

static struct wasm_module *known_module(void)
{
    static struct wasm_module *module;
    if (module == NULL)
        MUST(wasm_module_load(guest_engine(), module_rich, sizeof module_rich, false, &module,
                              NULL) == 0);
    return module;
}

/* The module's digest in meta, so that kept inputs outlive changes of the module. */
static void name_module(struct forge *f)
{
    struct forge_chunk *meta = forge_find(f, IMAGE_META);
    if (meta == NULL || meta->plain.size < META_HEAD)
        return;
    sha256_of(module_rich, sizeof module_rich, meta->plain.data);
    put_le64(meta->plain.data + MODULE_SIZE_AT, sizeof module_rich);
}

static bool forged_image(const uint8_t *data, size_t size, struct buf *image)
{
    struct forge f;
    bool ok = forge_unpack(&f, data, size);
    if (ok) {
        name_module(&f);
        ok = forge_write(&f, image);
    }
    forge_fini(&f);
    return ok;
}

static void check_wasi(struct wasi_state *state)
{
    struct csk_error err = {0};
    struct wasi *wasi = NULL;
    struct wasi_state again;
    struct wasi_config config = sandbox_config();
    int rc = wasi_thaw(state, &config, &wasi, &err);
    MUST(rc == err.code);
    if (rc != 0)
        return;
    if (wasi_freeze(wasi, false, &again, NULL) == 0)
        wasi_state_fini(&again);
    wasi_free(wasi);
}

static int append(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

static bool is_program(uint16_t type)
{
    return type >= IMAGE_GLOBALS && type <= IMAGE_RANGES;
}

static bool same_program(const struct forge *a, const struct forge *b)
{
    size_t j = 0;
    for (size_t i = 0; i < a->nchunks; i++) {
        if (!is_program(a->chunks[i].type))
            continue;
        while (j < b->nchunks && !is_program(b->chunks[j].type))
            j++;
        if (j == b->nchunks || a->chunks[i].type != b->chunks[j].type ||
            a->chunks[i].plain.size != b->chunks[j].plain.size ||
            memcmp(a->chunks[i].plain.data, b->chunks[j].plain.data, a->chunks[i].plain.size) != 0)
            return false;
        j++;
    }
    return true;
}

/* What was accepted is what its own image says, section by section. */
static void check_identity(struct guest *g, const struct image_meta *meta, const struct buf *image)
{
    struct buf again = {0};
    struct forge a, b;
    MUST(image_encode(meta, false, g->exec, g->inst, NULL, append, &again, NULL) == 0);
    MUST(forge_open(&a, image->data, image->size) && forge_open(&b, again.data, again.size));
    MUST(same_program(&a, &b) && same_program(&b, &a));
    forge_fini(&a);
    forge_fini(&b);
    buf_fini(&again);
}

static void run(struct guest *g)
{
    struct csk_outcome outcome;
    if (wasm_exec_depth(g->exec) == 0)
        return;
    wasm_exec_bounds(g->exec, 0, GUEST_FUEL);
    (void)wasm_exec_run(g->exec, &outcome);
}

static int decode(struct guest *g, const struct buf *image, struct image_meta *meta,
                  struct csk_error *err)
{
    struct source source = {image->data, image->size};
    struct image_decoder *d = NULL;
    struct wasi_state wasi;
    int rc = image_decoder_new(source_read, &source, &d, err);
    if (rc == 0)
        rc = image_decode_meta(d, meta, err);
    if (rc == 0 && meta->has_wasi) {
        rc = image_decode_wasi(d, &wasi, err);
        if (rc == 0) {
            check_wasi(&wasi);
            wasi_state_fini(&wasi);
        }
    }
    if (rc == 0)
        rc = image_decode_state(d, g->inst, g->exec, err);
    image_decoder_free(d);
    return rc;
}

static void check_description(const struct buf *image, bool accepted)
{
    struct source source = {image->data, image->size};
    struct image_description description;
    struct csk_error err = {0};
    int rc = image_describe(source_read, &source, &description, &err);
    MUST(rc == err.code);
    MUST(rc == 0 || !accepted);
    if (rc == 0)
        image_description_fini(&description);
}

static void check_image(const struct buf *image)
{
    struct guest g;
    struct image_meta meta;
    struct csk_error err = {0};
    MUST(guest_open(&g, known_module()) == 0);
    int rc = decode(&g, image, &meta, &err);
    MUST(rc == err.code);
    check_description(image, rc == 0);
    if (rc == 0) {
        fuzz_accepted++;
        check_identity(&g, &meta, image);
        run(&g);
    }
    guest_close(&g);
}

int fuzz_image(const uint8_t *data, size_t size)
{
    struct buf image = {0};
    if (size == 0)
        return 0;
    bool ok = (data[0] & 1) != 0 ? forged_image(data + 1, size - 1, &image)
                                 : buf_put(&image, data + 1, size - 1) == 0;
    if (ok)
        check_image(&image);
    buf_fini(&image);
    sandbox_check();
    return 0;
}
