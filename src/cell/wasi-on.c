/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "cell/internal.h"

static bool name_is(struct wasm_name name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.p, text, name.len) == 0;
}

bool cell_wasi_is_module(struct wasm_name module)
{
    return name_is(module, "wasi_snapshot_preview1") || name_is(module, "wasi_unstable");
}

int cell_wasi_resolve(struct wasi *wasi, const struct wasm_import *import,
                      const struct wasm_functype *type, struct wasm_func *ret_func,
                      struct csk_error *err)
{
    ret_func->user = wasi;
    return wasi_lookup(import->module, import->field, type, &ret_func->host, err);
}

void cell_wasi_attach(struct cell *cell, struct wasi *wasi)
{
    cell->wasi = wasi;
    if (wasi != NULL)
        wasi_set_request(wasi, &cell->exec->request);
}

void cell_wasi_free(struct wasi *wasi)
{
    wasi_free(wasi);
}

void cell_wasi_resume(struct cell *cell)
{
    if (cell->wasi != NULL)
        wasi_resume(cell->wasi);
}

void cell_wasi_pause(struct cell *cell)
{
    if (cell->wasi != NULL)
        wasi_pause(cell->wasi);
}
