/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/inspect.h"

#define NAME_TEXT_MAX    256u
#define VALUES_SHOWN_MAX 64u /* locals and operands of a frame in the readable view */
#define FRAMES_SHOWN_MAX 100u

static const char *phase_name(uint8_t phase)
{
    static const char *const names[] = {"ready", "start", "running", "initialize"};
    return phase < 4 ? names[phase] : "unknown";
}

static const char *safepoint_name(enum wasm_safepoint at)
{
    static const char *const names[] = {"function entry", "loop header", "return from a call",
                                        "host call", "bulk operation"};
    return (unsigned)at < 5 ? names[at] : "unknown";
}

static const char *fd_kind_name(uint8_t kind)
{
    static const char *const names[] = {"stdio",    "preopen",  "directory", "file",
                                        "unlinked", "listener", "socket"};
    return kind < 7 ? names[kind] : "unknown";
}

/* The function's name where the module is there and has that many. */
static void func_name(const struct wasm_module *module, uint32_t func, char *text, size_t size)
{
    if (module != NULL && func < module->nfuncs)
        wasm_module_func_name(module, func, text, size);
    else
        (void)snprintf(text, size, "func[%u]", (unsigned)func);
}

static void put_clean(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        (void)buf_put_u8(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : (uint8_t)*p);
}

/* ---- values ------------------------------------------------------------------------ */

static void value_text(const struct csk_value *v, char *text, size_t size)
{
    switch (v->type) {
    case CSK_I32:
        (void)snprintf(text, size, "%" PRId32, (int32_t)v->of.i32);
        break;
    case CSK_I64:
        (void)snprintf(text, size, "%" PRId64, (int64_t)v->of.i64);
        break;
    case CSK_F32:
        (void)snprintf(text, size, "%.9g", (double)v->of.f32);
        break;
    case CSK_F64:
        (void)snprintf(text, size, "%.17g", v->of.f64);
        break;
    case CSK_V128:
        (void)snprintf(text, size, "0x%016" PRIx64 "%016" PRIx64, get_le64(v->of.v128 + 8),
                       get_le64(v->of.v128));
        break;
    default:
        if (v->of.ref == 0)
            (void)snprintf(text, size, "null");
        else
            (void)snprintf(text, size, "%" PRIu64, v->of.ref - 1);
    }
}

static void put_values_text(const char *what, const struct csk_value *values, uint32_t n,
                            struct buf *out)
{
    char text[64];
    if (n == 0)
        return;
    (void)buf_printf(out, "       %s:", what);
    for (uint32_t i = 0; i < n && i < VALUES_SHOWN_MAX; i++) {
        value_text(&values[i], text, sizeof text);
        (void)buf_printf(out, " %s:%s", wasm_type_name(values[i].type), text);
    }
    (void)buf_printf(out, n > VALUES_SHOWN_MAX ? " ... (%" PRIu32 ")\n" : "\n", n);
}

static void put_values_json(struct json *j, const char *key, const struct csk_value *values,
                            uint32_t n)
{
    char text[64];
    json_begin_array(j, key);
    for (uint32_t i = 0; i < n; i++) {
        value_text(&values[i], text, sizeof text);
        json_begin_object(j, NULL);
        json_string(j, "type", wasm_type_name(values[i].type));
        json_string(j, "value", text);
        json_end_object(j);
    }
    json_end_array(j);
}

/* ---- readable ---------------------------------------------------------------------------- */

static void put_hex(struct buf *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        (void)buf_printf(out, "%02x", (unsigned)bytes[i]);
}

