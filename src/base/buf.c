/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"

void buf_fini(struct buf *b)
{
    mem_free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    b->failed = false;
}

int buf_reserve(struct buf *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->size, more, &need) ||
        mem_grow((void **)&b->data, &b->cap, need, 1) != 0) {
        b->failed = true;
        return CSK_E_NOMEM;
    }
    return 0;
}

int buf_put(struct buf *b, const void *bytes, size_t size)
{
    int rc = buf_reserve(b, size);
    if (rc != 0)
        return rc;
    if (size != 0)
        memcpy(b->data + b->size, bytes, size);
    b->size += size;
    return 0;
}

int buf_put_u8(struct buf *b, uint8_t v)
{
    return buf_put(b, &v, 1);
}

int buf_put_u16(struct buf *b, uint16_t v)
{
    uint8_t le[2];
    put_le16(le, v);
    return buf_put(b, le, sizeof le);
}

int buf_put_u32(struct buf *b, uint32_t v)
{
    uint8_t le[4];
    put_le32(le, v);
    return buf_put(b, le, sizeof le);
}

int buf_put_u64(struct buf *b, uint64_t v)
{
    uint8_t le[8];
    put_le64(le, v);
    return buf_put(b, le, sizeof le);
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int need = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (need < 0)
        return CSK_E_ARGUMENT;
    int rc = buf_reserve(b, (size_t)need + 1);
    if (rc != 0)
        return rc;
    va_start(ap, fmt);
    (void)vsnprintf((char *)b->data + b->size, (size_t)need + 1, fmt, ap);
    va_end(ap);
    b->size += (size_t)need;
    return 0;
}

void reader_init(struct reader *r, const void *bytes, size_t size)
{
    r->p = bytes;
    r->end = r->p + size;
    r->failed = false;
}

size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->p);
}

const uint8_t *reader_take(struct reader *r, size_t size)
{
    if (r->failed || size > reader_left(r)) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->p;
    r->p += size;
    return at;
}

uint8_t reader_u8(struct reader *r)
{
    const uint8_t *p = reader_take(r, 1);
    return p != NULL ? *p : 0;
}

uint16_t reader_u16(struct reader *r)
{
    const uint8_t *p = reader_take(r, 2);
    return p != NULL ? get_le16(p) : 0;
}

uint32_t reader_u32(struct reader *r)
{
    const uint8_t *p = reader_take(r, 4);
    return p != NULL ? get_le32(p) : 0;
}

uint64_t reader_u64(struct reader *r)
{
    const uint8_t *p = reader_take(r, 8);
    return p != NULL ? get_le64(p) : 0;
}
