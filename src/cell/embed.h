/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELL_EMBED_H
#define CELL_EMBED_H

#include "cell/cell.h"

/* What the public handles are: an engine is a wasm_engine, a module a wasm_module. */

static inline struct wasm_engine *embed_engine(struct csk_engine *engine)
{
    return (struct wasm_engine *)engine;
}

static inline struct wasm_module *embed_module(struct csk_module *module)
{
    return (struct wasm_module *)module;
}

/* One host function as linked: what its thunk needs to convert a call. */
struct embed_host {
    csk_host_fn *fn;
    void *user;
    struct csk_instance *instance;
    const struct wasm_functype *type;
    struct csk_value *values; /* arguments, then results */
};

struct csk_instance {
    struct cell *cell;
    struct embed_host *hosts;
    uint32_t nhosts;
    uint32_t nhosts_linked;
};

/* The linker's side while an instance is being made. */
struct embed_link {
    struct csk_instance *instance;
    const struct csk_host_func *funcs;
    size_t nfuncs;
};

cell_resolve_fn embed_resolve;

/* An instance without its cell, with room for the host functions of `module`. */
int embed_instance_alloc(const struct wasm_module *module, struct csk_instance **ret_instance);

#endif
