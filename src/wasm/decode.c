/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wasm/code.h"
#include "wasm/instance.h"
#include "wasm/validate.h"
#include "wasm/valtype.h"

/* ---- primitives ---------------------------------------------------------------- */

uint64_t wasm_decode_offset(const struct wasm_decoder *d, const uint8_t *p)
{
    return (uint64_t)(p - d->m->bytes);
}

static uint64_t here(const struct wasm_decoder *d)
{
    return wasm_decode_offset(d, d->p);
}

static size_t left(const struct wasm_decoder *d)
{
    return (size_t)(d->end - d->p);
}

static int truncated(struct wasm_decoder *d, const char *what)
{
    return error_at(d->err, CSK_E_MALFORMED, here(d), "unexpected end in %s", what);
}

int wasm_decode_byte(struct wasm_decoder *d, const char *what, uint8_t *ret)
{
    if (d->p == d->end)
        return truncated(d, what);
    *ret = *d->p++;
    return 0;
}

int wasm_decode_u32(struct wasm_decoder *d, const char *what, uint32_t *ret)
{
    if (leb_u32(&d->p, d->end, ret) == 0)
        return 0;
    size_t n = left(d) < 5 ? left(d) : 5;
    for (size_t i = 0; i < n; i++) {
        if ((d->p[i] & 0x80) == 0 || i == 4)
            return error_at(d->err, CSK_E_MALFORMED, here(d), "integer too large or too long in %s",
                            what);
    }
    return truncated(d, what);
}

int wasm_decode_skip(struct wasm_decoder *d, const char *what, uint64_t size)
{
    if (size > left(d))
        return truncated(d, what);
    d->p += size;
    return 0;
}

/* A count of items that take at least `item_bytes` each: refused before anything is
 * allocated when the rest of the section cannot hold them. */
static int decode_count(struct wasm_decoder *d, const char *what, uint32_t max, size_t item_bytes,
                        uint32_t *ret)
{
    uint64_t at = here(d);
    uint32_t n = 0;
    int r = wasm_decode_u32(d, what, &n);
    if (r != 0)
        return r;
    if (n > left(d) / item_bytes)
        return error_at(d->err, CSK_E_MALFORMED, at, "%u %s do not fit their section", n, what);
    if (n > max)
        return error_at(d->err, CSK_E_LIMIT, at, "%u %s, limit is %u", n, what, max);
    *ret = n;
    return 0;
}

static int decode_name(struct wasm_decoder *d, const char *what, struct wasm_name *ret)
{
    uint64_t at = here(d);
    uint32_t n = 0;
    int r = wasm_decode_u32(d, what, &n);
    if (r != 0)
        return r;
    const uint8_t *name = d->p;
    r = wasm_decode_skip(d, what, n);
    if (r != 0)
        return r;
    if (!utf8_valid(name, n))
        return error_at(d->err, CSK_E_MALFORMED, at, "%s is not UTF-8", what);
    *ret = (struct wasm_name){(const char *)name, n};
    return 0;
}

static int decode_valtype(struct wasm_decoder *d, uint8_t *ret)
{
    if (left(d) == 0)
        return truncated(d, "value type");
    int r = wasm_read_valtype(&d->p, d->end, ret);
    if (r != 0)
        return error_at(d->err, r, here(d), "value type 0x%02x is %s", *d->p,
                        r == CSK_E_UNSUPPORTED ? "not supported" : "malformed");
    return 0;
}

static int decode_reftype(struct wasm_decoder *d, uint8_t *ret)
{
    uint8_t type = 0;
    if (left(d) == 0)
        return truncated(d, "reference type");
    uint8_t byte = *d->p;
    uint64_t at = here(d);
    int r = wasm_read_valtype(&d->p, d->end, &type);
    if (r == CSK_E_UNSUPPORTED)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "reference type 0x%02x is not supported",
                        byte);
    if (r != 0 || !wasm_type_is_ref(type))
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed reference type 0x%02x", byte);
    *ret = type;
    return 0;
}

void wasm_declare_ref(struct wasm_module *m, uint32_t func)
{
    m->declared_refs[func / 8] |= (uint8_t)(1u << func % 8);
}

/* An index into a space of `n`, or CSK_E_INVALID. */
static int decode_index(struct wasm_decoder *d, const char *what, uint32_t n, uint32_t *ret)
{
    uint64_t at = here(d);
    uint32_t i = 0;
    int r = wasm_decode_u32(d, what, &i);
    if (r != 0)
        return r;
    if (i >= n)
        return error_at(d->err, CSK_E_INVALID, at, "unknown %s %u", what, i);
    *ret = i;
    return 0;
}

