/* SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>
#include <sys/auxv.h>

#include "base/sha256.h"

#define SHA2      __attribute__((target("+crypto")))
#define SHA2_FLAG (1ul << 6) /* HWCAP_SHA2 of the Linux arm64 ABI */

struct halves {
    uint32x4_t abcd;
    uint32x4_t efgh;
};

SHA2 static inline uint32x4_t load_words(const uint8_t *p)
{
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(p)));
}

SHA2 static inline void rounds4(struct halves *s, uint32x4_t w, const uint32_t *k)
{
    uint32x4_t wk = vaddq_u32(w, vld1q_u32(k));
    uint32x4_t abcd = s->abcd;
    s->abcd = vsha256hq_u32(abcd, s->efgh, wk);
    s->efgh = vsha256h2q_u32(s->efgh, abcd, wk);
}

/* The next four words of the schedule from the sixteen before them, oldest first. */
SHA2 static inline uint32x4_t schedule4(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3)
{
    return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

SHA2 static inline void one_block(struct halves *s, const uint8_t *p)
{
    struct halves before = *s;
    uint32x4_t w0 = load_words(p);
    uint32x4_t w1 = load_words(p + 16);
    uint32x4_t w2 = load_words(p + 32);
    uint32x4_t w3 = load_words(p + 48);
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
    s->abcd = vaddq_u32(s->abcd, before.abcd);
    s->efgh = vaddq_u32(s->efgh, before.efgh);
}

SHA2 static void blocks_sha2(uint32_t state[8], const uint8_t *blocks, size_t nblocks)
{
    struct halves s = {.abcd = vld1q_u32(state), .efgh = vld1q_u32(state + 4)};
    for (size_t i = 0; i < nblocks; i++)
        one_block(&s, blocks + i * SHA256_BLOCK);
    vst1q_u32(state, s.abcd);
    vst1q_u32(state + 4, s.efgh);
}

sha256_blocks_fn *sha256_cpu_blocks(void)
{
    return (getauxval(AT_HWCAP) & SHA2_FLAG) != 0 ? blocks_sha2 : NULL;
}
