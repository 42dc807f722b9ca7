/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "wasm/code.h"
#include "wasm/interp.h"
#include "wasm/translate.h"

/* A bulk operation over memory polls after each piece of this size. */
#define BULK_PIECE_BYTES 65536u

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define FIRST_HALF(op) ((uint32_t)(op) << 16)
#else
#define FIRST_HALF(op) ((uint32_t)(op))
#endif

const uint32_t interp_halt[] = {FIRST_HALF(IR_halt)};
const uint32_t interp_cross_return[] = {FIRST_HALF(IR_cross_return)};
static const uint32_t plain_return[] = {FIRST_HALF(IR_ret)};

static void save(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    x->ip = ip;
    x->fp = fp;
}

int interp_trap(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, enum csk_trap trap)
{
    save(x, ip, fp);
    x->trap = trap;
    if (trap == CSK_TRAP_STACK_EXHAUSTED)
        x->exhausted = true;
    return INTERP_TRAP;
}

/* ---- safepoints -------------------------------------------------------------------------- */

static int stop(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, enum wasm_safepoint at,
                int result)
{
    save(x, ip, fp);
    x->at = at;
    return result;
}

static bool is_stub(const uint32_t *ip)
{
    return ip == interp_halt || ip == interp_cross_return || ip == plain_return;
}

int interp_poll(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, enum wasm_safepoint at)
{
    uint32_t request = atomic_load_explicit(&x->request, memory_order_acquire);
    if (is_stub(ip)) /* between two frames, nothing of the module's */
        return INTERP_GO;
    if ((request & WASM_REQ_RESUME) != 0) {
        atomic_fetch_and_explicit(&x->request, ~(uint32_t)WASM_REQ_RESUME, memory_order_relaxed);
        return INTERP_GO;
    }
    if ((request & WASM_REQ_COUNT) != 0) {
        x->safepoints++;
        if (x->safepoints == x->stop_at)
            return stop(x, ip, fp, at, INTERP_SUSPEND);
        if (x->safepoints == x->fuel_at)
            return stop(x, ip, fp, at, INTERP_FUEL);
    }
    if ((request & WASM_REQ_CANCEL) != 0) {
        atomic_fetch_and_explicit(&x->request, ~(uint32_t)WASM_REQ_CANCEL, memory_order_relaxed);
        return stop(x, ip, fp, at, INTERP_CANCEL);
    }
    if ((request & WASM_REQ_SUSPEND) != 0) {
        atomic_fetch_and_explicit(&x->request, ~(uint32_t)WASM_REQ_SUSPEND, memory_order_relaxed);
        return stop(x, ip, fp, at, INTERP_SUSPEND);
    }
    return INTERP_GO;
}

static int poll_if_requested(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp,
                             enum wasm_safepoint at)
{
    if (atomic_load_explicit(&x->request, memory_order_relaxed) == 0)
        return INTERP_GO;
    return interp_poll(x, ip, fp, at);
}

int interp_translate(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_code *code = (struct wasm_code *)(uintptr_t)x->frame[-1].code;
    int rc = wasm_translate(code);
    if (rc != 0)
        return stop(x, ip, fp, WASM_AT_ENTRY, rc);
    x->ip = atomic_load_explicit(&code->ir, memory_order_acquire);
    return INTERP_GO;
}

/* ---- calls ------------------------------------------------------------------------------- */

int interp_enter(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp,
                 const struct wasm_code *code, uint64_t *nfp, const uint32_t *ret_ip,
                 uint64_t *ret_fp)
{
    if (x->frame == x->frames_end || code->frame_slots > (size_t)(x->stack_end - nfp))
        return interp_trap(x, ip, fp, CSK_TRAP_STACK_EXHAUSTED);
    *x->frame++ = (struct wasm_frame){.ip = ret_ip, .fp = ret_fp, .code = code};
    memset(nfp + code->param_slots, 0, (code->local_slots - code->param_slots) * sizeof *nfp);
    save(x, atomic_load_explicit(&code->ir, memory_order_acquire), nfp);
    return INTERP_GO;
}

