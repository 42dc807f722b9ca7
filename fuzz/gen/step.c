/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "internal.h"

/* ---- ends of blocks ---------------------------------------------------------------- */

static void mark_dead(struct fn *f)
{
    struct gen_ctrl *c = top_ctrl(f);
    fn_pop(f, pending(f));
    c->dead = true;
}

static const uint8_t *label_types(const struct gen_ctrl *c, uint32_t *ret_n)
{
    bool loop = c->opcode == WASM_OP_loop;
    *ret_n = loop ? c->type.nparams : c->type.nresults;
    return loop ? c->type.params : c->type.results;
}

static void put_br(struct fn *f, unsigned opcode, uint32_t depth)
{
    op(f, opcode);
    wire_u32(&f->out, depth);
}

/* Get rid of the value on top: into a local or the hash, or away. */
static void consume_top(struct fn *f)
{
    uint8_t type = f->stack[f->height - 1];
    int i = pick_local(f, type);
    uint32_t pick = rng_below(&f->g->rng, 100);
    if (i >= 0 && pick < 40) {
        op(f, WASM_OP_local_set);
        wire_u32(&f->out, (uint32_t)i);
    } else if (pick < 90) {
        value_observe(f);
        return;
    } else {
        op(f, WASM_OP_drop);
    }
    fn_pop(f, 1);
}

/* Leave exactly these values of the block, or leave the block by a branch. */
void step_finish(struct fn *f, const uint8_t *results, uint32_t n)
{
    struct rng *r = &f->g->rng;
    struct gen_ctrl *c = top_ctrl(f);
    if (c->dead && pending(f) == 0 && rng_percent(r, 60))
        return;
    bool exact = pending(f) == n && memcmp(f->stack + c->floor, results, n) == 0;
    if (!exact && pending(f) > 0 && c->opcode != WASM_OP_loop && rng_percent(r, 45)) {
        value_want(f, results, n, 2);
        fn_pop(f, n);
        if (f->nctrls == 1 && rng_percent(r, 50))
            op(f, WASM_OP_return);
        else
            put_br(f, WASM_OP_br, 0);
        mark_dead(f);
        return;
    }
    uint32_t keep = 0;
    while (keep < n && keep < pending(f) && f->stack[c->floor + keep] == results[keep])
        keep++;
    if (rng_percent(r, 30))
        keep = 0;
    while (pending(f) > keep)
        consume_top(f);
    for (; keep < n; keep++)
        value_of(f, results[keep], 2);
}

/* ---- blocks ---------------------------------------------------------------------------- */

static void put_defaults(struct fn *f, const uint8_t *types, uint32_t n)
{
    uint32_t height = f->height;
    for (uint32_t i = 0; i < n; i++)
        value_default(f, types[i]);
    f->height = height;
}

/* Burn one unit of fuel; the condition that none is left stays on the stack, untracked. */
static void burn_fuel(struct fn *f)
{
    uint32_t form = rng_below(&f->g->rng, 3);
    op(f, WASM_OP_global_get);
    wire_u32(&f->out, GEN_FUEL_GLOBAL);
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, form == 2 ? -1 : 1);
    op(f, form == 2 ? WASM_OP_i32_add : WASM_OP_i32_sub);
    op(f, WASM_OP_global_set);
    wire_u32(&f->out, GEN_FUEL_GLOBAL);
    op(f, WASM_OP_global_get);
    wire_u32(&f->out, GEN_FUEL_GLOBAL);
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, 0);
    op(f, form == 0 ? WASM_OP_i32_lt_s : WASM_OP_i32_le_s);
}

void step_fuel(struct fn *f)
{
    burn_fuel(f);
    op(f, WASM_OP_if);
    buf_put_u8(&f->out, 0x40);
    put_defaults(f, f->type->results, f->type->nresults);
    op(f, WASM_OP_return);
    op(f, WASM_OP_end);
}

