/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growable byte buffer. `data` owns `size` bytes out of `cap`. A failed append
 * leaves the buffer as it was and sets `failed`, so that a writer may check once
 * at the end. Zero-initialised is empty and valid.
 */
struct buf {
    uint8_t *data;
    size_t size;
    size_t cap;
    bool failed;
};

void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* keeps the storage */
int buf_reserve(struct buf *b, size_t more);
int buf_put(struct buf *b, const void *bytes, size_t size);
int buf_put_u8(struct buf *b, uint8_t v);
int buf_put_u16(struct buf *b, uint16_t v); /* little-endian, all of these */
int buf_put_u32(struct buf *b, uint32_t v);
int buf_put_u64(struct buf *b, uint64_t v);
__attribute__((format(printf, 2, 3))) int buf_printf(struct buf *b, const char *fmt, ...);

/* A reader over borrowed bytes. Reading past the end sets `failed`, returns zeros and
 * never moves past `end`; check `failed` once after a group of reads. */
struct reader {
    const uint8_t *p;
    const uint8_t *end;
    bool failed;
};

void reader_init(struct reader *r, const void *bytes, size_t size);
size_t reader_left(const struct reader *r);
const uint8_t *reader_take(struct reader *r, size_t size); /* NULL when too short */
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);

#endif
