/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* Digits at *p as a number; false when there are none or they do not fit. */
static bool take_u64(const char **p, uint64_t *ret_value)
{
    uint64_t v = 0;
    const char *q = *p;
    if (*q < '0' || *q > '9')
        return false;
    for (; *q >= '0' && *q <= '9'; q++) {
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*q - '0'), &v))
            return false;
    }
    *p = q;
    *ret_value = v;
    return true;
}

bool cli_parse_u64(const char *text, uint64_t *ret_value)
{
    uint64_t v;
    if (!take_u64(&text, &v) || *text != '\0')
        return false;
    *ret_value = v;
    return true;
}

bool cli_parse_size(const char *text, uint64_t *ret_bytes)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {{"", 1},          {"B", 1},         {"K", 1 << 10},
                 {"k", 1 << 10},   {"KiB", 1 << 10}, {"M", 1 << 20},
                 {"MiB", 1 << 20}, {"G", 1 << 30},   {"GiB", 1 << 30}};
    uint64_t v;
    if (!take_u64(&text, &v))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text, units[i].name) == 0)
            return !__builtin_mul_overflow(v, units[i].bytes, ret_bytes);
    }
    return false;
}

/* ".25" of `unit` nanoseconds, exactly enough. */
static uint64_t take_fraction(const char **p, uint64_t unit)
{
    uint64_t ns = 0;
    const char *q = *p;
    for (; *q >= '0' && *q <= '9'; q++) {
        unit /= 10;
        ns += (uint64_t)(*q - '0') * unit;
    }
    *p = q;
    return ns;
}

static uint64_t duration_unit(const char *name)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"", 1000000000}, {"s", 1000000000},   {"ms", 1000000},      {"us", 1000},
                 {"ns", 1},        {"m", 60000000000u}, {"h", 3600000000000u}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(name, units[i].name) == 0)
            return units[i].ns;
    }
    return 0;
}

bool cli_parse_duration(const char *text, uint64_t *ret_ns)
{
    uint64_t whole;
    uint64_t part = 0;
    if (!take_u64(&text, &whole))
        return false;
    const char *fraction = NULL;
    if (*text == '.') {
        fraction = ++text;
        while (*text >= '0' && *text <= '9')
            text++;
        if (text == fraction)
            return false;
    }
    uint64_t unit = duration_unit(text);
    if (unit == 0 || __builtin_mul_overflow(whole, unit, &whole))
        return false;
    if (fraction != NULL)
        part = take_fraction(&fraction, unit);
    if (__builtin_add_overflow(whole, part, &whole) || whole == 0)
        return false;
    *ret_ns = whole;
    return true;
}

void cli_size_text(uint64_t bytes, char *text, size_t size)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    unsigned unit = 0;
    uint64_t tenths = bytes * 10;
    if (bytes < 1024) {
        (void)snprintf(text, size, "%" PRIu64 " B", bytes);
        return;
    }
    while (tenths >= 10240 && unit < 4) {
        tenths /= 1024;
        unit++;
    }
    if (tenths % 10 == 0)
        (void)snprintf(text, size, "%" PRIu64 " %s", tenths / 10, names[unit]);
    else
        (void)snprintf(text, size, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
                       names[unit]);
}