/* Count a loop's turn; leave it, to the block around it, when there were enough. */
static void count_turn(struct fn *f, const struct gen_type *t, uint32_t counter)
{
    burn_fuel(f);
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, counter);
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, 1);
    op(f, WASM_OP_i32_sub);
    op(f, WASM_OP_local_tee);
    wire_u32(&f->out, counter);
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, 0);
    op(f, WASM_OP_i32_lt_s);
    op(f, WASM_OP_i32_or);
    op(f, WASM_OP_if);
    buf_put_u8(&f->out, 0x40);
    put_defaults(f, t->results, t->nresults);
    put_br(f, WASM_OP_br, 2);
    op(f, WASM_OP_end);
}

static void put_block_type(struct fn *f, const struct gen_type *t)
{
    if (t->nparams == 0 && t->nresults == 0 && rng_percent(&f->g->rng, 90))
        buf_put_u8(&f->out, 0x40);
    else if (t->nparams == 0 && t->nresults == 1 && rng_percent(&f->g->rng, 90))
        buf_put_u8(&f->out, t->results[0]);
    else
        wire_s64(&f->out, gen_intern_type(f->g, t));
}

static void begin_arm(struct fn *f, const struct gen_type *t)
{
    struct gen_ctrl *c = top_ctrl(f);
    c->dead = false;
    f->height = c->floor;
    for (uint32_t i = 0; i < t->nparams; i++)
        fn_push(f, t->params[i]);
}

static void branch_back(struct fn *f)
{
    uint32_t n;
    const uint8_t *types = label_types(top_ctrl(f), &n);
    value_want(f, types, n, 3);
    value_condition(f, 2);
    put_br(f, WASM_OP_br_if, 0);
    fn_pop(f, n + 1);
    for (uint32_t i = 0; i < n; i++)
        fn_push(f, types[i]);
}

static void block_body(struct fn *f, const struct gen_type *t, int depth)
{
    struct rng *r = &f->g->rng;
    bool loop = top_ctrl(f)->opcode == WASM_OP_loop;
    if (loop)
        count_turn(f, t, f->nlocals + f->ncounters - 1);
    step_body(f, rng_below(r, 6), depth);
    if (loop && !top_ctrl(f)->dead && rng_percent(r, 75))
        branch_back(f);
    step_finish(f, t->results, t->nresults);
}

static void push_ctrl(struct fn *f, unsigned opcode, const struct gen_type *t)
{
    op(f, opcode);
    put_block_type(f, t);
    fn_pop(f, t->nparams);
    f->ctrls[f->nctrls++] =
        (struct gen_ctrl){.opcode = (uint8_t)opcode, .floor = f->height, .type = *t};
    begin_arm(f, t);
}

static void pop_ctrl(struct fn *f)
{
    const struct gen_type t = top_ctrl(f)->type;
    op(f, WASM_OP_end);
    f->height = top_ctrl(f)->floor;
    f->nctrls--;
    for (uint32_t i = 0; i < t.nresults; i++)
        fn_push(f, t.results[i]);
}

/* A loop stands in a block of the same type, so that it can be left from its head. */
static void put_loop(struct fn *f, const struct gen_type *t, int depth)
{
    struct rng *r = &f->g->rng;
    uint32_t counter = f->nlocals + f->ncounters++;
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, rng_percent(r, 10) ? 40 : rng_below(r, 6));
    op(f, WASM_OP_local_set);
    wire_u32(&f->out, counter);
    push_ctrl(f, WASM_OP_block, t);
    push_ctrl(f, WASM_OP_loop, t);
    block_body(f, t, depth);
    pop_ctrl(f);
    pop_ctrl(f);
}

