/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cell/embed.h"

int csk_snapshot(struct csk_instance *instance, bool with_module, csk_write_fn *write, void *user,
                 struct csk_error *err)
{
    const struct cell_freeze_options options = {.with_module = with_module};
    error_clear(err);
    return cell_freeze(instance->cell, &options, write, user, err);
}

/* The image's own module, when the caller has none. */
static int find_module(struct wasm_engine *engine, const struct image_decoder *decoder,
                       struct wasm_module **module, bool *ret_own, struct csk_error *err)
{
    *ret_own = false;
    if (*module != NULL)
        return 0;
    size_t size;
    const uint8_t *bytes = image_decoder_module(decoder, &size);
    if (bytes == NULL)
        return error_set(err, CSK_E_NOT_FOUND, "the image carries no module, and none was given");
    int rc = wasm_module_load(engine, bytes, size, true, module, err);
    *ret_own = rc == 0;
    return rc;
}

int csk_restore(struct csk_engine *engine, struct csk_module *module, csk_read_fn *read,
                void *read_user, const struct csk_host_func *funcs, size_t nfuncs,
                struct csk_instance **ret_instance, struct csk_error *err)
{
    struct image_decoder *decoder = NULL;
    struct csk_instance *instance = NULL;
    struct wasm_module *wasm = module != NULL ? embed_module(module) : NULL;
    struct image_meta meta;
    bool own = false;
    error_clear(err);
    int rc = image_decoder_new(read, read_user, &decoder, err);
    if (rc == 0)
        rc = image_decode_meta(decoder, &meta, err);
    if (rc == 0)
        rc = find_module(embed_engine(engine), decoder, &wasm, &own, err);
    if (rc == 0)
        rc = embed_instance_alloc(wasm, &instance);
    if (rc != 0)
        goto out;
    struct embed_link link = {.instance = instance, .funcs = funcs, .nfuncs = nfuncs};
    struct cell_linker linker = {.resolve = embed_resolve, .user = &link};
    rc = cell_thaw(embed_engine(engine), wasm, &linker, NULL, decoder, &meta, &instance->cell, err);
    if (rc != 0)
        goto out;
    instance->cell->owns_module = own;
    own = false;
    *ret_instance = instance;
    instance = NULL;
out:
    csk_instance_free(instance);
    if (own)
        wasm_module_free(wasm);
    image_decoder_free(decoder);
    return rc == 0 ? 0 : error_set(err, rc, "%s", csk_strerror(rc));
}