static int out_of_memory(struct wasm_decoder *d)
{
    return error_set(d->err, CSK_E_NOMEM, "out of memory while loading a module");
}

/* ---- type section ---------------------------------------------------------------- */

static int decode_types_of(struct wasm_decoder *d, const char *what, uint32_t max,
                           const uint8_t **ret_types, uint32_t *ret_count, uint32_t *ret_slots)
{
    uint32_t n = 0;
    int r = decode_count(d, what, max, 1, &n);
    if (r != 0)
        return r;
    uint8_t *types = d->type_pool_next;
    uint32_t slots = 0;
    for (uint32_t i = 0; i < n; i++) {
        r = decode_valtype(d, &types[i]);
        if (r != 0)
            return r;
        slots += wasm_type_slots(types[i]);
    }
    d->type_pool_next += n;
    *ret_types = types;
    *ret_count = n;
    *ret_slots = slots;
    return 0;
}

/* The first byte of a type. All but functions are of the garbage collection proposal. */
enum {
    FORM_REC = 0x4e,
    FORM_SUB_FINAL = 0x4f,
    FORM_SUB = 0x50,
    FORM_ARRAY = 0x5e,
    FORM_STRUCT = 0x5f,
    FORM_FUNC = 0x60,
};

/* Not built here, but what is not even well-formed is called so. */
static int refuse_array_type(struct wasm_decoder *d, uint64_t form_at)
{
    uint8_t type = 0;
    uint8_t mutable = 0;
    int r = 0;
    if (left(d) > 0 && (*d->p == 0x77 || *d->p == 0x78)) /* i16, i8 */
        d->p++;
    else
        r = decode_valtype(d, &type);
    uint64_t at = here(d);
    if (r == 0)
        r = wasm_decode_byte(d, "mutability", &mutable);
    if (r == 0 && mutable > 1)
        r = error_at(d->err, CSK_E_MALFORMED, at, "malformed mutability 0x%02x", mutable);
    return r != 0 ? r
                  : error_at(d->err, CSK_E_UNSUPPORTED, form_at, "array types are not supported");
}

static int decode_functype(struct wasm_decoder *d, struct wasm_functype *ret)
{
    uint64_t at = here(d);
    uint8_t form = 0;
    int r = wasm_decode_byte(d, "type", &form);
    if (r != 0)
        return r;
    if (form == FORM_ARRAY)
        return refuse_array_type(d, at);
    if (form == FORM_REC || form == FORM_SUB_FINAL || form == FORM_SUB || form == FORM_STRUCT)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "type form 0x%02x is not supported", form);
    if (form != FORM_FUNC)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed type form 0x%02x", form);
    r = decode_types_of(d, "parameters", WASM_PARAMS_MAX, &ret->params, &ret->nparams,
                        &ret->param_slots);
    if (r != 0)
        return r;
    return decode_types_of(d, "results", WASM_RESULTS_MAX, &ret->results, &ret->nresults,
                           &ret->result_slots);
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

/* By structure, then by position, so that the first of equal ones comes first. */
static int compare_types(const void *a, const void *b)
{
    const struct wasm_functype *x = *(const struct wasm_functype *const *)a;
    const struct wasm_functype *y = *(const struct wasm_functype *const *)b;
    int c = compare_u32(x->nparams, y->nparams);
    if (c == 0)
        c = compare_u32(x->nresults, y->nresults);
    if (c == 0)
        c = memcmp(x->params, y->params, x->nparams);
    if (c == 0)
        c = memcmp(x->results, y->results, x->nresults);
    return c != 0 ? c : (x < y ? -1 : x > y);
}

static int canonicalise_types(struct wasm_decoder *d)
{
    struct wasm_module *m = d->m;
    const struct wasm_functype **sorted = mem_array(m->ntypes, sizeof *sorted);
    if (sorted == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < m->ntypes; i++)
        sorted[i] = &m->types[i];
    if (m->ntypes > 1)
        qsort(sorted, m->ntypes, sizeof *sorted, compare_types);
    uint32_t first = 0;
    for (uint32_t i = 0; i < m->ntypes; i++) {
        uint32_t index = (uint32_t)(sorted[i] - m->types);
        if (i == 0 || !wasm_functype_equal(sorted[i - 1], sorted[i]))
            first = index;
        m->types[index].canon = first;
    }
    mem_free(sorted);
    return 0;
}

