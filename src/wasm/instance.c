/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/instance.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* ---- one block for everything ------------------------------------------------------- */

/* Where each array lies in the instance's block. Ordered by alignment, so that only the
 * last two may end at an odd place; counts are bounded by the decoder, so that no sum
 * comes near overflowing. */
struct layout {
    size_t own_globals;
    size_t own_funcs;
    size_t memories;
    size_t globals;
    size_t tables;
    size_t funcs;
    size_t dropped_elems;
    size_t dropped_datas;
    size_t end;
};

static uint32_t own_count(const struct wasm_module *m, enum wasm_kind kind, uint32_t total)
{
    return total - m->nimported[kind];
}

static struct layout plan(const struct wasm_module *m)
{
    struct layout l;
    size_t at = (sizeof(struct wasm_instance) + 15) & ~(size_t)15;
    l.own_globals = at;
    at += own_count(m, WASM_GLOBAL, m->nglobals) * sizeof(struct wasm_global);
    l.own_funcs = at;
    at += own_count(m, WASM_FUNC, m->nfuncs) * sizeof(struct wasm_func);
    l.memories = at;
    at += m->nmemories * sizeof(struct wasm_memory *);
    l.globals = at;
    at += m->nglobals * sizeof(struct wasm_global *);
    l.tables = at;
    at += m->ntables * sizeof(struct wasm_table *);
    l.funcs = at;
    at += m->nfuncs * sizeof(struct wasm_func *);
    l.dropped_elems = at;
    at += m->nelems;
    l.dropped_datas = at;
    at += m->ndatas;
    l.end = at;
    return l;
}

static struct wasm_instance *allocate(struct wasm_module *m)
{
    struct layout l = plan(m);
    uint8_t *block = mem_calloc(1, l.end);
    if (block == NULL)
        return NULL;
    struct wasm_instance *inst = (struct wasm_instance *)(void *)block;
    inst->module = m;
    inst->own_globals = (void *)(block + l.own_globals);
    inst->own_funcs = (void *)(block + l.own_funcs);
    inst->memories = (void *)(block + l.memories);
    inst->globals = (void *)(block + l.globals);
    inst->tables = (void *)(block + l.tables);
    inst->funcs = (void *)(block + l.funcs);
    inst->dropped_elems = block + l.dropped_elems;
    inst->dropped_datas = block + l.dropped_datas;
    return inst;
}

/* Also of an instance that is only partly built: what is missing is a null pointer. */
void wasm_instance_free(struct wasm_instance *inst)
{
    if (inst == NULL)
        return;
    const struct wasm_module *m = inst->module;
    for (uint32_t i = 0; i < m->nmemories; i++)
        wasm_memory_unref(inst->memories[i]);
    for (uint32_t i = 0; i < m->ntables; i++)
        wasm_table_unref(inst->tables[i]);
    for (uint32_t i = 0; i < m->nimported[WASM_GLOBAL]; i++)
        wasm_global_unref(inst->globals[i]);
    mem_free(inst);
}

/* ---- linking -------------------------------------------------------------------------- */

static int link_error(const struct wasm_import *import, const char *why, struct csk_error *err)
{
    int module_len = import->module.len < 64 ? (int)import->module.len : 64;
    int field_len = import->field.len < 64 ? (int)import->field.len : 64;
    return error_set(err, CSK_E_LINK, "%s \"%.*s\" \"%.*s\"", why, module_len, import->module.p,
                     field_len, import->field.p);
}

/* `max` UINT32_MAX: none was declared. */
static bool limits_match(uint32_t size, uint32_t max, uint32_t want_min, bool want_has_max,
                         uint32_t want_max)
{
    if (size < want_min)
        return false;
    return !want_has_max || max <= want_max;
}

static bool table_matches(const struct wasm_table *t, const struct wasm_tabletype *want)
{
    return t->type == want->elem &&
           limits_match(t->size, t->declared_max, want->min, want->has_max, want->max);
}

static bool memory_matches(const struct wasm_memory *m, const struct wasm_memtype *want)
{
    return limits_match(m->pages, m->declared_max, want->min, want->has_max, want->max);
}

static bool global_matches(const struct wasm_global *g, const struct wasm_globaltype *want)
{
    return g->type.type == want->type && g->type.mutable == want->mutable;
}

