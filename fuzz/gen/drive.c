/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Reading frames is most of the work; every difference shows in the end anyway. */
#define COMPARED_PERCENT 20u
#define SAFEPOINTS_MANY  (UINT64_C(1) << 40)

int drive_open(struct drive *d, uint64_t seed, const void *wasm, size_t size, struct csk_error *err)
{
    d->seed = seed;
    d->rng.state = ~seed;
    d->problem[0] = '\0';
    d->module = NULL;
    return wasm_module_load(d->engine, wasm, size, false, &d->module, err);
}

void drive_close(struct drive *d)
{
    if (d->module != NULL)
        wasm_module_free(d->module);
    d->module = NULL;
}

/* ---- what can be seen -------------------------------------------------------------- */

/* By classes that other engines tell apart, too. */
static const char *trap_class(enum csk_trap trap)
{
    switch (trap) {
    case CSK_TRAP_UNREACHABLE:
        return "unreachable";
    case CSK_TRAP_MEMORY_BOUNDS:
        return "memory";
    case CSK_TRAP_TABLE_BOUNDS:
    case CSK_TRAP_UNDEFINED_ELEMENT:
        return "table";
    case CSK_TRAP_UNINITIALIZED_ELEMENT:
    case CSK_TRAP_INDIRECT_CALL_TYPE:
        return "call";
    case CSK_TRAP_DIVIDE_BY_ZERO:
        return "zero";
    case CSK_TRAP_INTEGER_OVERFLOW:
    case CSK_TRAP_INVALID_CONVERSION:
        return "number";
    case CSK_TRAP_STACK_EXHAUSTED:
        return "stack";
    default:
        return "other";
    }
}

static void note_results(const struct world *w, struct buf *text)
{
    const uint64_t *slots = wasm_exec_results(w->exec);
    for (uint32_t i = 0; i < w->exec->result_type->result_slots; i++)
        buf_printf(text, " %016" PRIx64, slots[i]);
}

static int note_end(struct world *w, const struct csk_outcome *o, struct buf *text,
                    struct csk_error *err)
{
    if (o->kind == CSK_DONE)
        buf_printf(text, "done"), note_results(w, text);
    else if (o->kind == CSK_TRAPPED)
        buf_printf(text, "trap %s", trap_class(o->trap));
    else
        return error_set(err, CSK_E_STATE, "outcome %d", (int)o->kind);
    struct csk_outcome peek;
    int rc = world_call(w, "peek", NULL, err);
    wasm_exec_bounds(w->exec, 0, 0);
    if (rc == 0)
        rc = wasm_exec_run(w->exec, &peek);
    if (rc != 0 || peek.kind != CSK_DONE)
        return error_set(err, CSK_E_STATE, "cannot peek");
    buf_printf(text, " |");
    note_results(w, text);
    buf_printf(text, " | %08x %08x\n", world_hash_memories(w), world_hash_tables(w));
    return text->failed ? error_set(err, CSK_E_NOMEM, "out of memory") : 0;
}

/* Where it trapped, frame by frame: the same in pieces, though no other engine knows. */
static uint32_t where(const struct world *w, const struct csk_outcome *o)
{
    uint32_t h = 0;
    for (uint32_t i = 0; o->kind == CSK_TRAPPED && i < wasm_exec_depth(w->exec); i++) {
        uint32_t func, pc;
        if (wasm_exec_frame_position(w->exec, i, &func, &pc) == 0)
            h = (h ^ func ^ pc << 8) * 0x01000193u;
    }
    return h;
}

static int call_run(struct drive *d, struct world *w, uint32_t set, struct csk_error *err)
{
    uint64_t args[GEN_RUN_PARAMS];
    for (uint32_t i = 0; i < GEN_RUN_PARAMS; i++)
        args[i] = i % 2 == 0 ? (uint32_t)gen_arg(d->seed, set, i) : gen_arg(d->seed, set, i);
    return world_call(w, "run", args, err);
}

