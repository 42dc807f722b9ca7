/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_VALIDATE_H
#define WASM_VALIDATE_H

#include "wasm/module.h"

/*
 * One pass over one function body: decode, check types, and (for translation)
 * drive an emitter. No recursion; memory is proportional to the body's size.
 *
 * Method: the algorithm of the specification's appendix "Validation algorithm".
 */

/* A function's locals and operand stack, in 64-bit slots, must fit an operand of 16 bits. */
#define WASM_FRAME_SLOTS_MAX 65535u

/* Check the body of `code`; fills param_slots, local_slots and frame_slots.
 * Needs every section before the code section, and the data count. */
int wasm_validate_code(struct wasm_module *module, struct wasm_code *code, struct csk_error *err);

#endif
