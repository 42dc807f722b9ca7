/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "image/state.h"

static int check_arguments(const struct image_meta *meta, const struct wasm_exec *exec,
                           const struct wasm_instance *inst, struct csk_error *err)
{
    const struct wasm_module *module = inst->module;
    if (module->nimported[WASM_MEMORY] != 0 || module->nimported[WASM_TABLE] != 0 ||
        module->nimported[WASM_GLOBAL] != 0)
        return error_set(err, CSK_E_UNSUPPORTED,
                         "an image cannot hold imported memories, tables or globals");
    if (module->size > IMAGE_MODULE_BYTES_MAX)
        return error_set(err, CSK_E_LIMIT, "module of %u bytes, an image's limit is %u",
                         module->size, IMAGE_MODULE_BYTES_MAX);
    bool running = wasm_exec_depth(exec) != 0;
    if (meta->phase > IMAGE_INITIALIZE || running != (meta->phase != IMAGE_READY))
        return error_set(err, CSK_E_STATE, "the cell is not in the phase it says");
    return 0;
}

int image_encode(const struct image_meta *meta, bool with_module, struct wasm_exec *exec,
                 struct wasm_instance *inst, const struct wasi_state *wasi, image_write_fn *write,
                 void *user, struct csk_error *err)
{
    int rc = check_arguments(meta, exec, inst, err);
    if (rc != 0)
        return rc;
    struct image_meta full = *meta;
    full.module_size = inst->module->size;
    full.has_module = with_module;
    full.has_wasi = wasi != NULL;
    sha256_of(inst->module->bytes, inst->module->size, full.module_digest);

    struct image_out out;
    rc = image_out_init(&out, write, user, err);
    if (rc != 0)
        return rc;
    image_put_meta(&out, &full);
    if (with_module)
        image_put_module(&out, inst->module);
    if (wasi != NULL)
        image_put_wasi(&out, wasi);
    image_put_program(&out, exec, inst);
    return image_out_fini(&out);
}
