/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are UTF-8 as Unicode defines it: no overlong forms, no surrogates,
 * nothing beyond U+10FFFF. NUL is an ordinary character. */
bool utf8_valid(const void *bytes, size_t size);

#endif
