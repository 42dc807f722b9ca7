/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cell/internal.h"

int cell_wasi_freeze(struct cell *cell, bool with_files, struct wasi_state *ret_state,
                     struct csk_error *err)
{
    return wasi_freeze(cell->wasi, with_files, ret_state, err);
}

int cell_wasi_thaw(struct image_decoder *decoder, const struct wasi_config *config,
                   struct wasi **ret_wasi, struct csk_error *err)
{
    struct wasi_state state = {0};
    int rc = image_decode_wasi(decoder, &state, err);
    if (rc != 0)
        return rc;
    rc = wasi_thaw(&state, config, ret_wasi, err);
    wasi_state_fini(&state);
    return rc;
}