/* A block that yields the given results; it takes what it likes from the stack. */
void step_block(struct fn *f, unsigned opcode, const uint8_t *results, uint32_t nresults, int depth)
{
    struct rng *r = &f->g->rng;
    if (f->nctrls + 2 > GEN_CTRLS_MAX || f->height > GEN_STACK_MAX - 40) {
        for (uint32_t i = 0; i < nresults; i++)
            value_const(f, results[i]);
        return;
    }
    if (opcode == WASM_OP_loop && f->ncounters == GEN_COUNTERS)
        opcode = WASM_OP_block;
    if (opcode == WASM_OP_if) {
        value_condition(f, depth + 1);
        fn_pop(f, 1);
    }
    struct gen_type t = {.nresults = (uint8_t)nresults};
    memcpy(t.results, results, nresults);
    uint32_t most = unprotected(f) < 3 ? unprotected(f) : 3;
    t.nparams = (uint8_t)(rng_percent(r, 50) ? 0 : rng_below(r, most + 1));
    memcpy(t.params, f->stack + f->height - t.nparams, t.nparams);
    if (opcode == WASM_OP_loop) {
        put_loop(f, &t, depth);
        return;
    }
    push_ctrl(f, opcode, &t);
    block_body(f, &t, depth);
    bool same = t.nparams == t.nresults && memcmp(t.params, t.results, t.nparams) == 0;
    if (opcode == WASM_OP_if && (!same || rng_percent(r, 60))) {
        op(f, WASM_OP_else);
        begin_arm(f, &t);
        block_body(f, &t, depth);
    }
    pop_ctrl(f);
}

static void do_block(struct fn *f, int depth)
{
    static const uint8_t kinds[] = {WASM_OP_block, WASM_OP_block, WASM_OP_loop,
                                    WASM_OP_loop,  WASM_OP_if,    WASM_OP_if};
    static const uint8_t counts[] = {0, 0, 0, 1, 1, 1, 2, 2, 3, 4};
    struct rng *r = &f->g->rng;
    uint8_t results[GEN_ARITY_MAX];
    uint32_t n = counts[rng_below(r, sizeof counts)];
    for (uint32_t i = 0; i < n; i++)
        results[i] = gen_any_type(f->g);
    step_block(f, kinds[rng_below(r, sizeof kinds)], results, n, depth + 1);
}

/* ---- branches ------------------------------------------------------------------------------ */

/* Near ones rather than the function itself, so that something comes after. */
static struct gen_ctrl *pick_label(struct fn *f, uint32_t *ret_depth)
{
    struct rng *r = &f->g->rng;
    uint32_t d = rng_below(r, f->nctrls);
    if (rng_percent(r, 40))
        d = rng_below(r, d + 1);
    if (d == f->nctrls - 1 && d > 0 && rng_percent(r, 95))
        d = rng_below(r, d);
    if (d == 0 && f->guarded && f->nctrls > 2)
        d = 1;
    *ret_depth = d;
    return &f->ctrls[f->nctrls - 1 - d];
}

static void do_br_if(struct fn *f, int depth)
{
    uint32_t d, n;
    if (f->nctrls == 1 && rng_percent(&f->g->rng, 90))
        return;
    const struct gen_ctrl *c = pick_label(f, &d);
    const uint8_t *types = label_types(c, &n);
    value_want(f, types, n, depth + 1);
    value_condition(f, depth + 1);
    put_br(f, WASM_OP_br_if, d);
    fn_pop(f, n + 1);
    for (uint32_t i = 0; i < n; i++)
        fn_push(f, types[i]);
    if (n > 0 && rng_percent(&f->g->rng, 60)) /* what was not taken along is used at once */
        emit_scalar_on_top(f);
}

static void do_br(struct fn *f, int depth)
{
    uint32_t d, n;
    const struct gen_ctrl *c = pick_label(f, &d);
    const uint8_t *types = label_types(c, &n);
    value_want(f, types, n, depth + 1);
    fn_pop(f, n);
    if (d == f->nctrls - 1 && rng_percent(&f->g->rng, 50))
        op(f, WASM_OP_return);
    else
        put_br(f, WASM_OP_br, d);
    mark_dead(f);
}