/* A frame that remembers the calling instance; the callee's frame above it returns to
 * interp_cross_return. The tag keeps it apart from frames that have code. */
static int enter_other_instance(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp,
                                const struct wasm_func *func, uint64_t *nfp, const uint32_t *ret_ip)
{
    if (x->frames_end - x->frame < 2)
        return interp_trap(x, ip, fp, CSK_TRAP_STACK_EXHAUSTED);
    *x->frame++ =
        (struct wasm_frame){.ip = ret_ip, .fp = fp, .code = (const void *)((uintptr_t)x->inst | 1)};
    int rc = interp_enter(x, ip, fp, func->code, nfp, interp_cross_return, fp);
    if (rc == INTERP_GO)
        x->inst = func->inst;
    else
        x->frame--;
    return rc;
}

void interp_cross_back(struct wasm_exec *x)
{
    struct wasm_frame *f = --x->frame;
    x->inst = (struct wasm_instance *)((uintptr_t)f->code & ~(uintptr_t)1);
    save(x, f->ip, f->fp);
}

/* A host function asked to be called again later; which kind of stop is it? */
static int suspend_in_host(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    uint32_t request = atomic_fetch_and_explicit(&x->request, ~WASM_REQ_STOP, memory_order_acq_rel);
    bool cancel = (request & WASM_REQ_CANCEL) != 0;
    return stop(x, ip, fp, WASM_AT_HOST, cancel ? INTERP_CANCEL : INTERP_SUSPEND);
}

static int call_host(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, struct wasm_func *func,
                     uint64_t *slots)
{
    int rc = poll_if_requested(x, ip, fp, WASM_AT_HOST);
    if (rc != INTERP_GO)
        return rc;
    struct wasm_host_call call = {.exec = x, .inst = x->inst, .slots = slots};
    save(x, ip, fp);
    switch (func->host(&call, func->user)) {
    case CSK_HOST_RETURN:
        return INTERP_GO;
    case CSK_HOST_EXIT:
        return INTERP_EXIT;
    case CSK_HOST_SUSPEND:
        return suspend_in_host(x, ip, fp);
    default:
        return interp_trap(x, ip, fp, CSK_TRAP_HOST);
    }
}

int interp_call(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, struct wasm_func *func,
                uint32_t base, const uint32_t *ret_ip)
{
    int rc;
    if (func->code == NULL) {
        rc = call_host(x, ip, fp, func, fp + base);
        save(x, rc == INTERP_GO ? ret_ip : x->ip, fp);
        return rc != INTERP_GO ? rc : poll_if_requested(x, ret_ip, fp, WASM_AT_RETURN);
    }
    if (func->inst == x->inst)
        rc = interp_enter(x, ip, fp, func->code, fp + base, ret_ip, fp);
    else
        rc = enter_other_instance(x, ip, fp, func, fp + base, ret_ip);
    return rc != INTERP_GO ? rc : poll_if_requested(x, x->ip, x->fp, WASM_AT_ENTRY);
}

/* Leave the current frame; its results are at fp[0]. */
static int return_now(struct wasm_exec *x)
{
    struct wasm_frame *f = --x->frame;
    save(x, f->ip, f->fp);
    return poll_if_requested(x, f->ip, f->fp, WASM_AT_RETURN);
}

