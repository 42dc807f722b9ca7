/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "cli/host.h"

static void put_json(struct buf *out, const char *path, const struct csk_error *err)
{
    struct json j;
    json_init(&j, out);
    json_begin_object(&j, NULL);
    json_string(&j, "file", path);
    json_bool(&j, "valid", err->code == 0);
    if (err->code != 0) {
        json_string(&j, "kind", csk_strerror(err->code));
        json_string(&j, "error", err->text);
        if (err->offset != CSK_NO_OFFSET)
            json_u64(&j, "offset", err->offset);
    }
    json_end_object(&j);
    json_finish(&j);
}

static int validate(const char *path, bool json)
{
    struct host host = {0};
    struct csk_error err = {.offset = CSK_NO_OFFSET};
    struct buf out = {0};
    int status = host_engine(&host, 0, CLI_FAILED);
    if (status == 0)
        status = cli_read_module(path, CLI_FAILED, &host.bytes);
    if (status != 0)
        goto out;
    if (wasm_module_load(host.engine, host.bytes.p, host.bytes.size, false, &host.module, &err))
        status = cli_fail(CLI_FAILED, "%s module: %s: %s", csk_strerror(err.code), path, err.text);
    if (json) {
        put_json(&out, path, &err);
        int printed = cli_print(&out);
        status = status != 0 ? status : printed;
    }
out:
    buf_fini(&out);
    host_fini(&host);
    return status;
}

int cli_validate(int argc, char **argv)
{
    static const struct cli_option options[] = {{"json", false, 0}, {NULL, false, 0}};
    struct cli_args args = {
        .command = "validate", .argv = argv, .argc = argc, .at = 1, .options = options};
    const char *path = NULL;
    bool json = false;
    for (int id; (id = cli_next(&args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_POSITIONAL && path != NULL)
            return cli_usage("validate", "unexpected argument: %s", args.value);
        if (id == CLI_ARGS_POSITIONAL)
            path = args.value;
        else
            json = true;
    }
    return path != NULL ? validate(path, json) : cli_usage("validate", "no module given");
}
