/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "mutate.h"

static const uint64_t telling[] = {
    0,      1,      2,          63,         64,      127,        128,        255,
    256,    4095,   4096,       65535,      65536,   0x7fffffff, 0x80000000, 0xffffffff,
    0x1000, 100000, 0x7ffffffe, 0xfffffffe, 1000000, 0xfffff,    50000,      0x100000000,
};

static uint64_t telling_number(void)
{
    if (mutate_below(3) == 0)
        return mutate_below(300);
    return telling[mutate_below(sizeof telling / sizeof telling[0])];
}

/* Replace `old` bytes at `at`. */
static void replace(struct buf *b, size_t at, size_t old, const uint8_t *bytes, size_t size)
{
    size_t tail = b->size - at - old;
    if (size > old && buf_reserve(b, size - old) != 0)
        return;
    memmove(b->data + at + size, b->data + at + old, tail);
    memcpy(b->data + at, bytes, size);
    b->size = at + size + tail;
}

static size_t put_leb(uint8_t *p, uint64_t v)
{
    size_t n = 0;
    do {
        p[n] = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        v >>= 7;
        n++;
    } while (v != 0 && n < 10);
    return n;
}

/* Another number where one may stand. */
static void edit_leb(struct buf *b, size_t at)
{
    uint8_t leb[16];
    size_t old = 1;
    while (old < 5 && at + old < b->size && (b->data[at + old - 1] & 0x80) != 0)
        old++;
    size_t n = put_leb(leb, telling_number());
    if (mutate_below(8) == 0 && n < 9) { /* longer than it has to be */
        leb[n - 1] |= 0x80;
        leb[n++] = 0;
    }
    replace(b, at, old, leb, n);
}

static void copy_within(struct buf *b, size_t at)
{
    uint8_t piece[64];
    size_t from = mutate_below((uint32_t)b->size);
    size_t n = 1 + mutate_below(sizeof piece - 1);
    if (n > b->size - from)
        n = b->size - from;
    memcpy(piece, b->data + from, n);
    replace(b, at, mutate_below(2) != 0 && n <= b->size - at ? n : 0, piece, n);
}

static void write_word(struct buf *b, size_t at)
{
    uint8_t word[8];
    size_t n = mutate_below(2) != 0 ? 4 : 8;
    put_le64(word, telling_number() << 8 * mutate_below(3));
    if (n <= b->size - at)
        memcpy(b->data + at, word, n);
}

void mutate_bytes(struct buf *b)
{
    if (b->size == 0)
        return;
    size_t at = mutate_below((uint32_t)b->size);
    uint8_t any = (uint8_t)mutate_below(256);
    switch (mutate_below(8)) {
    case 0:
        b->data[at] ^= (uint8_t)(1u << mutate_below(8));
        break;
    case 1:
        b->data[at] = any;
        break;
    case 2:
    case 3:
        edit_leb(b, at);
        break;
    case 4:
        replace(b, at, 1, &any, 0);
        break;
    case 5:
        replace(b, at, 0, &any, 1);
        break;
    case 6:
        copy_within(b, at);
        break;
    default:
        write_word(b, at);
        break;
    }
}
