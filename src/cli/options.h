/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"
#include "wasi/wasi.h"

/* The options that `run` and `restore` share: what the cell gets from this machine, and
 * how far it may go. */

enum cell_option_id {
    OPT_DIR,
    OPT_ENV,
    OPT_LISTEN,
    OPT_INVOKE,
    OPT_MEMORY_MAX,
    OPT_FUEL,
    OPT_TIMEOUT,
    OPT_NAME,
    OPT_CHECKPOINT_AFTER,
    OPT_OUTPUT,
    OPT_WITH_FILES,
    OPT_WITH_MODULE,
    OPT_WITHOUT_MODULE,
    OPT_STATS,
    OPT_MODULE,
};

enum with_module {
    MODULE_DEFAULT, /* run: yes; restore: as the image had it */
    MODULE_WITH,
    MODULE_WITHOUT,
};

struct cell_options {
    struct wasi_preopen *preopens; /* strings owned */
    size_t npreopens, cap_preopens;
    char **env; /* owned */
    size_t nenv, cap_env;
    struct wasi_listener *listeners; /* fds owned until a wasi takes them */
    size_t nlisteners, cap_listeners;
    const char *invoke;
    uint64_t memory_max_bytes;
    bool has_fuel;
    uint64_t fuel;
    uint64_t timeout_ns;
    const char *timeout_text;
    const char *name;
    bool has_checkpoint;
    uint64_t checkpoint_after;
    const char *output;
    bool with_files;
    enum with_module with_module;
    bool stats;
    const char *module;
};

/* Take one option; 0 or the exit status, the message printed. */
int cell_option(struct cell_options *o, const char *command, int id, const char *value);
/* What only shows when all options are there; opens listeners. */
int cell_options_check(struct cell_options *o, const char *command);
void cell_options_fini(struct cell_options *o);

/* A listening socket for "host:port", "[v6]:port" or "unix:PATH"; -1, message printed. */
int cli_listen(const char *address);

#endif
