/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "check.h"

/* The definition, the slow way round: encode every character and see whether one fits. */
static size_t encode(uint32_t c, uint8_t out[4])
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (uint8_t)((0xf00u >> n & 0xf0) | c);
    return n;
}

static void check_every_character(void)
{
    unsigned long wrong = 0;
    for (uint32_t c = 0; c < 0x120000; c++) {
        uint8_t bytes[4];
        size_t n = encode(c, bytes);
        bool is_character = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        wrong += utf8_valid(bytes, n) != is_character;
        for (size_t cut = 1; cut < n; cut++)
            wrong += utf8_valid(bytes, cut);
    }
    CHECK(wrong == 0);
}

/* All strings of up to three bytes: as many are valid as there are such texts. */
static void check_counts(void)
{
    unsigned long count[4] = {0};
    for (uint32_t v = 0; v < 1u << 24; v++) {
        uint8_t bytes[3] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16)};
        count[3] += utf8_valid(bytes, 3);
        count[2] += v < 1u << 16 && utf8_valid(bytes, 2);
        count[1] += v < 1u << 8 && utf8_valid(bytes, 1);
    }
    unsigned long one = 128, two = 0x800 - 0x80, three = 0x10000 - 0x800 - 0x800;
    CHECK(count[1] == one);
    CHECK(count[2] == one * one + two);
    CHECK(count[3] == one * one * one + 2 * one * two + three);
}

static void check_strings(void)
{
    CHECK(utf8_valid("", 0));
    CHECK(utf8_valid("a\0b", 3));
    CHECK(utf8_valid("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x92\xa1", 16));
    CHECK(!utf8_valid("\xc0\x80", 2));
    CHECK(!utf8_valid("\xe0\x80\x80", 3));
    CHECK(!utf8_valid("\xf0\x80\x80\x80", 4));
    CHECK(!utf8_valid("\xf8\x88\x80\x80\x80", 5));
    CHECK(!utf8_valid("ab\x80", 3));
    CHECK(!utf8_valid("\xff", 1));
}

int main(void)
{
    check_every_character();
    check_counts();
    check_strings();
    return check_report("utf8");
}
