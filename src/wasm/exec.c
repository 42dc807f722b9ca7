/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/exec.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasm/code.h"
#include "wasm/interp.h"
#include "wasm/pool.h"
#include "wasm/translate.h"
#include "wasm/valtype.h"

/* Reckoned resident of a stack that goes back to the pool, at least. */
#define STACK_RESIDENT_BYTES 16384u

static size_t align_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* One mapping: the call stack, then the operand stack. Their ends, which deep recursion
 * reaches last, are never touched by shallow programs. */
static int map_stacks(struct wasm_exec *x)
{
    const struct csk_limits *l = &x->engine->limits;
    size_t frames = align_up((size_t)l->call_depth_max * sizeof *x->frames, sizeof(uint64_t));
    size_t size;
    if (__builtin_add_overflow(frames, l->stack_bytes / 8 * 8, &size))
        return CSK_E_NOMEM;
    size = align_up(size, port_vm_page_size());
    int rc = wasm_pool_take(x->engine->pool, WASM_POOL_STACK, size, &x->vm, &x->resident);
    if (rc != 0)
        return rc;
    x->frames = (struct wasm_frame *)(void *)x->vm.base;
    x->frames_end = x->frames + l->call_depth_max;
    x->stack = (uint64_t *)(void *)(x->vm.base + frames);
    x->stack_end = x->stack + l->stack_bytes / 8;
    return 0;
}

int wasm_exec_new(struct wasm_engine *engine, struct wasm_exec **ret_exec)
{
    struct wasm_exec *x = mem_calloc(1, sizeof *x);
    if (x == NULL)
        return CSK_E_NOMEM;
    x->engine = engine;
    int rc = map_stacks(x);
    if (rc != 0) {
        mem_free(x);
        return rc;
    }
    wasm_exec_reset(x);
    *ret_exec = x;
    return 0;
}

void wasm_exec_free(struct wasm_exec *x)
{
    if (x == NULL)
        return;
    uint64_t resident = x->resident > STACK_RESIDENT_BYTES ? x->resident : STACK_RESIDENT_BYTES;
    if (x->exhausted)
        port_vm_release(&x->vm);
    else
        wasm_pool_give(x->engine->pool, WASM_POOL_STACK, &x->vm, resident);
    mem_free(x);
}

void wasm_exec_reset(struct wasm_exec *x)
{
    x->frame = x->frames;
    x->fp = x->stack;
    x->ip = interp_halt;
    x->active = false;
    x->entering = false;
    x->resumed = false;
    x->host_entry = NULL;
    x->trap = CSK_TRAP_NONE;
    x->host_error[0] = '\0';
}

/* ---- running ----------------------------------------------------------------------------- */

int wasm_exec_call(struct wasm_exec *x, struct wasm_func *func, const uint64_t *arg_slots)
{
    if (x->active)
        return CSK_E_STATE;
    uint32_t nslots = func->type->param_slots;
    uint32_t room = nslots > func->type->result_slots ? nslots : func->type->result_slots;
    if (room > (size_t)(x->stack_end - x->stack))
        return CSK_E_LIMIT;
    wasm_exec_reset(x);
    if (func->code != NULL) {
        x->inst = func->inst;
        int rc =
            interp_enter(x, interp_halt, x->stack, func->code, x->stack, interp_halt, x->stack);
        if (rc != INTERP_GO) {
            wasm_exec_reset(x);
            return CSK_E_LIMIT;
        }
    } else {
        x->host_entry = func;
    }
    if (nslots != 0)
        memcpy(x->stack, arg_slots, nslots * sizeof *arg_slots);
    x->result_type = func->type;
    x->active = true;
    x->entering = true;
    return 0;
}

void wasm_exec_bounds(struct wasm_exec *x, uint64_t safepoints, uint64_t fuel)
{
    x->stop_at = safepoints != 0 ? x->safepoints + safepoints : 0;
    x->fuel_at = fuel != 0 ? x->safepoints + fuel : 0;
}

