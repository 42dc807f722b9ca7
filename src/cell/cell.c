/* SPDX-License-Identifier: Apache-2.0 */
#include "cell/cell.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "cell/internal.h"

void cell_free(struct cell *cell)
{
    if (cell == NULL)
        return;
    wasm_exec_free(cell->exec);
    wasm_instance_free(cell->inst);
    cell_wasi_free(cell->wasi);
    if (cell->owns_module)
        wasm_module_free(cell->module);
    mem_free(cell->entry_args);
    mem_free(cell->hosts);
    mem_free(cell);
}

int cell_new(struct wasm_engine *engine, struct wasm_module *module,
             const struct cell_linker *linker, struct cell **ret_cell, struct csk_error *err)
{
    struct cell *cell;
    int rc = cell_link(engine, module, linker, linker->wasi, &cell, err);
    if (rc != 0)
        return rc;
    cell->init_trap = (enum csk_trap)wasm_instance_init_segments(cell->inst);
    *ret_cell = cell;
    return 0;
}

bool cell_wants_wasi(const struct wasm_module *module)
{
    for (uint32_t i = 0; i < module->nimports; i++) {
        if (cell_wasi_is_module(module->imports[i].module))
            return true;
    }
    return false;
}

int cell_find_entry(const struct wasm_module *module, const char *name, uint32_t *ret_func,
                    struct csk_error *err)
{
    const char *wanted = name != NULL ? name : "_start";
    const struct wasm_export *export = wasm_module_export(module, wanted, WASM_FUNC);
    if (export == NULL)
        return error_set(err, CSK_E_NOT_FOUND, "no exported function \"%s\"", wanted);
    if (export->index < module->nimported[WASM_FUNC])
        return error_set(err, CSK_E_NOT_FOUND,
                         "the exported function \"%s\" is an import, which cannot be run", wanted);
    *ret_func = export->index;
    return 0;
}

int cell_enter(struct cell *cell, uint32_t func, const uint64_t *arg_slots, struct csk_error *err)
{
    if (cell->phase == IMAGE_RUNNING && cell->exec->active)
        return error_set(err, CSK_E_STATE, "a call is in progress");
    const struct wasm_functype *type = cell->inst->funcs[func]->type;
    uint64_t *copy = NULL;
    if (type->param_slots != 0 && arg_slots == NULL)
        return error_set(err, CSK_E_ARGUMENT, "the function has parameters");
    if (type->param_slots != 0) {
        copy = mem_dup(arg_slots, type->param_slots * sizeof *arg_slots);
        if (copy == NULL)
            return error_set(err, CSK_E_NOMEM, "out of memory");
    }
    mem_free(cell->entry_args);
    cell->entry_args = copy;
    cell->entry_has_args = copy != NULL;
    cell->entry_func = func;
    if (cell->phase == IMAGE_RUNNING) /* another call of a cell that has been started */
        return wasm_exec_call(cell->exec, cell->inst->funcs[func], copy);
    return 0;
}

void cell_stop_after(struct cell *cell, uint64_t n)
{
    cell->has_stop = n != 0;
    if (__builtin_add_overflow(cell->exec->safepoints, n, &cell->stop_at))
        cell->has_stop = false;
}

bool cell_stop_reached(const struct cell *cell)
{
    return cell->has_stop && cell->exec->safepoints >= cell->stop_at;
}

void cell_set_fuel(struct cell *cell, uint64_t fuel)
{
    cell->has_fuel = !__builtin_add_overflow(cell->exec->safepoints, fuel, &cell->fuel_at);
}

uint64_t cell_safepoints(const struct cell *cell)
{
    return cell->safepoints_before + cell->exec->safepoints;
}

static uint32_t start_func(const struct cell *cell)
{
    return cell->module->has_start ? cell->module->start_func : CELL_NO_FUNC;
}

/* A reactor's `_initialize`, when it has to run before the entry function. */
static uint32_t initialize_func(const struct cell *cell)
{
    const struct wasm_module *module = cell->module;
    const struct wasm_export *init = wasm_module_export(module, "_initialize", WASM_FUNC);
    if (init == NULL || init->index == cell->entry_func ||
        init->index < module->nimported[WASM_FUNC] ||
        cell->inst->funcs[init->index]->type->nparams != 0)
        return CELL_NO_FUNC;
    bool command = wasm_module_export(module, "_start", WASM_FUNC) != NULL;
    return command ? CELL_NO_FUNC : init->index;
}

/* The phase that follows, and the function to call in it; phases without one are skipped. */
static uint8_t next_phase(const struct cell *cell, uint32_t *ret_func)
{
    uint32_t func = start_func(cell);
    if (cell->phase == IMAGE_READY && func != CELL_NO_FUNC) {
        *ret_func = func;
        return IMAGE_START;
    }
    func = initialize_func(cell);
    if (cell->phase != IMAGE_INITIALIZE && func != CELL_NO_FUNC) {
        *ret_func = func;
        return IMAGE_INITIALIZE;
    }
    *ret_func = cell->entry_func;
    return IMAGE_RUNNING;
}

static int advance(struct cell *cell)
{
    uint32_t func;
    uint8_t phase = next_phase(cell, &func);
    const uint64_t *args = phase == IMAGE_RUNNING ? cell->entry_args : NULL;
    int rc = wasm_exec_call(cell->exec, cell->inst->funcs[func], args);
    if (rc == 0)
        cell->phase = phase;
    return rc;
}

static void set_bounds(struct cell *cell)
{
    uint64_t now = cell->exec->safepoints;
    uint64_t stop = cell->has_stop && cell->stop_at > now ? cell->stop_at - now : 0;
    uint64_t fuel = cell->has_fuel ? cell->fuel_at - now : 0;
    wasm_exec_bounds(cell->exec, stop, fuel);
}

static int run_phases(struct cell *cell, struct csk_outcome *ret_outcome)
{
    for (;;) {
        int rc = 0;
        if (cell->has_fuel && cell->fuel_at <= cell->exec->safepoints) {
            *ret_outcome = (struct csk_outcome){.kind = CSK_OUT_OF_FUEL};
            return 0;
        }
        if (!cell->exec->active)
            rc = cell->phase == IMAGE_RUNNING || cell->entry_func == CELL_NO_FUNC ? CSK_E_STATE
                                                                                  : advance(cell);
        if (rc != 0)
            return rc;
        set_bounds(cell);
        rc = wasm_exec_run(cell->exec, ret_outcome);
        if (rc != 0 || ret_outcome->kind != CSK_DONE || cell->phase == IMAGE_RUNNING)
            return rc;
    }
}

int cell_run(struct cell *cell, struct csk_outcome *ret_outcome, struct csk_error *err)
{
    if (cell->init_trap != CSK_TRAP_NONE) {
        *ret_outcome = (struct csk_outcome){.kind = CSK_TRAPPED, .trap = cell->init_trap};
        return 0;
    }
    struct csk_outcome outcome = {0};
    if (cell->has_stop && cell_stop_reached(cell))
        cell->has_stop = false; /* reached in the last run */
    cell_wasi_resume(cell);
    int rc = run_phases(cell, &outcome);
    cell_wasi_pause(cell);
    if (rc != 0)
        return error_set(err, rc, "%s",
                         rc == CSK_E_STATE   ? "no call is prepared"
                         : rc == CSK_E_LIMIT ? "a function needs a larger stack than this engine's"
                                             : csk_strerror(rc));
    *ret_outcome = outcome;
    return 0;
}
