/* SPDX-License-Identifier: Apache-2.0 */
/* Counts lines, words and bytes, of files or of standard input, as wc(1) does. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct counts {
    unsigned long long lines, words, bytes;
};

static bool count(FILE *file, struct counts *ret_counts)
{
    struct counts c = {0};
    bool in_word = false;
    for (int ch; (ch = getc(file)) != EOF; c.bytes++) {
        c.lines += ch == '\n';
        bool space = isspace(ch);
        c.words += in_word == false && !space;
        in_word = !space;
    }
    *ret_counts = c;
    return !ferror(file);
}

static void show(const struct counts *c, const char *name)
{
    printf("%7llu %7llu %7llu%s%s\n", c->lines, c->words, c->bytes, *name ? " " : "", name);
}

static bool count_named(const char *name, struct counts *total)
{
    struct counts c;
    FILE *file = fopen(name, "r");
    bool good = file && count(file, &c);
    if (!good)
        fprintf(stderr, "wc: %s: %s\n", name, strerror(errno));
    if (file)
        fclose(file);
    if (!good)
        return false;
    show(&c, name);
    total->lines += c.lines;
    total->words += c.words;
    total->bytes += c.bytes;
    return true;
}

int main(int argc, char **argv)
{
    struct counts total = {0};
    int status = 0;
    if (argc == 1) {
        if (!count(stdin, &total))
            return 1;
        show(&total, "");
    }
    for (int i = 1; i < argc; i++)
        status |= !count_named(argv[i], &total);
    if (argc > 2)
        show(&total, "total");
    return status;
}
