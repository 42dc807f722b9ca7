/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "cell/internal.h"

#define SIGNATURE_TEXT_MAX 160u

static void append_types(char *text, size_t size, const uint8_t *types, uint32_t n)
{
    size_t used = strlen(text);
    for (uint32_t i = 0; i < n && used + 12 < size; i++) {
        int len =
            snprintf(text + used, size - used, "%s%s", i != 0 ? " " : "", wasm_type_name(types[i]));
        used += len > 0 ? (size_t)len : 0;
    }
}

/* "(i32 i32) -> (i64)", cut when it is long. */
static void signature_text(const struct wasm_functype *type, char *text, size_t size)
{
    (void)snprintf(text, size, "(");
    append_types(text, size - 16, type->params, type->nparams);
    (void)strncat(text, ") -> (", size - strlen(text) - 1);
    append_types(text, size - 4, type->results, type->nresults);
    (void)strncat(text, ")", size - strlen(text) - 1);
}

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {"function", "table", "memory", "global"};
    return kind < 4 ? names[kind] : "import";
}

/* One sentence about an import that cannot be satisfied. */
static int link_error(int rc, const struct wasm_import *import, const struct wasm_functype *type,
                      const struct csk_error *why, struct csk_error *err)
{
    char wanted[SIGNATURE_TEXT_MAX] = "";
    if (type != NULL)
        signature_text(type, wanted, sizeof wanted);
    if (rc == CSK_E_NOT_FOUND)
        return error_set(err, CSK_E_LINK, "nothing provides the imported %s %.*s.%.*s %s",
                         kind_name(import->kind), (int)import->module.len, import->module.p,
                         (int)import->field.len, import->field.p, wanted);
    if (rc != CSK_E_LINK)
        return error_set(err, rc, "%s", why->text);
    return error_set(err, CSK_E_LINK, "the imported function %.*s.%.*s is %s, expected %s",
                     (int)import->module.len, import->module.p, (int)import->field.len,
                     import->field.p, why->text[0] != '\0' ? why->text : "of another type", wanted);
}

static int resolve(const struct cell_linker *linker, struct wasi *wasi,
                   const struct wasm_import *import, const struct wasm_functype *type,
                   struct wasm_func *func, struct csk_error *err)
{
    struct csk_error why = {0};
    int rc = CSK_E_NOT_FOUND;
    if (import->kind != WASM_FUNC)
        return link_error(rc, import, NULL, &why, err);
    if (linker->resolve != NULL)
        rc = linker->resolve(linker->user, import, type, func, &why);
    if (rc == CSK_E_NOT_FOUND && wasi != NULL) {
        error_clear(&why);
        rc = cell_wasi_resolve(wasi, import, type, func, &why);
    }
    return rc == 0 ? 0 : link_error(rc, import, type, &why, err);
}

static int link_imports(struct cell *cell, const struct cell_linker *linker, struct wasi *wasi,
                        struct wasm_extern *externs, struct csk_error *err)
{
    const struct wasm_module *module = cell->module;
    for (uint32_t i = 0, f = 0; i < module->nimports; i++, f++) {
        const struct wasm_import *import = &module->imports[i];
        const struct wasm_functype *type =
            import->kind == WASM_FUNC ? &module->types[import->of.func_type] : NULL;
        struct wasm_func *func = &cell->hosts[f];
        int rc = resolve(linker, wasi, import, type, func, err);
        if (rc != 0)
            return rc;
        func->type = type;
        func->index = f;
        externs[i] = (struct wasm_extern){.kind = WASM_FUNC, .of.func = func};
    }
    return 0;
}

int cell_link(struct wasm_engine *engine, struct wasm_module *module,
              const struct cell_linker *linker, struct wasi *wasi, struct cell **ret_cell,
              struct csk_error *err)
{
    struct wasm_extern *externs = NULL;
    struct cell *cell = mem_calloc(1, sizeof *cell);
    int rc = CSK_E_NOMEM;
    if (cell == NULL)
        goto out;
    cell->engine = engine;
    cell->module = module;
    cell->entry_func = CELL_NO_FUNC;
    if (module->nimports != 0) {
        cell->hosts = mem_calloc(module->nimports, sizeof *cell->hosts);
        externs = mem_calloc(module->nimports, sizeof *externs);
        if (cell->hosts == NULL || externs == NULL)
            goto out;
        rc = link_imports(cell, linker, wasi, externs, err);
        if (rc != 0)
            goto out;
    }
    rc = wasm_instance_new(module, externs, &cell->inst, err);
    if (rc == 0)
        rc = wasm_exec_new(engine, &cell->exec);
    if (rc != 0)
        goto out;
    cell_wasi_attach(cell, wasi);
    *ret_cell = cell;
    cell = NULL;
out:
    mem_free(externs);
    cell_free(cell);
    return rc == 0 ? 0 : error_set(err, rc, "%s", csk_strerror(rc));
}