int interp_tail_call(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp, struct wasm_func *func,
                     uint32_t base)
{
    const struct wasm_functype *type = func->type;
    if (func->code == NULL) {
        int rc = call_host(x, ip, fp, func, fp + base);
        if (rc != INTERP_GO)
            return rc;
        memmove(fp, fp + base, type->result_slots * sizeof *fp);
        return return_now(x);
    }
    if (func->inst != x->inst) {
        /* not in constant space: the frame stays until the other instance returns */
        memmove(fp, fp + base, type->param_slots * sizeof *fp);
        int rc = enter_other_instance(x, ip, fp, func, fp, plain_return);
        return rc != INTERP_GO ? rc : poll_if_requested(x, x->ip, x->fp, WASM_AT_ENTRY);
    }
    const struct wasm_code *code = func->code;
    if (code->frame_slots > (size_t)(x->stack_end - fp))
        return interp_trap(x, ip, fp, CSK_TRAP_STACK_EXHAUSTED);
    memmove(fp, fp + base, type->param_slots * sizeof *fp);
    memset(fp + code->param_slots, 0, (code->local_slots - code->param_slots) * sizeof *fp);
    x->frame[-1].code = code;
    save(x, atomic_load_explicit(&code->ir, memory_order_acquire), fp);
    return poll_if_requested(x, x->ip, fp, WASM_AT_ENTRY);
}

struct wasm_func *interp_indirect(struct wasm_exec *x, uint32_t table, uint32_t type,
                                  uint32_t index, enum csk_trap *ret_trap)
{
    const struct wasm_table *t = x->inst->tables[table];
    if (index >= t->size) {
        *ret_trap = CSK_TRAP_UNDEFINED_ELEMENT;
        return NULL;
    }
    struct wasm_func *func = (struct wasm_func *)(uintptr_t)t->elems[index];
    if (func == NULL) {
        *ret_trap = CSK_TRAP_UNINITIALIZED_ELEMENT;
        return NULL;
    }
    const struct wasm_functype *want = &x->inst->module->types[type];
    if (func->type != want && !wasm_functype_equal(func->type, want)) {
        *ret_trap = CSK_TRAP_INDIRECT_CALL_TYPE;
        return NULL;
    }
    return func;
}

/* ---- tables ------------------------------------------------------------------------------ */

int interp_table_get(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    const struct wasm_table *t = x->inst->tables[ip[2]];
    uint32_t i = (uint32_t)fp[ir_half(ip, 2)];
    if (i >= t->size)
        return CSK_TRAP_TABLE_BOUNDS;
    fp[ir_half(ip, 1)] = t->elems[i];
    return 0;
}

int interp_table_set(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_table *t = x->inst->tables[ip[2]];
    uint32_t i = (uint32_t)fp[ir_half(ip, 2)];
    if (i >= t->size)
        return CSK_TRAP_TABLE_BOUNDS;
    t->elems[i] = fp[ir_half(ip, 3)];
    return 0;
}

static bool in_bounds(uint32_t at, uint32_t n, uint64_t size)
{
    return (uint64_t)at + n <= size;
}

int interp_table_fill(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_table *t = x->inst->tables[ip[3]];
    uint32_t at = (uint32_t)fp[ir_half(ip, 2)];
    uint64_t value = fp[ir_half(ip, 3)];
    uint32_t n = (uint32_t)fp[ir_half(ip, 4)];
    if (!in_bounds(at, n, t->size))
        return CSK_TRAP_TABLE_BOUNDS;
    for (uint32_t i = 0; i < n; i++)
        t->elems[at + i] = value;
    return 0;
}

int interp_table_copy(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_table *dst = x->inst->tables[ip[3]];
    struct wasm_table *src = x->inst->tables[ip[4]];
    uint32_t d = (uint32_t)fp[ir_half(ip, 2)];
    uint32_t s = (uint32_t)fp[ir_half(ip, 3)];
    uint32_t n = (uint32_t)fp[ir_half(ip, 4)];
    if (!in_bounds(d, n, dst->size) || !in_bounds(s, n, src->size))
        return CSK_TRAP_TABLE_BOUNDS;
    if (n != 0)
        memmove(dst->elems + d, src->elems + s, n * sizeof *dst->elems);
    return 0;
}

