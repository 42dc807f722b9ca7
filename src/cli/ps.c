/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/rundir.h"

#define CELLS_MAX     4096u
#define FIELD_MAX     1024u
#define SUFFIX        ".sock"
#define NS_PER_SECOND UINT64_C(1000000000)

struct row {
    char name[64];
    char state[16];
    char module[FIELD_MAX];
    uint64_t pid;
    uint64_t uptime_ns;
    uint64_t memory_bytes;
};

struct rows {
    struct row *rows;
    size_t n, cap;
};

static uint64_t number_field(const char *message, const char *key)
{
    char text[32];
    uint64_t v = 0;
    if (rundir_field(message, key, text, sizeof text))
        (void)cli_parse_u64(text, &v);
    return v;
}

/* Ask one cell. False when there is none behind the name. */
static bool ask(int dir_fd, const char *name, struct row *ret_row)
{
    char message[RUNDIR_MESSAGE_MAX];
    *ret_row = (struct row){.state = "busy"}; /* does not answer: writing an image, or stopped */
    (void)snprintf(ret_row->name, sizeof ret_row->name, "%s", name);
    int fd = rundir_connect(dir_fd, name);
    if (fd < 0 && errno == ECONNREFUSED)
        rundir_reap(dir_fd, name);
    if (fd < 0)
        return false;
    bool there = true;
    if (rundir_send(fd, "status\n", -1) > 0) {
        int n = rundir_receive(fd, message, NULL);
        there = n != 0; /* closed without a word: it ended just now */
        if (n > 0) {
            (void)rundir_field(message, "state", ret_row->state, sizeof ret_row->state);
            (void)rundir_field(message, "module", ret_row->module, sizeof ret_row->module);
            ret_row->pid = number_field(message, "pid");
            ret_row->uptime_ns = number_field(message, "uptime_ns");
            ret_row->memory_bytes = number_field(message, "memory_bytes");
        }
    }
    (void)close(fd);
    return there;
}

static int add(int dir_fd, const char *file, struct rows *rows)
{
    char name[64];
    size_t len = strlen(file);
    size_t suffix = strlen(SUFFIX);
    if (len <= suffix || len - suffix >= sizeof name || strcmp(file + len - suffix, SUFFIX) != 0)
        return 0;
    memcpy(name, file, len - suffix);
    name[len - suffix] = '\0';
    if (!rundir_name_ok(name) || rows->n == CELLS_MAX)
        return 0;
    if (mem_grow((void **)&rows->rows, &rows->cap, rows->n + 1, sizeof *rows->rows) != 0)
        return cli_fail(CLI_FAILED, "out of memory: while listing cells");
    if (ask(dir_fd, name, &rows->rows[rows->n]))
        rows->n++;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static int collect(struct rows *rows)
{
    bool absent;
    int status = 0;
    int dir_fd = rundir_open(false, &absent, CLI_FAILED);
    if (dir_fd < 0)
        return absent ? 0 : CLI_FAILED;
    int list_fd = dup(dir_fd);
    DIR *dir = list_fd >= 0 ? fdopendir(list_fd) : NULL;
    if (dir == NULL) {
        status = cli_fail_errno(CLI_FAILED, "cannot list", "the runtime directory");
        if (list_fd >= 0)
            (void)close(list_fd);
        (void)close(dir_fd);
        return status;
    }
    for (struct dirent *entry; status == 0 && (entry = readdir(dir)) != NULL;)
        status = add(dir_fd, entry->d_name, rows);
    (void)closedir(dir);
    (void)close(dir_fd);
    if (rows->n > 1)
        qsort(rows->rows, rows->n, sizeof *rows->rows, compare);
    return status;
}

static void uptime_text(uint64_t ns, char *text, size_t size)
{
    uint64_t s = ns / NS_PER_SECOND;
    if (s < 60)
        (void)snprintf(text, size, "%" PRIu64 "s", s);
    else if (s < 3600)
        (void)snprintf(text, size, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
    else
        (void)snprintf(text, size, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
}

static void put_table(const struct rows *rows, struct buf *out)
{
    (void)buf_printf(out, "%-20s %8s %-8s %8s %10s %s\n", "NAME", "PID", "STATE", "UPTIME",
                     "MEMORY", "MODULE");
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *r = &rows->rows[i];
        char uptime[24];
        char memory[24];
        uptime_text(r->uptime_ns, uptime, sizeof uptime);
        cli_size_text(r->memory_bytes, memory, sizeof memory);
        (void)buf_printf(out, "%-20s %8" PRIu64 " %-8s %8s %10s %s\n", r->name, r->pid, r->state,
                         uptime, memory, r->module);
    }
}

static void put_json(const struct rows *rows, struct buf *out)
{
    struct json j;
    json_init(&j, out);
    json_begin_array(&j, NULL);
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *r = &rows->rows[i];
        json_begin_object(&j, NULL);
        json_string(&j, "name", r->name);
        json_u64(&j, "pid", r->pid);
        json_string(&j, "state", r->state);
        json_u64(&j, "uptime_ns", r->uptime_ns);
        json_u64(&j, "memory_bytes", r->memory_bytes);
        json_string(&j, "module", r->module);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_finish(&j);
}

int cli_ps(int argc, char **argv)
{
    static const struct cli_option options[] = {{"json", false, 0}, {NULL, false, 0}};
    struct cli_args args = {
        .command = "ps", .argv = argv, .argc = argc, .at = 1, .options = options};
    struct rows rows = {0};
    struct buf out = {0};
    bool json = false;
    for (int id; (id = cli_next(&args)) != CLI_ARGS_END;) {
        if (id == CLI_ARGS_HELP)
            return CLI_HELPED;
        if (id == CLI_ARGS_BAD)
            return CLI_USAGE;
        if (id == CLI_ARGS_POSITIONAL)
            return cli_usage("ps", "unexpected argument: %s", args.value);
        json = true;
    }
    int status = collect(&rows);
    if (status == 0) {
        if (json)
            put_json(&rows, &out);
        else
            put_table(&rows, &out);
        status = cli_print(&out);
    }
    buf_fini(&out);
    mem_free(rows.rows);
    return status;
}
