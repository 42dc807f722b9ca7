/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <stdatomic.h>
#include <string.h>

const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t ror(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static void expand(uint32_t w[64], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++)
        w[i] = get_be32(block + 4 * i);
    for (size_t i = 16; i < 64; i++) {
        uint32_t s0 = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

static void one_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    expand(w, block);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (size_t i = 0; i < 64; i++) {
        uint32_t s1 = ror(e, 6) ^ ror(e, 11) ^ ror(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sha256_k[i] + w[i];
        uint32_t s0 = ror(a, 2) ^ ror(a, 13) ^ ror(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void sha256_blocks_generic(uint32_t state[8], const uint8_t *blocks, size_t nblocks)
{
    for (size_t i = 0; i < nblocks; i++)
        one_block(state, blocks + i * SHA256_BLOCK);
}

static void fold(uint32_t state[8], const uint8_t *blocks, size_t nblocks)
{
    static _Atomic(sha256_blocks_fn *) chosen;
    sha256_blocks_fn *fn = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (fn == NULL) {
        fn = sha256_cpu_blocks();
        if (fn == NULL)
            fn = sha256_blocks_generic;
        atomic_store_explicit(&chosen, fn, memory_order_relaxed);
    }
    fn(state, blocks, nblocks);
}

void sha256_init(struct sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->state, start, sizeof start);
    s->bytes = 0;
}

void sha256_update(struct sha256 *s, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    size_t used = (size_t)(s->bytes % SHA256_BLOCK);
    s->bytes += size;
    if (used != 0) {
        size_t n = SHA256_BLOCK - used < size ? SHA256_BLOCK - used : size;
        memcpy(s->block + used, p, n);
        p += n;
        size -= n;
        if (used + n < SHA256_BLOCK)
            return;
        fold(s->state, s->block, 1);
    }
    size_t nblocks = size / SHA256_BLOCK;
    if (nblocks != 0)
        fold(s->state, p, nblocks);
    size_t left = size % SHA256_BLOCK;
    if (left != 0)
        memcpy(s->block, p + nblocks * SHA256_BLOCK, left);
}

void sha256_final(struct sha256 *s, uint8_t ret_digest[SHA256_SIZE])
{
    static const uint8_t padding[SHA256_BLOCK] = {0x80};
    uint64_t bits = s->bytes * 8;
    uint8_t length[8];
    put_be32(length, (uint32_t)(bits >> 32));
    put_be32(length + 4, (uint32_t)bits);
    size_t used = (size_t)(s->bytes % SHA256_BLOCK);
    sha256_update(s, padding, used < 56 ? 56 - used : 120 - used);
    sha256_update(s, length, sizeof length);
    for (size_t i = 0; i < 8; i++)
        put_be32(ret_digest + 4 * i, s->state[i]);
}

void sha256_of(const void *bytes, size_t size, uint8_t ret_digest[SHA256_SIZE])
{
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, bytes, size);
    sha256_final(&s, ret_digest);
}
