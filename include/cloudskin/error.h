/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLOUDSKIN_ERROR_H
#define CLOUDSKIN_ERROR_H

/*
 * Errors.
 *
 * A function that can fail returns 0 or one of the negative codes below, and
 * leaves its outputs untouched when it fails. Where a `struct csk_error *` is
 * taken it may be NULL; otherwise it receives one sentence for a person, which
 * names the thing at fault and, where a limit was met, the limit.
 *
 * A trap, an exit, a suspension are not errors: they are outcomes of a run
 * (see <cloudskin/cloudskin.h>).
 */

#include <stdint.h>

/* name, value, text */
#define CSK_ERRORS(X)                                                                              \
    X(NOMEM, -1, "out of memory")                                                                  \
    X(MALFORMED, -2, "malformed")       /* the bytes do not parse */                               \
    X(INVALID, -3, "invalid")           /* they parse, rules are broken */                         \
    X(UNSUPPORTED, -4, "not supported") /* well-formed, not built here */                          \
    X(LIMIT, -5, "limit exceeded")      /* a named limit was met */                                \
    X(LINK, -6, "link error")           /* import missing or mistyped */                           \
    X(ARGUMENT, -7, "bad argument")     /* the caller's mistake */                                 \
    X(IO, -8, "input/output error")                                                                \
    X(CORRUPT, -9, "corrupt image") /* a hash or bound does not hold */                            \
    X(VERSION, -10, "unknown version")                                                             \
    X(STATE, -11, "wrong state") /* e.g. snapshot of a finished cell */                            \
    X(NOT_FOUND, -12, "not found")                                                                 \
    X(EXISTS, -13, "already exists")                                                               \
    X(DENIED, -14, "permission denied")

enum csk_errc {
#define X(name, value, text) CSK_E_##name = value,
    CSK_ERRORS(X)
#undef X
};

#define CSK_ERROR_TEXT_MAX 256
#define CSK_NO_OFFSET      UINT64_MAX

struct csk_error {
    int code;                      /* enum csk_errc, 0 when unset */
    uint64_t offset;               /* byte offset in the input, or CSK_NO_OFFSET */
    char text[CSK_ERROR_TEXT_MAX]; /* NUL-terminated, no newline */
};

/* A short name for a code ("malformed"); never NULL. */
const char *csk_strerror(int code);

#endif
