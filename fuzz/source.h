/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_SOURCE_H
#define FUZZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes in memory as what an image is read from. */
struct source {
    const uint8_t *p;
    size_t left;
};

static inline int64_t source_read(void *user, void *bytes, size_t size)
{
    struct source *s = user;
    size_t n = size < s->left ? size : s->left;
    if (n == 0)
        return 0;
    memcpy(bytes, s->p, n);
    s->p += n;
    s->left -= n;
    return (int64_t)n;
}

#endif
