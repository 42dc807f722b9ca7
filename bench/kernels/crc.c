/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32, a table look-up a byte. */
#include "kernel.h"

#define SIZE 65536

static uint32_t table[256];
static uint8_t data[SIZE];

static void prepare(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        table[i] = c;
    }
}

static uint32_t crc(uint32_t c, const uint8_t *p, size_t size)
{
    c = ~c;
    for (size_t i = 0; i < size; i++)
        c = table[(c ^ p[i]) & 0xff] ^ c >> 8;
    return ~c;
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint32_t seed = 5, c = 0;
    prepare();
    for (unsigned i = 0; i < SIZE; i++)
        data[i] = (uint8_t)kernel_random(&seed);
    for (unsigned w = 0; w < work * 6; w++)
        c = crc(c, data, SIZE);
    return kernel_report("crc", c);
}
