/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"

/* ---- host functions: the same in v8.mjs ------------------------------------------- */

static int host_twice(struct wasm_host_call *call, void *user)
{
    (void)user;
    call->slots[0] = (uint32_t)(call->slots[0] * 2 + 1);
    return CSK_HOST_RETURN;
}

static int host_swap(struct wasm_host_call *call, void *user)
{
    (void)user;
    uint64_t a = call->slots[0];
    uint32_t b = (uint32_t)call->slots[1];
    call->slots[0] = b ^ 0x55;
    call->slots[1] = a + b;
    return CSK_HOST_RETURN;
}

static struct wasm_func hosts[] = {{.host = host_twice}, {.host = host_swap}};

/* ---- opening ------------------------------------------------------------------------- */

static int link_imports(struct world *w, struct csk_error *err)
{
    struct wasm_module *m = w->module;
    struct wasm_extern externs[2] = {0};
    if (m->nimports > 2)
        return error_set(err, CSK_E_LINK, "more imports than the generator makes");
    for (uint32_t i = 0; i < m->nimports; i++) {
        externs[i].kind = WASM_FUNC;
        externs[i].of.func = &hosts[i];
        hosts[i].type = &m->types[m->imports[i].of.func_type];
    }
    return wasm_instance_new(m, externs, &w->inst, err);
}

int world_open(struct world *w, struct wasm_module *module, bool segments, struct csk_error *err)
{
    *w = (struct world){.module = module};
    int rc = link_imports(w, err);
    if (rc == 0)
        rc = wasm_exec_new(module->engine, &w->exec);
    if (rc == 0 && segments && wasm_instance_init_segments(w->inst) != 0)
        rc = error_set(err, CSK_E_STATE, "a segment does not fit");
    if (rc != 0)
        world_close(w);
    return rc;
}

void world_close(struct world *w)
{
    wasm_exec_free(w->exec);
    if (w->inst != NULL)
        wasm_instance_free(w->inst);
    *w = (struct world){0};
}

int world_call(struct world *w, const char *name, const uint64_t *args, struct csk_error *err)
{
    struct wasm_extern found;
    if (!wasm_find_export(w->inst, name, WASM_FUNC, &found))
        return error_set(err, CSK_E_NOT_FOUND, "no function %s", name);
    int rc = wasm_exec_call(w->exec, found.of.func, args);
    return rc != 0 ? error_set(err, rc, "cannot call %s", name) : 0;
}

/* ---- frames ----------------------------------------------------------------------------- */

int world_frames_read(struct world *w, struct world_frames *ret, struct csk_error *err)
{
    uint32_t n = wasm_exec_depth(w->exec);
    struct world_frames f = {.frame = mem_calloc(n, sizeof *f.frame)};
    if (f.frame == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    for (; f.n < n; f.n++) {
        int rc = wasm_exec_frame(w->exec, f.n, &f.frame[f.n], err);
        if (rc != 0) {
            world_frames_free(&f);
            return rc;
        }
    }
    *ret = f;
    return 0;
}

void world_frames_free(struct world_frames *frames)
{
    for (uint32_t i = 0; i < frames->n; i++)
        wasm_frame_state_fini(&frames->frame[i]);
    mem_free(frames->frame);
    *frames = (struct world_frames){0};
}

static bool value_equal(const struct csk_value *a, const struct csk_value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case CSK_I32:
    case CSK_F32:
        return a->of.i32 == b->of.i32;
    case CSK_V128:
        return memcmp(a->of.v128, b->of.v128, 16) == 0;
    default:
        return a->of.i64 == b->of.i64;
    }
}

static bool frame_equal(const struct wasm_frame_state *a, const struct wasm_frame_state *b)
{
    if (a->func != b->func || a->pc != b->pc || a->nlocals != b->nlocals || a->nstack != b->nstack)
        return false;
    for (uint32_t i = 0; i < a->nlocals + a->nstack; i++) {
        if (!value_equal(&a->values[i], &b->values[i]))
            return false;
    }
    return true;
}

bool world_frames_equal(const struct world_frames *a, const struct world_frames *b)
{
    bool equal = a->n == b->n;
    for (uint32_t i = 0; equal && i < a->n; i++)
        equal = frame_equal(&a->frame[i], &b->frame[i]);
    return equal;
}