/* `at` counts what was linked of each kind. False when the types differ. */
static bool link_import(struct wasm_instance *inst, const struct wasm_import *import,
                        const struct wasm_extern *with, uint32_t at[4])
{
    const struct wasm_module *m = inst->module;
    switch (import->kind) {
    case WASM_FUNC:
        if (!wasm_functype_equal(with->of.func->type, &m->types[import->of.func_type]))
            return false;
        inst->funcs[at[WASM_FUNC]++] = with->of.func;
        return true;
    case WASM_TABLE:
        if (!table_matches(with->of.table, &import->of.table))
            return false;
        with->of.table->refs++;
        inst->tables[at[WASM_TABLE]++] = with->of.table;
        return true;
    case WASM_MEMORY:
        if (!memory_matches(with->of.memory, &import->of.memory))
            return false;
        with->of.memory->refs++;
        inst->memories[at[WASM_MEMORY]++] = with->of.memory;
        return true;
    default:
        if (!global_matches(with->of.global, &import->of.global))
            return false;
        if (with->of.global->refs != 0)
            with->of.global->refs++;
        inst->globals[at[WASM_GLOBAL]++] = with->of.global;
        return true;
    }
}

static bool is_given(const struct wasm_extern *with)
{
    switch (with->kind) {
    case WASM_FUNC:
        return with->of.func != NULL;
    case WASM_TABLE:
        return with->of.table != NULL;
    case WASM_MEMORY:
        return with->of.memory != NULL;
    default:
        return with->of.global != NULL;
    }
}

static int link_imports(struct wasm_instance *inst, const struct wasm_extern *imports,
                        struct csk_error *err)
{
    const struct wasm_module *m = inst->module;
    uint32_t at[4] = {0};
    for (uint32_t i = 0; i < m->nimports; i++) {
        const struct wasm_import *import = &m->imports[i];
        if (!is_given(&imports[i]))
            return link_error(import, "unknown import", err);
        if (imports[i].kind != import->kind || !link_import(inst, import, &imports[i], at))
            return link_error(import, "incompatible import type of", err);
    }
    return 0;
}

/* ---- what the module defines itself ------------------------------------------------------ */

static void make_funcs(struct wasm_instance *inst)
{
    const struct wasm_module *m = inst->module;
    uint32_t imported = m->nimported[WASM_FUNC];
    for (uint32_t i = imported; i < m->nfuncs; i++) {
        struct wasm_func *func = &inst->own_funcs[i - imported];
        func->inst = inst;
        func->code = &m->codes[i - imported];
        func->type = func->code->type;
        func->index = i;
        inst->funcs[i] = func;
    }
}

static int make_tables_and_memories(struct wasm_instance *inst, struct csk_error *err)
{
    const struct wasm_module *m = inst->module;
    int r = 0;
    for (uint32_t i = m->nimported[WASM_TABLE]; r == 0 && i < m->ntables; i++)
        r = wasm_table_new(m->engine, &m->tables[i], &inst->tables[i], err);
    for (uint32_t i = m->nimported[WASM_MEMORY]; r == 0 && i < m->nmemories; i++)
        r = wasm_memory_new(m->engine, &m->memories[i], &inst->memories[i], err);
    return r;
}

/* In order, since an initial value may be that of a global before. */
static void make_globals(struct wasm_instance *inst)
{
    const struct wasm_module *m = inst->module;
    uint32_t imported = m->nimported[WASM_GLOBAL];
    for (uint32_t i = imported; i < m->nglobals; i++) {
        struct wasm_global *global = &inst->own_globals[i - imported];
        global->type = m->globals[i].type;
        wasm_expr_eval(inst, m->globals[i].init, global->slot);
        inst->globals[i] = global;
    }
}

/* Initial values may name functions and imported globals. */
static void fill_tables(struct wasm_instance *inst)
{
    const struct wasm_module *m = inst->module;
    for (uint32_t i = m->nimported[WASM_TABLE]; i < m->ntables; i++) {
        struct wasm_table *t = inst->tables[i];
        uint64_t slot[2];
        if (m->tables[i].init.start == m->tables[i].init.end)
            continue;
        wasm_expr_eval(inst, m->tables[i].init, slot);
        for (uint32_t k = 0; k < t->size; k++)
            t->elems[k] = slot[0];
    }
}

