/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/memory.h"
#include "image/state.h"
#include "image/values.h"
#include "wasm/valtype.h"

static void fail_ref(struct image_out *out, int rc)
{
    image_out_fail(out, rc,
                   rc == CSK_E_NOMEM ? "out of memory for references"
                                     : "a reference to another instance's function");
}

/* ---- globals: the mutable ones ----------------------------------------------------- */

static uint32_t count_mutable(const struct wasm_module *module)
{
    uint32_t n = 0;
    for (uint32_t i = module->nimported[WASM_GLOBAL]; i < module->nglobals; i++)
        n += module->globals[i].type.mutable;
    return n;
}

static void put_global(struct image_out *out, struct image_refs *refs,
                       const struct wasm_global *global)
{
    struct csk_value value = {.type = wasm_type_nullable(global->type.type)};
    if (value.type == CSK_V128) {
        memcpy(value.of.v128, global->slot, sizeof value.of.v128);
    } else if (value.type == CSK_FUNCREF) {
        uint32_t number = 0;
        int rc = image_ref_number(refs, global->slot[0], &number);
        if (rc != 0)
            fail_ref(out, rc);
        value.of.ref = number;
    } else if (value.type == CSK_I32 || value.type == CSK_F32) {
        value.of.i32 = (uint32_t)global->slot[0];
    } else {
        value.of.i64 = global->slot[0];
    }
    image_put_value(out, &value);
}

static void put_globals(struct image_out *out, struct image_refs *refs)
{
    const struct wasm_module *module = refs->inst->module;
    image_out_begin(out, IMAGE_GLOBALS);
    image_out_u32(out, count_mutable(module));
    for (uint32_t i = module->nimported[WASM_GLOBAL]; i < module->nglobals; i++) {
        if (module->globals[i].type.mutable)
            put_global(out, refs, refs->inst->globals[i]);
    }
    image_out_end(out);
}

static void set_global(const struct wasm_instance *inst, struct wasm_global *global,
                       const struct csk_value *value)
{
    global->slot[0] = global->slot[1] = 0;
    if (value->type == CSK_V128)
        memcpy(global->slot, value->of.v128, sizeof value->of.v128);
    else if (value->type == CSK_FUNCREF)
        global->slot[0] = image_ref_slot(inst, (uint32_t)value->of.ref);
    else if (value->type == CSK_I32 || value->type == CSK_F32)
        global->slot[0] = value->of.i32;
    else
        global->slot[0] = value->of.i64;
}

/* Of the same type, and not null where the type says so. */
static bool value_fits(const struct csk_value *value, uint8_t type)
{
    return value->type == wasm_type_nullable(type) &&
           (!wasm_type_is_nonnull(type) || value->of.ref != 0);
}

static uint32_t nfuncs_of(const struct image_target *target)
{
    return target->inst != NULL ? target->inst->module->nfuncs : UINT32_MAX;
}

/* The next mutable global's index after `i`; there is one. */
static uint32_t next_mutable(const struct wasm_module *module, uint32_t i)
{
    while (!module->globals[i].type.mutable)
        i++;
    return i;
}

