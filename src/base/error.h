/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <cloudskin/error.h>

/*
 * Fill *err (which may be NULL) and return `code`, so that a failing path reads
 *     return error_set(err, CSK_E_LIMIT, "memory of %u pages, limit is %u", n, max);
 * The first error wins: an error already set is not overwritten.
 */
__attribute__((format(printf, 3, 4))) int error_set(struct csk_error *err, int code,
                                                    const char *fmt, ...);

/* The same with a byte offset in the input; the text gets " at offset N" appended. */
__attribute__((format(printf, 4, 5))) int error_at(struct csk_error *err, int code, uint64_t offset,
                                                   const char *fmt, ...);

/* Clear *err (which may be NULL). */
void error_clear(struct csk_error *err);

#endif
