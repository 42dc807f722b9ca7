/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_VALUES_H
#define IMAGE_VALUES_H

#include "image/chunk.h"

/*
 * Typed values, and references as numbers: 0 is null, n is function n - 1 of the
 * instance. On the wire a value is its type's byte and its bytes.
 */

struct image_refs {
    const struct wasm_instance *inst;
    struct image_imported *imported; /* sorted by address; made when first needed */
    uint32_t nimported;
};

void image_refs_init(struct image_refs *refs, const struct wasm_instance *inst);
void image_refs_fini(struct image_refs *refs);

/* What a slot that holds a funcref stands for. CSK_E_UNSUPPORTED for a function that this
 * instance does not know, CSK_E_NOMEM. */
int image_ref_number(struct image_refs *refs, uint64_t slot, uint32_t *ret_number);
/* The other way; `number` is at most the count of functions. */
uint64_t image_ref_slot(const struct wasm_instance *inst, uint32_t number);

bool image_type_known(uint8_t type);

void image_put_value(struct image_out *out, const struct csk_value *value);
/* Function numbers are at most `nfuncs`. */
void image_get_value(struct image_in *in, uint32_t nfuncs, struct csk_value *ret_value);

#endif
