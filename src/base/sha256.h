/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 (FIPS 180-4), streaming. Uses the processor's own instructions where it has
 * them; the choice is made once, at the first call. Why not a library:
 * doc/decisions/own-sha256.md.
 */

#define SHA256_SIZE  32u
#define SHA256_BLOCK 64u

struct sha256 {
    uint32_t state[8];
    uint64_t bytes; /* so far; the last bytes % 64 of them wait in block */
    uint8_t block[SHA256_BLOCK];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *bytes, size_t size);
/* *s needs a new sha256_init afterwards. */
void sha256_final(struct sha256 *s, uint8_t ret_digest[SHA256_SIZE]);

void sha256_of(const void *bytes, size_t size, uint8_t ret_digest[SHA256_SIZE]);

/* ---- between sha256.c and the files for single processors ------------------- */

/* Fold whole blocks into the state. */
typedef void sha256_blocks_fn(uint32_t state[8], const uint8_t *blocks, size_t nblocks);

extern const uint32_t sha256_k[64];

/* This processor's quickest way, or NULL when it has none of its own. */
sha256_blocks_fn *sha256_cpu_blocks(void);

/* The one that works everywhere. */
void sha256_blocks_generic(uint32_t state[8], const uint8_t *blocks, size_t nblocks);

#endif