static void put_meta_text(const struct image_description *d, const struct wasm_module *module,
                          struct buf *out)
{
    const struct image_meta *m = &d->meta;
    char name[NAME_TEXT_MAX];
    func_name(module, m->entry_func, name, sizeof name);
    if (m->name[0] != '\0') {
        (void)buf_printf(out, "name: ");
        put_clean(out, m->name);
        (void)buf_put_u8(out, '\n');
    }
    (void)buf_printf(out, "phase: %s, entry: %s (func %" PRIu32 ")\n", phase_name(m->phase), name,
                     m->entry_func);
    (void)buf_printf(out, "safepoints counted: %" PRIu64 "\n", m->safepoints);
    if (m->has_fuel)
        (void)buf_printf(out, "fuel left: %" PRIu64 "\n", m->fuel_left);
    if (m->memory_max_bytes != 0)
        (void)buf_printf(out, "memory limit: %" PRIu64 " bytes\n", m->memory_max_bytes);
    (void)buf_printf(out, "module: sha256 ");
    put_hex(out, m->module_digest, sizeof m->module_digest);
    (void)buf_printf(out, ", %" PRIu64 " bytes, %s\nstate digest: ", m->module_size,
                     m->has_module ? "in the image" : "not in the image");
    put_hex(out, d->state_digest, sizeof d->state_digest);
    (void)buf_put_u8(out, '\n');
}

static void put_parts_text(const struct image_description *d, struct buf *out)
{
    (void)buf_printf(out, "sections:\n");
    for (unsigned i = IMAGE_META; i < IMAGE_SECTIONS_END; i++) {
        const struct image_section_size *s = &d->sections[i];
        if (s->chunks != 0)
            (void)buf_printf(out, "  %-10s %10" PRIu64 " bytes, stored in %" PRIu64 "\n",
                             image_section_name((enum image_section)i), s->plain_bytes,
                             s->stored_bytes);
    }
    for (uint32_t i = 0; i < d->nmemories; i++)
        (void)buf_printf(out,
                         "memory %" PRIu32 ": %" PRIu32 " pages, %" PRIu64
                         " bytes touched in %" PRIu32 " ranges\n",
                         i, d->memories[i].pages, d->memories[i].touched_bytes,
                         d->memories[i].ranges);
    for (uint32_t i = 0; i < d->ntables; i++)
        (void)buf_printf(out, "table %" PRIu32 ": %" PRIu32 " elements, %" PRIu32 " used\n", i,
                         d->tables[i].size, d->tables[i].used);
    put_values_text("mutable globals", d->globals, d->nglobals, out);
    if (d->ndatas != 0 || d->nelems != 0)
        (void)buf_printf(out,
                         "segments dropped: %" PRIu32 " of %" PRIu32 " data, %" PRIu32
                         " of %" PRIu32 " element\n",
                         d->dropped_datas, d->ndatas, d->dropped_elems, d->nelems);
}

static void put_strings_text(const char *what, char **strings, uint32_t n, struct buf *out)
{
    if (n == 0)
        return;
    (void)buf_printf(out, "%s:", what);
    for (uint32_t i = 0; i < n; i++) {
        (void)buf_put_u8(out, ' ');
        put_clean(out, strings[i]);
    }
    (void)buf_put_u8(out, '\n');
}

static void put_wasi_text(const struct image_description *d, struct buf *out)
{
    const struct wasi_state *w = &d->wasi;
    if (!d->meta.has_wasi)
        return;
    put_strings_text("arguments", w->args, w->nargs, out);
    put_strings_text("environment", w->env, w->nenv, out);
    (void)buf_printf(out, "clocks: monotonic %" PRIu64 " ns, cpu %" PRIu64 " ns\n", w->monotonic_ns,
                     w->cpu_ns);
    (void)buf_printf(out, "files:\n");
    for (uint32_t i = 0; i < w->nfds; i++) {
        const struct wasi_fd_state *fd = &w->fds[i];
        (void)buf_printf(out, "  %4" PRIu32 " %-9s", fd->fd, fd_kind_name(fd->kind));
        if (fd->path != NULL && fd->path[0] != '\0') {
            (void)buf_put_u8(out, ' ');
            put_clean(out, fd->path);
        }
        if (fd->kind == WASI_FD_FILE || fd->kind == WASI_FD_UNLINKED)
            (void)buf_printf(out, ", offset %" PRIu64, fd->offset);
        if (fd->content != WASI_NO_CONTENT && fd->content < w->ncontents)
            (void)buf_printf(out, ", %" PRIu64 " bytes in the image",
                             w->contents[fd->content].size);
        (void)buf_put_u8(out, '\n');
    }
}

