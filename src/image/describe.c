/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/state.h"

static void describe_all(struct image_in *in, struct image_description *d)
{
    struct image_target target = {
        .describe = d,
        .frames_max = IMAGE_FRAMES_MAX,
        .slots_max = IMAGE_SLOTS_MAX,
    };
    image_get_meta(in, &d->meta);
    if (in->rc == 0 && d->meta.has_module)
        d->module = image_get_module(in, &d->meta);
    if (in->rc == 0 && d->meta.has_wasi)
        image_get_wasi(in, false, &d->wasi);
    image_get_program(in, &target);
    d->frames = target.frames;
    d->nframes = target.nframes;
    d->at = target.at;
    if (in->rc == 0 && (d->nframes != 0) != (d->meta.phase != IMAGE_READY))
        image_in_fail(in, CSK_E_CORRUPT, "phase and frames do not agree");
    image_in_finish(in);
    d->image_bytes = in->offset;
}

int image_describe(image_read_fn *read, void *user, struct image_description *ret_description,
                   struct csk_error *err)
{
    struct image_in in;
    int rc = image_in_init(&in, read, user, err);
    if (rc != 0) {
        image_in_fini(&in);
        return rc;
    }
    struct image_description d = {0};
    struct sha256 state;
    sha256_init(&state);
    in.state = &state;
    in.sizes = d.sections;
    describe_all(&in, &d);
    image_in_fini(&in);
    if (in.rc != 0) {
        image_description_fini(&d);
        return in.rc;
    }
    sha256_final(&state, d.state_digest);
    *ret_description = d;
    return 0;
}

void image_description_fini(struct image_description *description)
{
    struct image_description *d = description;
    for (uint32_t i = 0; i < d->nframes; i++)
        wasm_frame_state_fini(&d->frames[i]);
    mem_free(d->frames);
    mem_free(d->module);
    mem_free(d->globals);
    mem_free(d->tables);
    mem_free(d->memories);
    wasi_state_fini(&d->wasi);
    *d = (struct image_description){0};
}

int image_state_digest(image_read_fn *read, void *user, uint8_t ret_digest[IMAGE_DIGEST_SIZE],
                       struct csk_error *err)
{
    struct image_description d;
    int rc = image_describe(read, user, &d, err);
    if (rc != 0)
        return rc;
    memcpy(ret_digest, d.state_digest, IMAGE_DIGEST_SIZE);
    image_description_fini(&d);
    return 0;
}
