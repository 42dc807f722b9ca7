/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/module.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "wasm/code.h"
#include "wasm/decode.h"
#include "wasm/instance.h"
#include "wasm/valtype.h"

/* ---- load and free ----------------------------------------------------------------- */

static void free_codes(struct wasm_module *m)
{
    uint32_t n = m->codes != NULL ? m->nfuncs - m->nimported[WASM_FUNC] : 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *ir = atomic_load_explicit(&m->codes[i].ir, memory_order_acquire);
        if (ir != wasm_ir_stub)
            mem_free((void *)(uintptr_t)ir);
    }
    mem_free(m->codes);
}

static void free_elems(struct wasm_module *m)
{
    for (uint32_t i = 0; i < m->nelems; i++) {
        mem_free(m->elems[i].funcs);
        mem_free(m->elems[i].exprs);
    }
    mem_free(m->elems);
}

void wasm_module_free(struct wasm_module *module)
{
    if (module == NULL)
        return;
    free_codes(module);
    free_elems(module);
    mem_free(module->types);
    mem_free(module->type_pool);
    mem_free(module->imports);
    mem_free(module->func_types);
    mem_free(module->tables);
    mem_free(module->memories);
    mem_free(module->globals);
    mem_free(module->exports);
    mem_free(module->datas);
    mem_free(module->declared_refs);
    if (module->owns_bytes)
        mem_free((void *)(uintptr_t)module->bytes);
    (void)pthread_mutex_destroy(&module->lock);
    mem_free(module);
}

/* Offsets in a module are 32 bits wide, whatever the engine's limit says. */
static int check_size(const struct wasm_engine *engine, size_t size, struct csk_error *err)
{
    uint64_t max = engine->limits.module_bytes_max;
    if (max > UINT32_MAX)
        max = UINT32_MAX;
    if (size > max)
        return error_set(err, CSK_E_LIMIT, "module of %zu bytes, limit is %llu", size,
                         (unsigned long long)max);
    return 0;
}

static int module_new(struct wasm_engine *engine, const void *bytes, size_t size, bool copy,
                      struct wasm_module **ret_module)
{
    struct wasm_module *m = mem_calloc(1, sizeof *m);
    if (m == NULL)
        return CSK_E_NOMEM;
    if (pthread_mutex_init(&m->lock, NULL) != 0) {
        mem_free(m);
        return CSK_E_NOMEM;
    }
    m->engine = engine;
    if (copy)
        m->bytes = mem_dup(bytes, size);
    else
        m->bytes = size != 0 ? bytes : (const uint8_t *)""; /* never null */
    m->owns_bytes = copy;
    m->size = (uint32_t)size;
    if (copy && m->bytes == NULL) {
        wasm_module_free(m);
        return CSK_E_NOMEM;
    }
    *ret_module = m;
    return 0;
}

int wasm_module_load(struct wasm_engine *engine, const void *bytes, size_t size, bool copy,
                     struct wasm_module **ret_module, struct csk_error *err)
{
    struct wasm_module *m;
    int r = check_size(engine, size, err);
    if (r != 0)
        return r;
    r = module_new(engine, bytes, size, copy, &m);
    if (r != 0)
        return error_set(err, r, "out of memory while loading a module");
    r = wasm_decode(m, err);
    if (r != 0) {
        wasm_module_free(m);
        return r;
    }
    *ret_module = m;
    return 0;
}

const char *wasm_type_name(uint8_t type)
{
    switch (type) {
    case CSK_I32:
        return "i32";
    case CSK_I64:
        return "i64";
    case CSK_F32:
        return "f32";
    case CSK_F64:
        return "f64";
    case CSK_V128:
        return "v128";
    case CSK_FUNCREF:
        return "funcref";
    case CSK_EXTERNREF:
        return "externref";
    case WASM_NONNULL_FUNCREF:
        return "(ref func)";
    case WASM_NONNULL_EXTERNREF:
        return "(ref extern)";
    default:
        return "reference";
    }
}

bool wasm_functype_equal(const struct wasm_functype *a, const struct wasm_functype *b)
{
    return a->nparams == b->nparams && a->nresults == b->nresults &&
           (a->nparams == 0 || memcmp(a->params, b->params, a->nparams) == 0) &&
           (a->nresults == 0 || memcmp(a->results, b->results, a->nresults) == 0);
}

/* ---- looking things up --------------------------------------------------------------- */

const struct wasm_export *wasm_module_export(const struct wasm_module *module, const char *name,
                                             enum wasm_kind kind)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i < module->nexports; i++) {
        const struct wasm_export *export = &module->exports[i];
        if (export->kind == kind && export->name.len == len &&
            memcmp(export->name.p, name, len) == 0)
            return export;
    }
    return NULL;
}

/* A reader of the name section, which nobody has validated: false ends the search. */
static bool read_name(const uint8_t **p, const uint8_t *end, struct wasm_name *ret)
{
    uint32_t len;
    if (leb_u32(p, end, &len) != 0 || len > (size_t)(end - *p))
        return false;
    *ret = (struct wasm_name){(const char *)*p, len};
    *p += len;
    return true;
}

/* In the payload of a function-names subsection. */
static bool find_in_names(const uint8_t *p, const uint8_t *end, uint32_t func,
                          struct wasm_name *ret)
{
    uint32_t n;
    if (leb_u32(&p, end, &n) != 0)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t index;
        struct wasm_name name;
        if (leb_u32(&p, end, &index) != 0 || !read_name(&p, end, &name))
            return false;
        if (index == func) {
            *ret = name;
            return true;
        }
    }
    return false;
}

#define NAMES_OF_FUNCTIONS 1u

static bool find_in_name_section(const struct wasm_module *m, uint32_t func, struct wasm_name *ret)
{
    const uint8_t *p = m->bytes + m->name_section;
    const uint8_t *end = p + m->name_section_size;
    while (p < end) {
        uint8_t id = *p++;
        struct wasm_name payload;
        if (!read_name(&p, end, &payload))
            return false;
        const uint8_t *names = (const uint8_t *)payload.p;
        if (id == NAMES_OF_FUNCTIONS)
            return find_in_names(names, names + payload.len, func, ret);
    }
    return false;
}

static bool find_in_exports(const struct wasm_module *m, uint32_t func, struct wasm_name *ret)
{
    for (uint32_t i = 0; i < m->nexports; i++) {
        if (m->exports[i].kind == WASM_FUNC && m->exports[i].index == func) {
            *ret = m->exports[i].name;
            return true;
        }
    }
    return false;
}

static bool find_in_imports(const struct wasm_module *m, uint32_t func, struct wasm_name *ret)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < m->nimports; i++) {
        if (m->imports[i].kind != WASM_FUNC)
            continue;
        if (index++ == func) {
            *ret = m->imports[i].field;
            return true;
        }
    }
    return false;
}

void wasm_module_func_name(const struct wasm_module *module, uint32_t func, char *text, size_t size)
{
    struct wasm_name name = {NULL, 0};
    if (size == 0)
        return;
    bool found = find_in_name_section(module, func, &name) ||
                 find_in_exports(module, func, &name) || find_in_imports(module, func, &name);
    if (!found || name.len == 0) {
        (void)snprintf(text, size, "func[%u]", func);
        return;
    }
    size_t n = name.len < size - 1 ? name.len : size - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        text[i] = c < 0x20 || c == 0x7f ? '?' : (char)c; /* keep terminals safe */
    }
    text[n] = '\0';
}
