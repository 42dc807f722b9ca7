/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "csk-config.h"
#include "image/image.h"

static int cli_version(int argc, char **argv)
{
    enum {
        JSON
    };
    static const struct cli_option options[] = {{"json", false, JSON}, {NULL, false, 0}};
    struct cli_args args = {
        .command = "version", .argv = argv, .argc = argc, .at = 1, .options = options};
    struct buf out = {0};
    bool json = false;
    for (int id; (id = cli_next(&args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_POSITIONAL)
            return cli_usage("version", "unexpected argument: %s", args.value);
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        json = true;
    }
    if (json) {
        struct json j;
        json_init(&j, &out);
        json_begin_object(&j, NULL);
        json_string(&j, "version", CSK_VERSION);
        json_u64(&j, "image_version", IMAGE_VERSION);
        json_end_object(&j);
        json_finish(&j);
    } else {
        (void)buf_printf(&out, "cloudskin %s (cell images of version %u)\n", CSK_VERSION,
                         IMAGE_VERSION);
    }
    int status = cli_print(&out);
    buf_fini(&out);
    return status;
}

static int cli_help_command(int argc, char **argv)
{
    if (argc > 2)
        return cli_usage("help", "unexpected argument: %s", argv[2]);
    const char *command = argc == 2 ? argv[1] : NULL;
    return cli_help(command) ? CLI_OK : cli_usage("cloudskin", "no such command: %s", command);
}

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", cli_run},
    {"restore", cli_restore},
    {"ps", cli_ps},
    {"checkpoint", cli_checkpoint},
    {"inspect", cli_inspect},
    {"validate", cli_validate},
    {"version", cli_version},
    {"--version", cli_version},
    {"help", cli_help_command},
    {"--help", cli_help_command},
    {"-h", cli_help_command},
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage("cloudskin", "no command given");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1) & 0xff;
    }
    return cli_usage("cloudskin", "no such command: %s", argv[1]);
}