static int run_host_entry(struct wasm_exec *x)
{
    struct wasm_host_call call = {.exec = x, .inst = x->inst, .slots = x->stack};
    switch (x->host_entry->host(&call, x->host_entry->user)) {
    case CSK_HOST_RETURN:
        return INTERP_DONE;
    case CSK_HOST_EXIT:
        return INTERP_EXIT;
    case CSK_HOST_SUSPEND:
        atomic_fetch_and_explicit(&x->request, ~WASM_REQ_STOP, memory_order_acq_rel);
        return INTERP_SUSPEND;
    default:
        return interp_trap(x, interp_halt, x->stack, CSK_TRAP_HOST);
    }
}

static int run(struct wasm_exec *x)
{
    if (x->host_entry != NULL)
        return run_host_entry(x);
    if (x->entering) {
        x->entering = false;
        if (atomic_load_explicit(&x->request, memory_order_relaxed) != 0) {
            int rc = interp_poll(x, x->ip, x->fp, WASM_AT_ENTRY);
            if (rc != INTERP_GO)
                return rc;
        }
    }
    return interp_run(x);
}

static void set_outcome(struct wasm_exec *x, int result, struct csk_outcome *ret)
{
    static const enum csk_outcome_kind kinds[] = {
        [INTERP_DONE] = CSK_DONE,        [INTERP_TRAP] = CSK_TRAPPED,
        [INTERP_EXIT] = CSK_EXITED,      [INTERP_SUSPEND] = CSK_SUSPENDED,
        [INTERP_FUEL] = CSK_OUT_OF_FUEL, [INTERP_CANCEL] = CSK_CANCELLED,
    };
    *ret = (struct csk_outcome){
        .kind = kinds[result],
        .trap = result == INTERP_TRAP ? x->trap : CSK_TRAP_NONE,
        .exit_code = result == INTERP_EXIT ? x->exit_code : 0,
    };
    x->active = result >= INTERP_SUSPEND;
    x->resumed = x->active;
}

int wasm_exec_run(struct wasm_exec *x, struct csk_outcome *ret_outcome)
{
    if (!x->active)
        return CSK_E_STATE;
    uint32_t bits = 0;
    if (x->stop_at != 0 || x->fuel_at != 0)
        bits |= WASM_REQ_COUNT;
    if (x->resumed && x->at == WASM_AT_HOST)
        bits |= WASM_REQ_RESUME;
    atomic_fetch_or_explicit(&x->request, bits, memory_order_relaxed);
    int result = run(x);
    atomic_fetch_and_explicit(&x->request, WASM_REQ_STOP, memory_order_relaxed);
    if (result < 0) {
        x->resumed = true;
        return result;
    }
    set_outcome(x, result, ret_outcome);
    return 0;
}

const uint64_t *wasm_exec_results(const struct wasm_exec *x)
{
    return x->stack;
}

/* ---- frames, read ------------------------------------------------------------------------ */

/* A frame that only remembers which instance to go back to has a tagged pointer. */
static bool has_code(const struct wasm_frame *f)
{
    return ((uintptr_t)f->code & 1) == 0;
}

uint32_t wasm_exec_depth(const struct wasm_exec *x)
{
    uint32_t n = 0;
    for (const struct wasm_frame *f = x->frames; f < x->frame; f++)
        n += has_code(f);
    return n;
}

struct place { /* a frame's function and where it stands */
    struct wasm_code *code;
    const uint32_t *ip;
    uint64_t *fp;
    bool innermost;
    bool foreign; /* its caller is in another instance */
};

static bool find_frame(const struct wasm_exec *x, uint32_t index, struct place *ret)
{
    const struct wasm_frame *f = x->frames;
    for (uint32_t n = 0; f < x->frame; f++) {
        if (has_code(f) && n++ == index)
            break;
    }
    if (f >= x->frame)
        return false;
    bool innermost = f + 1 == x->frame;
    *ret = (struct place){
        .code = (struct wasm_code *)(uintptr_t)f->code,
        .ip = innermost ? x->ip : f[1].ip,
        .fp = innermost ? x->fp : f[1].fp,
        .innermost = innermost,
        .foreign = f->code->module != x->inst->module || (!innermost && !has_code(f + 1)),
    };
    return true;
}