static int decode_type_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "types", WASM_TYPES_MAX, 3, &n);
    if (r != 0)
        return r;
    d->m->types = mem_calloc(n, sizeof *d->m->types);
    d->m->type_pool = mem_alloc(left(d)); /* no type takes less than a byte of the section */
    d->type_pool_next = d->m->type_pool;
    if (d->m->types == NULL || d->m->type_pool == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < n; i++) {
        r = decode_functype(d, &d->m->types[i]);
        if (r != 0)
            return r;
        d->m->ntypes++;
    }
    return canonicalise_types(d);
}

/* ---- descriptions of functions, tables, memories, globals -------------------------- */

static int grow(struct wasm_decoder *d, void **array, size_t *cap, size_t need, size_t elem_size)
{
    return mem_grow(array, cap, need, elem_size) == 0 ? 0 : out_of_memory(d);
}

static int add_func(struct wasm_decoder *d)
{
    struct wasm_module *m = d->m;
    uint32_t max = m->engine->limits.functions_max;
    uint32_t type = 0;
    int r = decode_index(d, "type", m->ntypes, &type);
    if (r != 0)
        return r;
    if (m->nfuncs >= max)
        return error_at(d->err, CSK_E_LIMIT, here(d), "more than %u functions", max);
    void *array = m->func_types;
    r = grow(d, &array, &d->func_cap, (size_t)m->nfuncs + 1, sizeof *m->func_types);
    if (r != 0)
        return r;
    m->func_types = array;
    m->func_types[m->nfuncs++] = type;
    return 0;
}

static int decode_limits(struct wasm_decoder *d, const char *what, bool *ret_has_max,
                         uint32_t *ret_min, uint32_t *ret_max)
{
    uint64_t at = here(d);
    uint8_t flags = 0;
    int r = wasm_decode_byte(d, what, &flags);
    if (r != 0)
        return r;
    if (flags > 7)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed limits flags 0x%02x of a %s", flags,
                        what);
    if (flags > 1)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "shared or 64-bit %s is not supported",
                        what);
    uint32_t min = 0;
    uint32_t max = 0;
    r = wasm_decode_u32(d, what, &min);
    if (r == 0 && flags == 1)
        r = wasm_decode_u32(d, what, &max);
    if (r != 0)
        return r;
    if (flags == 1 && max < min)
        return error_at(d->err, CSK_E_INVALID, at, "%s: minimum %u is greater than maximum %u",
                        what, min, max);
    *ret_has_max = flags == 1;
    *ret_min = min;
    *ret_max = max;
    return 0;
}

/* (ref null $type) of a function type, as a table's own element type. Another type than the
 * module's first such is left for the caller to refuse. */
static bool skip_typed_funcref(struct wasm_decoder *d)
{
    const uint8_t *p = d->p + 1;
    uint32_t type;
    if (left(d) < 2 || *d->p != WASM_TYPE_REF_NULL || (*p & 0xc0) == 0x40 ||
        leb_u32(&p, d->end, &type) != 0 || type >= d->m->ntypes)
        return false;
    const struct wasm_functype *canon = &d->m->types[d->m->types[type].canon];
    if (d->typed_funcref != NULL && d->typed_funcref != canon)
        return false;
    d->typed_funcref = canon;
    d->p = p;
    return true;
}

static int decode_tabletype(struct wasm_decoder *d, bool imported, struct wasm_tabletype *ret)
{
    int r = 0;
    if (!imported && skip_typed_funcref(d))
        ret->elem = WASM_TYPED_FUNCREF;
    else
        r = decode_reftype(d, &ret->elem);
    if (r != 0)
        return r;
    return decode_limits(d, "table", &ret->has_max, &ret->min, &ret->max);
}

static int add_table(struct wasm_decoder *d, const struct wasm_tabletype *type)
{
    struct wasm_module *m = d->m;
    if (m->ntables >= WASM_TABLES_MAX)
        return error_at(d->err, CSK_E_LIMIT, here(d), "more than %u tables", WASM_TABLES_MAX);
    void *array = m->tables;
    int r = grow(d, &array, &d->table_cap, (size_t)m->ntables + 1, sizeof *m->tables);
    if (r != 0)
        return r;
    m->tables = array;
    m->tables[m->ntables++] = *type;
    return 0;
}

static int decode_imported_table(struct wasm_decoder *d, struct wasm_tabletype *ret)
{
    struct wasm_tabletype type = {0};
    int r = decode_tabletype(d, true, &type);
    if (r == 0)
        r = add_table(d, &type);
    if (r == 0)
        *ret = type;
    return r;
}

