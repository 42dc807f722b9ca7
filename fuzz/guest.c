/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/guest.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "image/image.h"
#include "wasm/valtype.h"

#define ARG_SLOTS_MAX 256u

unsigned long fuzz_accepted;

struct wasm_engine *guest_engine(void)
{
    static struct wasm_engine *engine;
    static const struct csk_limits limits = {
        .module_bytes_max = 1u << 20,
        .functions_max = 10000,
        .function_bytes_max = 100000,
        .memory_pages_max = 48,
        .table_elems_max = 5000,
        .stack_bytes = 128u << 10,
        .call_depth_max = 400,
        .pool_bytes_max = 8u << 20,
    };
    if (engine == NULL)
        MUST(wasm_engine_new(&limits, &engine) == 0);
    return engine;
}

/* Results depend on nothing, so that two runs of one program are the same. */
static int host_zero(struct wasm_host_call *call, void *user)
{
    const struct wasm_functype *type = user;
    memset(call->slots, 0, type->result_slots * sizeof *call->slots);
    return CSK_HOST_RETURN;
}

static bool has_nonnull(const uint8_t *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (wasm_type_is_nonnull(types[i]))
            return true;
    }
    return false;
}

static int make_func(struct guest *g, const struct wasm_import *import, uint32_t i)
{
    const struct wasm_functype *type = &g->module->types[import->of.func_type];
    if (has_nonnull(type->results, type->nresults))
        return CSK_E_UNSUPPORTED;
    union {
        const struct wasm_functype *type;
        void *user;
    } user = {type};
    g->host_funcs[i] = (struct wasm_func){.type = type, .host = host_zero, .user = user.user};
    g->imports[i].of.func = &g->host_funcs[i];
    return 0;
}

static int make_import(struct guest *g, uint32_t i)
{
    const struct wasm_import *import = &g->module->imports[i];
    static const uint64_t zero[2];
    g->imports[i].kind = import->kind;
    switch (import->kind) {
    case WASM_FUNC:
        return make_func(g, import, i);
    case WASM_TABLE:
        if (wasm_type_is_nonnull(import->of.table.elem))
            return CSK_E_UNSUPPORTED;
        return wasm_table_new(guest_engine(), &import->of.table, &g->imports[i].of.table, NULL);
    case WASM_MEMORY:
        return wasm_memory_new(guest_engine(), &import->of.memory, &g->imports[i].of.memory, NULL);
    default:
        if (wasm_type_is_nonnull(import->of.global.type))
            return CSK_E_UNSUPPORTED;
        return wasm_global_new(&import->of.global, zero, &g->imports[i].of.global);
    }
}

int guest_open(struct guest *g, struct wasm_module *module)
{
    *g = (struct guest){.module = module};
    g->imports = mem_calloc(module->nimports, sizeof *g->imports);
    g->host_funcs = mem_calloc(module->nimports, sizeof *g->host_funcs);
    if (g->imports == NULL || g->host_funcs == NULL)
        return CSK_E_NOMEM;
    for (uint32_t i = 0; i < module->nimports; i++) {
        int rc = make_import(g, i);
        if (rc != 0)
            return rc;
    }
    int rc = wasm_instance_new(module, g->imports, &g->inst, NULL);
    return rc != 0 ? rc : wasm_exec_new(guest_engine(), &g->exec);
}

static void drop_import(struct wasm_extern *import)
{
    if (import->kind == WASM_TABLE && import->of.table != NULL)
        wasm_table_unref(import->of.table);
    else if (import->kind == WASM_MEMORY && import->of.memory != NULL)
        wasm_memory_unref(import->of.memory);
    else if (import->kind == WASM_GLOBAL && import->of.global != NULL)
        wasm_global_unref(import->of.global);
}

void guest_close(struct guest *g)
{
    if (g->exec != NULL)
        wasm_exec_free(g->exec);
    if (g->inst != NULL)
        wasm_instance_free(g->inst);
    for (uint32_t i = 0; g->imports != NULL && i < g->module->nimports; i++)
        drop_import(&g->imports[i]);
    mem_free(g->imports);
    mem_free(g->host_funcs);
    *g = (struct guest){0};
}

bool guest_call(struct guest *g, struct wasm_func *func)
{
    static const uint64_t zeros[ARG_SLOTS_MAX];
    const struct wasm_functype *type = func->type;
    if (type->param_slots > ARG_SLOTS_MAX || has_nonnull(type->params, type->nparams))
        return false;
    wasm_exec_reset(g->exec);
    return wasm_exec_call(g->exec, func, zeros) == 0;
}

static int append(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

int guest_encode(struct guest *g, struct buf *out)
{
    struct image_meta meta = {0};
    meta.phase = wasm_exec_depth(g->exec) != 0 ? IMAGE_RUNNING : IMAGE_READY;
    return image_encode(&meta, false, g->exec, g->inst, NULL, append, out, NULL);
}