static bool untranslated(const struct place *p)
{
    return p->ip == wasm_ir_stub;
}

static uint32_t ir_position(const struct place *p)
{
    if (untranslated(p))
        return 0;
    return (uint32_t)(p->ip - atomic_load_explicit(&p->code->ir, memory_order_acquire));
}

struct reading {
    const struct wasm_exec *exec;
    const struct place *place;
    uint32_t pos;
    uint8_t at;
    struct wasm_frame_state *state;
    struct csk_error *err;
    bool found;
};

static bool imported_index(const struct wasm_instance *inst, const struct wasm_func *func,
                           uint32_t *ret_index)
{
    for (uint32_t i = 0; i < inst->module->nimported[WASM_FUNC]; i++) {
        if (inst->funcs[i] == func) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static int value_from_slots(const struct wasm_exec *x, uint8_t type, const uint64_t *slot,
                            struct csk_value *ret, struct csk_error *err)
{
    *ret = (struct csk_value){.type = wasm_type_nullable(type)};
    switch (ret->type) {
    case CSK_I32:
    case CSK_F32:
        ret->of.i32 = (uint32_t)*slot;
        return 0;
    case CSK_V128:
        memcpy(ret->of.v128, slot, 16);
        return 0;
    case CSK_FUNCREF: {
        const struct wasm_func *func = (const struct wasm_func *)(uintptr_t)*slot;
        if (func == NULL)
            return 0;
        uint32_t index = func->index;
        if (func->inst != x->inst && !imported_index(x->inst, func, &index))
            return error_set(err, CSK_E_UNSUPPORTED,
                             "a reference to a function of another instance cannot be saved");
        ret->of.ref = (uint64_t)index + 1;
        return 0;
    }
    default:
        ret->of.i64 = *slot;
        return 0;
    }
}

static int read_values(const struct wasm_exec *x, const uint8_t *types, uint32_t n,
                       const uint64_t **slot, struct csk_value *ret, struct csk_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        int rc = value_from_slots(x, types[i], *slot, &ret[i], err);
        if (rc != 0)
            return rc;
        *slot += wasm_type_slots(types[i]);
    }
    return 0;
}

static int read_point(void *user, const struct wasm_point *pt)
{
    struct reading *r = user;
    if (pt->ir_pos != r->pos || pt->at != r->at)
        return 0;
    uint32_t nstack = pt->ntypes;
    if (!r->place->innermost)
        nstack -= pt->callee->nresults;
    struct csk_value *values = mem_array((size_t)pt->nlocals + nstack, sizeof *values);
    if (values == NULL)
        return error_set(r->err, CSK_E_NOMEM, "out of memory for a frame");
    const uint64_t *slot = r->place->fp;
    int rc = read_values(r->exec, pt->local_types, pt->nlocals, &slot, values, r->err);
    if (rc == 0)
        rc = read_values(r->exec, pt->types, nstack, &slot, values + pt->nlocals, r->err);
    if (rc != 0) {
        mem_free(values);
        return rc;
    }
    *r->state = (struct wasm_frame_state){
        .func = r->place->code->func_index,
        .pc = pt->pc,
        .nlocals = pt->nlocals,
        .nstack = nstack,
        .values = values,
    };
    r->found = true;
    return 1;
}

int wasm_exec_frame(struct wasm_exec *x, uint32_t i, struct wasm_frame_state *ret_state,
                    struct csk_error *err)
{
    struct place place;
    if (!x->active || x->host_entry != NULL || !find_frame(x, i, &place))
        return error_set(err, CSK_E_STATE, "no frame %u", i);
    if (place.foreign)
        return error_set(err, CSK_E_UNSUPPORTED, "frames of several instances cannot be saved");
    struct reading r = {
        .exec = x,
        .place = &place,
        .pos = ir_position(&place),
        .at = (uint8_t)(place.innermost ? (x->entering ? WASM_AT_ENTRY : x->at) : WASM_AT_RETURN),
        .state = ret_state,
        .err = err,
    };
    int rc = wasm_walk_points(place.code, read_point, &r);
    if (rc < 0)
        return error_set(err, rc, "cannot describe function %u", place.code->func_index);
    if (!r.found)
        return error_set(err, CSK_E_STATE, "function %u is not at a safepoint",
                         place.code->func_index);
    return 0;
}

void wasm_frame_state_fini(struct wasm_frame_state *state)
{
    mem_free(state->values);
    *state = (struct wasm_frame_state){0};
}

struct locating {
    uint32_t pos;
    bool innermost;
    uint32_t pc;
};

/* Several module instructions may share an internal one; the last of them is what it does. */
static int locate_point(void *user, const struct wasm_point *pt)
{
    struct locating *l = user;
    if (pt->ir_pos != l->pos)
        return 0;
    if (l->innermost || pt->at == WASM_AT_RETURN)
        l->pc = pt->pc;
    return 0;
}

int wasm_exec_frame_position(struct wasm_exec *x, uint32_t i, uint32_t *ret_func, uint32_t *ret_pc)
{
    struct place place;
    if (!find_frame(x, i, &place))
        return CSK_E_NOT_FOUND;
    struct locating l = {.pos = ir_position(&place), .innermost = place.innermost};
    int rc = wasm_walk_points(place.code, locate_point, &l);
    *ret_func = place.code->func_index;
    *ret_pc = rc == 0 ? l.pc : 0;
    return 0;
}

/* ---- frames, rebuilt --------------------------------------------------------------------- */

struct rebuilding {
    struct wasm_exec *exec;
    struct wasm_code *code;
    const struct wasm_frame_state *frame;
    const struct wasm_code *callee; /* what the next frame runs, NULL for the innermost */
    uint8_t at;
    uint64_t *fp;
    uint64_t *next_fp; /* out */
    uint32_t pos;      /* out */
    bool found;
    struct csk_error *err;
};

static int corrupt_frame(const struct rebuilding *r, const char *what)
{
    return error_set(r->err, CSK_E_CORRUPT, "frame of function %u: %s", r->frame->func, what);
}

static int value_to_slots(const struct rebuilding *r, const struct csk_value *v, uint64_t *slot)
{
    switch (v->type) {
    case CSK_I32:
    case CSK_F32:
        *slot = v->of.i32;
        return 0;
    case CSK_V128:
        memcpy(slot, v->of.v128, 16);
        return 0;
    case CSK_FUNCREF:
        if (v->of.ref > r->exec->inst->module->nfuncs)
            return corrupt_frame(r, "unknown function reference");
        *slot = v->of.ref == 0 ? 0 : (uintptr_t)r->exec->inst->funcs[v->of.ref - 1];
        return 0;
    case CSK_EXTERNREF:
        if (v->of.ref != 0)
            return corrupt_frame(r, "external reference that is not null");
        *slot = 0;
        return 0;
    default:
        *slot = v->of.i64;
        return 0;
    }
}

static int write_values(const struct rebuilding *r, const uint8_t *types, uint32_t n,
                        const struct csk_value *values, uint64_t **slot)
{
    for (uint32_t i = 0; i < n; i++) {
        if (values[i].type != wasm_type_nullable(types[i]))
            return corrupt_frame(r, "wrong type of a value");
        int rc = value_to_slots(r, &values[i], *slot);
        if (rc != 0)
            return rc;
        *slot += wasm_type_slots(types[i]);
    }
    return 0;
}

/* A function that was replaced by a tail call need only return the same types. */
static bool returns_same(const struct wasm_functype *a, const struct wasm_functype *b)
{
    return a->nresults == b->nresults && wasm_types_match(b->results, a->results, a->nresults);
}

static int rebuild_point(void *user, const struct wasm_point *pt)
{
    struct rebuilding *r = user;
    const struct wasm_frame_state *f = r->frame;
    if (pt->pc != f->pc || pt->at != r->at)
        return 0;
    uint32_t nstack = pt->ntypes;
    if (r->callee != NULL) {
        if (!returns_same(pt->callee, r->callee->type))
            return corrupt_frame(r, "calls a function of another type than the next frame's");
        nstack -= pt->callee->nresults;
    }
    if (f->nlocals != pt->nlocals || f->nstack != nstack)
        return corrupt_frame(r, "wrong number of locals or operands");
    uint64_t *slot = r->fp;
    int rc = write_values(r, pt->local_types, pt->nlocals, f->values, &slot);
    if (rc == 0)
        rc = write_values(r, pt->types, nstack, f->values + pt->nlocals, &slot);
    if (rc != 0)
        return rc;
    r->next_fp = slot;
    r->pos = pt->ir_pos;
    r->found = true;
    return 1;
}

static int defined_code(struct wasm_instance *inst, uint32_t func, struct wasm_code **ret)
{
    const struct wasm_module *m = inst->module;
    uint32_t imported = m->nimported[WASM_FUNC];
    if (func < imported || func >= m->nfuncs)
        return CSK_E_CORRUPT;
    *ret = &m->codes[func - imported];
    return 0;
}

/* Rebuild one frame at r->fp. */
static int rebuild_frame(struct rebuilding *r)
{
    struct wasm_exec *x = r->exec;
    if (x->frame == x->frames_end || r->code->frame_slots > (size_t)(x->stack_end - r->fp))
        return error_set(r->err, CSK_E_LIMIT, "frames need more than the %u bytes of stack",
                         x->engine->limits.stack_bytes);
    int rc = wasm_translate(r->code);
    if (rc != 0)
        return error_set(r->err, rc, "cannot translate function %u", r->frame->func);
    rc = wasm_walk_points(r->code, rebuild_point, r);
    if (rc < 0)
        return error_set(r->err, rc, "cannot rebuild a frame of function %u", r->frame->func);
    return r->found ? 0 : corrupt_frame(r, "its position is not a safepoint of its kind");
}

static int rebuild_all(struct wasm_exec *x, const struct wasm_frame_state *frames, uint32_t n,
                       enum wasm_safepoint at, struct csk_error *err)
{
    uint64_t *fp = x->stack;
    uint64_t *caller_fp = x->stack;
    const uint32_t *ret_ip = interp_halt;
    for (uint32_t i = 0; i < n; i++) {
        struct rebuilding r = {.exec = x, .frame = &frames[i], .fp = fp, .err = err};
        struct wasm_code *callee = NULL;
        bool innermost = i + 1 == n;
        if (defined_code(x->inst, frames[i].func, &r.code) != 0 ||
            (!innermost && defined_code(x->inst, frames[i + 1].func, &callee) != 0))
            return error_set(err, CSK_E_CORRUPT, "frame %u: not a function of this module", i);
        r.callee = callee;
        r.at = (uint8_t)(innermost ? at : WASM_AT_RETURN);
        int rc = rebuild_frame(&r);
        if (rc != 0)
            return rc;
        *x->frame++ = (struct wasm_frame){.ip = ret_ip, .fp = caller_fp, .code = r.code};
        ret_ip = atomic_load_explicit(&r.code->ir, memory_order_acquire) + r.pos;
        caller_fp = fp;
        fp = r.next_fp;
        if (i == 0)
            x->result_type = r.code->type;
    }
    x->ip = ret_ip;
    x->fp = caller_fp;
    return 0;
}

int wasm_exec_restore(struct wasm_exec *x, struct wasm_instance *inst,
                      const struct wasm_frame_state *frames, uint32_t nframes,
                      enum wasm_safepoint at, struct csk_error *err)
{
    if (x->active)
        return error_set(err, CSK_E_STATE, "a call is in progress");
    if (nframes == 0 || nframes > x->engine->limits.call_depth_max)
        return error_set(err, CSK_E_CORRUPT, "%u frames, limit is %u", nframes,
                         x->engine->limits.call_depth_max);
    wasm_exec_reset(x);
    x->inst = inst;
    int rc = rebuild_all(x, frames, nframes, at, err);
    if (rc != 0) {
        wasm_exec_reset(x);
        return rc;
    }
    x->at = at;
    x->active = true;
    x->resumed = true;
    return 0;
}
