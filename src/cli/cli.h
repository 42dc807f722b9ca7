/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cloudskin/error.h>

/*
 * What the subcommands share: option parsing, messages, numbers.
 *
 * A subcommand gets argv from its own name on and returns the process's exit
 * status. Whatever goes wrong is one line on stderr,
 *     cloudskin: WHAT: WHERE: DETAIL
 */

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,         /* a subcommand other than run and restore could not do its work */
    CLI_USAGE = 2,          /* the command line is wrong */
    CLI_CHECKPOINTED = 122, /* the cell was checkpointed from outside and ended here */
    CLI_OUT_OF_FUEL = 123,
    CLI_TIMED_OUT = 124,
    CLI_CELL_FAILED = 125, /* run, restore: the cell could not be started or continued */
    CLI_TRAPPED = 134,     /* as a native program that aborts */
    CLI_HELPED = 256,      /* help was asked for and printed: 0 for the shell */
};

/* Print "cloudskin: " and the text as one clean line; returns `status`. */
__attribute__((format(printf, 2, 3))) int cli_fail(int status, const char *fmt, ...);
/* The same for an error of the library about `where`. */
int cli_fail_error(int status, const char *where, const struct csk_error *err);
/* The same for errno: "cloudskin: WHAT: WHERE: No such file or directory". */
int cli_fail_errno(int status, const char *what, const char *where);
/* A wrong command line; returns CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage(const char *command, const char *fmt, ...);
/* One clean line on stderr that is not an error. */
__attribute__((format(printf, 1, 2))) void cli_note(const char *fmt, ...);

/* ---- options ------------------------------------------------------------------- */

struct cli_option {
    const char *name; /* without the dashes; NULL ends a table */
    bool has_value;
    int id; /* >= 0 */
};

enum {
    CLI_ARGS_END = -1,
    CLI_ARGS_POSITIONAL = -2, /* .value is it */
    CLI_ARGS_BAD = -3,        /* the message was printed */
    CLI_ARGS_HELP = -4,       /* --help or -h: the help was printed */
};

struct cli_args {
    const char *command;
    char **argv;
    int argc;
    int at; /* next to look at */
    const struct cli_option *options;
    const char *value; /* of the option or positional just returned */
    bool only_positionals;
};

/* The next option's id or one of the codes above. `--name VALUE` and `--name=VALUE` are
 * the same; `--` ends the options. */
int cli_next(struct cli_args *args);

/* ---- numbers --------------------------------------------------------------------- */

bool cli_parse_u64(const char *text, uint64_t *ret_value);
/* "4096", "64K", "16M", "2G" (also KiB, MiB, GiB) in bytes. */
bool cli_parse_size(const char *text, uint64_t *ret_bytes);
/* "2" (seconds), "1.5s", "250ms", "10us", "2m", "1h" in nanoseconds; not 0. */
bool cli_parse_duration(const char *text, uint64_t *ret_ns);
/* "17 B", "128 KiB", "1.5 MiB" into text. */
void cli_size_text(uint64_t bytes, char *text, size_t size);

uint64_t cli_now_ns(void); /* CLOCK_MONOTONIC */

/* Write a buffer to stdout; CLI_OK or CLI_FAILED with the message printed. */
struct buf;
int cli_print(struct buf *text);

/* ---- help ------------------------------------------------------------------------ */

/* The help of a subcommand, or with NULL of the whole command. False: no such one. */
bool cli_help(const char *command);

/* ---- subcommands ------------------------------------------------------------------ */

int cli_run(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_ps(int argc, char **argv);
int cli_checkpoint(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_validate(int argc, char **argv);

#endif
