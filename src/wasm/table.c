/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/mem.h"
#include "wasm/instance.h"

int wasm_table_new(struct wasm_engine *engine, const struct wasm_tabletype *type,
                   struct wasm_table **ret_table, struct csk_error *err)
{
    uint32_t limit = engine->limits.table_elems_max;
    if (type->min > limit)
        return error_set(err, CSK_E_LIMIT, "table of %u elements, limit is %u", type->min, limit);
    struct wasm_table *t = mem_calloc(1, sizeof *t);
    uint64_t *elems = t != NULL ? mem_calloc(type->min, sizeof *elems) : NULL;
    if (elems == NULL) {
        mem_free(t);
        return error_set(err, CSK_E_NOMEM, "out of memory for a table of %u elements", type->min);
    }
    t->elems = elems;
    t->size = type->min;
    t->declared_max = type->has_max ? type->max : UINT32_MAX;
    t->max_size = t->declared_max < limit ? t->declared_max : limit;
    t->refs = 1;
    t->type = type->elem;
    *ret_table = t;
    return 0;
}

void wasm_table_unref(struct wasm_table *table)
{
    if (table == NULL || --table->refs != 0)
        return;
    mem_free(table->elems);
    mem_free(table);
}

int64_t wasm_table_grow(struct wasm_table *table, uint32_t n, uint64_t init)
{
    uint32_t old = table->size;
    if (n > table->max_size - old)
        return -1;
    if (n == 0)
        return old;
    if ((size_t)old + n > SIZE_MAX / sizeof table->elems[0])
        return -1;
    uint64_t *elems = mem_realloc(table->elems, ((size_t)old + n) * sizeof *elems);
    if (elems == NULL)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        elems[old + i] = init;
    table->elems = elems;
    table->size = old + n;
    return old;
}

int wasm_global_new(const struct wasm_globaltype *type, const uint64_t slot[2],
                    struct wasm_global **ret_global)
{
    struct wasm_global *g = mem_calloc(1, sizeof *g);
    if (g == NULL)
        return CSK_E_NOMEM;
    g->type = *type;
    g->slot[0] = slot[0];
    g->slot[1] = slot[1];
    g->refs = 1;
    *ret_global = g;
    return 0;
}

void wasm_global_unref(struct wasm_global *global)
{
    /* refs 0: the storage belongs to an instance */
    if (global != NULL && global->refs != 0 && --global->refs == 0)
        mem_free(global);
}
