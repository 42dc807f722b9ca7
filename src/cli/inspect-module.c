/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/leb128.h"
#include "base/sha256.h"
#include "cli/inspect.h"

#define NAME_TEXT_MAX 256u

static void put_types(struct buf *out, const uint8_t *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        (void)buf_printf(out, "%s%s", i != 0 ? " " : "", wasm_type_name(types[i]));
}

void inspect_functype(const struct wasm_functype *type, struct buf *out)
{
    (void)buf_printf(out, "(");
    put_types(out, type->params, type->nparams);
    (void)buf_printf(out, ") -> (");
    put_types(out, type->results, type->nresults);
    (void)buf_printf(out, ")");
}

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {"func", "table", "memory", "global"};
    return names[kind & 3];
}

static void put_limits(struct buf *out, uint32_t min, bool has_max, uint32_t max)
{
    (void)buf_printf(out, "%" PRIu32, min);
    if (has_max)
        (void)buf_printf(out, "..%" PRIu32, max);
}

/* What kind of thing element `index` of an index space is, in a few words. */
static void put_extern_type(const struct wasm_module *m, uint8_t kind, uint32_t index,
                            struct buf *out)
{
    switch (kind) {
    case WASM_FUNC:
        inspect_functype(&m->types[m->func_types[index]], out);
        break;
    case WASM_TABLE:
        put_limits(out, m->tables[index].min, m->tables[index].has_max, m->tables[index].max);
        (void)buf_printf(out, " %s", wasm_type_name(m->tables[index].elem));
        break;
    case WASM_MEMORY:
        put_limits(out, m->memories[index].min, m->memories[index].has_max, m->memories[index].max);
        (void)buf_printf(out, " pages");
        break;
    default:
        (void)buf_printf(out, "%s%s", m->globals[index].type.mutable ? "mut " : "",
                         wasm_type_name(m->globals[index].type.type));
    }
}

/* A name as clean text: control bytes become '?'. */
static void put_name(struct buf *out, struct wasm_name name)
{
    for (uint32_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.p[i];
        (void)buf_put_u8(out, c < 0x20 || c == 0x7f ? '?' : c);
    }
}

/* ---- sections ---------------------------------------------------------------------- */

struct section {
    uint8_t id;
    uint32_t offset; /* of the payload */
    uint32_t size;
    struct wasm_name name; /* of a custom section */
};

static const char *section_name(uint8_t id)
{
    static const char *const names[] = {"custom", "type",   "import",   "function", "table",
                                        "memory", "global", "export",   "start",    "element",
                                        "code",   "data",   "datacount"};
    return id < sizeof names / sizeof *names ? names[id] : "unknown";
}

/* The section at *p of a module that was decoded before, moving *p; false at the end. */
static bool next_section(const struct wasm_module *m, const uint8_t **p, struct section *ret)
{
    const uint8_t *end = m->bytes + m->size;
    uint32_t size;
    uint32_t len;
    if (*p >= end)
        return false;
    uint8_t id = *(*p)++;
    if (leb_u32(p, end, &size) != 0 || size > (size_t)(end - *p))
        return false;
    *ret = (struct section){.id = id, .offset = (uint32_t)(*p - m->bytes), .size = size};
    const uint8_t *q = *p;
    *p += size;
    if (id == 0 && leb_u32(&q, *p, &len) == 0 && len <= (size_t)(*p - q))
        ret->name = (struct wasm_name){.p = (const char *)q, .len = len};
    return true;
}

static void put_sections_text(const struct wasm_module *m, struct buf *out)
{
    struct section s;
    (void)buf_printf(out, "sections:\n");
    for (const uint8_t *p = m->bytes + 8; next_section(m, &p, &s);) {
        (void)buf_printf(out, "  %-10s offset 0x%-8" PRIx32 " %10" PRIu32 " bytes",
                         section_name(s.id), s.offset, s.size);
        if (s.id == 0) {
            (void)buf_printf(out, "  ");
            put_name(out, s.name);
        }
        (void)buf_put_u8(out, '\n');
    }
}

static void put_sections_json(const struct wasm_module *m, struct json *j)
{
    struct section s;
    json_begin_array(j, "sections");
    for (const uint8_t *p = m->bytes + 8; next_section(m, &p, &s);) {
        json_begin_object(j, NULL);
        json_string(j, "name", section_name(s.id));
        if (s.id == 0)
            json_string_n(j, "custom", s.name.p, s.name.len);
        json_u64(j, "offset", s.offset);
        json_u64(j, "size", s.size);
        json_end_object(j);
    }
    json_end_array(j);
}

/* ---- imports and exports --------------------------------------------------------------- */

static void put_import_type(const struct wasm_module *m, const struct wasm_import *import,
                            uint32_t next[4], struct buf *out)
{
    put_extern_type(m, import->kind, next[import->kind & 3]++, out);
}

static void put_imports_text(const struct wasm_module *m, struct buf *out)
{
    uint32_t next[4] = {0};
    (void)buf_printf(out, "imports: %" PRIu32 "\n", m->nimports);
    for (uint32_t i = 0; i < m->nimports; i++) {
        (void)buf_printf(out, "  %-6s ", kind_name(m->imports[i].kind));
        put_name(out, m->imports[i].module);
        (void)buf_put_u8(out, '.');
        put_name(out, m->imports[i].field);
        (void)buf_put_u8(out, ' ');
        put_import_type(m, &m->imports[i], next, out);
        (void)buf_put_u8(out, '\n');
    }
}

