/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELL_CELL_H
#define CELL_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"
#include "wasi/wasi.h"
#include "wasm/exec.h"

/*
 * A cell: an instance, its one thread of execution, its host calls, and how far
 * it may go.
 *
 * A cell's life has phases (enum image_phase). The first cell_run() starts it:
 * the start function, then `_initialize` where a reactor has one, then the entry
 * function that cell_enter() named. Each safepoint of each phase is a place
 * where it can stop, be frozen, and be thawed in another process.
 *
 * While a cell is stopped the guest's clocks stand still.
 */

#define CELL_NAME_MAX 63u
#define CELL_NO_FUNC  UINT32_MAX

struct cell {
    struct wasm_engine *engine; /* borrowed */
    struct wasm_module *module;
    bool owns_module;
    struct wasm_instance *inst;
    struct wasm_exec *exec;
    struct wasm_func *hosts; /* one per imported function, in import order */
    struct wasi *wasi;       /* owned; NULL when the module is linked without */

    char name[CELL_NAME_MAX + 1];
    uint64_t epoch;
    uint64_t memory_max_bytes; /* the limit in force, 0: the engine's default */
    uint8_t phase;             /* enum image_phase */
    uint32_t entry_func;       /* CELL_NO_FUNC: none yet */
    uint64_t *entry_args;      /* slots, until the entry function is called; may be NULL */
    bool entry_has_args;       /* it has parameters, which cannot be frozen before the call */

    /* Counted by exec->safepoints, which begins at 0 in each process. */
    uint64_t safepoints_before; /* passed in earlier processes */
    bool has_stop;
    uint64_t stop_at;
    bool has_fuel;
    uint64_t fuel_at;

    enum csk_trap init_trap; /* a segment did not fit when the cell was made */
};

/* Finds the host function for one function import of the module being linked. Fills
 * ret_func->host and ->user. Returns 0, CSK_E_NOT_FOUND (nobody provides it) or
 * CSK_E_LINK (its type differs), the latter two with *err unset or saying more. */
typedef int cell_resolve_fn(void *user, const struct wasm_import *import,
                            const struct wasm_functype *type, struct wasm_func *ret_func,
                            struct csk_error *err);

struct cell_linker {
    cell_resolve_fn *resolve; /* NULL: nothing is provided but WASI */
    void *user;
    struct wasi *wasi; /* owned by the cell from success on; may be NULL */
};

/* Link, allocate, apply segments. Nothing runs. */
int cell_new(struct wasm_engine *engine, struct wasm_module *module,
             const struct cell_linker *linker, struct cell **ret_cell, struct csk_error *err);
void cell_free(struct cell *cell);

/* Does the module import anything from WASI? */
bool cell_wants_wasi(const struct wasm_module *module);

/* The entry function: the export `name`, or with NULL the command's `_start`. */
int cell_find_entry(const struct wasm_module *module, const char *name, uint32_t *ret_func,
                    struct csk_error *err);

/* Name the entry function and its arguments (copied; may be NULL when it has no
 * parameters). CSK_E_STATE while the entry function runs. */
int cell_enter(struct cell *cell, uint32_t func, const uint64_t *arg_slots, struct csk_error *err);

/* Stop (CSK_SUSPENDED) at the n-th safepoint from here; 0: never. */
void cell_stop_after(struct cell *cell, uint64_t n);
/* True when the last run ended because of cell_stop_after(). */
bool cell_stop_reached(const struct cell *cell);
/* Stop (CSK_OUT_OF_FUEL) after `fuel` more safepoints. */
void cell_set_fuel(struct cell *cell, uint64_t fuel);
/* Safepoints passed since the cell's first instruction, as far as they were counted. */
uint64_t cell_safepoints(const struct cell *cell);

/* Run or continue. Returns 0 with *ret_outcome, or an error with the cell stopped where
 * it was. */
int cell_run(struct cell *cell, struct csk_outcome *ret_outcome, struct csk_error *err);

/* ---- freeze and thaw ------------------------------------------------------------ */

struct cell_freeze_options {
    bool with_module; /* the module's bytes travel in the image */
    bool with_files;  /* so do the files the cell holds open */
};

/* Write a stopped cell. It can run on afterwards. An entry function's arguments are part
 * of its frame; until it is called they are not in the image, and a cell without WASI
 * arguments to take them from again cannot be frozen (CSK_E_STATE). */
int cell_freeze(struct cell *cell, const struct cell_freeze_options *options, image_write_fn *write,
                void *user, struct csk_error *err);

/*
 * Continue an image whose meta has been decoded, as an instance of `module` (which
 * must be the image's: the digest is checked). `wasi_config` gives the host's side of
 * the WASI state and may be NULL when the image has none. linker->wasi is ignored.
 */
int cell_thaw(struct wasm_engine *engine, struct wasm_module *module,
              const struct cell_linker *linker, const struct wasi_config *wasi_config,
              struct image_decoder *decoder, const struct image_meta *meta, struct cell **ret_cell,
              struct csk_error *err);

#endif