int interp_table_init(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    return wasm_table_init(x->inst, ip[3], ip[4], (uint32_t)fp[ir_half(ip, 2)],
                           (uint32_t)fp[ir_half(ip, 3)], (uint32_t)fp[ir_half(ip, 4)]);
}

void interp_table_grow(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_table *t = x->inst->tables[ip[2]];
    int64_t old = wasm_table_grow(t, (uint32_t)fp[ir_half(ip, 3)], fp[ir_half(ip, 2)]);
    fp[ir_half(ip, 1)] = (uint32_t)old;
}

void interp_table_size(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    fp[ir_half(ip, 1)] = x->inst->tables[ip[1]]->size;
}

/* ---- memories ---------------------------------------------------------------------------- */

void interp_memory_grow(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    struct wasm_memory *m = x->inst->memories[ip[2]];
    fp[ir_half(ip, 1)] = (uint32_t)wasm_memory_grow(m, (uint32_t)fp[ir_half(ip, 2)]);
}

void interp_memory_size(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    fp[ir_half(ip, 1)] = x->inst->memories[ip[1]]->pages;
}

/* Bulk operations work in pieces and keep what is left in their operand slots: a stop
 * between two pieces is a stop before the rest of the operation. The bounds of the whole
 * are checked first, and memories never shrink, so the rest stays in bounds. */
int interp_memory_fill(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    const struct wasm_memory *m = x->inst->memories[ip[1]];
    uint64_t *op = fp + ir_half(ip, 1); /* address, value, count */
    uint32_t d = (uint32_t)op[0];
    uint32_t n = (uint32_t)op[2];
    if (!in_bounds(d, n, m->size))
        return interp_trap(x, ip, fp, CSK_TRAP_MEMORY_BOUNDS);
    for (;;) {
        uint32_t piece = n < BULK_PIECE_BYTES ? n : BULK_PIECE_BYTES;
        memset(m->base + d, (int)(op[1] & 0xff), piece);
        d += piece;
        n -= piece;
        if (n == 0)
            return INTERP_GO;
        op[0] = d;
        op[2] = n;
        int rc = poll_if_requested(x, ip, fp, WASM_AT_BULK);
        if (rc != INTERP_GO)
            return rc;
    }
}

int interp_memory_copy(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    const struct wasm_memory *dst = x->inst->memories[ip[1]];
    const struct wasm_memory *src = x->inst->memories[ip[2]];
    uint64_t *op = fp + ir_half(ip, 1); /* destination, source, count */
    uint32_t d = (uint32_t)op[0];
    uint32_t s = (uint32_t)op[1];
    uint32_t n = (uint32_t)op[2];
    if (!in_bounds(d, n, dst->size) || !in_bounds(s, n, src->size))
        return interp_trap(x, ip, fp, CSK_TRAP_MEMORY_BOUNDS);
    bool backwards = dst == src && d > s; /* the last piece first, when they may overlap */
    for (;;) {
        uint32_t piece = n < BULK_PIECE_BYTES ? n : BULK_PIECE_BYTES;
        uint32_t skip = backwards ? n - piece : 0;
        memmove(dst->base + d + skip, src->base + s + skip, piece);
        n -= piece;
        if (!backwards) {
            d += piece;
            s += piece;
        }
        if (n == 0)
            return INTERP_GO;
        op[0] = d;
        op[1] = s;
        op[2] = n;
        int rc = poll_if_requested(x, ip, fp, WASM_AT_BULK);
        if (rc != INTERP_GO)
            return rc;
    }
}

int interp_memory_init(struct wasm_exec *x, const uint32_t *ip, uint64_t *fp)
{
    const uint64_t *op = fp + ir_half(ip, 1);
    int trap =
        wasm_memory_init(x->inst, ip[1], ip[2], (uint32_t)op[0], (uint32_t)op[1], (uint32_t)op[2]);
    return trap != 0 ? interp_trap(x, ip, fp, (enum csk_trap)trap) : INTERP_GO;
}
