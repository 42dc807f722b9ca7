/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_FUZZ_MUTATE_H
#define TEST_FUZZ_MUTATE_H

#include <stdbool.h>

#include "base/buf.h"

/* Append a changed copy of `from` to `out`. */
typedef void mutate_fn(const struct buf *from, struct buf *out);

/* Knows sections, sizes, function bodies and LEB128. */
void mutate_module(const struct buf *from, struct buf *out);
/* Knows chunks in the forge's compact form. */
void mutate_image(const struct buf *from, struct buf *out);

/* Change a few bytes; may make it longer or shorter. */
void mutate_bytes(struct buf *b);

/* The source of chance, seeded; 0 when n is 0. */
uint32_t mutate_below(uint32_t n);
/* Another kept input. */
const struct buf *mutate_other(void);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MUTATE_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MUTATE_SANITIZED true
#endif
#endif
#ifndef MUTATE_SANITIZED
#define MUTATE_SANITIZED false
#endif

#endif
