/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "internal.h"

#define STATEMENTS_MAX 60

uint64_t gen_arg(uint64_t seed, uint32_t set, uint32_t i)
{
    struct rng r = {seed * 7919 + set * 31 + i};
    uint64_t v = rng_u64(&r);
    return set == 0 ? v & 15 : v >> (v & 63);
}

uint8_t gen_any_type(struct gen *g)
{
    struct rng *r = &g->rng;
    uint32_t pick = rng_below(r, 100);
    if (pick < g->float_percent)
        return rng_percent(r, 50) ? CSK_F32 : CSK_F64;
    if (pick < 86)
        return rng_percent(r, 65) ? CSK_I32 : CSK_I64;
    if (pick < 95)
        return g->options->simd ? CSK_V128 : CSK_I64;
    return rng_percent(r, 70) ? CSK_FUNCREF : CSK_EXTERNREF;
}

static bool same_type(const struct gen_type *a, const struct gen_type *b)
{
    return a->nparams == b->nparams && a->nresults == b->nresults &&
           memcmp(a->params, b->params, a->nparams) == 0 &&
           memcmp(a->results, b->results, a->nresults) == 0;
}

uint32_t gen_intern_type(struct gen *g, const struct gen_type *type)
{
    for (uint32_t i = 0; i < g->ntypes; i++) {
        if (same_type(&g->types[i], type))
            return i;
    }
    if (g->ntypes < GEN_TYPES_MAX)
        g->types[g->ntypes++] = *type;
    return g->ntypes - 1; /* never reached with a full table: bodies are small */
}

/* ---- the plan ------------------------------------------------------------------------- */

static void plan_functions(struct gen *g)
{
    struct rng *r = &g->rng;
    static const uint8_t counts[] = {0, 1, 1, 1, 1, 2, 2, 3, 4};
    if (rng_percent(r, 60)) {
        g->func_types[g->nfuncs++] =
            gen_intern_type(g, &(struct gen_type){{CSK_I32}, {CSK_I32}, 1, 1});
        g->func_types[g->nfuncs++] =
            gen_intern_type(g, &(struct gen_type){{CSK_I64, CSK_I32}, {CSK_I32, CSK_I64}, 2, 2});
    }
    g->nimports = g->nfuncs;
    uint32_t bodies = 1 + rng_below(r, 5);
    for (uint32_t i = 0; i < bodies; i++) {
        struct gen_type t = {.nparams = (uint8_t)rng_below(r, 6),
                             .nresults = counts[rng_below(r, sizeof counts)]};
        for (uint32_t k = 0; k < t.nparams; k++)
            t.params[k] = gen_any_type(g);
        for (uint32_t k = 0; k < t.nresults; k++)
            t.results[k] = gen_any_type(g);
        if (i > 0 && rng_percent(r, 40)) { /* so that tail calls find their like */
            const struct gen_type *first = &g->types[g->func_types[g->nimports]];
            memcpy(t.results, first->results, sizeof t.results);
            t.nresults = first->nresults;
        }
        g->func_types[g->nfuncs++] = gen_intern_type(g, &t);
    }
}

static void plan_memories(struct gen *g)
{
    struct rng *r = &g->rng;
    g->nmemories = g->options->one_memory || rng_percent(r, 60) ? 1 : 1 + rng_below(r, 3);
    for (uint32_t i = 0; i < g->nmemories; i++) {
        uint32_t min = 1 + (rng_percent(r, 40) ? 1 + rng_below(r, 3) : 0);
        g->memories[i] = (struct gen_memory){min, min + rng_below(r, 4)};
    }
    g->ndatas = rng_below(r, GEN_DATAS_MAX + 1);
    for (uint32_t i = 0; i < g->ndatas; i++) {
        g->datas[i] = (struct gen_data){.passive = rng_percent(r, 50),
                                        .memory = rng_below(r, g->nmemories),
                                        .offset = rng_below(r, 1000),
                                        .size = rng_below(r, 40)};
    }
}

