/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "cli/host.h"
#include "image/image.h"

/* The two views of the two kinds of file. `module` names functions and may be NULL. */
void inspect_module_text(const struct wasm_module *module, const char *path, struct buf *out);
void inspect_module_json(const struct wasm_module *module, const char *path, struct buf *out);
void inspect_image_text(const struct image_description *d, const struct wasm_module *module,
                        const char *path, struct buf *out);
void inspect_image_json(const struct image_description *d, const struct wasm_module *module,
                        const char *path, struct buf *out);

/* "(i32 i64) -> (f32)" */
void inspect_functype(const struct wasm_functype *type, struct buf *out);

#endif