static void put_frame_text(const struct image_description *d, const struct wasm_module *module,
                           uint32_t i, struct buf *out)
{
    const struct wasm_frame_state *f = &d->frames[i];
    char name[NAME_TEXT_MAX];
    func_name(module, f->func, name, sizeof name);
    (void)buf_printf(out, "  #%" PRIu32 " %s (func %" PRIu32 ") at 0x%" PRIx32 "\n",
                     d->nframes - 1 - i, name, f->func, f->pc);
    if (f->values == NULL)
        return;
    put_values_text("locals", f->values, f->nlocals, out);
    put_values_text("stack", f->values + f->nlocals, f->nstack, out);
}

void inspect_image_text(const struct image_description *d, const struct wasm_module *module,
                        const char *path, struct buf *out)
{
    (void)buf_printf(out, "%s: cell image, %" PRIu64 " bytes\n", path, d->image_bytes);
    put_meta_text(d, module, out);
    put_parts_text(d, out);
    put_wasi_text(d, out);
    if (d->nframes == 0)
        return;
    (void)buf_printf(out, "stack, stopped at a %s:\n", safepoint_name(d->at));
    for (uint32_t i = 0; i < d->nframes && i < FRAMES_SHOWN_MAX; i++)
        put_frame_text(d, module, d->nframes - 1 - i, out);
    if (d->nframes > FRAMES_SHOWN_MAX)
        (void)buf_printf(out, "  ... %" PRIu32 " more\n", d->nframes - FRAMES_SHOWN_MAX);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void put_meta_json(const struct image_description *d, const struct wasm_module *module,
                          struct json *j)
{
    const struct image_meta *m = &d->meta;
    char name[NAME_TEXT_MAX];
    func_name(module, m->entry_func, name, sizeof name);
    json_string(j, "name", m->name);
    json_string(j, "phase", phase_name(m->phase));
    json_u64(j, "entry_func", m->entry_func);
    json_string(j, "entry_name", name);
    json_u64(j, "epoch", m->epoch);
    json_u64(j, "safepoints", m->safepoints);
    if (m->has_fuel)
        json_u64(j, "fuel_left", m->fuel_left);
    else
        json_null(j, "fuel_left");
    json_u64(j, "memory_max_bytes", m->memory_max_bytes);
    json_hex(j, "module_sha256", m->module_digest, sizeof m->module_digest);
    json_u64(j, "module_size", m->module_size);
    json_bool(j, "has_module", m->has_module);
    json_bool(j, "has_wasi", m->has_wasi);
    json_hex(j, "state_digest", d->state_digest, sizeof d->state_digest);
}

static void put_sections_json(const struct image_description *d, struct json *j)
{
    json_begin_array(j, "sections");
    for (unsigned i = IMAGE_META; i < IMAGE_SECTIONS_END; i++) {
        const struct image_section_size *s = &d->sections[i];
        if (s->chunks == 0)
            continue;
        json_begin_object(j, NULL);
        json_string(j, "name", image_section_name((enum image_section)i));
        json_u64(j, "chunks", s->chunks);
        json_u64(j, "plain_bytes", s->plain_bytes);
        json_u64(j, "stored_bytes", s->stored_bytes);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_spaces_json(const struct image_description *d, struct json *j)
{
    json_begin_array(j, "memories");
    for (uint32_t i = 0; i < d->nmemories; i++) {
        json_begin_object(j, NULL);
        json_u64(j, "pages", d->memories[i].pages);
        json_u64(j, "ranges", d->memories[i].ranges);
        json_u64(j, "touched_bytes", d->memories[i].touched_bytes);
        json_end_object(j);
    }
    json_end_array(j);
    json_begin_array(j, "tables");
    for (uint32_t i = 0; i < d->ntables; i++) {
        json_begin_object(j, NULL);
        json_u64(j, "size", d->tables[i].size);
        json_u64(j, "used", d->tables[i].used);
        json_end_object(j);
    }
    json_end_array(j);
    put_values_json(j, "globals", d->globals, d->nglobals);
    json_u64(j, "data_segments", d->ndatas);
    json_u64(j, "data_segments_dropped", d->dropped_datas);
    json_u64(j, "element_segments", d->nelems);
    json_u64(j, "element_segments_dropped", d->dropped_elems);
}

static void put_strings_json(struct json *j, const char *key, char **strings, uint32_t n)
{
    json_begin_array(j, key);
    for (uint32_t i = 0; i < n; i++)
        json_string(j, NULL, strings[i]);
    json_end_array(j);
}

static void put_fd_json(const struct wasi_state *w, const struct wasi_fd_state *fd, struct json *j)
{
    json_begin_object(j, NULL);
    json_u64(j, "fd", fd->fd);
    json_string(j, "kind", fd_kind_name(fd->kind));
    json_string(j, "path", fd->path != NULL ? fd->path : "");
    json_u64(j, "flags", fd->fdflags);
    json_u64(j, "rights_base", fd->rights_base);
    json_u64(j, "rights_inheriting", fd->rights_inheriting);
    json_u64(j, "offset", fd->offset);
    if (fd->kind == WASI_FD_DIR || fd->kind == WASI_FD_FILE)
        json_u64(j, "preopen", fd->preopen);
    if (fd->content != WASI_NO_CONTENT && fd->content < w->ncontents)
        json_u64(j, "content_bytes", w->contents[fd->content].size);
    json_end_object(j);
}

static void put_wasi_json(const struct image_description *d, struct json *j)
{
    const struct wasi_state *w = &d->wasi;
    if (!d->meta.has_wasi) {
        json_null(j, "wasi");
        return;
    }
    json_begin_object(j, "wasi");
    put_strings_json(j, "args", w->args, w->nargs);
    put_strings_json(j, "env", w->env, w->nenv);
    put_strings_json(j, "preopens", w->preopens, w->npreopens);
    json_u64(j, "monotonic_ns", w->monotonic_ns);
    json_u64(j, "cpu_ns", w->cpu_ns);
    if (w->poll_deadline_set)
        json_u64(j, "poll_deadline_ns", w->poll_deadline_ns);
    json_begin_array(j, "fds");
    for (uint32_t i = 0; i < w->nfds; i++)
        put_fd_json(w, &w->fds[i], j);
    json_end_array(j);
    json_end_object(j);
}

static void put_frames_json(const struct image_description *d, const struct wasm_module *module,
                            struct json *j)
{
    char name[NAME_TEXT_MAX];
    json_begin_array(j, "frames"); /* the innermost first, as a stack trace is read */
    for (uint32_t i = d->nframes; i-- > 0;) {
        const struct wasm_frame_state *f = &d->frames[i];
        func_name(module, f->func, name, sizeof name);
        json_begin_object(j, NULL);
        json_u64(j, "func", f->func);
        json_string(j, "name", name);
        json_u64(j, "pc", f->pc);
        if (f->values != NULL) {
            put_values_json(j, "locals", f->values, f->nlocals);
            put_values_json(j, "stack", f->values + f->nlocals, f->nstack);
        }
        json_end_object(j);
    }
    json_end_array(j);
}

void inspect_image_json(const struct image_description *d, const struct wasm_module *module,
                        const char *path, struct buf *out)
{
    struct json j;
    json_init(&j, out);
    json_begin_object(&j, NULL);
    json_string(&j, "file", path);
    json_string(&j, "kind", "image");
    json_u64(&j, "size", d->image_bytes);
    put_meta_json(d, module, &j);
    put_sections_json(d, &j);
    put_spaces_json(d, &j);
    put_wasi_json(d, &j);
    if (d->nframes != 0)
        json_string(&j, "stopped_at", safepoint_name(d->at));
    put_frames_json(d, module, &j);
    json_end_object(&j);
    json_finish(&j);
}
