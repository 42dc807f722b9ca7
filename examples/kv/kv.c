/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key-value store in one append-only log. Reads commands from standard input:
 *     set KEY VALUE | get KEY | del KEY | list
 * A record is "SUM KEY\tVALUE\n"; a deletion has no tab. SUM is a checksum in hex, so that a
 * record torn by a crash is noticed, and cut off, when the log is opened again.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES_MAX 4096
#define KEYS_MAX       10000
#define SUM_CHARS      9

struct pair {
    char *key, *value;
};
static struct pair pairs[KEYS_MAX];
static size_t count;

static uint32_t checksum(const char *s)
{
    uint32_t h = 2166136261u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static struct pair *find(const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].key, key) == 0)
            return &pairs[i];
    return NULL;
}

static bool put(const char *key, const char *value)
{
    struct pair *p = find(key);
    if (!p && count == KEYS_MAX)
        return false;
    char *copy = strdup(value);
    if (!copy)
        return false;
    if (p) {
        free(p->value);
    } else {
        p = &pairs[count];
        p->key = strdup(key);
        if (!p->key) {
            free(copy);
            return false;
        }
        count++;
    }
    p->value = copy;
    return true;
}

static void drop(const char *key)
{
    struct pair *p = find(key);
    if (!p)
        return;
    free(p->key);
    free(p->value);
    *p = pairs[--count];
}

static bool replay_record(char *line)
{
    size_t n = strlen(line);
    if (n <= SUM_CHARS || line[n - 1] != '\n')
        return false;
    line[n - 1] = '\0';
    char *body = line + SUM_CHARS;
    if (strtoul(line, NULL, 16) != checksum(body))
        return false;
    char *tab = strchr(body, '\t');
    if (!tab) {
        drop(body);
        return true;
    }
    *tab = '\0';
    return put(body, tab + 1);
}

/* Where the first bad record begins, or the end. */
static long replay(FILE *log)
{
    char line[LINE_BYTES_MAX];
    long good = 0;
    while (fgets(line, sizeof(line), log) && replay_record(line))
        good = ftell(log);
    return good;
}

static bool append(FILE *log, const char *body)
{
    return fprintf(log, "%08x %s\n", checksum(body), body) > 0 && fflush(log) == 0;
}

static bool command_set(FILE *log, const char *key, const char *value)
{
    char body[LINE_BYTES_MAX];
    int n = snprintf(body, sizeof(body), "%s\t%s", key, value);
    if (n < 0 || (size_t)n >= sizeof(body) - SUM_CHARS - 1)
        return false;
    return append(log, body) && put(key, value);
}

static bool command(FILE *log, char *line)
{
    char *verb = strtok(line, " \n");
    char *key = strtok(NULL, " \n");
    char *value = strtok(NULL, "\n");
    if (!verb)
        return true;
    if (strcmp(verb, "set") == 0 && key && value)
        return command_set(log, key, value);
    if (strcmp(verb, "get") == 0 && key) {
        const struct pair *p = find(key);
        printf("%s\n", p ? p->value : "(none)");
        return true;
    }
    if (strcmp(verb, "del") == 0 && key) {
        drop(key);
        return append(log, key);
    }
    if (strcmp(verb, "list") == 0) {
        for (size_t i = 0; i < count; i++)
            printf("%s = %s\n", pairs[i].key, pairs[i].value);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: kv LOG < COMMANDS\n");
        return 2;
    }
    FILE *log = fopen(argv[1], "r+");
    if (!log)
        log = fopen(argv[1], "w+");
    if (!log) {
        fprintf(stderr, "kv: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    long good = replay(log);
    if (ftruncate(fileno(log), good) != 0 || fseek(log, good, SEEK_SET) != 0) {
        fprintf(stderr, "kv: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    char line[LINE_BYTES_MAX];
    while (fgets(line, sizeof(line), stdin)) {
        if (!command(log, line)) {
            fprintf(stderr, "kv: cannot do that: %s\n", line);
            return 1;
        }
        fflush(stdout);
    }
    return fclose(log) != 0;
}
