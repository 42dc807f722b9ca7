/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELL_INTERNAL_H
#define CELL_INTERNAL_H

#include "cell/cell.h"

/* What a build with WASI and a build without do differently; one of wasi-on.c and
 * wasi-off.c is compiled. */
bool cell_wasi_is_module(struct wasm_name module);
int cell_wasi_resolve(struct wasi *wasi, const struct wasm_import *import,
                      const struct wasm_functype *type, struct wasm_func *ret_func,
                      struct csk_error *err);
void cell_wasi_attach(struct cell *cell, struct wasi *wasi);
void cell_wasi_free(struct wasi *wasi);
void cell_wasi_resume(struct cell *cell);
void cell_wasi_pause(struct cell *cell);
/* Freeze into *ret_state; without WASI, CSK_E_UNSUPPORTED. */
int cell_wasi_freeze(struct cell *cell, bool with_files, struct wasi_state *ret_state,
                     struct csk_error *err);
int cell_wasi_thaw(struct image_decoder *decoder, const struct wasi_config *config,
                   struct wasi **ret_wasi, struct csk_error *err);

/* Allocate and link, without applying segments. The cell owns `wasi` on success. */
int cell_link(struct wasm_engine *engine, struct wasm_module *module,
              const struct cell_linker *linker, struct wasi *wasi, struct cell **ret_cell,
              struct csk_error *err);

#endif