static void plan_tables(struct gen *g)
{
    struct rng *r = &g->rng;
    uint32_t bodies = g->nfuncs - g->nimports;
    g->ntables = 2 + rng_below(r, 2);
    g->tables[0] = (struct gen_table){CSK_FUNCREF, 8 + bodies, 24};
    g->tables[1] = (struct gen_table){CSK_FUNCREF, 8, 8 + rng_below(r, 8)};
    g->tables[2] = (struct gen_table){CSK_EXTERNREF, 8, 12};
    g->nelems = 2 + rng_below(r, 2);
    for (uint32_t i = 0; i < g->nelems; i++) {
        struct gen_elem *e = &g->elems[i];
        e->mode = i == 0 ? 0 : i == 1 ? 3 : 1;
        e->offset = i == 0 ? rng_below(r, 4) : 0;
        e->count = i == 2 ? rng_below(r, 5) : bodies;
        for (uint32_t k = 0; k < e->count; k++) {
            e->funcs[k] = g->nimports + (i == 2 ? rng_below(r, bodies) : k);
            if (i == 2 && rng_percent(r, 20))
                e->funcs[k] = UINT32_MAX;
        }
    }
}

static void plan(struct gen *g)
{
    struct rng *r = &g->rng;
    static const uint16_t fuels[] = {40, 150, 150, 400, 400, 1000, 2000};
    static const uint8_t traps[] = {0, 0, 0, 1, 1, 3, 6};
    static const uint8_t floats[] = {5, 20, 20, 30, 60};
    g->fuel = fuels[rng_below(r, 7)];
    g->trap_percent = traps[rng_below(r, 7)];
    g->float_percent = floats[rng_below(r, 5)];
    plan_functions(g);
    plan_memories(g);
    plan_tables(g);
    g->globals[g->nglobals++] = CSK_I32; /* fuel, hash */
    g->globals[g->nglobals++] = CSK_I64;
    uint32_t n = rng_below(r, GEN_GLOBALS_MAX - 1);
    for (uint32_t i = 0; i < n; i++)
        g->globals[g->nglobals++] = gen_any_type(g);
}

/* ---- bodies ------------------------------------------------------------------------------- */

static void put_body(struct gen *g, const struct fn *f, uint32_t nparams, struct buf *code)
{
    struct buf body = {0};
    uint32_t extra = GEN_COUNTERS + (g->options->canonical ? 3 : 0);
    uint32_t nlocals = f->nlocals + extra;
    wire_u32(&body, nlocals - nparams);
    for (uint32_t i = nparams; i < nlocals; i++) {
        static const uint8_t scratch[] = {CSK_F32, CSK_F64, CSK_V128};
        uint32_t beyond = f->nlocals + GEN_COUNTERS;
        wire_u32(&body, 1);
        buf_put_u8(&body, i < f->nlocals ? f->locals[i]
                          : i < beyond   ? CSK_I32
                                         : scratch[i - beyond]);
    }
    buf_put(&body, f->out.data, f->out.size);
    wire_u32(code, (uint32_t)body.size);
    buf_put(code, body.data, body.size);
    code->failed = code->failed || body.failed || f->out.failed;
    buf_fini(&body);
}

static void make_function(struct gen *g, uint32_t func, struct buf *code)
{
    struct rng *r = &g->rng;
    struct gen_type type = g->types[g->func_types[func]]; /* types may be added meanwhile */
    struct fn f = {.g = g, .type = &type, .nlocals = type.nparams, .func = func};
    f.budget = (int)(20 + rng_below(r, 30 + (uint32_t)(rng_u64(r) & 255)));
    memcpy(f.locals, type.params, type.nparams);
    uint32_t more = rng_below(r, GEN_LOCALS_MAX - GEN_ARITY_MAX);
    for (uint32_t i = 0; i < more; i++)
        f.locals[f.nlocals++] = gen_any_type(g);
    f.ctrls[f.nctrls++] = (struct gen_ctrl){.opcode = WASM_OP_block, .type = type};
    f.ctrls[0].type.nparams = 0;
    step_fuel(&f);
    step_body(&f, 4 + rng_below(r, STATEMENTS_MAX), 0);
    if (!f.ctrls[0].dead && rng_percent(r, 80))
        step_observe_locals(&f);
    step_finish(&f, type.results, type.nresults);
    op(&f, WASM_OP_end);
    put_body(g, &f, type.nparams, code);
    buf_fini(&f.out);
}