static int add_memory(struct wasm_decoder *d)
{
    struct wasm_module *m = d->m;
    uint64_t at = here(d);
    struct wasm_memtype type;
    int r = decode_limits(d, "memory", &type.has_max, &type.min, &type.max);
    if (r != 0)
        return r;
    if (type.min > WASM_PAGES_MAX || (type.has_max && type.max > WASM_PAGES_MAX))
        return error_at(d->err, CSK_E_INVALID, at, "memory size must be at most %u pages",
                        WASM_PAGES_MAX);
    if (m->nmemories >= WASM_MEMORIES_MAX)
        return error_at(d->err, CSK_E_LIMIT, at, "more than %u memories", WASM_MEMORIES_MAX);
    void *array = m->memories;
    r = grow(d, &array, &d->memory_cap, (size_t)m->nmemories + 1, sizeof *m->memories);
    if (r != 0)
        return r;
    m->memories = array;
    m->memories[m->nmemories++] = type;
    return 0;
}

static int decode_globaltype(struct wasm_decoder *d, struct wasm_globaltype *ret)
{
    int r = decode_valtype(d, &ret->type);
    if (r != 0)
        return r;
    uint64_t at = here(d);
    uint8_t mutable = 0;
    r = wasm_decode_byte(d, "mutability", &mutable);
    if (r != 0)
        return r;
    if (mutable > 1)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed mutability 0x%02x", mutable);
    ret->mutable = mutable == 1;
    return 0;
}

static int add_global(struct wasm_decoder *d, bool imported)
{
    struct wasm_module *m = d->m;
    uint64_t at = here(d);
    struct wasm_global_def def = {.init = {0, 0}};
    int r = decode_globaltype(d, &def.type);
    if (r == 0 && !imported)
        r = wasm_decode_expr(d, def.type.type, &def.init);
    if (r != 0)
        return r;
    if (m->nglobals >= WASM_GLOBALS_MAX)
        return error_at(d->err, CSK_E_LIMIT, at, "more than %u globals", WASM_GLOBALS_MAX);
    void *array = m->globals;
    r = grow(d, &array, &d->global_cap, (size_t)m->nglobals + 1, sizeof *m->globals);
    if (r != 0)
        return r;
    m->globals = array;
    m->globals[m->nglobals++] = def;
    return 0;
}

/* ---- import section ---------------------------------------------------------------- */

/* In place of a kind, after an empty name: a group (compact import section proposal). */
#define IMPORT_GROUP 0x7f

static int decode_import_kind(struct wasm_decoder *d, struct wasm_import *import)
{
    struct wasm_module *m = d->m;
    int r;
    switch (import->kind) {
    case WASM_FUNC:
        r = add_func(d);
        if (r == 0)
            import->of.func_type = m->func_types[m->nfuncs - 1];
        return r;
    case WASM_TABLE:
        return decode_imported_table(d, &import->of.table);
    case WASM_MEMORY:
        r = add_memory(d);
        if (r == 0)
            import->of.memory = m->memories[m->nmemories - 1];
        return r;
    default:
        r = add_global(d, true);
        if (r == 0)
            import->of.global = m->globals[m->nglobals - 1].type;
        return r;
    }
}

static int add_import(struct wasm_decoder *d, const struct wasm_import *import)
{
    struct wasm_module *m = d->m;
    void *array = m->imports;
    int r = grow(d, &array, &d->import_cap, (size_t)m->nimports + 1, sizeof *m->imports);
    if (r != 0)
        return r;
    m->imports = array;
    m->imports[m->nimports++] = *import;
    m->nimported[import->kind]++;
    return 0;
}

static int decode_import_item(struct wasm_decoder *d, struct wasm_import *import)
{
    uint64_t at = here(d);
    int r = wasm_decode_byte(d, "import kind", &import->kind);
    if (r != 0)
        return r;
    if (import->kind == 4)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "import of a tag is not supported");
    if (import->kind > WASM_GLOBAL)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed import kind 0x%02x", import->kind);
    r = decode_import_kind(d, import);
    return r == 0 ? add_import(d, import) : r;
}

/* Several imports from one module, its name given once. */
static int decode_import_group(struct wasm_decoder *d, struct wasm_import *import, uint32_t max)
{
    uint32_t n = 0;
    d->p++; /* IMPORT_GROUP */
    uint64_t at = here(d);
    int r = decode_count(d, "imports", WASM_IMPORTS_MAX, 3, &n);
    if (r == 0 && n > max)
        r = error_at(d->err, CSK_E_MALFORMED, at, "group of %u imports where %u are left", n, max);
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        r = decode_name(d, "import name", &import->field);
        if (r == 0)
            r = decode_import_item(d, import);
    }
    return r;
}

