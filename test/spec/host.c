/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/host.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

struct host_func {
    const char *name;
    uint8_t nparams;
    uint8_t params[2];
};

static const struct host_func host_funcs[] = {
    {"print", 0, {0, 0}},
    {"print_i32", 1, {CSK_I32, 0}},
    {"print_i64", 1, {CSK_I64, 0}},
    {"print_f32", 1, {CSK_F32, 0}},
    {"print_f64", 1, {CSK_F64, 0}},
    {"print_i32_f32", 2, {CSK_I32, CSK_F32}},
    {"print_f64_f64", 2, {CSK_F64, CSK_F64}},
};

struct host_global {
    const char *name;
    uint8_t type;
    uint64_t bits;
};

static const struct host_global host_globals[] = {
    {"global_i32", CSK_I32, 666},
    {"global_i64", CSK_I64, 666},
    {"global_f32", CSK_F32, 0x4426a666},
    {"global_f64", CSK_F64, UINT64_C(0x4084d4cccccccccd)},
};

#define FUNCS   (sizeof host_funcs / sizeof host_funcs[0])
#define GLOBALS (sizeof host_globals / sizeof host_globals[0])

struct spec_host {
    struct wasm_func funcs[FUNCS];
    struct wasm_functype types[FUNCS];
    struct wasm_global *globals[GLOBALS];
    struct wasm_table *table;
    struct wasm_memory *memory;
};

static int print_nothing(struct wasm_host_call *call, void *user)
{
    (void)call;
    (void)user;
    return CSK_HOST_RETURN;
}

static void make_funcs(struct spec_host *host)
{
    for (size_t i = 0; i < FUNCS; i++) {
        uint32_t n = host_funcs[i].nparams;
        host->types[i] = (struct wasm_functype){.params = host_funcs[i].params,
                                                .results = host_funcs[i].params,
                                                .nparams = n,
                                                .param_slots = n};
        host->funcs[i] = (struct wasm_func){.type = &host->types[i], .host = print_nothing};
    }
}

static int make_globals(struct spec_host *host)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < GLOBALS; i++) {
        struct wasm_globaltype type = {host_globals[i].type, false};
        uint64_t slot[2] = {host_globals[i].bits, 0};
        r = wasm_global_new(&type, slot, &host->globals[i]);
    }
    return r;
}

int spec_host_new(struct wasm_engine *engine, struct spec_host **ret_host)
{
    static const struct wasm_tabletype table = {
        .elem = CSK_FUNCREF, .has_max = true, .min = 10, .max = 20};
    static const struct wasm_memtype memory = {true, 1, 2};
    struct spec_host *host = mem_calloc(1, sizeof *host);
    if (host == NULL)
        return CSK_E_NOMEM;
    make_funcs(host);
    int r = make_globals(host);
    if (r == 0)
        r = wasm_table_new(engine, &table, &host->table, NULL);
    if (r == 0)
        r = wasm_memory_new(engine, &memory, &host->memory, NULL);
    if (r != 0)
        spec_host_free(host);
    else
        *ret_host = host;
    return r;
}

void spec_host_free(struct spec_host *host)
{
    if (host == NULL)
        return;
    for (size_t i = 0; i < GLOBALS; i++)
        wasm_global_unref(host->globals[i]);
    wasm_table_unref(host->table);
    wasm_memory_unref(host->memory);
    mem_free(host);
}

bool spec_host_find(struct spec_host *host, const char *name, enum wasm_kind kind,
                    struct wasm_extern *ret_extern)
{
    ret_extern->kind = (uint8_t)kind;
    for (size_t i = 0; kind == WASM_FUNC && i < FUNCS; i++) {
        if (strcmp(name, host_funcs[i].name) == 0) {
            ret_extern->of.func = &host->funcs[i];
            return true;
        }
    }
    for (size_t i = 0; kind == WASM_GLOBAL && i < GLOBALS; i++) {
        if (strcmp(name, host_globals[i].name) == 0) {
            ret_extern->of.global = host->globals[i];
            return true;
        }
    }
    if (kind == WASM_TABLE && strcmp(name, "table") == 0) {
        ret_extern->of.table = host->table;
        return true;
    }
    if (kind == WASM_MEMORY && strcmp(name, "memory") == 0) {
        ret_extern->of.memory = host->memory;
        return true;
    }
    return false;
}
