/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/value.h"

#include <stdlib.h>
#include <string.h>

#include <cloudskin/cloudskin.h>

#include "base/bits.h"

struct prefix {
    const char *text;
    uint8_t type;
};

static const struct prefix prefixes[] = {
    {"i32:", CSK_I32},
    {"i64:", CSK_I64},
    {"f32:", CSK_F32},
    {"f64:", CSK_F64},
    {"v128:", CSK_V128},
    {"funcref:", CSK_FUNCREF},
    {"externref:", CSK_EXTERNREF},
};

/* The text after "TYPE:", or NULL. */
static const char *split(const char *token, uint8_t *ret_type)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t n = strlen(prefixes[i].text);
        if (strncmp(token, prefixes[i].text, n) == 0) {
            *ret_type = prefixes[i].type;
            return token + n;
        }
    }
    return NULL;
}

/* "i16,..." -> 2; *lanes is moved behind the comma. 0 when malformed. */
static unsigned lane_bytes(const char **lanes, bool *ret_float)
{
    const char *p = *lanes;
    if (*p != 'i' && *p != 'f')
        return 0;
    *ret_float = *p == 'f';
    char *end;
    unsigned long bits = strtoul(p + 1, &end, 10);
    if (*end != ',' || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
        return 0;
    *lanes = end + 1;
    return (unsigned)bits / 8;
}

static uint64_t load_lane(const uint8_t *bytes, unsigned lane, unsigned size)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)bytes[lane * size + i] << (8 * i);
    return v;
}

static void store_lane(uint8_t *bytes, unsigned lane, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++)
        bytes[lane * size + i] = (uint8_t)(v >> (8 * i));
}

static bool parse_v128(const char *lanes, uint8_t bytes[16])
{
    bool is_float;
    unsigned size = lane_bytes(&lanes, &is_float);
    if (size == 0)
        return false;
    for (unsigned lane = 0; lane < 16 / size; lane++) {
        char *end;
        store_lane(bytes, lane, size, strtoull(lanes, &end, 16));
        if (end == lanes || *end != (lane + 1 < 16 / size ? ',' : '\0'))
            return false;
        lanes = end + 1;
    }
    return true;
}

uint32_t spec_value_parse(const char *token, uint64_t slot[2], uint8_t *ret_type)
{
    const char *text = split(token, ret_type);
    slot[0] = slot[1] = 0;
    if (text == NULL)
        return 0;
    if (*ret_type == CSK_V128) {
        uint8_t bytes[16];
        if (!parse_v128(text, bytes))
            return 0;
        memcpy(slot, bytes, sizeof bytes);
        return 2;
    }
    if (strcmp(text, "null") == 0)
        return 1;
    char *end;
    slot[0] = strtoull(text, &end, 16);
    if (*ret_type == CSK_EXTERNREF)
        slot[0]++; /* token 0 would be null */
    return end != text && *end == '\0' && *ret_type != CSK_FUNCREF;
}

static bool float_matches(const char *text, size_t len, unsigned size, uint64_t bits)
{
    uint64_t sign = UINT64_C(1) << (size * 8 - 1);
    uint64_t quiet = size == 4 ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000);
    if (len == 13 && memcmp(text, "nan-canonical", len) == 0)
        return (bits & ~sign) == quiet;
    if (len == 14 && memcmp(text, "nan-arithmetic", len) == 0)
        return (bits & quiet) == quiet;
    char *end;
    return strtoull(text, &end, 16) == bits && end == text + len;
}

static bool v128_matches(const char *lanes, const uint64_t *slot)
{
    uint8_t bytes[16];
    bool is_float;
    memcpy(bytes, slot, sizeof bytes);
    unsigned size = lane_bytes(&lanes, &is_float);
    if (size == 0)
        return false;
    for (unsigned lane = 0; lane < 16 / size; lane++) {
        size_t len = strcspn(lanes, ",;");
        /* integers never hold the NaN patterns' names, so one comparison serves both */
        if (len == 0 || !float_matches(lanes, len, size, load_lane(bytes, lane, size)))
            return false;
        lanes += len + (lanes[len] == ',');
    }
    return *lanes == '\0' || *lanes == ';';
}

static bool one_matches(const char *token, uint8_t type, const uint64_t *slot)
{
    uint8_t want;
    const char *text = split(token, &want);
    if (text == NULL || want != type)
        return false;
    size_t len = strcspn(text, ";");
    switch (type) {
    case CSK_V128:
        return v128_matches(text, slot);
    case CSK_I32:
    case CSK_F32:
        return float_matches(text, len, 4, slot[0]);
    case CSK_I64:
    case CSK_F64:
        return float_matches(text, len, 8, slot[0]);
    default:
        break;
    }
    if (len == 4 && memcmp(text, "null", 4) == 0)
        return slot[0] == 0;
    if (type == CSK_FUNCREF || (len == 3 && memcmp(text, "any", 3) == 0))
        return slot[0] != 0; /* which function it is, the suite cannot say */
    return strtoull(text, NULL, 16) + 1 == slot[0];
}

bool spec_value_matches(const char *token, uint8_t type, const uint64_t *slot)
{
    if (strncmp(token, "either;", 7) != 0)
        return one_matches(token, type, slot);
    for (const char *p = token + 6; p != NULL; p = strchr(p, ';')) {
        if (one_matches(++p, type, slot))
            return true;
    }
    return false;
}