static int decode_import(struct wasm_decoder *d, uint32_t max)
{
    struct wasm_import import;
    int r = decode_name(d, "import module name", &import.module);
    if (r == 0)
        r = decode_name(d, "import name", &import.field);
    if (r != 0)
        return r;
    if (import.field.len == 0 && left(d) > 0 && *d->p == IMPORT_GROUP)
        return decode_import_group(d, &import, max);
    return decode_import_item(d, &import);
}

/* The section's count is that of imports, however they are grouped. */
static int decode_import_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "imports", WASM_IMPORTS_MAX, 3, &n);
    while (r == 0 && d->m->nimports < n)
        r = decode_import(d, n - d->m->nimports);
    return r;
}

/* ---- function, table, memory, global sections --------------------------------------- */

static int decode_function_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "functions", d->m->engine->limits.functions_max, 1, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = add_func(d);
    if (r == 0)
        d->defined_funcs = n;
    return r;
}

/* In place of an element type: a table whose elements have an initial value. */
#define TABLE_WITH_INIT 0x40

static int decode_table(struct wasm_decoder *d)
{
    struct wasm_tabletype type = {0};
    uint64_t at = here(d);
    bool has_init = left(d) > 1 && d->p[0] == TABLE_WITH_INIT && d->p[1] == 0;
    if (has_init)
        d->p += 2;
    int r = decode_tabletype(d, false, &type);
    if (r == 0 && has_init)
        r = wasm_decode_expr(d, type.elem, &type.init);
    if (r == 0 && !has_init && wasm_type_is_nonnull(type.elem))
        r = error_at(d->err, CSK_E_INVALID, at, "type mismatch: elements without initial value");
    return r == 0 ? add_table(d, &type) : r;
}

static int decode_table_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "tables", WASM_TABLES_MAX, 3, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = decode_table(d);
    return r;
}

static int decode_memory_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "memories", WASM_MEMORIES_MAX, 2, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = add_memory(d);
    return r;
}

static int decode_global_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "globals", WASM_GLOBALS_MAX, 3, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = add_global(d, false);
    return r;
}

/* ---- export and start sections ------------------------------------------------------- */

static int decode_export_index(struct wasm_decoder *d, struct wasm_export *export)
{
    struct wasm_module *m = d->m;
    int r;
    switch (export->kind) {
    case WASM_FUNC:
        r = decode_index(d, "function", m->nfuncs, &export->index);
        if (r == 0)
            wasm_declare_ref(m, export->index);
        return r;
    case WASM_TABLE:
        return decode_index(d, "table", m->ntables, &export->index);
    case WASM_MEMORY:
        return decode_index(d, "memory", m->nmemories, &export->index);
    default:
        return decode_index(d, "global", m->nglobals, &export->index);
    }
}

static int decode_export(struct wasm_decoder *d, struct wasm_export *export)
{
    int r = decode_name(d, "export name", &export->name);
    uint64_t at = here(d);
    if (r == 0)
        r = wasm_decode_byte(d, "export kind", &export->kind);
    if (r != 0)
        return r;
    if (export->kind == 4)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "export of a tag is not supported");
    if (export->kind > WASM_GLOBAL)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed export kind 0x%02x", export->kind);
    return decode_export_index(d, export);
}

static int compare_names(const void *a, const void *b)
{
    const struct wasm_name *x = a;
    const struct wasm_name *y = b;
    int c = compare_u32(x->len, y->len);
    return c != 0 ? c : memcmp(x->p, y->p, x->len);
}

/* Sorted rather than hashed: nobody can choose names that make this slow. */
static int check_export_names(struct wasm_decoder *d)
{
    const struct wasm_module *m = d->m;
    if (m->nexports < 2)
        return 0;
    struct wasm_name *names = mem_array(m->nexports, sizeof *names);
    if (names == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < m->nexports; i++)
        names[i] = m->exports[i].name;
    qsort(names, m->nexports, sizeof *names, compare_names);
    int r = 0;
    for (uint32_t i = 1; r == 0 && i < m->nexports; i++) {
        if (compare_names(&names[i - 1], &names[i]) == 0)
            r = error_at(d->err, CSK_E_INVALID, wasm_decode_offset(d, (const uint8_t *)names[i].p),
                         "duplicate export name \"%.*s\"",
                         (int)(names[i].len < 64 ? names[i].len : 64), names[i].p);
    }
    mem_free(names);
    return r;
}

static int decode_export_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "exports", WASM_EXPORTS_MAX, 3, &n);
    if (r != 0)
        return r;
    d->m->exports = mem_calloc(n, sizeof *d->m->exports);
    if (d->m->exports == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < n; i++) {
        r = decode_export(d, &d->m->exports[i]);
        if (r != 0)
            return r;
        d->m->nexports++;
    }
    return check_export_names(d);
}

