/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_WIRE_H
#define GEN_WIRE_H

#include "base/buf.h"

/* Writing the binary format. A failed allocation sticks in the buffer. */

void wire_u32(struct buf *b, uint32_t v); /* LEB128 */
void wire_s64(struct buf *b, int64_t v);
void wire_name(struct buf *b, const char *name);
void wire_section(struct buf *b, uint8_t id, const struct buf *payload);

#endif