/* Push a value of any type as i64s; returns how many there are. `get` and `index` fetch it. */
static uint32_t put_as_bits(struct fn *f, uint8_t type, unsigned get, uint32_t index)
{
    op(f, get);
    wire_u32(&f->out, index);
    switch (type) {
    case CSK_I64:
        return 1;
    case CSK_F64:
        op(f, WASM_OP_i64_reinterpret_f64);
        return 1;
    case CSK_V128:
        op(f, WASM_PREFIX_SIMD);
        wire_u32(&f->out, 0x1d);
        buf_put_u8(&f->out, 0);
        op(f, get);
        wire_u32(&f->out, index);
        op(f, WASM_PREFIX_SIMD);
        wire_u32(&f->out, 0x1d);
        buf_put_u8(&f->out, 1);
        return 2;
    case CSK_F32:
        op(f, WASM_OP_i32_reinterpret_f32);
        break;
    case CSK_FUNCREF:
    case CSK_EXTERNREF:
        op(f, WASM_OP_ref_is_null);
        break;
    default:
        break;
    }
    op(f, WASM_OP_i64_extend_i32_u);
    return 1;
}

static uint32_t type_of_bits(struct gen *g, const uint8_t *params, uint32_t nparams, uint32_t n,
                             struct buf *types)
{
    buf_put_u8(types, 0x60);
    wire_u32(types, nparams);
    buf_put(types, params, nparams);
    wire_u32(types, n);
    for (uint32_t i = 0; i < n; i++)
        buf_put_u8(types, CSK_I64);
    return g->ntypes++;
}

/* An argument of the first function from one of `run`'s. */
static void put_argument(struct fn *f, uint8_t type, uint32_t i)
{
    bool wide = type == CSK_I64 || type == CSK_F64;
    if (type == CSK_V128) {
        op(f, WASM_OP_local_get);
        wire_u32(&f->out, 1);
        op(f, WASM_PREFIX_SIMD);
        wire_u32(&f->out, 0x12);
        return;
    }
    if (type == CSK_FUNCREF || type == CSK_EXTERNREF) {
        op(f, WASM_OP_ref_null);
        buf_put_u8(&f->out, type);
        return;
    }
    op(f, WASM_OP_local_get);
    wire_u32(&f->out, (wide ? 1 : 0) + (i % 2) * 2);
    if (type == CSK_F32)
        op(f, WASM_OP_f32_convert_i32_s);
    if (type == CSK_F64)
        op(f, WASM_OP_f64_convert_i64_s);
}

/* Refill the fuel and call a function; its results are on the stack. */
static void put_run_call(struct fn *f, uint32_t func)
{
    struct gen *g = f->g;
    const struct gen_type *t = &g->types[g->func_types[func]];
    op(f, WASM_OP_i32_const);
    wire_s64(&f->out, g->fuel);
    op(f, WASM_OP_global_set);
    wire_u32(&f->out, GEN_FUEL_GLOBAL);
    for (uint32_t i = 0; i < t->nparams; i++)
        put_argument(f, t->params[i], i);
    op(f, WASM_OP_call);
    wire_u32(&f->out, func);
}

/* Calls every function; gives the first one's results as bits, mixes the others' in. */
static void make_run(struct gen *g, struct buf *types, struct buf *code)
{
    static const uint8_t params[] = {CSK_I32, CSK_I64, CSK_I32, CSK_I64};
    const struct gen_type *t = &g->types[g->func_types[g->nimports]];
    struct fn f = {.g = g, .nlocals = GEN_RUN_PARAMS};
    f.nctrls = 1;
    for (uint32_t i = 0; i < t->nresults; i++)
        f.locals[f.nlocals++] = t->results[i];
    for (uint32_t i = g->nimports + 1; i < g->nfuncs; i++) {
        const struct gen_type *other = &g->types[g->func_types[i]];
        put_run_call(&f, i);
        for (uint32_t k = 0; k < other->nresults; k++)
            fn_push(&f, other->results[k]);
        while (f.height > 0)
            value_observe(&f);
    }
    put_run_call(&f, g->nimports);
    for (uint32_t i = t->nresults; i-- > 0;) {
        op(&f, WASM_OP_local_set);
        wire_u32(&f.out, GEN_RUN_PARAMS + i);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nresults; i++)
        n += put_as_bits(&f, t->results[i], WASM_OP_local_get, GEN_RUN_PARAMS + i);
    op(&f, WASM_OP_end);
    put_body(g, &f, GEN_RUN_PARAMS, code);
    buf_fini(&f.out);
    g->func_types[g->nfuncs] = type_of_bits(g, params, GEN_RUN_PARAMS, n, types);
}