static int decode_start_section(struct wasm_decoder *d)
{
    struct wasm_module *m = d->m;
    uint64_t at = here(d);
    uint32_t func = 0;
    int r = decode_index(d, "function", m->nfuncs, &func);
    if (r != 0)
        return r;
    const struct wasm_functype *type = &m->types[m->func_types[func]];
    if (type->nparams != 0 || type->nresults != 0)
        return error_at(d->err, CSK_E_INVALID, at, "start function %u has parameters or results",
                        func);
    m->has_start = true;
    m->start_func = func;
    return 0;
}

/* ---- element section ------------------------------------------------------------------ */

static int decode_elem_funcs(struct wasm_decoder *d, struct wasm_elem *elem)
{
    uint32_t n = 0;
    int r = decode_count(d, "elements", UINT32_MAX, 1, &n);
    if (r != 0)
        return r;
    elem->funcs = mem_array(n, sizeof *elem->funcs);
    if (elem->funcs == NULL)
        return out_of_memory(d);
    elem->count = n;
    for (uint32_t i = 0; i < n; i++) {
        r = decode_index(d, "function", d->m->nfuncs, &elem->funcs[i]);
        if (r != 0)
            return r;
        wasm_declare_ref(d->m, elem->funcs[i]);
    }
    return 0;
}

static int decode_elem_exprs(struct wasm_decoder *d, struct wasm_elem *elem)
{
    uint32_t n = 0;
    int r = decode_count(d, "elements", UINT32_MAX, 1, &n);
    if (r != 0)
        return r;
    elem->exprs = mem_array(n, sizeof *elem->exprs);
    if (elem->exprs == NULL)
        return out_of_memory(d);
    elem->count = n;
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = wasm_decode_expr(d, elem->type, &elem->exprs[i]);
    return r;
}

static int decode_elem_kind(struct wasm_decoder *d)
{
    uint64_t at = here(d);
    uint8_t kind = 0;
    int r = wasm_decode_byte(d, "element kind", &kind);
    if (r == 0 && kind != 0)
        r = error_at(d->err, CSK_E_MALFORMED, at, "malformed element kind 0x%02x", kind);
    return r;
}

/* Bits of an element segment's leading number. */
enum {
    ELEM_NOT_ACTIVE = 1,
    ELEM_EXPLICIT = 2, /* active: a table index follows; else: declared, not passive */
    ELEM_EXPRS = 4,
};

static int decode_elem_place(struct wasm_decoder *d, uint32_t flags, struct wasm_elem *elem)
{
    if ((flags & ELEM_NOT_ACTIVE) != 0) {
        elem->mode = (flags & ELEM_EXPLICIT) != 0 ? WASM_DECLARED : WASM_PASSIVE;
        return 0;
    }
    elem->mode = WASM_ACTIVE;
    uint64_t at = here(d);
    int r = 0;
    if ((flags & ELEM_EXPLICIT) != 0)
        r = decode_index(d, "table", d->m->ntables, &elem->table);
    else if (d->m->ntables == 0)
        r = error_at(d->err, CSK_E_INVALID, at, "unknown table 0");
    return r == 0 ? wasm_decode_expr(d, CSK_I32, &elem->offset) : r;
}

static int decode_elem(struct wasm_decoder *d, struct wasm_elem *elem)
{
    uint64_t at = here(d);
    uint32_t flags = 0;
    int r = wasm_decode_u32(d, "element segment", &flags);
    if (r != 0)
        return r;
    if (flags > 7)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed element segment kind %u", flags);
    elem->type = (flags & ELEM_EXPRS) != 0 ? CSK_FUNCREF : WASM_NONNULL_FUNCREF;
    r = decode_elem_place(d, flags, elem);
    if (r == 0 && (flags & (ELEM_NOT_ACTIVE | ELEM_EXPLICIT)) != 0)
        r = (flags & ELEM_EXPRS) != 0 ? decode_reftype(d, &elem->type) : decode_elem_kind(d);
    if (r == 0)
        r = (flags & ELEM_EXPRS) != 0 ? decode_elem_exprs(d, elem) : decode_elem_funcs(d, elem);
    if (r == 0 && elem->mode == WASM_ACTIVE &&
        !wasm_type_matches(elem->type, d->m->tables[elem->table].elem))
        r = error_at(d->err, CSK_E_INVALID, at,
                     "type mismatch between element segment and table %u", elem->table);
    return r;
}

