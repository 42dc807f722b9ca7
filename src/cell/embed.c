/* SPDX-License-Identifier: Apache-2.0 */
#include "cell/embed.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "cell/values.h"
#include "wasm/valtype.h"

const char *csk_trap_text(enum csk_trap trap)
{
    static const char *const texts[] = {
#define X(name, text) text,
        CSK_TRAPS(X)
#undef X
    };
    return (size_t)trap < sizeof texts / sizeof *texts ? texts[trap] : "unknown trap";
}

/* ---- engine and module ----------------------------------------------------- */

int csk_engine_new(const struct csk_limits *limits, struct csk_engine **ret_engine)
{
    struct wasm_engine *engine;
    int rc = wasm_engine_new(limits, &engine);
    if (rc == 0)
        *ret_engine = (struct csk_engine *)engine;
    return rc;
}

void csk_engine_free(struct csk_engine *engine)
{
    if (engine != NULL)
        wasm_engine_free(embed_engine(engine));
}

int csk_module_load(struct csk_engine *engine, const void *bytes, size_t size,
                    struct csk_module **ret_module, struct csk_error *err)
{
    struct wasm_module *module;
    error_clear(err);
    int rc = wasm_module_load(embed_engine(engine), bytes, size, true, &module, err);
    if (rc == 0)
        *ret_module = (struct csk_module *)module;
    return rc;
}

void csk_module_free(struct csk_module *module)
{
    if (module != NULL)
        wasm_module_free(embed_module(module));
}

/* ---- host functions ---------------------------------------------------------- */

static int host_thunk(struct wasm_host_call *call, void *user)
{
    struct embed_host *host = user;
    const struct wasm_functype *type = host->type;
    struct csk_value *results = host->values + type->nparams;
    cell_values_load(call->inst, type->params, type->nparams, call->slots, host->values);
    for (uint32_t i = 0; i < type->nresults; i++)
        results[i] = (struct csk_value){.type = wasm_type_nullable(type->results[i])};
    enum csk_host_result outcome = host->fn(host->instance, host->user, host->values, results);
    if (outcome != CSK_HOST_RETURN)
        return (int)outcome;
    int rc = cell_values_store(call->inst, type->results, type->nresults, results, call->slots);
    return rc == 0 ? CSK_HOST_RETURN : CSK_HOST_TRAP;
}

static uint8_t signature_type(char c)
{
    switch (c) {
    case 'i':
        return CSK_I32;
    case 'I':
        return CSK_I64;
    case 'f':
        return CSK_F32;
    case 'F':
        return CSK_F64;
    case 'v':
        return CSK_V128;
    case 'r':
        return CSK_FUNCREF;
    case 'x':
        return CSK_EXTERNREF;
    default:
        return 0;
    }
}

/* Does "ii:i" say `type`? */
static bool signature_is(const char *signature, const struct wasm_functype *type)
{
    const char *s = signature;
    for (uint32_t i = 0; i < type->nparams; i++) {
        if (signature_type(*s++) != wasm_type_nullable(type->params[i]))
            return false;
    }
    if (*s != ':')
        return type->nresults == 0 && *s == '\0';
    s++;
    for (uint32_t i = 0; i < type->nresults; i++) {
        if (signature_type(*s++) != wasm_type_nullable(type->results[i]))
            return false;
    }
    return *s == '\0';
}

static bool name_is(struct wasm_name name, const char *text)
{
    return strlen(text) == name.len && memcmp(name.p, text, name.len) == 0;
}