static void do_br_table(struct fn *f, int depth)
{
    struct rng *r = &f->g->rng;
    uint32_t d, n, count = 0, labels[GEN_CTRLS_MAX];
    const uint8_t *types = label_types(pick_label(f, &d), &n);
    for (uint32_t i = 0; i < f->nctrls; i++) {
        uint32_t m;
        const uint8_t *other = label_types(&f->ctrls[f->nctrls - 1 - i], &m);
        bool far = i == f->nctrls - 1 && count > 0 && rng_percent(r, 95);
        if (m == n && memcmp(types, other, n) == 0 && !far)
            labels[count++] = i;
    }
    value_want(f, types, n, depth + 1);
    value_index(f, 4);
    op(f, WASM_OP_br_table);
    uint32_t entries = rng_below(r, 5);
    wire_u32(&f->out, entries);
    for (uint32_t i = 0; i <= entries; i++)
        wire_u32(&f->out, labels[rng_below(r, count)]);
    fn_pop(f, n + 1);
    mark_dead(f);
}

static void do_tail_call(struct fn *f, int depth)
{
    struct gen *g = f->g;
    uint32_t start = rng_below(&g->rng, g->nfuncs);
    for (uint32_t k = 0; k < g->nfuncs; k++) {
        uint32_t i = (start + k) % g->nfuncs;
        const struct gen_type *t = &g->types[g->func_types[i]];
        if (t->nresults != f->type->nresults ||
            memcmp(t->results, f->type->results, t->nresults) != 0)
            continue;
        value_call(f, i, true, depth + 1);
        mark_dead(f);
        return;
    }
}

/* What ends a block early, mostly under a condition so that something comes after. */
static void do_leave(struct fn *f, int depth)
{
    static const uint8_t none;
    struct rng *r = &f->g->rng;
    bool guarded = f->nctrls == 1 || rng_percent(r, 80);
    if (f->nctrls == GEN_CTRLS_MAX || (f->nctrls == 1 && rng_percent(r, 90)))
        return;
    if (guarded) {
        value_condition(f, depth + 1);
        fn_pop(f, 1);
        op(f, WASM_OP_if);
        buf_put_u8(&f->out, 0x40);
        f->ctrls[f->nctrls++] = (struct gen_ctrl){.opcode = WASM_OP_if, .floor = f->height};
    }
    f->guarded = guarded;
    uint32_t pick = rng_below(r, 100);
    if (pick < 35)
        do_br(f, depth);
    else if (pick < 85)
        do_br_table(f, depth);
    else if (pick < 93)
        do_tail_call(f, depth);
    else if (fn_may_trap(f))
        op(f, WASM_OP_unreachable), mark_dead(f);
    f->guarded = false;
    if (!guarded)
        return;
    step_finish(f, &none, 0);
    pop_ctrl(f);
}

/* ---- plain statements -------------------------------------------------------------------------
 */

static void do_push(struct fn *f, int depth)
{
    value_of(f, gen_any_type(f->g), depth + 2);
}

static void do_get(struct fn *f, int depth)
{
    (void)depth;
    if (f->nlocals == 0)
        return;
    uint32_t i = rng_below(&f->g->rng, f->nlocals);
    (void)value_local(f, f->locals[i]);
}

static void do_on_top(struct fn *f, int depth)
{
    (void)depth;
    emit_scalar_on_top(f);
}

static void do_set(struct fn *f, int depth)
{
    struct rng *r = &f->g->rng;
    bool tee = rng_percent(r, 25);
    uint8_t type =
        pending(f) > 0 && rng_percent(r, 60) ? f->stack[f->height - 1] : gen_any_type(f->g);
    int i = pick_local(f, type);
    if (i < 0)
        return;
    value_want(f, &type, 1, depth);
    op(f, tee ? WASM_OP_local_tee : WASM_OP_local_set);
    wire_u32(&f->out, (uint32_t)i);
    fn_pop(f, 1);
    if (tee)
        fn_push(f, type);
}

