/* SPDX-License-Identifier: Apache-2.0 */
#include "cell/values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/session.h"
#include "wasm/valtype.h"

#define INT_DIGITS_MAX 40u

/* Decimal or 0x, with a sign; must fit in `bits` as a signed or an unsigned number. */
static bool parse_int(const char *word, unsigned bits, uint64_t *ret_value)
{
    char *end;
    bool negative = word[0] == '-';
    const char *digits = word + (negative || word[0] == '+' ? 1 : 0);
    if (digits[0] < '0' || digits[0] > '9')
        return false;
    int base = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
    errno = 0;
    unsigned long long v = strtoull(digits, &end, base);
    uint64_t half = UINT64_C(1) << (bits - 1);
    if (errno != 0 || *end != '\0' || (base == 16 && digits[2] == '\0'))
        return false;
    if (negative ? v > half : bits < 64 && v > UINT32_MAX)
        return false;
    *ret_value = negative ? 0 - (uint64_t)v : v;
    return true;
}

static bool parse_f32(const char *word, float *ret_value)
{
    char *end;
    *ret_value = strtof(word, &end);
    return end != word && *end == '\0';
}

static bool parse_f64(const char *word, double *ret_value)
{
    char *end;
    *ret_value = strtod(word, &end);
    return end != word && *end == '\0';
}

/* 0x and up to 32 digits: one 128-bit number, whose first lane is its lowest bits. */
static bool parse_v128(const char *word, uint8_t bytes[16])
{
    size_t len = strlen(word);
    if (len < 3 || len > 34 || word[0] != '0' || (word[1] != 'x' && word[1] != 'X'))
        return false;
    memset(bytes, 0, 16);
    for (size_t i = 0; i < len - 2; i++) {
        char c = word[len - 1 - i];
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (unsigned)((c | 32) - 'a') + 10;
        else
            return false;
        bytes[i / 2] = (uint8_t)(bytes[i / 2] | digit << (i % 2 * 4));
    }
    return true;
}

static bool parse_value(uint8_t type, const char *word, struct csk_value *ret_value)
{
    uint64_t bits;
    *ret_value = (struct csk_value){.type = type};
    switch (type) {
    case CSK_I32:
        if (!parse_int(word, 32, &bits))
            return false;
        ret_value->of.i32 = (uint32_t)bits;
        return true;
    case CSK_I64:
        return parse_int(word, 64, &ret_value->of.i64);
    case CSK_F32:
        return parse_f32(word, &ret_value->of.f32);
    case CSK_F64:
        return parse_f64(word, &ret_value->of.f64);
    case CSK_V128:
        return parse_v128(word, ret_value->of.v128);
    default:
        return strcmp(word, "null") == 0;
    }
}

static const char *type_text(uint8_t type)
{
    switch (type) {
    case CSK_I32:
        return "an i32, such as -1 or 0xff";
    case CSK_I64:
        return "an i64, such as -1 or 0xff";
    case CSK_F32:
        return "an f32, such as 1.5";
    case CSK_F64:
        return "an f64, such as 1.5";
    case CSK_V128:
        return "a v128, such as 0x000102030405060708090a0b0c0d0e0f";
    default:
        return "null";
    }
}

static int parse_words(const struct cell *cell, const struct wasm_functype *type,
                       const char *const *words, uint64_t *slots, const char *path, int status)
{
    for (uint32_t i = 0; i < type->nparams; i++) {
        struct csk_value value;
        uint8_t wanted = wasm_type_nullable(type->params[i]);
        if (!parse_value(wanted, words[i], &value) ||
            cell_values_store(cell->inst, &type->params[i], 1, &value, slots) != 0)
            return cli_fail(status, "bad argument: %s: argument %u, \"%s\", is not %s", path,
                            (unsigned)i + 1, words[i], type_text(wanted));
        slots += wasm_type_slots(type->params[i]);
    }
    return 0;
}

int session_enter(struct cell *cell, uint32_t func, const char *const *words, size_t nwords,
                  const char *path, int usage_status)
{
    const struct wasm_functype *type = cell->inst->funcs[func]->type;
    struct csk_error err = {0};
    if (type->nparams != 0 && nwords != type->nparams)
        return cli_fail(usage_status, "bad argument: %s: the function takes %u arguments, got %zu",
                        path, (unsigned)type->nparams, nwords);
    uint64_t *slots = mem_calloc((size_t)type->param_slots + 1, sizeof *slots);
    if (slots == NULL)
        return cli_fail(CLI_CELL_FAILED, "out of memory: %s", path);
    int status = parse_words(cell, type, words, slots, path, usage_status);
    if (status == 0 && cell_enter(cell, func, slots, &err) != 0)
        status = cli_fail_error(CLI_CELL_FAILED, path, &err);
    mem_free(slots);
    return status;
}

/* ---- results -------------------------------------------------------------------------- */

/* The fewest digits that read back as the same number. */
static void put_f64(struct buf *out, double v, int digits_max, bool single)
{
    char text[40];
    for (int digits = 1; digits <= digits_max; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v)
            break;
    }
    (void)buf_printf(out, "%s", text);
}

static void put_nan(struct buf *out, bool negative, uint64_t payload, uint64_t canonical)
{
    (void)buf_printf(out, "%snan", negative ? "-" : "");
    if (payload != canonical)
        (void)buf_printf(out, ":0x%" PRIx64, payload);
}

static void put_value(struct buf *out, const struct csk_value *v)
{
    switch (v->type) {
    case CSK_I32:
        (void)buf_printf(out, "%" PRId32, (int32_t)v->of.i32);
        break;
    case CSK_I64:
        (void)buf_printf(out, "%" PRId64, (int64_t)v->of.i64);
        break;
    case CSK_F32:
        if (isnan(v->of.f32))
            put_nan(out, v->of.f32_bits >> 31 != 0, v->of.f32_bits & 0x7fffff, 0x400000);
        else
            put_f64(out, (double)v->of.f32, 9, true);
        break;
    case CSK_F64:
        if (isnan(v->of.f64))
            put_nan(out, v->of.f64_bits >> 63 != 0, v->of.f64_bits & UINT64_C(0xfffffffffffff),
                    UINT64_C(1) << 51);
        else
            put_f64(out, v->of.f64, 17, false);
        break;
    case CSK_V128:
        (void)buf_printf(out, "0x%016" PRIx64 "%016" PRIx64, get_le64(v->of.v128 + 8),
                         get_le64(v->of.v128));
        break;
    default:
        if (v->of.ref == 0)
            (void)buf_printf(out, "null");
        else if (v->type == CSK_FUNCREF)
            (void)buf_printf(out, "func %" PRIu64, v->of.ref - 1);
        else
            (void)buf_printf(out, "externref");
    }
    (void)buf_put_u8(out, '\n');
}

int session_print_results(const struct cell *cell)
{
    const struct wasm_functype *type = cell->exec->result_type;
    struct buf out = {0};
    if (type == NULL || type->nresults == 0)
        return CLI_OK;
    const uint64_t *slots = wasm_exec_results(cell->exec);
    for (uint32_t i = 0; i < type->nresults; i++) {
        struct csk_value value;
        cell_value_load(cell->inst, type->results[i], slots, &value);
        put_value(&out, &value);
        slots += wasm_type_slots(type->results[i]);
    }
    int status = cli_print(&out) == CLI_OK ? CLI_OK : CLI_CELL_FAILED;
    buf_fini(&out);
    return status;
}
