/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_IMAGE_FORGE_H
#define TEST_IMAGE_FORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Images taken apart into plain chunks and put together again with hashes that hold,
 * so that a test can say what a forger would: everything but the sums is under his control.
 */

struct forge_chunk {
    uint16_t type;
    uint8_t coding; /* 0 raw, 1 zstd */
    uint8_t flags;
    struct buf plain;
};

struct forge {
    struct forge_chunk *chunks; /* without the end chunk */
    size_t nchunks;
    size_t cap;
    uint32_t version;
};

void forge_init(struct forge *f);
void forge_fini(struct forge *f);

/* Take a sound image apart. */
bool forge_open(struct forge *f, const void *image, size_t size);

/* Put together, appending to `out`; chunks are raw unless their coding says zstd. */
bool forge_write(const struct forge *f, struct buf *out);

struct forge_chunk *forge_insert(struct forge *f, size_t at, uint16_t type, uint8_t flags,
                                 const void *plain, size_t size);
void forge_remove(struct forge *f, size_t at);

/* The first chunk of a type, or NULL. */
struct forge_chunk *forge_find(struct forge *f, uint16_t type);

/*
 * A compact form for fuzzers, which has nothing in it that a mutation breaks for sure:
 *     { type u8, flags u8, plain size u32, bytes } ...
 * Sizes that go beyond the input are cut.
 */
bool forge_unpack(struct forge *f, const void *packed, size_t size);
bool forge_pack(const struct forge *f, struct buf *out);

#endif