/* local = local op constant, with the local perhaps left on the stack before and after */
static void do_update(struct fn *f, int depth)
{
    struct rng *r = &f->g->rng;
    uint8_t type = rng_percent(r, 60) ? CSK_I32 : gen_any_type(f->g);
    int i = pick_local(f, type);
    if (i < 0 || type == CSK_V128 || type == CSK_FUNCREF || type == CSK_EXTERNREF)
        return;
    if (rng_percent(r, 40)) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, (uint32_t)i);
        fn_push(f, type);
    }
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, (uint32_t)i);
    fn_push(f, type);
    uint32_t floor = f->height;
    emit_scalar_of(f, type, depth + 2); /* may take the local */
    if (f->height > floor && rng_percent(r, 50)) {
        uint8_t types[2] = {type, type};
        value_want(f, types, 2, 4);
        op(f, type == CSK_I32   ? WASM_OP_i32_add
              : type == CSK_I64 ? WASM_OP_i64_xor
              : type == CSK_F32 ? WASM_OP_f32_copysign
                                : WASM_OP_f64_copysign);
        fn_pop(f, 2);
        fn_push(f, type);
    }
    bool tee = rng_percent(r, 40);
    op(f, tee ? WASM_OP_local_tee : WASM_OP_local_set);
    wire_u32(&f->out, (uint32_t)i);
    fn_pop(f, 1);
    if (tee)
        fn_push(f, type);
}

static void do_swap(struct fn *f, int depth)
{
    (void)depth;
    uint8_t type = gen_any_type(f->g);
    int locals[3];
    uint32_t n = 2 + rng_below(&f->g->rng, 2);
    for (uint32_t i = 0; i < n; i++) {
        locals[i] = pick_local(f, type);
        if (locals[i] < 0)
            return;
    }
    for (uint32_t i = 0; i < n; i++) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, (uint32_t)locals[i]);
        fn_push(f, type);
    }
    for (uint32_t i = 0; i < n; i++) {
        op(f, WASM_OP_local_set);
        wire_u32(&f->out, (uint32_t)locals[i]);
        fn_pop(f, 1);
    }
}

static void do_consume(struct fn *f, int depth)
{
    (void)depth;
    if (pending(f) > 0)
        consume_top(f);
}

static void do_global_set(struct fn *f, int depth)
{
    struct gen *g = f->g;
    if (g->nglobals <= GEN_HASH_GLOBAL + 1)
        return;
    uint32_t i = GEN_HASH_GLOBAL + 1 + rng_below(&g->rng, g->nglobals - GEN_HASH_GLOBAL - 1);
    value_want(f, &g->globals[i], 1, depth + 1);
    op(f, WASM_OP_global_set);
    wire_u32(&f->out, i);
    fn_pop(f, 1);
}

static void do_store(struct fn *f, int depth)
{
    if (f->g->options->simd && rng_percent(&f->g->rng, 15)) {
        simd_store(f, depth);
        return;
    }
    static const struct {
        uint8_t opcode, type, bytes;
    } stores[] = {{0x36, CSK_I32, 4}, {0x37, CSK_I64, 8}, {0x38, CSK_F32, 4},
                  {0x39, CSK_F64, 8}, {0x3a, CSK_I32, 1}, {0x3b, CSK_I32, 2},
                  {0x3c, CSK_I64, 1}, {0x3d, CSK_I64, 2}, {0x3e, CSK_I64, 4}};
    uint32_t i = rng_below(&f->g->rng, 9);
    emit_address(f, depth);
    value_of(f, stores[i].type, depth);
    op(f, stores[i].opcode);
    emit_memarg(f, stores[i].bytes,
                rng_percent(&f->g->rng, 70) ? 0 : rng_below(&f->g->rng, f->g->nmemories));
    fn_pop(f, 2);
}

/* Mostly functions further on, so that recursion does not burn all the fuel. */
static void do_call(struct fn *f, int depth)
{
    struct gen *g = f->g;
    uint32_t func = rng_below(&g->rng, g->nfuncs);
    if (func >= g->nimports && func <= f->func && rng_percent(&g->rng, 80))
        func = f->func + 1 + rng_below(&g->rng, g->nfuncs);
    if (func < g->nfuncs)
        value_call(f, func, false, depth + 1);
}

static void do_observe(struct fn *f, int depth)
{
    (void)depth;
    if (pending(f) > 0 && rng_percent(&f->g->rng, 50)) {
        value_observe(f);
    } else if (f->nlocals > 0) {
        do_get(f, depth);
        value_observe(f);
    }
}