static void make_peek(struct gen *g, struct buf *types, struct buf *code)
{
    struct fn f = {.g = g};
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nglobals; i++)
        n += put_as_bits(&f, g->globals[i], WASM_OP_global_get, i);
    for (uint32_t i = 0; i < g->nmemories; i++)
        n += put_as_bits(&f, CSK_I32, WASM_OP_memory_size, i);
    for (uint32_t i = 0; i < g->ntables; i++)
        n += put_as_bits(&f, CSK_I32, WASM_OP_table_size, i);
    op(&f, WASM_OP_end);
    put_body(g, &f, 0, code);
    buf_fini(&f.out);
    g->func_types[g->nfuncs + 1] = type_of_bits(g, NULL, 0, n, types);
}

/* ---- sections ---------------------------------------------------------------------------------
 */

static void put_types(struct gen *g, uint32_t nplain, const struct buf *extra, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, g->ntypes);
    for (uint32_t i = 0; i < nplain; i++) {
        const struct gen_type *t = &g->types[i];
        buf_put_u8(&b, 0x60);
        wire_u32(&b, t->nparams);
        buf_put(&b, t->params, t->nparams);
        wire_u32(&b, t->nresults);
        buf_put(&b, t->results, t->nresults);
    }
    buf_put(&b, extra->data, extra->size);
    wire_section(out, 1, &b);
    buf_fini(&b);
}

static void put_imports(struct gen *g, struct buf *out)
{
    static const char *const names[] = {"twice", "swap"};
    struct buf b = {0};
    wire_u32(&b, g->nimports);
    for (uint32_t i = 0; i < g->nimports; i++) {
        wire_name(&b, "env");
        wire_name(&b, names[i]);
        buf_put_u8(&b, 0);
        wire_u32(&b, g->func_types[i]);
    }
    wire_section(out, 2, &b);
    buf_fini(&b);
}

static void put_spaces(struct gen *g, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, g->nfuncs - g->nimports + 2);
    for (uint32_t i = g->nimports; i < g->nfuncs + 2; i++)
        wire_u32(&b, g->func_types[i]);
    wire_section(out, 3, &b);
    buf_clear(&b);
    wire_u32(&b, g->ntables);
    for (uint32_t i = 0; i < g->ntables; i++) {
        buf_put_u8(&b, g->tables[i].type);
        buf_put_u8(&b, 1);
        wire_u32(&b, g->tables[i].min);
        wire_u32(&b, g->tables[i].max);
    }
    wire_section(out, 4, &b);
    buf_clear(&b);
    wire_u32(&b, g->nmemories);
    for (uint32_t i = 0; i < g->nmemories; i++) {
        buf_put_u8(&b, 1);
        wire_u32(&b, g->memories[i].min);
        wire_u32(&b, g->memories[i].max);
    }
    wire_section(out, 5, &b);
    buf_fini(&b);
}

static void put_globals(struct gen *g, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, g->nglobals);
    for (uint32_t i = 0; i < g->nglobals; i++) {
        struct fn f = {.g = g};
        buf_put_u8(&b, g->globals[i]);
        buf_put_u8(&b, 1);
        value_const(&f, g->globals[i]);
        buf_put(&b, f.out.data, f.out.size);
        buf_put_u8(&b, WASM_OP_end);
        buf_fini(&f.out);
    }
    wire_section(out, 6, &b);
    buf_fini(&b);
}

