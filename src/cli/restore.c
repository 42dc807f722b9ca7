/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/host.h"
#include "cli/session.h"

static const struct cli_option options[] = {
    {"module", true, OPT_MODULE},
    {"dir", true, OPT_DIR},
    {"listen", true, OPT_LISTEN},
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

struct restore {
    struct host host;
    struct cell_options options;
    const char *path;
    struct cli_stream stream;
    struct image_decoder *decoder;
    struct image_meta meta;
    struct cell *cell;
};

static int parse(struct restore *r, int argc, char **argv)
{
    struct cli_args args = {
        .command = "restore", .argv = argv, .argc = argc, .at = 1, .options = options};
    for (int id; (id = cli_next(&args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_POSITIONAL && r->path != NULL)
            return cli_usage("restore", "unexpected argument: %s", args.value);
        if (id == CLI_ARGS_POSITIONAL) {
            r->path = args.value;
            continue;
        }
        int status = cell_option(&r->options, "restore", id, args.value);
        if (status != 0)
            return status;
    }
    if (r->path == NULL)
        return cli_usage("restore", "no image given");
    return cell_options_check(&r->options, "restore");
}

static int open_image(struct restore *r)
{
    struct csk_error err = {0};
    int fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail_errno(CLI_CELL_FAILED, "cannot read the image", r->path);
    if (cli_stream_init(&r->stream, fd) != 0)
        return cli_fail(CLI_CELL_FAILED, "out of memory: %s", r->path);
    int rc = image_decoder_new(cli_stream_read, &r->stream, &r->decoder, &err);
    if (rc == 0)
        rc = image_decode_meta(r->decoder, &r->meta, &err);
    if (rc != 0)
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    return 0;
}

/* The module comes from --module, else from the image. */
static int load_module(struct restore *r)
{
    struct csk_error err = {0};
    size_t size;
    int status = host_engine(&r->host, r->meta.memory_max_bytes, CLI_CELL_FAILED);
    if (status != 0)
        return status;
    if (r->options.module != NULL)
        return host_load(&r->host, r->options.module, CLI_CELL_FAILED);
    const uint8_t *bytes = image_decoder_module(r->decoder, &size);
    if (bytes == NULL)
        return cli_fail(CLI_CELL_FAILED,
                        "no module: %s: the image was written without it (--module gives it)",
                        r->path);
    /* The decoder keeps the bytes, and outlives the module. */
    if (wasm_module_load(r->host.engine, bytes, size, false, &r->host.module, &err) != 0)
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    return 0;
}

/* An entry function that was not called yet takes its arguments from the guest's. */
static int enter_again(struct restore *r)
{
    struct wasi_state state = {0};
    struct csk_error err = {0};
    struct cell *cell = r->cell;
    if (cell->phase == IMAGE_RUNNING || !cell->entry_has_args)
        return 0;
    if (cell->wasi == NULL)
        return cli_fail(CLI_CELL_FAILED,
                        "corrupt image: %s: the entry function's arguments are missing", r->path);
    if (wasi_freeze(cell->wasi, false, &state, &err) != 0)
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    size_t skip = state.nargs != 0 ? 1 : 0;
    int status = session_enter(cell, cell->entry_func, (const char *const *)state.args + skip,
                               state.nargs - skip, r->path, CLI_CELL_FAILED);
    wasi_state_fini(&state);
    return status;
}

static int thaw(struct restore *r)
{
    struct wasi_config config;
    struct cell_linker linker = {0};
    struct csk_error err = {0};
    host_wasi_config(&r->options, NULL, 0, &config);
    if (cell_thaw(r->host.engine, r->host.module, &linker, &config, r->decoder, &r->meta, &r->cell,
                  &err) != 0)
        return cli_fail_error(CLI_CELL_FAILED, r->path, &err);
    if (r->meta.has_wasi)
        host_wasi_took(&r->options);
    return enter_again(r);
}

static bool with_module(const struct restore *r)
{
    if (r->options.with_module == MODULE_DEFAULT)
        return r->meta.has_module;
    return r->options.with_module == MODULE_WITH;
}

static void fini(struct restore *r)
{
    cell_free(r->cell);
    host_fini(&r->host);
    if (r->decoder != NULL)
        image_decoder_free(r->decoder);
    if (r->stream.buffer != NULL)
        (void)close(r->stream.fd);
    cli_stream_fini(&r->stream);
    cell_options_fini(&r->options);
}

int cli_restore(int argc, char **argv)
{
    struct restore r = {0};
    int status = parse(&r, argc, argv);
    if (status == 0)
        status = open_image(&r);
    if (status == 0)
        status = load_module(&r);
    if (status == 0)
        status = thaw(&r);
    struct session session = {
        .cell = r.cell, .options = &r.options, .path = r.path, .with_module = with_module(&r)};
    if (status == 0)
        status = session_run(&session);
    fini(&r);
    return status;
}