void step_observe_locals(struct fn *f)
{
    for (uint32_t i = 0; i < f->nlocals; i++) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, i);
        fn_push(f, f->locals[i]);
        value_observe(f);
    }
}

/* ---- bulk operations, memories, tables ----------------------------------------------------------
 */

static void bulk_operand(struct fn *f, uint32_t below)
{
    if (rng_percent(&f->g->rng, 25))
        value_index(f, 256);
    else
        value_i32(f, rng_below(&f->g->rng, below));
}

static uint32_t bulk_bytes(struct gen *g, uint32_t memory)
{
    return g->memories[memory].min * 65536;
}

static void do_memory_bulk(struct fn *f, int depth)
{
    (void)depth;
    struct gen *g = f->g;
    uint32_t m = rng_below(&g->rng, g->nmemories);
    uint32_t s = rng_below(&g->rng, g->nmemories);
    uint32_t half = bulk_bytes(g, m) / 2 + 1;
    uint32_t half_s = bulk_bytes(g, s) / 2 + 1;
    uint32_t most = half < half_s ? half : half_s;
    bool fill = rng_percent(&g->rng, 50);
    if (fn_may_trap(f))
        most = 400000;
    else if (rng_percent(&g->rng, most > 65536 ? 35 : 60) && most > 300)
        most = 300;
    bulk_operand(f, half);
    if (fill)
        value_of(f, CSK_I32, 3);
    else
        bulk_operand(f, half_s);
    value_i32(f, most > 65536 ? most - rng_below(&g->rng, 65536) : rng_below(&g->rng, most));
    op(f, fill ? WASM_OP_memory_fill : WASM_OP_memory_copy);
    wire_u32(&f->out, m);
    if (!fill)
        wire_u32(&f->out, s);
    fn_pop(f, 3);
}

static void do_segment(struct fn *f, int depth)
{
    (void)depth;
    struct gen *g = f->g;
    uint32_t d = rng_below(&g->rng, g->ndatas + 1);
    if (d == g->ndatas || !g->datas[d].passive)
        return;
    if (rng_percent(&g->rng, 10) && g->trap_percent > 0) {
        op(f, WASM_OP_data_drop);
        wire_u32(&f->out, d);
        return;
    }
    bulk_operand(f, 300);
    value_i32(f, 0);
    value_i32(f, g->datas[d].size);
    op(f, WASM_OP_memory_init);
    wire_u32(&f->out, d);
    wire_u32(&f->out, 0);
    fn_pop(f, 3);
}

static void do_memory_grow(struct fn *f, int depth)
{
    (void)depth;
    struct gen *g = f->g;
    uint32_t m = rng_below(&g->rng, g->nmemories);
    bool size = rng_percent(&g->rng, 50);
    if (!size)
        value_index(f, 4);
    op(f, size ? WASM_OP_memory_size : WASM_OP_memory_grow);
    wire_u32(&f->out, m);
    if (!size)
        fn_pop(f, 1);
    fn_push(f, CSK_I32);
}

static void do_table(struct fn *f, int depth)
{
    struct gen *g = f->g;
    uint32_t t = 1 + rng_below(&g->rng, g->ntables - 1); /* table 0 stays as it is */
    uint8_t type = g->tables[t].type;
    uint32_t pick = rng_below(&g->rng, 5);
    static const unsigned ops[] = {WASM_OP_table_set, WASM_OP_table_grow, WASM_OP_table_size,
                                   WASM_OP_table_fill, WASM_OP_table_copy};
    switch (pick) {
    case 0: /* index value */
        value_index(f, 4);
        value_of(f, type, depth + 2);
        break;
    case 1: /* value, how many */
        value_of(f, type, depth + 2);
        value_index(f, 4);
        break;
    case 3: /* index, value, how many */
        value_index(f, 4);
        value_of(f, type, depth + 2);
        value_index(f, 4);
        break;
    case 4:
        value_index(f, 4);
        value_index(f, 4);
        value_index(f, 4);
        break;
    default:
        break;
    }
    op(f, ops[pick]);
    wire_u32(&f->out, t);
    if (pick == 4)
        wire_u32(&f->out, t);
    static const uint8_t takes[] = {2, 2, 0, 3, 3};
    fn_pop(f, takes[pick]);
    if (pick == 1 || pick == 2)
        fn_push(f, CSK_I32);
}

