/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_MODULE_H
#define WASM_MODULE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cloudskin/cloudskin.h>

/*
 * A decoded and validated module.
 *
 * Immutable once loaded, except for code that is translated when it is first
 * called (under `lock`), so any number of instances in any threads share it.
 * Names, bodies and constant expressions are offsets or pointers into `bytes`.
 * Every index in these structures has been checked against its index space.
 */

#define WASM_PAGE_SIZE 65536u
#define WASM_PAGES_MAX 65536u /* 4 GiB */

/* Limits that are not configurable (those of csk_limits are); the values are those of
 * the WebAssembly JavaScript interface, section "Implementation-defined limits". */
#define WASM_TYPES_MAX    1000000u
#define WASM_IMPORTS_MAX  1000000u
#define WASM_EXPORTS_MAX  1000000u
#define WASM_GLOBALS_MAX  1000000u
#define WASM_SEGMENTS_MAX 100000u
#define WASM_TABLES_MAX   100000u
#define WASM_MEMORIES_MAX 100u
#define WASM_PARAMS_MAX   1000u
#define WASM_RESULTS_MAX  1000u
#define WASM_LOCALS_MAX   50000u
#define WASM_BR_TABLE_MAX 65520u

struct wasm_module;

struct wasm_name {
    const char *p; /* not NUL-terminated, valid UTF-8 */
    uint32_t len;
};

struct wasm_functype {
    const uint8_t *params; /* enum csk_type each */
    const uint8_t *results;
    uint32_t nparams;
    uint32_t nresults;
    uint32_t param_slots; /* 64-bit slots: v128 takes two, everything else one */
    uint32_t result_slots;
    uint32_t canon; /* smallest type index in this module that is equal */
};

/* A validated constant expression: module bytes [start, end), `end` opcode included. */
struct wasm_expr {
    uint32_t start;
    uint32_t end;
};

struct wasm_tabletype {
    uint8_t elem; /* a reference type, see valtype.h */
    bool has_max;
    uint32_t min;
    uint32_t max;
    struct wasm_expr init; /* of every element; start == end: null */
};

struct wasm_memtype { /* in pages */
    bool has_max;
    uint32_t min;
    uint32_t max;
};

struct wasm_globaltype {
    uint8_t type;
    bool mutable;
};

enum wasm_kind {
    WASM_FUNC = 0,
    WASM_TABLE = 1,
    WASM_MEMORY = 2,
    WASM_GLOBAL = 3
};

struct wasm_import {
    struct wasm_name module;
    struct wasm_name field;
    uint8_t kind; /* enum wasm_kind */
    union {
        uint32_t func_type; /* type index */
        struct wasm_tabletype table;
        struct wasm_memtype memory;
        struct wasm_globaltype global;
    } of;
};

struct wasm_export {
    struct wasm_name name;
    uint8_t kind;
    uint32_t index;
};

struct wasm_global_def {
    struct wasm_globaltype type;
    struct wasm_expr init; /* start == end for imported globals */
};

enum wasm_segment_mode {
    WASM_ACTIVE,
    WASM_PASSIVE,
    WASM_DECLARED
};

struct wasm_elem {
    uint8_t mode; /* enum wasm_segment_mode */
    uint8_t type; /* a reference type, see valtype.h */
    uint32_t table;
    struct wasm_expr offset; /* active only */
    uint32_t count;
    uint32_t *funcs; /* count function indices, or NULL when exprs is used */
    struct wasm_expr *exprs;
};

struct wasm_data {
    uint8_t mode;
    uint32_t memory;
    struct wasm_expr offset;
    uint32_t start; /* module offset of the bytes */
    uint32_t size;
};

/*
 * A function that the module defines. `ir` always points at runnable code: at first
 * a stub that translates the function, afterwards its translation (see code.h).
 * Readers load `ir` with acquire order. The slot counts are filled in by validation.
 */
struct wasm_code {
    struct wasm_module *module;
    const struct wasm_functype *type;
    uint32_t func_index;
    uint32_t body_start;  /* module offset of the local declarations */
    uint32_t body_end;    /* one past the final `end` */
    uint32_t param_slots; /* parameters, in slots */
    uint32_t local_slots; /* parameters and locals, in slots */
    uint32_t frame_slots; /* locals and the deepest operand stack, in slots */
    _Atomic(const uint32_t *) ir;
    uint32_t ir_size; /* in 32-bit units; 0 until translated */
};

struct wasm_module {
    struct wasm_engine *engine;
    const uint8_t *bytes;
    uint32_t size;
    bool owns_bytes;

    struct wasm_functype *types;
    uint32_t ntypes;
    uint8_t *type_pool; /* what params and results point into */

    struct wasm_import *imports;
    uint32_t nimports;
    uint32_t nimported[4]; /* per enum wasm_kind */

    uint32_t *func_types; /* type index of every function, imported ones first */
    uint32_t nfuncs;
    struct wasm_code *codes; /* nfuncs - nimported[WASM_FUNC] entries */

    struct wasm_tabletype *tables; /* imported first, as for all index spaces */
    uint32_t ntables;
    struct wasm_memtype *memories;
    uint32_t nmemories;
    struct wasm_global_def *globals;
    uint32_t nglobals;

    struct wasm_export *exports;
    uint32_t nexports;
    struct wasm_elem *elems;
    uint32_t nelems;
    struct wasm_data *datas;
    uint32_t ndatas;
    bool has_data_count;
    uint32_t data_count;
    bool has_start;
    uint32_t start_func;

    uint8_t *declared_refs; /* bit per function: may ref.func name it in a body */

    uint32_t name_section; /* offset and size of the payload of the "name" section, or 0 */
    uint32_t name_section_size;

    pthread_mutex_t lock; /* taken to translate a function */
};

/* Decode and validate `size` bytes. With `copy`, the module keeps its own copy;
 * without, `bytes` must outlive it. */
int wasm_module_load(struct wasm_engine *engine, const void *bytes, size_t size, bool copy,
                     struct wasm_module **ret_module, struct csk_error *err);
void wasm_module_free(struct wasm_module *module);

/* NULL when there is no such export of that kind. */
const struct wasm_export *wasm_module_export(const struct wasm_module *module, const char *name,
                                             enum wasm_kind kind);

/* The function's name from the name section, else from an export or import, into
 * `text` (NUL-terminated, cut to size, control bytes replaced), else "func[N]". */
void wasm_module_func_name(const struct wasm_module *module, uint32_t func, char *text,
                           size_t size);

/* As in the text format ("i32"); never NULL. */
const char *wasm_type_name(uint8_t type);

bool wasm_functype_equal(const struct wasm_functype *a, const struct wasm_functype *b);

static inline uint32_t wasm_type_slots(uint8_t type)
{
    return type == CSK_V128 ? 2 : 1;
}

#endif
