/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cell/internal.h"

/* A build without WASI: no cell has one. */

bool cell_wasi_is_module(struct wasm_name module)
{
    (void)module;
    return false;
}

int cell_wasi_resolve(struct wasi *wasi, const struct wasm_import *import,
                      const struct wasm_functype *type, struct wasm_func *ret_func,
                      struct csk_error *err)
{
    (void)wasi;
    (void)import;
    (void)type;
    (void)ret_func;
    (void)err;
    return CSK_E_NOT_FOUND;
}

void cell_wasi_attach(struct cell *cell, struct wasi *wasi)
{
    cell->wasi = wasi;
}

void cell_wasi_free(struct wasi *wasi)
{
    (void)wasi;
}

void cell_wasi_resume(struct cell *cell)
{
    (void)cell;
}

void cell_wasi_pause(struct cell *cell)
{
    (void)cell;
}