static int decode_element_section(struct wasm_decoder *d)
{
    uint32_t n = 0;
    int r = decode_count(d, "element segments", WASM_SEGMENTS_MAX, 3, &n);
    if (r != 0)
        return r;
    d->m->elems = mem_calloc(n, sizeof *d->m->elems);
    if (d->m->elems == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < n; i++) {
        d->m->nelems++; /* first, so that a half-built one is freed */
        r = decode_elem(d, &d->m->elems[i]);
        if (r != 0)
            return r;
    }
    return 0;
}

/* ---- code section ---------------------------------------------------------------------- */

static int decode_body(struct wasm_decoder *d, uint32_t index)
{
    struct wasm_module *m = d->m;
    struct wasm_code *code = &m->codes[index];
    uint32_t max = m->engine->limits.function_bytes_max;
    uint64_t at = here(d);
    uint32_t size = 0;
    int r = wasm_decode_u32(d, "function body", &size);
    if (r != 0)
        return r;
    code->body_start = (uint32_t)here(d);
    r = wasm_decode_skip(d, "function body", size);
    if (r != 0)
        return r;
    if (size > max)
        return error_at(d->err, CSK_E_LIMIT, at, "function body of %u bytes, limit is %u", size,
                        max);
    code->module = m;
    code->func_index = m->nimported[WASM_FUNC] + index;
    code->type = &m->types[m->func_types[code->func_index]];
    code->body_end = (uint32_t)here(d);
    atomic_init(&code->ir, wasm_ir_stub);
    return wasm_validate_code(m, code, d->err);
}

