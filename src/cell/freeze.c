/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cell/internal.h"

/* The parts of a cell that are not program state. */
static void describe(const struct cell *cell, struct image_meta *meta)
{
    *meta = (struct image_meta){
        .epoch = cell->epoch,
        .memory_max_bytes = cell->memory_max_bytes,
        .has_fuel = cell->has_fuel,
        .safepoints = cell_safepoints(cell),
        .phase = cell->phase,
        .entry_func = cell->entry_func,
    };
    (void)snprintf(meta->name, sizeof meta->name, "%s", cell->name);
    if (cell->has_fuel && cell->fuel_at > cell->exec->safepoints)
        meta->fuel_left = cell->fuel_at - cell->exec->safepoints;
}

static int check_state(const struct cell *cell, struct csk_error *err)
{
    if (cell->entry_func == CELL_NO_FUNC)
        return error_set(err, CSK_E_STATE, "nothing to freeze: no entry function was named");
    if (cell->phase == IMAGE_RUNNING && !cell->exec->active)
        return error_set(err, CSK_E_STATE, "nothing to freeze: the cell has ended");
    if (cell->phase != IMAGE_RUNNING && cell->entry_has_args && cell->wasi == NULL)
        return error_set(err, CSK_E_STATE,
                         "cannot freeze before the entry function has taken its arguments");
    if (cell->init_trap != CSK_TRAP_NONE)
        return error_set(err, CSK_E_STATE, "nothing to freeze: the cell trapped");
    return 0;
}

int cell_freeze(struct cell *cell, const struct cell_freeze_options *options, image_write_fn *write,
                void *user, struct csk_error *err)
{
    struct image_meta meta;
    struct wasi_state state = {0};
    int rc = check_state(cell, err);
    if (rc != 0)
        return rc;
    describe(cell, &meta);
    if (cell->wasi != NULL)
        rc = cell_wasi_freeze(cell, options->with_files, &state, err);
    if (rc != 0)
        return rc;
    rc = image_encode(&meta, options->with_module, cell->exec, cell->inst,
                      cell->wasi != NULL ? &state : NULL, write, user, err);
    wasi_state_fini(&state);
    return rc;
}

static int adopt_meta(struct cell *cell, const struct image_meta *meta, struct csk_error *err)
{
    const struct wasm_module *module = cell->module;
    if (meta->phase > IMAGE_INITIALIZE || meta->entry_func >= module->nfuncs ||
        meta->entry_func < module->nimported[WASM_FUNC])
        return error_set(err, CSK_E_CORRUPT, "the image's entry function %u does not exist",
                         (unsigned)meta->entry_func);
    if ((meta->phase == IMAGE_READY) == cell->exec->active)
        return error_set(err, CSK_E_CORRUPT, "the image's phase and frames do not agree");
    cell->phase = meta->phase;
    cell->epoch = meta->epoch;
    cell->memory_max_bytes = meta->memory_max_bytes;
    cell->entry_func = meta->entry_func;
    cell->entry_has_args = cell->inst->funcs[meta->entry_func]->type->param_slots != 0;
    cell->safepoints_before = meta->safepoints - cell->exec->safepoints;
    (void)snprintf(cell->name, sizeof cell->name, "%.63s", meta->name);
    if (meta->has_fuel)
        cell_set_fuel(cell, meta->fuel_left);
    return 0;
}

int cell_thaw(struct wasm_engine *engine, struct wasm_module *module,
              const struct cell_linker *linker, const struct wasi_config *wasi_config,
              struct image_decoder *decoder, const struct image_meta *meta, struct cell **ret_cell,
              struct csk_error *err)
{
    struct cell *cell = NULL;
    struct wasi *wasi = NULL;
    int rc = 0;
    if (meta->has_wasi)
        rc = wasi_config == NULL
                 ? error_set(err, CSK_E_LINK, "the image has WASI state, and no WASI is offered")
                 : cell_wasi_thaw(decoder, wasi_config, &wasi, err);
    if (rc != 0)
        goto out;
    rc = cell_link(engine, module, linker, wasi, &cell, err);
    if (rc != 0)
        goto out;
    wasi = NULL; /* the cell's now */
    rc = image_decode_state(decoder, cell->inst, cell->exec, err);
    if (rc == 0)
        rc = adopt_meta(cell, meta, err);
    if (rc != 0)
        goto out;
    *ret_cell = cell;
    cell = NULL;
out:
    cell_wasi_free(wasi);
    cell_free(cell);
    return rc == 0 ? 0 : error_set(err, rc, "%s", csk_strerror(rc));
}
