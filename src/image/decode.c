/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/state.h"

/* Which of the three steps comes next. */
enum step {
    STEP_META,
    STEP_WASI,
    STEP_STATE,
    STEP_NONE, /* done, or failed */
};

struct image_decoder {
    struct image_in in;
    struct image_meta meta;
    uint8_t *module;
    enum step next;
};

int image_decoder_new(image_read_fn *read, void *user, struct image_decoder **ret_decoder,
                      struct csk_error *err)
{
    struct image_decoder *d = mem_calloc(1, sizeof *d);
    if (d == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory for an image's decoder");
    int rc = image_in_init(&d->in, read, user, err);
    if (rc != 0) {
        image_decoder_free(d);
        return rc;
    }
    d->next = STEP_META;
    *ret_decoder = d;
    return 0;
}

void image_decoder_free(struct image_decoder *decoder)
{
    if (decoder == NULL)
        return;
    image_in_fini(&decoder->in);
    mem_free(decoder->module);
    mem_free(decoder);
}

/* Steps are taken in order; `err` of this step gets the message. */
static int begin_step(struct image_decoder *d, enum step step, struct csk_error *err)
{
    if (d->next != step)
        return error_set(err, CSK_E_STATE, "an image is decoded meta first, then WASI, then state");
    d->next = STEP_NONE;
    d->in.err = err;
    return 0;
}

int image_decode_meta(struct image_decoder *decoder, struct image_meta *ret_meta,
                      struct csk_error *err)
{
    struct image_decoder *d = decoder;
    int rc = begin_step(d, STEP_META, err);
    if (rc != 0)
        return rc;
    image_get_meta(&d->in, &d->meta);
    if (d->in.rc == 0 && d->meta.has_module)
        d->module = image_get_module(&d->in, &d->meta);
    if (d->in.rc != 0)
        return d->in.rc;
    d->next = d->meta.has_wasi ? STEP_WASI : STEP_STATE;
    *ret_meta = d->meta;
    return 0;
}

const uint8_t *image_decoder_module(const struct image_decoder *decoder, size_t *ret_size)
{
    *ret_size = decoder->module != NULL ? (size_t)decoder->meta.module_size : 0;
    return decoder->module;
}

int image_decode_wasi(struct image_decoder *decoder, struct wasi_state *ret_state,
                      struct csk_error *err)
{
    int rc = begin_step(decoder, STEP_WASI, err);
    if (rc != 0)
        return rc;
    struct wasi_state state;
    image_get_wasi(&decoder->in, true, &state);
    if (decoder->in.rc != 0) {
        wasi_state_fini(&state);
        return decoder->in.rc;
    }
    decoder->next = STEP_STATE;
    *ret_state = state;
    return 0;
}

/* The module that came in the image was checked when it was read. */
static bool is_same_module(const struct image_decoder *d, const struct wasm_module *module)
{
    if (module->size != d->meta.module_size)
        return false;
    if (d->module != NULL)
        return memcmp(module->bytes, d->module, module->size) == 0;
    uint8_t digest[SHA256_SIZE];
    sha256_of(module->bytes, module->size, digest);
    return memcmp(digest, d->meta.module_digest, sizeof digest) == 0;
}

static int check_module(const struct image_decoder *d, const struct wasm_module *module,
                        struct csk_error *err)
{
    if (!is_same_module(d, module))
        return error_set(err, CSK_E_LINK, "the module is not the one that the image continues");
    if (module->nimported[WASM_MEMORY] != 0 || module->nimported[WASM_TABLE] != 0 ||
        module->nimported[WASM_GLOBAL] != 0)
        return error_set(err, CSK_E_UNSUPPORTED,
                         "an image cannot hold imported memories, tables or globals");
    return 0;
}

static int get_state(struct image_decoder *d, struct image_target *target, struct wasm_exec *exec,
                     struct csk_error *err)
{
    struct image_in *in = &d->in;
    image_get_program(in, target);
    if (in->rc == 0 && (target->nframes != 0) != (d->meta.phase != IMAGE_READY))
        image_in_fail(in, CSK_E_CORRUPT, "phase and frames do not agree");
    image_in_finish(in);
    if (in->rc != 0 || target->nframes == 0)
        return in->rc;
    return wasm_exec_restore(exec, target->inst, target->frames, target->nframes, target->at, err);
}

int image_decode_state(struct image_decoder *decoder, struct wasm_instance *inst,
                       struct wasm_exec *exec, struct csk_error *err)
{
    int rc = begin_step(decoder, STEP_STATE, err);
    if (rc != 0)
        return rc;
    rc = check_module(decoder, inst->module, err);
    if (rc != 0)
        return rc;
    struct image_target target = {
        .inst = inst,
        .frames_max = exec->engine->limits.call_depth_max,
        .slots_max = exec->engine->limits.stack_bytes / (uint32_t)sizeof(uint64_t),
    };
    rc = get_state(decoder, &target, exec, err);
    image_target_fini(&target);
    return rc;
}
