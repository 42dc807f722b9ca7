/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_INSTANCE_H
#define WASM_INSTANCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/vm.h"
#include "wasm/module.h"

/*
 * Run-time objects. Memories, tables and globals are reference-counted because
 * instances may share them. The caller frees an instance after those that import
 * globals or functions from it, and keeps one whose functions were put into a
 * shared table alive for as long as that table is.
 *
 * Values live in 64-bit slots: i32 and f32 zero-extended, i64 and f64 as their
 * bits, v128 as two slots holding its 16 bytes in little-endian lane order (as
 * memory would), references as a pointer to struct wasm_func or the host's token,
 * 0 being null. i32 and i64 are numbers, not bytes: no byte order is visible.
 */

struct wasm_exec;
struct wasm_instance;

struct wasm_engine {
    struct csk_limits limits; /* defaults filled in */
    struct wasm_pool *pool;
};

int wasm_engine_new(const struct csk_limits *limits, struct wasm_engine **ret_engine);
void wasm_engine_free(struct wasm_engine *engine);

/* ---- host functions -------------------------------------------------------- */

/* One call from a guest. `slots` holds the parameters, and after the call the
 * results, in slot layout; there is room for max(param_slots, result_slots). */
struct wasm_host_call {
    struct wasm_exec *exec;
    struct wasm_instance *inst;
    uint64_t *slots;
};

/* Returns enum csk_host_result. With CSK_HOST_SUSPEND the slots must be as they came. */
typedef int wasm_host_fn(struct wasm_host_call *call, void *user);

struct wasm_func {
    struct wasm_instance *inst; /* NULL for a host function */
    const struct wasm_functype *type;
    struct wasm_code *code; /* NULL for a host function */
    wasm_host_fn *host;
    void *user;
    uint32_t index; /* in inst's function index space */
};

/* ---- memories, tables, globals ---------------------------------------------- */

struct wasm_memory {
    uint8_t *base;
    uint64_t size; /* bytes; pages * 64 KiB */
    uint32_t pages;
    uint32_t max_pages;    /* declared maximum cut to the engine's limit */
    uint32_t declared_max; /* UINT32_MAX when none was declared */
    uint32_t refs;
    uint64_t resident; /* bytes from the start that recycling found in place already */
    struct port_vm vm;
    struct wasm_engine *engine;
};

struct wasm_table {
    uint64_t *elems;
    uint32_t size;
    uint32_t max_size;
    uint32_t declared_max; /* UINT32_MAX when none was declared */
    uint32_t refs;
    uint8_t type;
};

struct wasm_global {
    uint64_t slot[2];
    struct wasm_globaltype type;
    uint32_t refs; /* 0: storage is part of its instance */
};

int wasm_memory_new(struct wasm_engine *engine, const struct wasm_memtype *type,
                    struct wasm_memory **ret_memory, struct csk_error *err);
void wasm_memory_unref(struct wasm_memory *memory);
/* Old size in pages, or -1. May move `base`. */
int64_t wasm_memory_grow(struct wasm_memory *memory, uint32_t pages);

int wasm_table_new(struct wasm_engine *engine, const struct wasm_tabletype *type,
                   struct wasm_table **ret_table, struct csk_error *err);
void wasm_table_unref(struct wasm_table *table);
int64_t wasm_table_grow(struct wasm_table *table, uint32_t n, uint64_t init);

/* A stand-alone global, for hosts that export one. */
int wasm_global_new(const struct wasm_globaltype *type, const uint64_t slot[2],
                    struct wasm_global **ret_global);
void wasm_global_unref(struct wasm_global *global);

/* ---- instance ---------------------------------------------------------------- */

struct wasm_instance {
    struct wasm_memory **memories; /* all index spaces: imported first */
    struct wasm_global **globals;
    struct wasm_table **tables;
    struct wasm_func **funcs; /* imported: the exporter's wasm_func; else own_funcs */
    struct wasm_module *module;
    struct wasm_func *own_funcs;
    struct wasm_global *own_globals;
    uint8_t *dropped_elems; /* one byte per segment, 1 when dropped */
    uint8_t *dropped_datas;
    void *host_data; /* the embedder's, for host functions */
};

/* What an import is satisfied with; exactly one pointer for the import's kind is set. */
struct wasm_extern {
    uint8_t kind; /* enum wasm_kind */
    union {
        struct wasm_func *func;
        struct wasm_table *table;
        struct wasm_memory *memory;
        struct wasm_global *global;
    } of;
};

/* Link and allocate: `imports` in the module's import order, types are checked.
 * Globals get their initial values; segments are not yet applied. */
int wasm_instance_new(struct wasm_module *module, const struct wasm_extern *imports,
                      struct wasm_instance **ret_instance, struct csk_error *err);
void wasm_instance_free(struct wasm_instance *inst);

/* Apply active segments, in order. Returns 0, or an enum csk_trap (> 0) at the first
 * segment that is out of bounds; what was written before stays (as specified). */
int wasm_instance_init_segments(struct wasm_instance *inst);

/* Evaluate a validated constant expression. */
void wasm_expr_eval(const struct wasm_instance *inst, struct wasm_expr expr, uint64_t ret_slot[2]);

/* The reference that element i of a segment stands for, 0 for null. */
uint64_t wasm_elem_get(const struct wasm_instance *inst, const struct wasm_elem *elem, uint32_t i);

/* Bulk operations on tables and segments; 0 or an enum csk_trap. */
int wasm_table_init(struct wasm_instance *inst, uint32_t table, uint32_t elem, uint32_t dst,
                    uint32_t src, uint32_t n);
int wasm_memory_init(struct wasm_instance *inst, uint32_t memory, uint32_t data, uint32_t dst,
                     uint32_t src, uint32_t n);

/* Memory 0 with a bounds check: NULL unless [offset, offset+size) is inside. */
static inline uint8_t *wasm_instance_memory(const struct wasm_instance *inst, uint64_t offset,
                                            uint64_t size)
{
    if (inst->module->nmemories == 0)
        return NULL;
    const struct wasm_memory *m = inst->memories[0];
    if (offset > m->size || size > m->size - offset)
        return NULL;
    return m->base + offset;
}

bool wasm_find_export(struct wasm_instance *inst, const char *name, enum wasm_kind kind,
                      struct wasm_extern *ret_extern);

#endif
