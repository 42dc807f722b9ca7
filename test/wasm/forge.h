/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_WASM_FORGE_H
#define TEST_WASM_FORGE_H

#include "base/buf.h"

/* Modules put together byte by byte, so that a test can get every byte wrong. */

#define FORGE_BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* A section whose payload is the listed bytes. */
#define FORGE(b, id, ...) forge_section(b, id, FORGE_BYTES(__VA_ARGS__))

static inline void forge_leb(struct buf *b, uint64_t v)
{
    do {
        uint8_t byte = (uint8_t)(v & 0x7f);
        v >>= 7;
        (void)buf_put_u8(b, (uint8_t)(byte | (v != 0 ? 0x80 : 0)));
    } while (v != 0);
}

static inline void forge_header(struct buf *b)
{
    buf_clear(b);
    (void)buf_put(b, FORGE_BYTES(0x00, 'a', 's', 'm', 1, 0, 0, 0));
}

static inline void forge_section(struct buf *b, uint8_t id, const uint8_t *payload, size_t size)
{
    (void)buf_put_u8(b, id);
    forge_leb(b, size);
    (void)buf_put(b, payload, size);
}

static inline void forge_section_buf(struct buf *b, uint8_t id, const struct buf *payload)
{
    forge_section(b, id, payload->data, payload->size);
}

#endif
