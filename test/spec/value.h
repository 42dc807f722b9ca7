/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_VALUE_H
#define SPEC_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* Values as test/spec/convert.py writes them: "i32:2a", "f32:nan-canonical",
 * "v128:i16,1,2,3,4,5,6,7,8", "externref:null", "either;A;B". */

/* Parse an argument into slot layout. Returns how many slots, 0 when it makes no sense.
 * *ret_type is its enum csk_type. */
uint32_t spec_value_parse(const char *token, uint64_t slot[2], uint8_t *ret_type);

/* Whether a result of type `type` in slot layout is what the token describes. */
bool spec_value_matches(const char *token, uint8_t type, const uint64_t *slot);

#endif