static void keep_global(struct image_in *in, struct image_description *d, size_t *cap,
                        const struct csk_value *value)
{
    if (mem_grow((void **)&d->globals, cap, (size_t)d->nglobals + 1, sizeof *d->globals) != 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for globals");
    else
        d->globals[d->nglobals++] = *value;
}

static void get_globals(struct image_in *in, struct image_target *target)
{
    const struct wasm_module *module = target->inst != NULL ? target->inst->module : NULL;
    image_in_begin(in, IMAGE_GLOBALS);
    uint32_t n = image_in_u32(in);
    if (n > WASM_GLOBALS_MAX || (module != NULL && n != count_mutable(module)))
        image_in_fail(in, CSK_E_CORRUPT, "%u mutable globals, the module has another count", n);
    uint32_t index = 0;
    size_t cap = 0;
    for (uint32_t i = 0; i < n && in->rc == 0; i++) {
        struct csk_value value;
        image_get_value(in, nfuncs_of(target), &value);
        if (in->rc == 0 && module != NULL) {
            index = next_mutable(module, index);
            if (!value_fits(&value, module->globals[index].type.type))
                image_in_fail(in, CSK_E_CORRUPT, "global %u has another type", index);
            else
                set_global(target->inst, target->inst->globals[index], &value);
            index++;
        }
        if (in->rc == 0 && target->describe != NULL)
            keep_global(in, target->describe, &cap, &value);
    }
    image_in_end(in);
}

/* ---- tables: runs of elements that are not null ------------------------------------- */

/* Elements from `start` on, up to the next null; their numbers follow the run's head. */
static void put_run(struct image_out *out, struct image_refs *refs, const struct wasm_table *table,
                    uint32_t start, uint32_t end)
{
    image_out_u32(out, start);
    image_out_u32(out, end - start);
    for (uint32_t i = start; i < end && out->rc == 0; i++) {
        uint32_t number = 0;
        int rc = wasm_type_nullable(table->type) == CSK_FUNCREF
                     ? image_ref_number(refs, table->elems[i], &number)
                     : CSK_E_UNSUPPORTED;
        if (rc != 0)
            fail_ref(out, rc);
        image_out_u32(out, number);
    }
}

static void put_table(struct image_out *out, struct image_refs *refs,
                      const struct wasm_table *table)
{
    image_out_u32(out, table->size);
    uint32_t i = 0;
    while (i < table->size && out->rc == 0) {
        uint32_t start = i;
        while (i < table->size && table->elems[i] != 0)
            i++;
        if (i > start)
            put_run(out, refs, table, start, i);
        while (i < table->size && table->elems[i] == 0)
            i++;
    }
    image_out_u32(out, table->size);
    image_out_u32(out, 0);
}

static void put_tables(struct image_out *out, struct image_refs *refs)
{
    const struct wasm_instance *inst = refs->inst;
    image_out_begin(out, IMAGE_TABLES);
    image_out_u32(out, inst->module->ntables);
    for (uint32_t i = 0; i < inst->module->ntables; i++)
        put_table(out, refs, inst->tables[i]);
    image_out_end(out);
}

static void get_run(struct image_in *in, const struct image_target *target,
                    struct wasm_table *table, uint32_t start, uint32_t count)
{
    uint32_t nfuncs = nfuncs_of(target);
    if (table != NULL && wasm_type_nullable(table->type) != CSK_FUNCREF)
        image_in_fail(in, CSK_E_CORRUPT, "function in a table of externrefs");
    for (uint32_t i = 0; i < count && in->rc == 0; i++) {
        uint32_t number = image_in_u32(in);
        if (in->rc == 0 && (number == 0 || number > nfuncs))
            image_in_fail(in, CSK_E_CORRUPT, "table element %u is function reference %u", start + i,
                          number);
        else if (in->rc == 0 && table != NULL)
            table->elems[start + i] = image_ref_slot(target->inst, number);
    }
}

/* Runs are as long as they can be, so between two of them there is a null. */
static uint32_t get_runs(struct image_in *in, const struct image_target *target,
                         struct wasm_table *table, uint32_t size)
{
    uint32_t used = 0;
    uint64_t next = 0; /* lowest place that the next run may start at */
    while (in->rc == 0) {
        uint32_t start = image_in_u32(in);
        uint32_t count = image_in_u32(in);
        if (count == 0 && start == size)
            break;
        if (count == 0 || start < next || (uint64_t)start + count > size) {
            image_in_fail(in, CSK_E_CORRUPT, "table run of %u at %u in a table of %u", count, start,
                          size);
            break;
        }
        get_run(in, target, table, start, count);
        next = (uint64_t)start + count + 1;
        used += count;
    }
    return used;
}

/* To its size, all null: a new table may have elements already. */
static void grow_table(struct image_in *in, struct wasm_table *table, uint32_t size)
{
    if (size < table->size)
        image_in_fail(in, CSK_E_CORRUPT, "table of %u elements, the module has at least %u", size,
                      table->size);
    else if (size > table->max_size)
        image_in_fail(in, CSK_E_LIMIT, "table of %u elements, limit is %u", size, table->max_size);
    else if (wasm_table_grow(table, size - table->size, 0) < 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for a table of %u elements", size);
    else if (size != 0)
        memset(table->elems, 0, size * sizeof *table->elems);
}

static void keep_table(struct image_in *in, struct image_description *d, size_t *cap,
                       struct image_table_size table)
{
    if (mem_grow((void **)&d->tables, cap, (size_t)d->ntables + 1, sizeof *d->tables) != 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for tables");
    else
        d->tables[d->ntables++] = table;
}

static void get_tables(struct image_in *in, struct image_target *target)
{
    const struct wasm_instance *inst = target->inst;
    image_in_begin(in, IMAGE_TABLES);
    uint32_t n = image_in_u32(in);
    if (n > WASM_TABLES_MAX || (inst != NULL && n != inst->module->ntables))
        image_in_fail(in, CSK_E_CORRUPT, "%u tables, the module has another count", n);
    size_t cap = 0;
    for (uint32_t i = 0; i < n && in->rc == 0; i++) {
        struct wasm_table *table = inst != NULL ? inst->tables[i] : NULL;
        struct image_table_size size = {.size = image_in_u32(in)};
        if (in->rc == 0 && table != NULL)
            grow_table(in, table, size.size);
        size.used = get_runs(in, target, table, size.size);
        if (table != NULL && wasm_type_is_nonnull(table->type) && size.used != size.size)
            image_in_fail(in, CSK_E_CORRUPT, "null in a table that has none");
        if (in->rc == 0 && target->describe != NULL)
            keep_table(in, target->describe, &cap, size);
    }
    image_in_end(in);
}

/* ---- dropped segments: a bit each ---------------------------------------------------- */

static void put_bits(struct image_out *out, const uint8_t *dropped, uint32_t count)
{
    image_out_u32(out, count);
    for (uint32_t i = 0; i < count; i += 8) {
        uint8_t bits = 0;
        for (uint32_t j = 0; j < 8 && i + j < count; j++)
            bits |= (uint8_t)((dropped[i + j] != 0) << j);
        image_out_u8(out, bits);
    }
}

static void put_segments(struct image_out *out, const struct wasm_instance *inst)
{
    image_out_begin(out, IMAGE_SEGMENTS);
    put_bits(out, inst->dropped_elems, inst->module->nelems);
    put_bits(out, inst->dropped_datas, inst->module->ndatas);
    image_out_end(out);
}

/* How many there are, and how many of them are dropped. */
struct segment_counts {
    uint32_t all;
    uint32_t dropped;
};

static struct segment_counts get_bits(struct image_in *in, uint8_t *dropped, uint32_t expected)
{
    struct segment_counts counts = {.all = image_in_u32(in)};
    if (counts.all > WASM_SEGMENTS_MAX || (dropped != NULL && counts.all != expected))
        image_in_fail(in, CSK_E_CORRUPT, "%u segments, the module has another count", counts.all);
    for (uint32_t i = 0; i < counts.all && in->rc == 0; i += 8) {
        uint8_t bits = image_in_u8(in);
        uint32_t here = counts.all - i < 8 ? counts.all - i : 8;
        if (bits >> here != 0)
            image_in_fail(in, CSK_E_CORRUPT, "dropped segments beyond the last");
        for (uint32_t j = 0; j < here && in->rc == 0; j++) {
            uint8_t bit = bits >> j & 1;
            counts.dropped += bit;
            if (dropped != NULL)
                dropped[i + j] = bit;
        }
    }
    return counts;
}

static void get_segments(struct image_in *in, struct image_target *target)
{
    const struct wasm_instance *inst = target->inst;
    image_in_begin(in, IMAGE_SEGMENTS);
    struct segment_counts elems = get_bits(in, inst != NULL ? inst->dropped_elems : NULL,
                                           inst != NULL ? inst->module->nelems : 0);
    struct segment_counts datas = get_bits(in, inst != NULL ? inst->dropped_datas : NULL,
                                           inst != NULL ? inst->module->ndatas : 0);
    image_in_end(in);
    if (target->describe != NULL) {
        target->describe->nelems = elems.all;
        target->describe->dropped_elems = elems.dropped;
        target->describe->ndatas = datas.all;
        target->describe->dropped_datas = datas.dropped;
    }
}

/* ---- frames, outermost first ----------------------------------------------------------- */

static uint64_t slots_of(const struct wasm_frame_state *frame)
{
    uint64_t slots = 0;
    for (uint32_t i = 0; i < frame->nlocals + frame->nstack; i++)
        slots += wasm_type_slots(frame->values[i].type);
    return slots;
}

static void put_frame(struct image_out *out, const struct wasm_frame_state *frame)
{
    image_out_u32(out, frame->func);
    image_out_u32(out, frame->pc);
    image_out_u32(out, frame->nlocals);
    image_out_u32(out, frame->nstack);
    for (uint32_t i = 0; i < frame->nlocals + frame->nstack; i++)
        image_put_value(out, &frame->values[i]);
}

static void put_frames(struct image_out *out, struct wasm_exec *exec)
{
    uint32_t n = wasm_exec_depth(exec);
    uint64_t slots = 0;
    image_out_begin(out, IMAGE_FRAMES);
    image_out_u32(out, n);
    image_out_u8(out, n != 0 ? (uint8_t)exec->at : 0);
    if (n > IMAGE_FRAMES_MAX)
        image_out_fail(out, CSK_E_LIMIT, "more frames than an image holds");
    for (uint32_t i = 0; i < n && out->rc == 0; i++) {
        struct wasm_frame_state frame;
        int rc = wasm_exec_frame(exec, i, &frame, out->err);
        if (rc != 0) {
            image_out_fail(out, rc, "a frame cannot be read");
            return;
        }
        slots += slots_of(&frame);
        if (slots > IMAGE_SLOTS_MAX)
            image_out_fail(out, CSK_E_LIMIT, "more locals and operands than an image holds");
        put_frame(out, &frame);
        wasm_frame_state_fini(&frame);
    }
    image_out_end(out);
}

struct frame_budget {
    uint32_t slots; /* that may still come */
    uint32_t kept;  /* values kept so far */
};

static bool keeps_values(const struct image_target *target, const struct frame_budget *budget,
                         uint32_t count)
{
    return target->inst != NULL || count <= IMAGE_DESCRIBE_VALUES_MAX - budget->kept;
}

static void get_values(struct image_in *in, const struct image_target *target,
                       struct frame_budget *budget, struct wasm_frame_state *frame)
{
    uint32_t count = frame->nlocals + frame->nstack;
    bool keep = keeps_values(target, budget, count);
    size_t cap = 0;
    if (keep && mem_grow((void **)&frame->values, &cap, 1, sizeof *frame->values) != 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for a frame");
    for (uint32_t i = 0; i < count && in->rc == 0; i++) {
        struct csk_value value;
        image_get_value(in, nfuncs_of(target), &value);
        if (in->rc != 0)
            return;
        uint32_t slots = wasm_type_slots(value.type);
        if (slots > budget->slots) {
            image_in_fail(in, CSK_E_LIMIT, "frames of over %u slots", target->slots_max);
            return;
        }
        budget->slots -= slots;
        if (!keep)
            continue;
        if (mem_grow((void **)&frame->values, &cap, (size_t)i + 1, sizeof value) != 0) {
            image_in_fail(in, CSK_E_NOMEM, "out of memory for a frame");
            return;
        }
        frame->values[i] = value;
    }
    budget->kept += keep && target->inst == NULL ? count : 0;
}

static void get_frame(struct image_in *in, const struct image_target *target,
                      struct frame_budget *budget, struct wasm_frame_state *frame)
{
    *frame = (struct wasm_frame_state){.func = image_in_u32(in)};
    frame->pc = image_in_u32(in);
    frame->nlocals = image_in_u32(in);
    frame->nstack = image_in_u32(in);
    if (frame->nlocals > budget->slots || frame->nstack > budget->slots - frame->nlocals) {
        image_in_fail(in, CSK_E_LIMIT, "frames of over %u slots", target->slots_max);
        frame->nlocals = frame->nstack = 0;
    }
    get_values(in, target, budget, frame);
}

static void get_frames(struct image_in *in, struct image_target *target)
{
    struct frame_budget budget = {.slots = target->slots_max};
    image_in_begin(in, IMAGE_FRAMES);
    uint32_t n = image_in_u32(in);
    uint8_t at = image_in_u8(in);
    if (n > target->frames_max)
        image_in_fail(in, CSK_E_LIMIT, "%u frames, limit is %u", n, target->frames_max);
    if (at > WASM_AT_BULK || (n == 0 && at != 0))
        image_in_fail(in, CSK_E_CORRUPT, "unknown kind of safepoint %u", at);
    size_t cap = 0;
    while (target->nframes < n && in->rc == 0) {
        size_t need = (size_t)target->nframes + 1;
        if (mem_grow((void **)&target->frames, &cap, need, sizeof *target->frames) != 0)
            image_in_fail(in, CSK_E_NOMEM, "out of memory for frames");
        else
            get_frame(in, target, &budget, &target->frames[target->nframes++]);
    }
    image_in_end(in);
    target->at = (enum wasm_safepoint)at;
}

/* ---- all of it ------------------------------------------------------------------------- */

void image_put_program(struct image_out *out, struct wasm_exec *exec, struct wasm_instance *inst)
{
    struct image_refs refs;
    image_refs_init(&refs, inst);
    put_globals(out, &refs);
    put_tables(out, &refs);
    put_segments(out, inst);
    put_frames(out, exec);
    image_put_memories(out, inst);
    image_refs_fini(&refs);
}

void image_get_program(struct image_in *in, struct image_target *target)
{
    get_globals(in, target);
    get_tables(in, target);
    get_segments(in, target);
    get_frames(in, target);
    image_get_memories(in, target);
}

void image_target_fini(struct image_target *target)
{
    for (uint32_t i = 0; i < target->nframes; i++)
        wasm_frame_state_fini(&target->frames[i]);
    mem_free(target->frames);
    target->frames = NULL;
    target->nframes = 0;
}
