/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "cli/file.h"
#include "cli/options.h"
#include "wasm/instance.h"

/* What `run`, `restore`, `validate` and `inspect` need around a cell: an engine, a
 * module with its bytes, the WASI side of this process. */
struct host {
    struct wasm_engine *engine;
    struct wasm_module *module;
    struct cli_bytes bytes; /* of the module, when it came from a file */
};

/* An engine whose memories end at `memory_max_bytes` (0: default). 0 or `status`. */
int host_engine(struct host *h, uint64_t memory_max_bytes, int status);
/* Read, decode and validate the module at `path`. */
int host_load(struct host *h, const char *path, int status);
void host_fini(struct host *h);

/* This process's stdio and what the options give. `args` and `env` are borrowed. */
void host_wasi_config(const struct cell_options *o, const char *const *args, size_t nargs,
                      struct wasi_config *ret_config);
/* A wasi has taken the listeners. */
void host_wasi_took(struct cell_options *o);

#endif
