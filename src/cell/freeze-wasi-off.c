/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cell/internal.h"

int cell_wasi_freeze(struct cell *cell, bool with_files, struct wasi_state *ret_state,
                     struct csk_error *err)
{
    (void)cell;
    (void)with_files;
    (void)ret_state;
    return error_set(err, CSK_E_UNSUPPORTED, "this build has no WASI");
}

int cell_wasi_thaw(struct image_decoder *decoder, const struct wasi_config *config,
                   struct wasi **ret_wasi, struct csk_error *err)
{
    (void)decoder;
    (void)config;
    (void)ret_wasi;
    return error_set(err, CSK_E_UNSUPPORTED, "the image has WASI state, this build has no WASI");
}
