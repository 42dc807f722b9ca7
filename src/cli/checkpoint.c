/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/rundir.h"

#define ANSWER_WAIT_MS 600000 /* a cell may have gigabytes to write */

enum {
    OPT_CP_OUTPUT,
    OPT_CP_LEAVE_RUNNING,
    OPT_CP_WITH_FILES,
    OPT_CP_WITH_MODULE,
    OPT_CP_WITHOUT_MODULE,
    OPT_CP_JSON,
};

static const struct cli_option options[] = {
    {"output", true, OPT_CP_OUTPUT},
    {"leave-running", false, OPT_CP_LEAVE_RUNNING},
    {"with-files", false, OPT_CP_WITH_FILES},
    {"with-module", false, OPT_CP_WITH_MODULE},
    {"without-module", false, OPT_CP_WITHOUT_MODULE},
    {"json", false, OPT_CP_JSON},
    {NULL, false, 0},
};

struct checkpoint {
    const char *name;
    const char *output;
    bool leave_running;
    bool with_files;
    bool has_with_module;
    bool with_module;
    bool json;
    uint64_t bytes;
    uint64_t frozen_ns;
    uint64_t safepoints;
    char answer[RUNDIR_MESSAGE_MAX];
};

static int set_option(struct checkpoint *c, int id, const char *value)
{
    switch (id) {
    case CLI_ARGS_POSITIONAL:
        if (c->name != NULL)
            return cli_usage("checkpoint", "unexpected argument: %s", value);
        c->name = value;
        break;
    case OPT_CP_OUTPUT:
        c->output = value;
        break;
    case OPT_CP_LEAVE_RUNNING:
        c->leave_running = true;
        break;
    case OPT_CP_WITH_FILES:
        c->with_files = true;
        break;
    case OPT_CP_WITH_MODULE:
    case OPT_CP_WITHOUT_MODULE:
        c->has_with_module = true;
        c->with_module = id == OPT_CP_WITH_MODULE;
        break;
    default:
        c->json = true;
    }
    return 0;
}

static int parse(struct checkpoint *c, struct cli_args *args)
{
    for (int id; (id = cli_next(args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        int status = set_option(c, id, args->value);
        if (status != 0)
            return status;
    }
    if (c->name == NULL)
        return cli_usage("checkpoint", "no cell named");
    if (c->output == NULL)
        return cli_usage("checkpoint", "--output FILE is needed");
    if (!rundir_name_ok(c->name))
        return cli_usage("checkpoint", "%s cannot be a cell's name", c->name);
    return 0;
}

static int find(const struct checkpoint *c)
{
    bool absent;
    int dir_fd = rundir_open(false, &absent, CLI_FAILED);
    int fd = -1;
    if (dir_fd < 0 && !absent)
        return -1;
    if (dir_fd >= 0) {
        fd = rundir_connect(dir_fd, c->name);
        if (fd < 0 && errno == ECONNREFUSED)
            rundir_reap(dir_fd, c->name);
        (void)close(dir_fd);
    }
    if (fd < 0)
        (void)cli_fail(CLI_FAILED, "no such cell: %s: no running cell has this name", c->name);
    return fd;
}

static int no_answer(const struct checkpoint *c)
{
    return cli_fail(CLI_FAILED, "no answer: %s: the cell ended, or is stopped", c->name);
}

static int receive(struct checkpoint *c, int fd, const char *expected)
{
    char text[RUNDIR_MESSAGE_MAX];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, ANSWER_WAIT_MS) != 1 || rundir_receive(fd, c->answer, NULL) <= 0)
        return no_answer(c);
    if (rundir_field(c->answer, "error", text, sizeof text))
        return cli_fail(CLI_FAILED, "cannot checkpoint: %s: %s", c->name, text);
    return strncmp(c->answer, expected, strlen(expected)) == 0 ? 0 : no_answer(c);
}

static uint64_t number(const struct checkpoint *c, const char *key)
{
    char text[32];
    uint64_t v = 0;
    if (rundir_field(c->answer, key, text, sizeof text))
        (void)cli_parse_u64(text, &v);
    return v;
}

static int request(struct checkpoint *c, int fd, int image_fd)
{
    char text[128];
    (void)snprintf(text, sizeof text, "checkpoint\n%s%s%s",
                   c->leave_running ? "leave-running 1\n" : "",
                   c->with_files ? "with-files 1\n" : "",
                   !c->has_with_module ? ""
                   : c->with_module    ? "with-module 1\n"
                                       : "with-module 0\n");
    if (rundir_send(fd, text, image_fd) <= 0)
        return no_answer(c);
    int status = receive(c, fd, "written ");
    if (status == 0) {
        c->bytes = number(c, "written");
        c->frozen_ns = number(c, "frozen_ns");
        c->safepoints = number(c, "safepoints");
    }
    return status;
}

static int report(const struct checkpoint *c)
{
    struct buf out = {0};
    if (c->json) {
        struct json j;
        json_init(&j, &out);
        json_begin_object(&j, NULL);
        json_string(&j, "name", c->name);
        json_string(&j, "output", c->output);
        json_u64(&j, "bytes", c->bytes);
        json_u64(&j, "frozen_ns", c->frozen_ns);
        json_u64(&j, "safepoints", c->safepoints);
        json_bool(&j, "running", c->leave_running);
        json_end_object(&j);
        json_finish(&j);
    } else {
        (void)buf_printf(&out, "%s: %s: %" PRIu64 " bytes, written in %" PRIu64 ".%" PRIu64 " ms\n",
                         c->name, c->output, c->bytes, c->frozen_ns / 1000000,
                         c->frozen_ns / 100000 % 10);
    }
    int status = cli_print(&out);
    buf_fini(&out);
    return status;
}

static int checkpoint(struct checkpoint *c, int fd)
{
    struct cli_output output;
    if (cli_output_open(c->output, &output) != 0)
        return cli_fail_errno(CLI_FAILED, "cannot write", c->output);
    int status = request(c, fd, output.fd);
    if (status != 0) {
        cli_output_abandon(&output);
        return status;
    }
    if (cli_output_commit(&output, !c->leave_running) != 0)
        return cli_fail_errno(CLI_FAILED, "cannot write", c->output);
    if (!c->leave_running) {
        /* The image is in place: now the cell may end. */
        status = rundir_send(fd, "commit\n", -1) > 0 ? receive(c, fd, "done\n") : no_answer(c);
    }
    return status != 0 ? status : report(c);
}

int cli_checkpoint(int argc, char **argv)
{
    struct checkpoint c = {0};
    struct cli_args args = {
        .command = "checkpoint", .argv = argv, .argc = argc, .at = 1, .options = options};
    int status = parse(&c, &args);
    if (status != 0)
        return status;
    if (!cli_output_check(c.output))
        return CLI_FAILED;
    int fd = find(&c);
    if (fd < 0)
        return CLI_FAILED;
    status = checkpoint(&c, fd);
    (void)close(fd);
    return status;
}