static void put_exports(struct gen *g, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, 2 + g->nmemories + g->ntables);
    for (uint32_t i = 0; i < 2; i++) {
        wire_name(&b, i == 0 ? "run" : "peek");
        buf_put_u8(&b, 0);
        wire_u32(&b, g->nfuncs + i);
    }
    for (uint32_t i = 0; i < g->nmemories; i++) {
        char name[] = {'m', (char)('0' + i), '\0'};
        wire_name(&b, name);
        buf_put_u8(&b, 2);
        wire_u32(&b, i);
    }
    for (uint32_t i = 0; i < g->ntables; i++) {
        char name[] = {'t', (char)('0' + i), '\0'};
        wire_name(&b, name);
        buf_put_u8(&b, 1);
        wire_u32(&b, i);
    }
    wire_section(out, 7, &b);
    buf_fini(&b);
}

static void put_elems(struct gen *g, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, g->nelems);
    for (uint32_t i = 0; i < g->nelems; i++) {
        const struct gen_elem *e = &g->elems[i];
        wire_u32(&b, e->mode == 0 ? 4 : e->mode == 1 ? 5 : 7);
        if (e->mode == 0) {
            buf_put_u8(&b, WASM_OP_i32_const);
            wire_s64(&b, e->offset);
            buf_put_u8(&b, WASM_OP_end);
        } else {
            buf_put_u8(&b, CSK_FUNCREF);
        }
        wire_u32(&b, e->count);
        for (uint32_t k = 0; k < e->count; k++) {
            bool null = e->funcs[k] == UINT32_MAX;
            buf_put_u8(&b, null ? WASM_OP_ref_null : WASM_OP_ref_func);
            wire_u32(&b, null ? CSK_FUNCREF : e->funcs[k]);
            buf_put_u8(&b, WASM_OP_end);
        }
    }
    wire_section(out, 9, &b);
    buf_fini(&b);
}

static void put_datas(struct gen *g, struct buf *out)
{
    struct buf b = {0};
    wire_u32(&b, g->ndatas);
    for (uint32_t i = 0; i < g->ndatas; i++) {
        const struct gen_data *d = &g->datas[i];
        wire_u32(&b, d->passive ? 1 : d->memory != 0 ? 2 : 0);
        if (!d->passive) {
            if (d->memory != 0)
                wire_u32(&b, d->memory);
            buf_put_u8(&b, WASM_OP_i32_const);
            wire_s64(&b, d->offset);
            buf_put_u8(&b, WASM_OP_end);
        }
        wire_u32(&b, d->size);
        for (uint32_t k = 0; k < d->size; k++)
            buf_put_u8(&b, (uint8_t)rng_u64(&g->rng));
    }
    wire_section(out, 11, &b);
    buf_fini(&b);
}

int gen_module(const struct gen_options *options, struct buf *ret, uint32_t *ret_nstatements)
{
    static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    struct gen g = {.rng = {options->seed}, .options = options};
    struct buf code = {0}, extra = {0}, count = {0};
    plan(&g);
    uint32_t bodies = g.nfuncs - g.nimports;
    wire_u32(&code, bodies + 2);
    for (uint32_t i = 0; i < bodies; i++)
        make_function(&g, g.nimports + i, &code);
    uint32_t nplain = g.ntypes;
    make_run(&g, &extra, &code);
    make_peek(&g, &extra, &code);
    buf_put(ret, header, sizeof header);
    put_types(&g, nplain, &extra, ret);
    put_imports(&g, ret);
    put_spaces(&g, ret);
    put_globals(&g, ret);
    put_exports(&g, ret);
    put_elems(&g, ret);
    wire_u32(&count, g.ndatas);
    wire_section(ret, 12, &count);
    wire_section(ret, 10, &code);
    put_datas(&g, ret);
    int rc = ret->failed || code.failed || extra.failed ? CSK_E_NOMEM : 0;
    buf_fini(&code);
    buf_fini(&extra);
    buf_fini(&count);
    if (ret_nstatements != NULL)
        *ret_nstatements = g.nstatements;
    return rc;
}
