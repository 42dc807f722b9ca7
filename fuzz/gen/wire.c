/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>

void wire_u32(struct buf *b, uint32_t v)
{
    while (v >= 0x80) {
        buf_put_u8(b, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    buf_put_u8(b, (uint8_t)v);
}

void wire_s64(struct buf *b, int64_t v)
{
    uint64_t bits = (uint64_t)v;
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    for (;;) {
        uint8_t low = bits & 0x7f;
        bits = bits >> 7 | (sign << 57);
        if (bits == sign && (low >> 6) == (sign & 1)) {
            buf_put_u8(b, low);
            return;
        }
        buf_put_u8(b, low | 0x80);
    }
}

void wire_name(struct buf *b, const char *name)
{
    size_t n = strlen(name);
    wire_u32(b, (uint32_t)n);
    buf_put(b, name, n);
}

void wire_section(struct buf *b, uint8_t id, const struct buf *payload)
{
    buf_put_u8(b, id);
    wire_u32(b, (uint32_t)payload->size);
    buf_put(b, payload->data, payload->size);
    b->failed = b->failed || payload->failed;
}
