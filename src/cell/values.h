/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELL_VALUES_H
#define CELL_VALUES_H

#include "wasm/instance.h"

/* Between the embedder's values and slots (see wasm/instance.h). Funcrefs are function
 * indices + 1 outside and pointers inside. */

/* Read one value of `type` from its slots. */
void cell_value_load(const struct wasm_instance *inst, uint8_t type, const uint64_t *slots,
                     struct csk_value *ret_value);

/* Write one value into its slots. CSK_E_ARGUMENT for a funcref that names no function. */
int cell_value_store(const struct wasm_instance *inst, const struct csk_value *value,
                     uint64_t *slots);

/* Write `n` values of the given types; CSK_E_ARGUMENT when a value is of another. */
int cell_values_store(const struct wasm_instance *inst, const uint8_t *types, uint32_t n,
                      const struct csk_value *values, uint64_t *slots);
void cell_values_load(const struct wasm_instance *inst, const uint8_t *types, uint32_t n,
                      const uint64_t *slots, struct csk_value *ret_values);

#endif