static int run(struct world *w, uint64_t safepoints, struct csk_outcome *ret, struct csk_error *err)
{
    wasm_exec_bounds(w->exec, safepoints, 0);
    int rc = wasm_exec_run(w->exec, ret);
    return rc != 0 ? error_set(err, rc, "the run failed") : 0;
}

static int plain(struct drive *d, struct world *w, struct buf *text, struct csk_error *err)
{
    for (uint32_t set = 0; set < GEN_ARG_SETS; set++) {
        struct csk_outcome o;
        int rc = call_run(d, w, set, err);
        if (rc == 0)
            rc = run(w, 0, &o, err);
        if (rc == 0)
            rc = note_end(w, &o, text, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int drive_plain(struct drive *d, struct buf *text, struct csk_error *err)
{
    struct world w;
    int rc = world_open(&w, d->module, true, err);
    if (rc != 0)
        return rc;
    rc = plain(d, &w, text, err);
    world_close(&w);
    return rc;
}

/* ---- in pieces ------------------------------------------------------------------------- */

static int differ(struct drive *d, struct world *w, const char *what)
{
    uint32_t func = 0, pc = 0;
    uint32_t depth = wasm_exec_depth(w->exec);
    if (depth > 0)
        (void)wasm_exec_frame_position(w->exec, depth - 1, &func, &pc);
    (void)snprintf(d->problem, sizeof d->problem,
                   "%s at safepoint %" PRIu64 " (function %u, offset 0x%x, kind %u)", what,
                   d->safepoints, func, pc, (unsigned)w->exec->at);
    return 1;
}

/* Replace a stopped world by its copy, whose frames must read the same. */
static int restore(struct drive *d, struct world *w, const struct world_frames *frames,
                   struct csk_error *err)
{
    struct world copy;
    struct world_frames again = {0};
    bool image = d->image_percent > 0 && rng_percent(&d->rng, d->image_percent);
    int rc = image ? world_copy_image(&copy, w, err) : world_copy(&copy, w, frames, err);
    if (rc != 0)
        return rc;
    if (rng_percent(&d->rng, COMPARED_PERCENT))
        rc = world_frames_read(&copy, &again, err);
    if (rc == 0 && again.n != 0 && !world_frames_equal(frames, &again))
        rc = differ(d, w, "restored frames are not those that were saved");
    world_frames_free(&again);
    if (rc != 0) {
        world_close(&copy);
        return rc;
    }
    world_close(w);
    *w = copy;
    d->restores++;
    d->images += image;
    d->stops[w->exec->at]++;
    return 0;
}

/* One stop: the restored world and the one that was only suspended must be alike. */
static int at_stop(struct drive *d, struct world *w, struct world *twin, struct csk_error *err)
{
    struct world_frames frames = {0}, theirs = {0};
    int rc = world_frames_read(w, &frames, err);
    if (rc == 0 && rng_percent(&d->rng, COMPARED_PERCENT))
        rc = world_frames_read(twin, &theirs, err);
    if (rc == 0 && w->exec->at != twin->exec->at)
        rc = differ(d, w, "restored and suspended runs stop at different kinds of places");
    if (rc == 0 && theirs.n != 0 && !world_frames_equal(&frames, &theirs))
        rc = differ(d, w, "restored and suspended runs differ");
    if (rc == 0)
        rc = restore(d, w, &frames, err);
    world_frames_free(&frames);
    world_frames_free(&theirs);
    return rc;
}

/* Deep stacks cost more to read and to rebuild, so they are stopped at less often. */
static uint64_t next_stop(struct drive *d, const struct world *w, uint64_t stride)
{
    stride *= 1 + wasm_exec_depth(w->exec) / 16;
    return stride <= 1 ? 1 : 1 + rng_below(&d->rng, (uint32_t)(2 * stride - 1));
}

/* Run what was called in both worlds to its end. */
static int in_pieces(struct drive *d, struct world *w, struct world *twin, uint64_t stride,
                     struct csk_outcome *ret, struct csk_error *err)
{
    for (;;) {
        struct csk_outcome theirs;
        uint64_t n = next_stop(d, w, stride);
        int rc = run(w, n, ret, err);
        if (rc == 0)
            rc = run(twin, n, &theirs, err);
        if (rc != 0)
            return rc;
        if (ret->kind != theirs.kind || ret->trap != theirs.trap ||
            where(w, ret) != where(twin, &theirs))
            return differ(d, w, "restored and suspended runs end differently");
        if (ret->kind != CSK_SUSPENDED)
            return 0;
        d->safepoints += n;
        rc = at_stop(d, w, twin, err);
        if (rc != 0)
            return rc;
    }
}

/* How many safepoints does the next call pass? Runs it in a world of its own. */
static int count_safepoints(struct drive *d, struct world *w, uint32_t set, uint64_t *ret,
                            struct csk_outcome *ret_outcome, uint32_t *ret_where,
                            struct csk_error *err)
{
    int rc = call_run(d, w, set, err);
    uint64_t before = w->exec->safepoints;
    if (rc == 0)
        rc = run(w, SAFEPOINTS_MANY, ret_outcome, err);
    if (rc != 0)
        return rc;
    *ret = w->exec->safepoints - before;
    *ret_where = where(w, ret_outcome);
    return 0;
}

struct trio {
    struct world pieces, suspended, counted;
};

static int one_set(struct drive *d, struct trio *t, uint32_t set, struct buf *text,
                   struct csk_error *err)
{
    uint64_t n;
    uint32_t place;
    struct csk_outcome o, counted;
    int rc = count_safepoints(d, &t->counted, set, &n, &counted, &place, err);
    if (rc == 0)
        rc = call_run(d, &t->pieces, set, err);
    if (rc == 0)
        rc = call_run(d, &t->suspended, set, err);
    if (rc == 0)
        rc = in_pieces(d, &t->pieces, &t->suspended, n / d->restores_max + 1, &o, err);
    if (rc != 0)
        return rc;
    if (o.kind != counted.kind || o.trap != counted.trap || where(&t->pieces, &o) != place)
        return differ(d, &t->pieces, "the run in pieces ends differently");
    return note_end(&t->pieces, &o, text, err);
}

int drive_pieces(struct drive *d, struct buf *text, struct csk_error *err)
{
    struct trio t = {0};
    int rc = world_open(&t.pieces, d->module, true, err);
    if (rc == 0)
        rc = world_open(&t.suspended, d->module, true, err);
    if (rc == 0)
        rc = world_open(&t.counted, d->module, true, err);
    for (uint32_t set = 0; rc == 0 && set < GEN_ARG_SETS; set++)
        rc = one_set(d, &t, set, text, err);
    world_close(&t.pieces);
    world_close(&t.suspended);
    world_close(&t.counted);
    return rc;
}

/* ---- modules that check themselves --------------------------------------------------------- */

int drive_check(struct drive *d, struct csk_error *err)
{
    struct world w = {0}, twin = {0};
    struct csk_outcome o = {0};
    int rc = world_open(&w, d->module, true, err);
    if (rc == 0)
        rc = world_open(&twin, d->module, true, err);
    if (rc == 0)
        rc = world_call(&w, "check", NULL, err);
    if (rc == 0)
        rc = run(&w, 0, &o, err);
    if (rc == 0 && o.kind != CSK_DONE)
        rc = differ(d, &w, "check is not content");
    world_close(&w);
    if (rc == 0)
        rc = world_open(&w, d->module, true, err);
    if (rc == 0)
        rc = world_call(&w, "check", NULL, err);
    if (rc == 0)
        rc = world_call(&twin, "check", NULL, err);
    if (rc == 0)
        rc = in_pieces(d, &w, &twin, 1, &o, err);
    if (rc == 0 && o.kind != CSK_DONE)
        rc = differ(d, &w, "check in pieces is not content");
    world_close(&w);
    world_close(&twin);
    return rc;
}