int embed_resolve(void *user, const struct wasm_import *import, const struct wasm_functype *type,
                  struct wasm_func *ret_func, struct csk_error *err)
{
    struct embed_link *link = user;
    struct csk_instance *instance = link->instance;
    const struct csk_host_func *found = NULL;
    for (size_t i = 0; i < link->nfuncs && found == NULL; i++) {
        if (name_is(import->module, link->funcs[i].module) &&
            name_is(import->field, link->funcs[i].name))
            found = &link->funcs[i];
    }
    if (found == NULL)
        return CSK_E_NOT_FOUND;
    if (!signature_is(found->signature, type))
        return error_set(err, CSK_E_LINK, "declared \"%s\"", found->signature);
    struct embed_host *host = &instance->hosts[instance->nhosts_linked];
    *host = (struct embed_host){
        .fn = found->fn, .user = found->user, .instance = instance, .type = type};
    host->values = mem_calloc((size_t)type->nparams + type->nresults, sizeof *host->values);
    if (host->values == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    instance->nhosts_linked++;
    ret_func->host = host_thunk;
    ret_func->user = host;
    return 0;
}

uint8_t *csk_memory(struct csk_instance *instance, uint64_t offset, uint64_t size)
{
    return wasm_instance_memory(instance->cell->inst, offset, size);
}

void csk_set_exit_code(struct csk_instance *instance, uint32_t code)
{
    instance->cell->exec->exit_code = code;
}

/* ---- instance ------------------------------------------------------------------ */

int embed_instance_alloc(const struct wasm_module *module, struct csk_instance **ret_instance)
{
    struct csk_instance *instance = mem_calloc(1, sizeof *instance);
    if (instance == NULL)
        return CSK_E_NOMEM;
    uint32_t nhosts = module->nimported[WASM_FUNC];
    if (nhosts != 0) {
        instance->hosts = mem_calloc(nhosts, sizeof *instance->hosts);
        if (instance->hosts == NULL) {
            mem_free(instance);
            return CSK_E_NOMEM;
        }
    }
    instance->nhosts = nhosts;
    *ret_instance = instance;
    return 0;
}

int csk_instance_new(struct csk_module *module, const struct csk_host_func *funcs, size_t nfuncs,
                     struct csk_instance **ret_instance, struct csk_error *err)
{
    struct csk_instance *instance = NULL;
    struct wasm_module *wasm = embed_module(module);
    error_clear(err);
    int rc = embed_instance_alloc(wasm, &instance);
    if (rc != 0)
        return error_set(err, rc, "out of memory");
    struct embed_link link = {.instance = instance, .funcs = funcs, .nfuncs = nfuncs};
    struct cell_linker linker = {.resolve = embed_resolve, .user = &link};
    rc = cell_new(wasm->engine, wasm, &linker, &instance->cell, err);
    if (rc == 0 && instance->cell->init_trap != CSK_TRAP_NONE)
        rc = error_set(err, CSK_E_LINK, "a segment does not fit: %s",
                       csk_trap_text(instance->cell->init_trap));
    if (rc == 0)
        *ret_instance = instance;
    else
        csk_instance_free(instance);
    return rc;
}

void csk_instance_free(struct csk_instance *instance)
{
    if (instance == NULL)
        return;
    cell_free(instance->cell);
    for (uint32_t i = 0; i < instance->nhosts_linked; i++)
        mem_free(instance->hosts[i].values);
    mem_free(instance->hosts);
    mem_free(instance);
}

/* ---- calls ----------------------------------------------------------------------- */

static int enter(struct cell *cell, uint32_t func, const struct csk_value *args,
                 struct csk_error *err)
{
    const struct wasm_functype *type = cell->inst->funcs[func]->type;
    uint64_t *slots = mem_calloc((size_t)type->param_slots + 1, sizeof *slots);
    if (slots == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    int rc = cell_values_store(cell->inst, type->params, type->nparams, args, slots);
    if (rc != 0)
        rc = error_set(err, rc, "an argument is not of its parameter's type");
    else
        rc = cell_enter(cell, func, slots, err);
    mem_free(slots);
    return rc;
}

int csk_call(struct csk_instance *instance, const char *export_name, const struct csk_value *args,
             size_t nargs, struct csk_error *err)
{
    struct cell *cell = instance->cell;
    uint32_t func;
    error_clear(err);
    if (cell->exec->active)
        return error_set(err, CSK_E_STATE, "a call is in progress");
    int rc = cell_find_entry(cell->module, export_name, &func, err);
    if (rc != 0)
        return rc;
    const struct wasm_functype *type = cell->inst->funcs[func]->type;
    if (nargs != type->nparams)
        return error_set(err, CSK_E_ARGUMENT, "\"%s\" takes %u arguments, got %zu", export_name,
                         (unsigned)type->nparams, nargs);
    return enter(cell, func, args, err);
}

int csk_run(struct csk_instance *instance, const struct csk_until *until,
            struct csk_outcome *ret_outcome)
{
    struct cell *cell = instance->cell;
    cell_stop_after(cell, until != NULL ? until->safepoints : 0);
    cell->has_fuel = false;
    if (until != NULL && until->fuel != 0)
        cell_set_fuel(cell, until->fuel);
    return cell_run(cell, ret_outcome, NULL);
}

int csk_result(const struct csk_instance *instance, size_t i, struct csk_value *ret_value)
{
    const struct wasm_exec *exec = instance->cell->exec;
    const struct wasm_functype *type = exec->result_type;
    if (exec->active || type == NULL || i >= type->nresults)
        return CSK_E_STATE;
    const uint64_t *slots = wasm_exec_results(exec);
    for (size_t k = 0; k < i; k++)
        slots += wasm_type_slots(type->results[k]);
    cell_value_load(instance->cell->inst, type->results[i], slots, ret_value);
    return 0;
}

size_t csk_result_count(const struct csk_instance *instance)
{
    const struct wasm_exec *exec = instance->cell->exec;
    return exec->active || exec->result_type == NULL ? 0 : exec->result_type->nresults;
}

void csk_interrupt(struct csk_instance *instance, bool cancel)
{
    wasm_exec_interrupt(instance->cell->exec, cancel);
}
