/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/file.h"
#include "cli/rundir.h"

#define DIRS_MAX      256u
#define ENV_MAX       4096u
#define LISTENERS_MAX 64u

#define PAGE_BYTES 65536u

static int no_memory(void)
{
    return cli_fail(CLI_CELL_FAILED, "out of memory: while reading the options");
}

static int too_many(const char *command, const char *what, unsigned max)
{
    return cli_usage(command, "too many %s: the limit is %u", what, max);
}

/* HOST, HOST::GUEST or HOST::GUEST::ro */
static int add_dir(struct cell_options *o, const char *command, const char *value)
{
    if (o->npreopens == DIRS_MAX)
        return too_many(command, "--dir options", DIRS_MAX);
    if (mem_grow((void **)&o->preopens, &o->cap_preopens, o->npreopens + 1, sizeof *o->preopens))
        return no_memory();
    char *host = mem_strdup(value);
    if (host == NULL)
        return no_memory();
    char *guest = strstr(host, "::");
    char *mode = NULL;
    if (guest != NULL) {
        *guest = '\0';
        guest += 2;
        mode = strstr(guest, "::");
    }
    if (mode != NULL) {
        *mode = '\0';
        mode += 2;
    }
    if (host[0] == '\0' || (mode != NULL && strcmp(mode, "ro") != 0)) {
        mem_free(host);
        return cli_usage(command, "--dir %s: expected HOST, HOST::GUEST or HOST::GUEST::ro", value);
    }
    o->preopens[o->npreopens++] = (struct wasi_preopen){
        .host = host,
        .guest = guest != NULL && guest[0] != '\0' ? guest : host,
        .read_only = mode != NULL,
    };
    return 0;
}

/* K=V, or K to inherit it from our own environment when it is set there. */
static int add_env(struct cell_options *o, const char *command, const char *value)
{
    if (o->nenv == ENV_MAX)
        return too_many(command, "--env options", ENV_MAX);
    if (mem_grow((void **)&o->env, &o->cap_env, o->nenv + 1, sizeof *o->env))
        return no_memory();
    if (value[0] == '\0' || value[0] == '=')
        return cli_usage(command, "--env %s: expected NAME=VALUE or NAME", value);
    char *entry;
    if (strchr(value, '=') != NULL) {
        entry = mem_strdup(value);
    } else {
        const char *inherited = getenv(value);
        if (inherited == NULL)
            return 0;
        size_t name_len = strlen(value);
        entry = mem_alloc(name_len + strlen(inherited) + 2);
        if (entry != NULL) {
            memcpy(entry, value, name_len);
            entry[name_len] = '=';
            memcpy(entry + name_len + 1, inherited, strlen(inherited) + 1);
        }
    }
    if (entry == NULL)
        return no_memory();
    o->env[o->nenv++] = entry;
    return 0;
}

static int add_listener(struct cell_options *o, const char *command, const char *value)
{
    if (o->nlisteners == LISTENERS_MAX)
        return too_many(command, "--listen options", LISTENERS_MAX);
    if (mem_grow((void **)&o->listeners, &o->cap_listeners, o->nlisteners + 1,
                 sizeof *o->listeners))
        return no_memory();
    o->listeners[o->nlisteners++] = (struct wasi_listener){.host_fd = -1, .address = value};
    return 0;
}

static int set_memory_max(struct cell_options *o, const char *command, const char *value)
{
    uint64_t bytes;
    if (!cli_parse_size(value, &bytes))
        return cli_usage(command, "--memory-max %s: expected a size such as 64M", value);
    if (bytes < PAGE_BYTES || bytes > UINT64_C(65536) * PAGE_BYTES)
        return cli_usage(command, "--memory-max %s: the limits are 64K and 4G", value);
    o->memory_max_bytes = bytes / PAGE_BYTES * PAGE_BYTES;
    return 0;
}

static int set_number(const char *command, const char *option, const char *value, bool *ret_has,
                      uint64_t *ret_number)
{
    if (!cli_parse_u64(value, ret_number))
        return cli_usage(command, "%s %s: expected a number", option, value);
    *ret_has = true;
    return 0;
}

static int set_timeout(struct cell_options *o, const char *command, const char *value)
{
    if (!cli_parse_duration(value, &o->timeout_ns))
        return cli_usage(command, "--timeout %s: expected a time such as 250ms, 2s or 5m", value);
    o->timeout_text = value;
    return 0;
}

static int set_name(struct cell_options *o, const char *command, const char *value)
{
    if (!rundir_name_ok(value))
        return cli_usage(command,
                         "--name %s: expected 1 to 63 letters, digits, '.', '_' or '-', "
                         "the first a letter or digit",
                         value);
    o->name = value;
    return 0;
}

int cell_option(struct cell_options *o, const char *command, int id, const char *value)
{
    switch (id) {
    case OPT_DIR:
        return add_dir(o, command, value);
    case OPT_ENV:
        return add_env(o, command, value);
    case OPT_LISTEN:
        return add_listener(o, command, value);
    case OPT_INVOKE:
        o->invoke = value;
        return 0;
    case OPT_MEMORY_MAX:
        return set_memory_max(o, command, value);
    case OPT_FUEL:
        return set_number(command, "--fuel", value, &o->has_fuel, &o->fuel);
    case OPT_TIMEOUT:
        return set_timeout(o, command, value);
    case OPT_NAME:
        return set_name(o, command, value);
    case OPT_CHECKPOINT_AFTER:
        return set_number(command, "--checkpoint-after", value, &o->has_checkpoint,
                          &o->checkpoint_after);
    case OPT_OUTPUT:
        o->output = value;
        return 0;
    case OPT_WITH_FILES:
        o->with_files = true;
        return 0;
    case OPT_WITH_MODULE:
        o->with_module = MODULE_WITH;
        return 0;
    case OPT_WITHOUT_MODULE:
        o->with_module = MODULE_WITHOUT;
        return 0;
    case OPT_STATS:
        o->stats = true;
        return 0;
    default:
        o->module = value;
        return 0;
    }
}

int cell_options_check(struct cell_options *o, const char *command)
{
    if (o->has_checkpoint && o->output == NULL)
        return cli_usage(command, "--checkpoint-after needs --output FILE");
    if (o->output != NULL && !o->has_checkpoint)
        return cli_usage(command, "--output needs --checkpoint-after N");
    if (o->output != NULL && !cli_output_check(o->output))
        return CLI_CELL_FAILED;
    for (size_t i = 0; i < o->nlisteners; i++) {
        o->listeners[i].host_fd = cli_listen(o->listeners[i].address);
        if (o->listeners[i].host_fd < 0)
            return CLI_CELL_FAILED;
    }
    return 0;
}

void cell_options_fini(struct cell_options *o)
{
    for (size_t i = 0; i < o->npreopens; i++)
        mem_free((char *)(uintptr_t)o->preopens[i].host);
    for (size_t i = 0; i < o->nenv; i++)
        mem_free(o->env[i]);
    for (size_t i = 0; i < o->nlisteners; i++) {
        if (o->listeners[i].host_fd >= 0)
            (void)close(o->listeners[i].host_fd);
    }
    mem_free(o->preopens);
    mem_free(o->env);
    mem_free(o->listeners);
}