static int decode_code_section(struct wasm_decoder *d)
{
    uint64_t at = here(d);
    uint32_t n = 0;
    d->has_code = true;
    int r = decode_count(d, "function bodies", UINT32_MAX, 1, &n);
    if (r != 0)
        return r;
    if (n != d->defined_funcs)
        return error_at(d->err, CSK_E_MALFORMED, at, "%u functions declared but %u bodies given",
                        d->defined_funcs, n);
    d->m->codes = mem_calloc(n, sizeof *d->m->codes);
    if (d->m->codes == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = decode_body(d, i);
    return r;
}

/* ---- data count and data sections -------------------------------------------------------- */

static int decode_data_count_section(struct wasm_decoder *d)
{
    uint64_t at = here(d);
    uint32_t n = 0;
    int r = wasm_decode_u32(d, "data count", &n);
    if (r != 0)
        return r;
    if (n > WASM_SEGMENTS_MAX)
        return error_at(d->err, CSK_E_LIMIT, at, "%u data segments, limit is %u", n,
                        WASM_SEGMENTS_MAX);
    d->m->has_data_count = true;
    d->m->data_count = n;
    return 0;
}

static int decode_data(struct wasm_decoder *d, struct wasm_data *data)
{
    uint64_t at = here(d);
    uint32_t flags = 0;
    int r = wasm_decode_u32(d, "data segment", &flags);
    if (r != 0)
        return r;
    if (flags > 2)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed data segment kind %u", flags);
    data->mode = flags == 1 ? WASM_PASSIVE : WASM_ACTIVE;
    if (flags == 2)
        r = decode_index(d, "memory", d->m->nmemories, &data->memory);
    else if (flags == 0 && d->m->nmemories == 0)
        r = error_at(d->err, CSK_E_INVALID, at, "unknown memory 0");
    if (r == 0 && flags != 1)
        r = wasm_decode_expr(d, CSK_I32, &data->offset);
    if (r == 0)
        r = wasm_decode_u32(d, "data segment", &data->size);
    if (r != 0)
        return r;
    data->start = (uint32_t)here(d);
    return wasm_decode_skip(d, "data segment", data->size);
}

static int decode_data_section(struct wasm_decoder *d)
{
    uint64_t at = here(d);
    uint32_t n = 0;
    int r = decode_count(d, "data segments", WASM_SEGMENTS_MAX, 2, &n);
    if (r != 0)
        return r;
    if (d->m->has_data_count && n != d->m->data_count)
        return error_at(d->err, CSK_E_MALFORMED, at, "data count is %u but %u segments follow",
                        d->m->data_count, n);
    d->m->datas = mem_calloc(n, sizeof *d->m->datas);
    if (d->m->datas == NULL)
        return out_of_memory(d);
    for (uint32_t i = 0; i < n; i++) {
        r = decode_data(d, &d->m->datas[i]);
        if (r != 0)
            return r;
        d->m->ndatas++;
    }
    return 0;
}

/* ---- the module ---------------------------------------------------------------------------- */

struct section {
    const char *name;
    uint8_t order; /* sections come in ascending order, each at most once */
    int (*decode)(struct wasm_decoder *d);
};

#define TAG_SECTION 13u

static const struct section sections[] = {
    [1] = {"type section", 1, decode_type_section},
    [2] = {"import section", 2, decode_import_section},
    [3] = {"function section", 3, decode_function_section},
    [4] = {"table section", 4, decode_table_section},
    [5] = {"memory section", 5, decode_memory_section},
    [6] = {"global section", 6, decode_global_section},
    [7] = {"export section", 7, decode_export_section},
    [8] = {"start section", 8, decode_start_section},
    [9] = {"element section", 9, decode_element_section},
    [10] = {"code section", 11, decode_code_section},
    [11] = {"data section", 12, decode_data_section},
    [12] = {"data count section", 10, decode_data_count_section},
};

#define SECTIONS_END (sizeof sections / sizeof sections[0])

static int decode_custom_section(struct wasm_decoder *d)
{
    struct wasm_name name;
    int r = decode_name(d, "custom section name", &name);
    if (r != 0)
        return r;
    if (name.len == 4 && memcmp(name.p, "name", 4) == 0 && d->m->name_section == 0) {
        d->m->name_section = (uint32_t)here(d);
        d->m->name_section_size = (uint32_t)left(d);
    }
    d->p = d->end;
    return 0;
}

/* Every function may be the subject of ref.func; their number is known once the function
 * section is behind us. */
static int ready_for_refs(struct wasm_decoder *d)
{
    if (d->m->declared_refs != NULL)
        return 0;
    d->m->declared_refs = mem_calloc((size_t)d->m->nfuncs / 8 + 1, 1);
    return d->m->declared_refs != NULL ? 0 : out_of_memory(d);
}

static int decode_known_section(struct wasm_decoder *d, uint8_t id)
{
    int r = 0;
    if (sections[id].order > 3)
        r = ready_for_refs(d);
    if (r == 0)
        r = sections[id].decode(d);
    if (r == 0 && d->p != d->end)
        r = error_at(d->err, CSK_E_MALFORMED, here(d),
                     "section size mismatch: %zu bytes left in %s", left(d), sections[id].name);
    return r;
}

static int decode_section(struct wasm_decoder *d, uint8_t *last_order)
{
    uint64_t at = here(d);
    const uint8_t *module_end = d->end;
    uint8_t id = *d->p++;
    uint32_t size = 0;
    if (id == TAG_SECTION)
        return error_at(d->err, CSK_E_UNSUPPORTED, at, "exception handling is not supported");
    if (id >= SECTIONS_END)
        return error_at(d->err, CSK_E_MALFORMED, at, "malformed section id %u", id);
    int r = wasm_decode_u32(d, "section size", &size);
    if (r != 0)
        return r;
    if (size > left(d))
        return error_at(d->err, CSK_E_MALFORMED, at,
                        "section of %u bytes reaches beyond the module", size);
    if (id != 0 && sections[id].order <= *last_order)
        return error_at(d->err, CSK_E_MALFORMED, at, "%s is repeated or out of order",
                        sections[id].name);
    d->end = d->p + size;
    if (id == 0) {
        r = decode_custom_section(d);
    } else {
        *last_order = sections[id].order;
        r = decode_known_section(d, id);
    }
    d->end = module_end;
    return r;
}

static int decode_header(struct wasm_decoder *d)
{
    static const uint8_t magic[4] = {0x00, 'a', 's', 'm'};
    static const uint8_t version[4] = {1, 0, 0, 0};
    if (left(d) < 4 || memcmp(d->p, magic, 4) != 0)
        return error_at(d->err, CSK_E_MALFORMED, 0, "not a WebAssembly module");
    d->p += 4;
    if (left(d) < 4 || memcmp(d->p, version, 4) != 0)
        return error_at(d->err, CSK_E_MALFORMED, 4, "unknown binary version");
    d->p += 4;
    return 0;
}

/* What only the whole module can tell. */
static int check_counts(struct wasm_decoder *d)
{
    if (!d->has_code && d->defined_funcs != 0)
        return error_at(d->err, CSK_E_MALFORMED, here(d),
                        "%u functions declared but no bodies given", d->defined_funcs);
    if (d->m->has_data_count && d->m->data_count != d->m->ndatas)
        return error_at(d->err, CSK_E_MALFORMED, here(d), "data count is %u but %u segments follow",
                        d->m->data_count, d->m->ndatas);
    return ready_for_refs(d);
}

int wasm_decode(struct wasm_module *m, struct csk_error *err)
{
    struct wasm_decoder d = {.m = m, .p = m->bytes, .end = m->bytes + m->size, .err = err};
    uint8_t last_order = 0;
    int r = decode_header(&d);
    while (r == 0 && d.p < d.end)
        r = decode_section(&d, &last_order);
    return r == 0 ? check_counts(&d) : r;
}
