/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/host.h"

#include <fcntl.h>

#include "base/error.h"

int host_engine(struct host *h, uint64_t memory_max_bytes, int status)
{
    struct csk_limits limits = {
        .memory_pages_max = (uint32_t)(memory_max_bytes / WASM_PAGE_SIZE),
    };
    if (wasm_engine_new(&limits, &h->engine) != 0)
        return cli_fail(status, "out of memory: while starting the engine");
    return 0;
}

int host_load(struct host *h, const char *path, int status)
{
    struct csk_error err = {0};
    int rc = cli_read_module(path, status, &h->bytes);
    if (rc != 0)
        return rc;
    if (wasm_module_load(h->engine, h->bytes.p, h->bytes.size, false, &h->module, &err) != 0)
        return cli_fail(status, "%s module: %s: %s", csk_strerror(err.code), path, err.text);
    return 0;
}

void host_fini(struct host *h)
{
    if (h->module != NULL)
        wasm_module_free(h->module);
    if (h->engine != NULL)
        wasm_engine_free(h->engine);
    cli_bytes_free(&h->bytes);
}

void host_wasi_config(const struct cell_options *o, const char *const *args, size_t nargs,
                      struct wasi_config *ret_config)
{
    *ret_config = (struct wasi_config){
        .args = args,
        .nargs = nargs,
        .env = (const char *const *)o->env,
        .nenv = o->nenv,
        .preopens = o->preopens,
        .npreopens = o->npreopens,
        .listeners = o->listeners,
        .nlisteners = o->nlisteners,
    };
    for (int fd = 0; fd < 3; fd++)
        ret_config->stdio[fd] = fcntl(fd, F_GETFD) >= 0 ? fd : -1;
}

void host_wasi_took(struct cell_options *o)
{
    for (size_t i = 0; i < o->nlisteners; i++)
        o->listeners[i].host_fd = -1;
}