/* ---- copying ------------------------------------------------------------------------------ */

static uint64_t move_reference(struct world *to, struct world *from, uint64_t slot)
{
    const struct wasm_func *func = (const struct wasm_func *)(uintptr_t)slot;
    if (func == NULL || func->inst != from->inst)
        return slot;
    return (uintptr_t)to->inst->funcs[func->index];
}

static bool holds_functions(uint8_t type)
{
    return type != CSK_EXTERNREF && type != 0x4f /* the same, never null */;
}

static int copy_table(struct world *to, struct world *from, uint32_t i)
{
    const struct wasm_table *src = from->inst->tables[i];
    struct wasm_table *dst = to->inst->tables[i];
    if (dst->size < src->size && wasm_table_grow(dst, src->size - dst->size, 0) < 0)
        return CSK_E_NOMEM;
    for (uint32_t k = 0; k < src->size; k++)
        dst->elems[k] =
            holds_functions(src->type) ? move_reference(to, from, src->elems[k]) : src->elems[k];
    return 0;
}

static int copy_memory(struct world *to, struct world *from, uint32_t i)
{
    const struct wasm_memory *src = from->inst->memories[i];
    struct wasm_memory *dst = to->inst->memories[i];
    if (dst->pages < src->pages && wasm_memory_grow(dst, src->pages - dst->pages) < 0)
        return CSK_E_NOMEM;
    memcpy(dst->base, src->base, (size_t)src->size); /* mapped, so it fits */
    return 0;
}

static int copy_state(struct world *to, struct world *from)
{
    const struct wasm_module *m = from->module;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < m->nmemories; i++)
        rc = copy_memory(to, from, i);
    for (uint32_t i = 0; rc == 0 && i < m->ntables; i++)
        rc = copy_table(to, from, i);
    for (uint32_t i = 0; i < m->nglobals; i++) {
        struct wasm_global *src = from->inst->globals[i];
        memcpy(to->inst->globals[i]->slot, src->slot, sizeof src->slot);
        if (src->type.type == CSK_FUNCREF)
            to->inst->globals[i]->slot[0] = move_reference(to, from, src->slot[0]);
    }
    if (m->nelems != 0)
        memcpy(to->inst->dropped_elems, from->inst->dropped_elems, m->nelems);
    if (m->ndatas != 0)
        memcpy(to->inst->dropped_datas, from->inst->dropped_datas, m->ndatas);
    return rc;
}

int world_copy(struct world *to, struct world *from, const struct world_frames *frames,
               struct csk_error *err)
{
    int rc = world_open(to, from->module, false, err);
    if (rc != 0)
        return rc;
    rc = copy_state(to, from);
    if (rc != 0)
        error_set(err, rc, "out of memory");
    enum wasm_safepoint at = (enum wasm_safepoint)from->exec->at;
    if (rc == 0)
        rc = wasm_exec_restore(to->exec, to->inst, frames->frame, frames->n, at, err);
    if (rc != 0)
        world_close(to);
    return rc;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static uint32_t mix(uint32_t h, uint32_t v)
{
    h = (h ^ v) * 0x01000193u;
    return h ^ h >> 15;
}

uint32_t world_hash_memories(const struct world *w)
{
    uint32_t h = 0x811c9dc5u;
    for (uint32_t i = 0; i < w->module->nmemories; i++) {
        const struct wasm_memory *m = w->inst->memories[i];
        for (uint64_t k = 0; k < m->size; k += 4)
            h = mix(h, get_le32(m->base + k));
    }
    return h;
}

uint32_t world_hash_tables(const struct world *w)
{
    uint32_t h = 0x811c9dc5u;
    for (uint32_t i = 0; i < w->module->ntables; i++) {
        const struct wasm_table *t = w->inst->tables[i];
        for (uint32_t k = 0; k < t->size; k++) {
            const struct wasm_func *f = (const struct wasm_func *)(uintptr_t)t->elems[k];
            h = mix(h, f != NULL && holds_functions(t->type) ? f->index + 1 : 0);
        }
    }
    return h;
}
