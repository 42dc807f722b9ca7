/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inspect.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"

static const char wasm_magic[4] = {'\0', 'a', 's', 'm'};

static int inspect_module(const char *path, bool json, struct buf *out)
{
    struct host host = {0};
    int status = host_engine(&host, 0, CLI_FAILED);
    if (status == 0)
        status = host_load(&host, path, CLI_FAILED);
    if (status == 0) {
        if (json)
            inspect_module_json(host.module, path, out);
        else
            inspect_module_text(host.module, path, out);
    }
    host_fini(&host);
    return status;
}

/* The module that names an image's functions: --module, else the image's own. A module in
 * the image that does not load only costs the names. */
static int naming_module(const struct image_description *d, const char *module_path,
                         struct host *host)
{
    int status = host_engine(host, 0, CLI_FAILED);
    if (status != 0)
        return status;
    if (module_path != NULL)
        return host_load(host, module_path, CLI_FAILED);
    if (d->module != NULL && wasm_module_load(host->engine, d->module, (size_t)d->meta.module_size,
                                              false, &host->module, NULL) != 0)
        host->module = NULL;
    return 0;
}

static int inspect_image(int fd, const char *path, const char *module_path, bool json,
                         struct buf *out)
{
    struct image_description d;
    struct cli_stream stream;
    struct host host = {0};
    struct csk_error err = {0};
    if (cli_stream_init(&stream, fd) != 0)
        return cli_fail(CLI_FAILED, "out of memory: %s", path);
    int rc = image_describe(cli_stream_read, &stream, &d, &err);
    cli_stream_fini(&stream);
    if (rc != 0)
        return cli_fail_error(CLI_FAILED, path, &err);
    int status = naming_module(&d, module_path, &host);
    if (status == 0) {
        if (json)
            inspect_image_json(&d, host.module, path, out);
        else
            inspect_image_text(&d, host.module, path, out);
    }
    host_fini(&host);
    image_description_fini(&d);
    return status;
}

/* Both kinds of file say in their first bytes what they are; text is a module. */
static int inspect(const char *path, const char *module_path, bool json)
{
    uint8_t head[16] = {0};
    struct buf out = {0};
    int status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail_errno(CLI_FAILED, "cannot read", path);
    ssize_t n = pread(fd, head, sizeof head, 0);
    const struct cli_bytes bytes = {.p = head, .size = n > 0 ? (size_t)n : 0};
    if (n < 0)
        status = cli_fail_errno(CLI_FAILED, "cannot read", path);
    else if ((n >= 4 && memcmp(head, wasm_magic, 4) == 0) || cli_is_text(path, &bytes))
        status = inspect_module(path, json, &out);
    else
        status = inspect_image(fd, path, module_path, json, &out);
    (void)close(fd);
    if (status == 0)
        status = cli_print(&out);
    buf_fini(&out);
    return status;
}

int cli_inspect(int argc, char **argv)
{
    enum {
        JSON,
        MODULE
    };
    static const struct cli_option options[] = {
        {"json", false, JSON}, {"module", true, MODULE}, {NULL, false, 0}};
    struct cli_args args = {
        .command = "inspect", .argv = argv, .argc = argc, .at = 1, .options = options};
    const char *path = NULL;
    const char *module = NULL;
    bool json = false;
    for (int id; (id = cli_next(&args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_POSITIONAL && path != NULL)
            return cli_usage("inspect", "unexpected argument: %s", args.value);
        if (id == CLI_ARGS_POSITIONAL)
            path = args.value;
        else if (id == MODULE)
            module = args.value;
        else
            json = true;
    }
    return path != NULL ? inspect(path, module, json) : cli_usage("inspect", "no file given");
}
