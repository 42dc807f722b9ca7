/* SPDX-License-Identifier: Apache-2.0 */
/* A sponge over the 1600-bit Keccak permutation. */
#include "kernel.h"

#define ROUNDS 24
#define RATE   136

static uint64_t state[25];
static uint64_t constants[ROUNDS];
static unsigned shifts[25];

static uint64_t rotate(uint64_t x, unsigned n)
{
    return n == 0 ? x : x << n | x >> (64 - n);
}

/* The round constants come from a linear feedback register, the shifts from a walk. */
static void prepare(void)
{
    unsigned lfsr = 1;
    for (unsigned r = 0; r < ROUNDS; r++) {
        for (unsigned j = 0; j < 7; j++) {
            if (lfsr & 1)
                constants[r] |= UINT64_C(1) << ((1u << j) - 1);
            lfsr = lfsr << 1 ^ (lfsr >> 7) * 0x171;
        }
    }
    for (unsigned t = 0, x = 1, y = 0; t < 24; t++) {
        shifts[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        unsigned next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
    }
}

static void round_function(uint64_t constant)
{
    uint64_t c[5], b[25];
    for (unsigned x = 0; x < 5; x++)
        c[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
    for (unsigned i = 0; i < 25; i++)
        state[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
    for (unsigned x = 0; x < 5; x++) {
        for (unsigned y = 0; y < 5; y++)
            b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(state[x + 5 * y], shifts[x + 5 * y]);
    }
    for (unsigned y = 0; y < 25; y += 5) {
        for (unsigned x = 0; x < 5; x++)
            state[y + x] = b[y + x] ^ (~b[y + (x + 1) % 5] & b[y + (x + 2) % 5]);
    }
    state[0] ^= constant;
}

static void absorb(const uint8_t *block)
{
    for (unsigned i = 0; i < RATE; i++)
        state[i / 8] ^= (uint64_t)block[i] << (8 * (i % 8));
    for (unsigned r = 0; r < ROUNDS; r++)
        round_function(constants[r]);
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint8_t block[RATE];
    prepare();
    for (unsigned w = 0; w < work * 500; w++) {
        for (unsigned i = 0; i < RATE; i++)
            block[i] = (uint8_t)(w + i);
        absorb(block);
    }
    return kernel_report("keccak", state[0] ^ state[24]);
}
