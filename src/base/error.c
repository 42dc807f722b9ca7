/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *csk_strerror(int code)
{
    switch (code) {
    case 0:
        return "success";
#define X(name, value, text)                                                                       \
    case value:                                                                                    \
        return text;
        CSK_ERRORS(X)
#undef X
    default:
        return "unknown error";
    }
}

static void set_text(struct csk_error *err, int code, uint64_t offset, const char *fmt, va_list ap)
{
    err->code = code;
    err->offset = offset;
    if (vsnprintf(err->text, sizeof err->text, fmt, ap) < 0)
        err->text[0] = '\0';
    if (offset != CSK_NO_OFFSET) {
        size_t used = strlen(err->text);
        (void)snprintf(err->text + used, sizeof err->text - used, " at offset %" PRIu64, offset);
    }
    for (char *p = err->text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?'; /* names come from hostile input; keep one clean line */
    }
}

int error_set(struct csk_error *err, int code, const char *fmt, ...)
{
    if (err != NULL && err->code == 0) {
        va_list ap;
        va_start(ap, fmt);
        set_text(err, code, CSK_NO_OFFSET, fmt, ap);
        va_end(ap);
    }
    return code;
}

int error_at(struct csk_error *err, int code, uint64_t offset, const char *fmt, ...)
{
    if (err != NULL && err->code == 0) {
        va_list ap;
        va_start(ap, fmt);
        set_text(err, code, offset, fmt, ap);
        va_end(ap);
    }
    return code;
}

void error_clear(struct csk_error *err)
{
    if (err != NULL) {
        err->code = 0;
        err->offset = CSK_NO_OFFSET;
        err->text[0] = '\0';
    }
}
