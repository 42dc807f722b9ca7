/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "cli/host.h"
#include "cli/session.h"

static const struct cli_option options[] = {
    {"dir", true, OPT_DIR},
    {"env", true, OPT_ENV},
    {"listen", true, OPT_LISTEN},
    {"invoke", true, OPT_INVOKE},
    {"memory-max", true, OPT_MEMORY_MAX},
    {"fuel", true, OPT_FUEL},
    {"timeout", true, OPT_TIMEOUT},
    {"name", true, OPT_NAME},
    {"checkpoint-after", true, OPT_CHECKPOINT_AFTER},
    {"output", true, OPT_OUTPUT},
    {"with-files", false, OPT_WITH_FILES},
    {"with-module", false, OPT_WITH_MODULE},
    {"without-module", false, OPT_WITHOUT_MODULE},
    {"stats", false, OPT_STATS},
    {NULL, false, 0},
};

struct run {
    struct host host;
    struct cell_options options;
    const char *path;
    const char *const *words; /* the module's path, then the guest's arguments */
    size_t nwords;
    struct wasi *wasi;
    struct cell *cell;
};

/* Options, then the module; everything after that is the guest's. */
static int parse(struct run *r, int argc, char **argv)
{
    struct cli_args args = {
        .command = "run", .argv = argv, .argc = argc, .at = 1, .options = options};
    for (;;) {
        int id = cli_next(&args);
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_END)
            return cli_usage("run", "no module given");
        if (id == CLI_ARGS_POSITIONAL)
            break;
        int status = cell_option(&r->options, "run", id, args.value);
        if (status != 0)
            return status;
    }
    r->path = args.value;
    r->words = (const char *const *)&argv[args.at - 1];
    r->nwords = (size_t)(argc - args.at + 1);
    return cell_options_check(&r->options, "run");
}

/* WASI where the module imports it, and where its arguments are all that keeps an entry
 * function's arguments until it is called. */
static int make_wasi(struct run *r, uint32_t entry)
{
    struct wasi_config config;
    struct csk_error err = {0};
    const struct wasm_module *module = r->host.module;
    bool has_params = module->types[module->func_types[entry]].nparams != 0;
    if (!cell_wants_wasi(module) && !has_params)
        return 0;
    host_wasi_config(&r->options, r->words, r->nwords, &config);
    if (wasi_new(&config, &r->wasi, &err) != 0)
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    host_wasi_took(&r->options);
    return 0;
}

static int make_cell(struct run *r)
{
    struct csk_error err = {0};
    uint32_t entry;
    if (cell_find_entry(r->host.module, r->options.invoke, &entry, &err) != 0)
        return cli_fail(CLI_CELL_FAILED, "cannot run: %s: %s%s", r->path, err.text,
                        r->options.invoke == NULL ? " (--invoke names another)" : "");
    int status = make_wasi(r, entry);
    if (status != 0)
        return status;
    struct cell_linker linker = {.wasi = r->wasi};
    if (cell_new(r->host.engine, r->host.module, &linker, &r->cell, &err) != 0) {
        wasi_free(r->wasi);
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    }
    r->cell->memory_max_bytes = r->options.memory_max_bytes;
    return session_enter(r->cell, entry, r->words + 1, r->nwords - 1, r->path, CLI_USAGE);
}

int cli_run(int argc, char **argv)
{
    struct run r = {0};
    int status = parse(&r, argc, argv);
    if (status == 0)
        status = host_engine(&r.host, r.options.memory_max_bytes, CLI_CELL_FAILED);
    if (status == 0)
        status = host_load(&r.host, r.path, CLI_CELL_FAILED);
    if (status == 0)
        status = make_cell(&r);
    struct session session = {
        .cell = r.cell,
        .options = &r.options,
        .path = r.path,
        .with_module = r.options.with_module != MODULE_WITHOUT,
    };
    if (status == 0)
        status = session_run(&session);
    cell_free(r.cell);
    host_fini(&r.host);
    cell_options_fini(&r.options);
    return status;
}
