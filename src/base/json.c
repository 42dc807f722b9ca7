/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

void json_init(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out, .first = true};
}

static void put_text(struct json *j, const char *text)
{
    (void)buf_put(j->out, text, strlen(text));
}

static void put_indent(struct json *j)
{
    (void)buf_put_u8(j->out, '\n');
    for (uint32_t i = 0; i < j->depth; i++)
        put_text(j, "  ");
}

/* The length of the UTF-8 sequence at p, 0 when it is not one. */
static size_t utf8_length(const uint8_t *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (n == 1)
        return 1;
    if (*p < 0xc2 || *p > 0xf4 || n > left)
        return 0;
    uint32_t c = *p & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    bool ok = c >= least[n] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
    return ok ? n : 0;
}

static size_t put_char(struct json *j, const uint8_t *p, size_t left)
{
    if (*p == '"' || *p == '\\') {
        (void)buf_put_u8(j->out, '\\');
        (void)buf_put_u8(j->out, *p);
        return 1;
    }
    if (*p < 0x20 || *p == 0x7f) {
        (void)buf_printf(j->out, "\\u%04x", (unsigned)*p);
        return 1;
    }
    size_t n = utf8_length(p, left);
    if (n == 0) {
        put_text(j, "\\ufffd");
        return 1;
    }
    (void)buf_put(j->out, p, n);
    return n;
}

static void put_quoted(struct json *j, const char *value, size_t size)
{
    const uint8_t *p = (const uint8_t *)value;
    (void)buf_put_u8(j->out, '"');
    for (size_t i = 0; i < size;)
        i += put_char(j, p + i, size - i);
    (void)buf_put_u8(j->out, '"');
}

/* Everything that stands before a value. */
static void put_lead(struct json *j, const char *key)
{
    if (!j->first)
        (void)buf_put_u8(j->out, ',');
    if (j->depth != 0)
        put_indent(j);
    if (key != NULL) {
        put_quoted(j, key, strlen(key));
        put_text(j, ": ");
    }
    j->first = false;
}

static void begin(struct json *j, const char *key, const char *bracket)
{
    put_lead(j, key);
    put_text(j, bracket);
    j->depth++;
    j->first = true;
}

static void end(struct json *j, const char *bracket)
{
    j->depth--;
    if (!j->first)
        put_indent(j);
    put_text(j, bracket);
    j->first = false;
}

void json_begin_object(struct json *j, const char *key)
{
    begin(j, key, "{");
}

void json_end_object(struct json *j)
{
    end(j, "}");
}

void json_begin_array(struct json *j, const char *key)
{
    begin(j, key, "[");
}

void json_end_array(struct json *j)
{
    end(j, "]");
}

void json_string(struct json *j, const char *key, const char *value)
{
    json_string_n(j, key, value, strlen(value));
}

void json_string_n(struct json *j, const char *key, const char *value, size_t size)
{
    put_lead(j, key);
    put_quoted(j, value, size);
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
    put_lead(j, key);
    (void)buf_printf(j->out, "%" PRIu64, value);
}

void json_i64(struct json *j, const char *key, int64_t value)
{
    put_lead(j, key);
    (void)buf_printf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    put_lead(j, key);
    put_text(j, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    put_lead(j, key);
    put_text(j, "null");
}

void json_hex(struct json *j, const char *key, const uint8_t *bytes, size_t size)
{
    put_lead(j, key);
    (void)buf_put_u8(j->out, '"');
    for (size_t i = 0; i < size; i++)
        (void)buf_printf(j->out, "%02x", (unsigned)bytes[i]);
    (void)buf_put_u8(j->out, '"');
}

void json_finish(struct json *j)
{
    (void)buf_put_u8(j->out, '\n');
}
