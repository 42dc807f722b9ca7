/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_MEMORY_H
#define IMAGE_MEMORY_H

#include "image/state.h"

/* The memories' sizes, then the pages of them that are not zero, by range. Which pages
 * those are depends on their bytes alone: equal memories give equal images. */
void image_put_memories(struct image_out *out, const struct wasm_instance *inst);
void image_get_memories(struct image_in *in, struct image_target *target);

#endif