static void put_exports_text(const struct wasm_module *m, struct buf *out)
{
    (void)buf_printf(out, "exports: %" PRIu32 "\n", m->nexports);
    for (uint32_t i = 0; i < m->nexports; i++) {
        const struct wasm_export *e = &m->exports[i];
        (void)buf_printf(out, "  %-6s ", kind_name(e->kind));
        put_name(out, e->name);
        (void)buf_put_u8(out, ' ');
        put_extern_type(m, e->kind, e->index, out);
        (void)buf_put_u8(out, '\n');
    }
}

static void put_type_json(struct json *j, struct buf *text)
{
    if (text->failed)
        j->out->failed = true;
    else
        json_string_n(j, "type", (const char *)text->data, text->size);
    buf_clear(text);
}

static void put_imports_json(const struct wasm_module *m, struct json *j)
{
    uint32_t next[4] = {0};
    struct buf text = {0};
    json_begin_array(j, "imports");
    for (uint32_t i = 0; i < m->nimports; i++) {
        const struct wasm_import *import = &m->imports[i];
        json_begin_object(j, NULL);
        json_string_n(j, "module", import->module.p, import->module.len);
        json_string_n(j, "name", import->field.p, import->field.len);
        json_string(j, "kind", kind_name(import->kind));
        put_import_type(m, import, next, &text);
        put_type_json(j, &text);
        json_end_object(j);
    }
    json_end_array(j);
    buf_fini(&text);
}

static void put_exports_json(const struct wasm_module *m, struct json *j)
{
    struct buf text = {0};
    json_begin_array(j, "exports");
    for (uint32_t i = 0; i < m->nexports; i++) {
        const struct wasm_export *e = &m->exports[i];
        json_begin_object(j, NULL);
        json_string_n(j, "name", e->name.p, e->name.len);
        json_string(j, "kind", kind_name(e->kind));
        json_u64(j, "index", e->index);
        put_extern_type(m, e->kind, e->index, &text);
        put_type_json(j, &text);
        json_end_object(j);
    }
    json_end_array(j);
    buf_fini(&text);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void put_digest(const struct wasm_module *m, struct buf *out)
{
    uint8_t digest[SHA256_SIZE];
    sha256_of(m->bytes, m->size, digest);
    for (unsigned i = 0; i < sizeof digest; i++)
        (void)buf_printf(out, "%02x", (unsigned)digest[i]);
}

void inspect_module_text(const struct wasm_module *m, const char *path, struct buf *out)
{
    char name[NAME_TEXT_MAX];
    (void)buf_printf(out, "%s: WebAssembly module, %" PRIu32 " bytes\nsha256: ", path, m->size);
    put_digest(m, out);
    (void)buf_printf(
        out,
        "\ntypes: %" PRIu32 ", functions: %" PRIu32 " (%" PRIu32 " imported), globals: %" PRIu32
        ", data segments: %" PRIu32 ", element segments: %" PRIu32 "\n",
        m->ntypes, m->nfuncs, m->nimported[WASM_FUNC], m->nglobals, m->ndatas, m->nelems);
    for (uint32_t i = 0; i < m->nmemories; i++) {
        (void)buf_printf(out, "memory %" PRIu32 ": ", i);
        put_extern_type(m, WASM_MEMORY, i, out);
        (void)buf_put_u8(out, '\n');
    }
    for (uint32_t i = 0; i < m->ntables; i++) {
        (void)buf_printf(out, "table %" PRIu32 ": ", i);
        put_extern_type(m, WASM_TABLE, i, out);
        (void)buf_put_u8(out, '\n');
    }
    if (m->has_start) {
        wasm_module_func_name(m, m->start_func, name, sizeof name);
        (void)buf_printf(out, "start: %s (func %" PRIu32 ")\n", name, m->start_func);
    }
    put_sections_text(m, out);
    put_imports_text(m, out);
    put_exports_text(m, out);
}

static void put_limits_json(struct json *j, uint32_t min, bool has_max, uint32_t max)
{
    json_u64(j, "min", min);
    if (has_max)
        json_u64(j, "max", max);
}

static void put_spaces_json(const struct wasm_module *m, struct json *j)
{
    json_begin_array(j, "memories");
    for (uint32_t i = 0; i < m->nmemories; i++) {
        json_begin_object(j, NULL);
        put_limits_json(j, m->memories[i].min, m->memories[i].has_max, m->memories[i].max);
        json_end_object(j);
    }
    json_end_array(j);
    json_begin_array(j, "tables");
    for (uint32_t i = 0; i < m->ntables; i++) {
        json_begin_object(j, NULL);
        json_string(j, "elem", wasm_type_name(m->tables[i].elem));
        put_limits_json(j, m->tables[i].min, m->tables[i].has_max, m->tables[i].max);
        json_end_object(j);
    }
    json_end_array(j);
}

void inspect_module_json(const struct wasm_module *m, const char *path, struct buf *out)
{
    uint8_t digest[SHA256_SIZE];
    struct json j;
    sha256_of(m->bytes, m->size, digest);
    json_init(&j, out);
    json_begin_object(&j, NULL);
    json_string(&j, "file", path);
    json_string(&j, "kind", "module");
    json_u64(&j, "size", m->size);
    json_hex(&j, "sha256", digest, sizeof digest);
    json_u64(&j, "types", m->ntypes);
    json_u64(&j, "functions", m->nfuncs);
    json_u64(&j, "imported_functions", m->nimported[WASM_FUNC]);
    json_u64(&j, "globals", m->nglobals);
    json_u64(&j, "data_segments", m->ndatas);
    json_u64(&j, "element_segments", m->nelems);
    if (m->has_start)
        json_u64(&j, "start", m->start_func);
    put_spaces_json(m, &j);
    put_sections_json(m, &j);
    put_imports_json(m, &j);
    put_exports_json(m, &j);
    json_end_object(&j);
    json_finish(&j);
}
