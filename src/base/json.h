/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Writes JSON text into a buffer; it does not read any. Commas, line breaks and
 * quoting are its business, nesting is the caller's: every begin has its end.
 * A key is given for members of an object and is NULL for elements of an array.
 * Failures show in out->failed, once, at the end.
 */
struct json {
    struct buf *out;
    uint32_t depth;
    bool first; /* nothing yet in the current object or array */
};

void json_init(struct json *j, struct buf *out);
void json_begin_object(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_begin_array(struct json *j, const char *key);
void json_end_array(struct json *j);

void json_string(struct json *j, const char *key, const char *value);
/* Bytes that are not valid UTF-8 are written as U+FFFD. */
void json_string_n(struct json *j, const char *key, const char *value, size_t size);
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/* Lower-case hexadecimal digits of the bytes, as a string. */
void json_hex(struct json *j, const char *key, const uint8_t *bytes, size_t size);
/* Ends the text with a newline. */
void json_finish(struct json *j);

#endif