int wasm_instance_new(struct wasm_module *module, const struct wasm_extern *imports,
                      struct wasm_instance **ret_instance, struct csk_error *err)
{
    struct wasm_instance *inst = allocate(module);
    if (inst == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory for an instance");
    int r = link_imports(inst, imports, err);
    if (r == 0)
        r = make_tables_and_memories(inst, err);
    if (r != 0) {
        wasm_instance_free(inst);
        return r;
    }
    make_funcs(inst);
    make_globals(inst);
    fill_tables(inst);
    *ret_instance = inst;
    return 0;
}

bool wasm_find_export(struct wasm_instance *inst, const char *name, enum wasm_kind kind,
                      struct wasm_extern *ret_extern)
{
    const struct wasm_export *export = wasm_module_export(inst->module, name, kind);
    if (export == NULL)
        return false;
    ret_extern->kind = export->kind;
    switch (export->kind) {
    case WASM_FUNC:
        ret_extern->of.func = inst->funcs[export->index];
        break;
    case WASM_TABLE:
        ret_extern->of.table = inst->tables[export->index];
        break;
    case WASM_MEMORY:
        ret_extern->of.memory = inst->memories[export->index];
        break;
    default:
        ret_extern->of.global = inst->globals[export->index];
        break;
    }
    return true;
}

/* ---- segments ----------------------------------------------------------------------------- */

uint64_t wasm_elem_get(const struct wasm_instance *inst, const struct wasm_elem *elem, uint32_t i)
{
    if (elem->funcs != NULL)
        return (uint64_t)(uintptr_t)inst->funcs[elem->funcs[i]];
    uint64_t slot[2];
    wasm_expr_eval(inst, elem->exprs[i], slot);
    return slot[0];
}

static bool inside(uint64_t offset, uint64_t n, uint64_t size)
{
    return offset <= size && n <= size - offset;
}

int wasm_table_init(struct wasm_instance *inst, uint32_t table, uint32_t elem, uint32_t dst,
                    uint32_t src, uint32_t n)
{
    struct wasm_table *t = inst->tables[table];
    const struct wasm_elem *segment = &inst->module->elems[elem];
    uint32_t count = inst->dropped_elems[elem] ? 0 : segment->count;
    if (!inside(src, n, count) || !inside(dst, n, t->size))
        return CSK_TRAP_TABLE_BOUNDS;
    for (uint32_t i = 0; i < n; i++)
        t->elems[dst + i] = wasm_elem_get(inst, segment, src + i);
    return 0;
}

int wasm_memory_init(struct wasm_instance *inst, uint32_t memory, uint32_t data, uint32_t dst,
                     uint32_t src, uint32_t n)
{
    struct wasm_memory *m = inst->memories[memory];
    const struct wasm_data *segment = &inst->module->datas[data];
    uint32_t size = inst->dropped_datas[data] ? 0 : segment->size;
    if (!inside(src, n, size) || !inside(dst, n, m->size))
        return CSK_TRAP_MEMORY_BOUNDS;
    if (n != 0)
        memcpy(m->base + dst, inst->module->bytes + segment->start + src, n);
    return 0;
}

static uint32_t eval_offset(const struct wasm_instance *inst, struct wasm_expr expr)
{
    uint64_t slot[2];
    wasm_expr_eval(inst, expr, slot);
    return (uint32_t)slot[0];
}

int wasm_instance_init_segments(struct wasm_instance *inst)
{
    const struct wasm_module *m = inst->module;
    int trap = 0;
    for (uint32_t i = 0; trap == 0 && i < m->nelems; i++) {
        const struct wasm_elem *e = &m->elems[i];
        if (e->mode == WASM_ACTIVE)
            trap = wasm_table_init(inst, e->table, i, eval_offset(inst, e->offset), 0, e->count);
        if (trap == 0 && e->mode != WASM_PASSIVE)
            inst->dropped_elems[i] = 1;
    }
    for (uint32_t i = 0; trap == 0 && i < m->ndatas; i++) {
        const struct wasm_data *data = &m->datas[i];
        if (data->mode == WASM_PASSIVE)
            continue;
        trap =
            wasm_memory_init(inst, data->memory, i, eval_offset(inst, data->offset), 0, data->size);
        if (trap == 0)
            inst->dropped_datas[i] = 1;
    }
    return trap;
}
