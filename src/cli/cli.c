/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"

#define LINE_MAX_BYTES 2048u

/* One write, so that lines of several processes do not mix. */
static void put_line(const char *fmt, va_list ap)
{
    char line[LINE_MAX_BYTES];
    int lead = snprintf(line, sizeof line, "cloudskin: ");
    (void)vsnprintf(line + lead, sizeof line - (size_t)lead - 1, fmt, ap);
    size_t size = strlen(line);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?'; /* names come from anywhere */
    }
    line[size++] = '\n';
    ssize_t done = write(STDERR_FILENO, line, size);
    (void)done; /* there is nobody left to tell */
}

int cli_fail(int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    put_line(fmt, ap);
    va_end(ap);
    return status;
}

void cli_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    put_line(fmt, ap);
    va_end(ap);
}

int cli_fail_error(int status, const char *where, const struct csk_error *err)
{
    return cli_fail(status, "%s: %s: %s", csk_strerror(err->code), where, err->text);
}

int cli_fail_errno(int status, const char *what, const char *where)
{
    return cli_fail(status, "%s: %s: %s", what, where, strerror(errno));
}

int cli_usage(const char *command, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return cli_fail(CLI_USAGE, "%s: %s (see `cloudskin help%s%s`)", command, text,
                    strcmp(command, "cloudskin") == 0 ? "" : " ",
                    strcmp(command, "cloudskin") == 0 ? "" : command);
}

/* ---- options ------------------------------------------------------------------- */

static const struct cli_option *find_option(const struct cli_option *options, const char *name,
                                            size_t len)
{
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    }
    return NULL;
}

static int bad_option(const struct cli_args *args, const char *what, const char *word)
{
    (void)cli_usage(args->command, "%s: %s", what, word);
    return CLI_ARGS_BAD;
}

static int long_option(struct cli_args *args, const char *word)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *option = find_option(args->options, name, len);
    if (option == NULL)
        return bad_option(args, "unknown option", word);
    if (!option->has_value && equals != NULL)
        return bad_option(args, "option takes no value", word);
    if (option->has_value && equals == NULL) {
        if (args->at == args->argc)
            return bad_option(args, "option needs a value", word);
        args->value = args->argv[args->at++];
    } else {
        args->value = equals != NULL ? equals + 1 : NULL;
    }
    return option->id;
}

int cli_next(struct cli_args *args)
{
    if (args->at == args->argc)
        return CLI_ARGS_END;
    const char *word = args->argv[args->at++];
    if (!args->only_positionals && word[0] == '-' && word[1] != '\0') {
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            (void)cli_help(args->command);
            return CLI_ARGS_HELP;
        }
        if (strcmp(word, "--") == 0) {
            args->only_positionals = true;
            return cli_next(args);
        }
        if (word[1] != '-')
            return bad_option(args, "unknown option", word);
        return long_option(args, word);
    }
    args->value = word;
    return CLI_ARGS_POSITIONAL;
}

/* ---- output ---------------------------------------------------------------------- */

uint64_t cli_now_ns(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

int cli_print(struct buf *text)
{
    if (text->failed)
        return cli_fail(CLI_FAILED, "out of memory: while printing");
    for (size_t done = 0; done < text->size;) {
        ssize_t n = write(STDOUT_FILENO, text->data + done, text->size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cli_fail_errno(CLI_FAILED, "cannot write", "standard output");
        done += (size_t)n;
    }
    return CLI_OK;
}
