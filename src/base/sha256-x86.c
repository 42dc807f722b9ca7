/* SPDX-License-Identifier: Apache-2.0 */
#include <cpuid.h>
#include <immintrin.h>

#include "base/sha256.h"

/* The SHA extensions keep the eight state words as two vectors, {a,b,e,f} and {c,d,g,h},
 * and do two rounds in one instruction. */

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

struct halves {
    __m128i abef;
    __m128i cdgh;
};

SHA_NI static inline __m128i load_words(const uint8_t *p)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), big_endian);
}

SHA_NI static inline void rounds4(struct halves *s, __m128i w, const uint32_t *k)
{
    __m128i wk = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(const void *)k));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

/* The next four words of the schedule from the sixteen before them, oldest first. */
SHA_NI static inline __m128i schedule4(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i t = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(t, w3);
}

SHA_NI static inline void one_block(struct halves *s, const uint8_t *p)
{
    struct halves before = *s;
    __m128i w0 = load_words(p);
    __m128i w1 = load_words(p + 16);
    __m128i w2 = load_words(p + 32);
    __m128i w3 = load_words(p + 48);
    for (const uint32_t *k = sha256_k;; k += 16) {
        rounds4(s, w0, k);
        rounds4(s, w1, k + 4);
        rounds4(s, w2, k + 8);
        rounds4(s, w3, k + 12);
        if (k == sha256_k + 48)
            break;
        w0 = schedule4(w0, w1, w2, w3);
        w1 = schedule4(w1, w2, w3, w0);
        w2 = schedule4(w2, w3, w0, w1);
        w3 = schedule4(w3, w0, w1, w2);
    }
    s->abef = _mm_add_epi32(s->abef, before.abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before.cdgh);
}

SHA_NI static void blocks_sha_ni(uint32_t state[8], const uint8_t *blocks, size_t nblocks)
{
    __m128i *words = (__m128i *)(void *)state;
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    struct halves s = {
        .abef = _mm_alignr_epi8(abcd, efgh, 8),
        .cdgh = _mm_blend_epi16(efgh, abcd, 0xf0),
    };
    for (size_t i = 0; i < nblocks; i++)
        one_block(&s, blocks + i * SHA256_BLOCK);
    __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

sha256_blocks_fn *sha256_cpu_blocks(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0)
        return NULL;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & bit_SHA) == 0)
        return NULL;
    return blocks_sha_ni;
}