static void do_table_segment(struct fn *f, int depth)
{
    (void)depth;
    struct gen *g = f->g;
    uint32_t e = rng_below(&g->rng, g->nelems);
    if (g->elems[e].mode != 1 || g->tables[1].type != CSK_FUNCREF)
        return;
    if (rng_percent(&g->rng, 10) && g->trap_percent > 0) {
        op(f, WASM_OP_elem_drop);
        wire_u32(&f->out, e);
        return;
    }
    value_index(f, 4);
    value_i32(f, 0);
    value_i32(f, g->elems[e].count);
    op(f, WASM_OP_table_init);
    wire_u32(&f->out, e);
    wire_u32(&f->out, 1);
    fn_pop(f, 3);
}

/* ---- statements
 * ------------------------------------------------------------------------------------ */

typedef void step_fn(struct fn *f, int depth);

static const struct {
    step_fn *step;
    uint32_t weight;
    bool nested; /* not too deep */
} steps[] = {
    {do_push, 12, false},       {do_get, 10, false},        {do_on_top, 12, false},
    {do_set, 16, false},        {do_update, 10, false},     {do_swap, 4, false},
    {do_consume, 4, false},     {do_global_set, 4, false},  {do_store, 7, false},
    {do_block, 9, true},        {do_br_if, 9, false},       {do_leave, 5, true},
    {do_call, 5, false},        {do_memory_bulk, 3, false}, {do_segment, 1, false},
    {do_memory_grow, 1, false}, {do_table, 2, false},       {do_table_segment, 1, false},
    {do_observe, 4, false},
};
#define NSTEPS (sizeof steps / sizeof steps[0])

static step_fn *pick_step(struct fn *f, int depth)
{
    uint32_t total = 0;
    for (size_t i = 0; i < NSTEPS; i++)
        total += steps[i].weight;
    for (;;) {
        uint32_t pick = rng_below(&f->g->rng, total);
        size_t i = 0;
        while (pick >= steps[i].weight)
            pick -= steps[i++].weight;
        if (!steps[i].nested || depth < 5)
            return steps[i].step;
    }
}

/* A statement that is left out: the same types come out, as constants. */
static void replace(struct fn *f, size_t at, uint32_t before)
{
    uint8_t types[GEN_STACK_MAX];
    uint32_t n = f->height - f->low;
    memcpy(types, f->stack + f->low, n);
    f->out.size = at;
    for (uint32_t i = f->low; i < before; i++)
        op(f, WASM_OP_drop);
    f->height = f->low;
    for (uint32_t i = 0; i < n; i++)
        value_default(f, types[i]);
}

static void step(struct fn *f, int depth)
{
    struct gen *g = f->g;
    uint32_t id = g->nstatements++;
    size_t at = f->out.size;
    uint32_t before = f->height;
    uint32_t outer_low = f->low;
    bool was_dead = top_ctrl(f)->dead;
    f->low = f->height;
    uint32_t outer_protected = f->protected;
    f->protected = 0;
    f->budget--;
    pick_step(f, depth)(f, depth);
    if (id < g->options->nskip && g->options->skip[id] && top_ctrl(f)->dead == was_dead)
        replace(f, at, before);
    f->protected = outer_protected;
    if (outer_low < f->low)
        f->low = outer_low;
}

void step_body(struct fn *f, uint32_t nsteps, int depth)
{
    struct rng *r = &f->g->rng;
    for (uint32_t i = 0; i < nsteps && f->budget > 0; i++) {
        if (top_ctrl(f)->dead && rng_percent(r, 60))
            return;
        step(f, depth);
        while (pending(f) > GEN_PENDING_MAX)
            consume_top(f);
    }
}
