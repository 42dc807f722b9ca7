/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_INTERNAL_H
#define GEN_INTERNAL_H

#include "gen.h"
#include "rng.h"
#include "wire.h"

#include <cloudskin/cloudskin.h>

#include "wasm/opcodes.h"

/*
 * The generator keeps the types on the operand stack, as a validator does, and picks
 * instructions whose operands are there or can be made. Values are left on the stack
 * on purpose: what the engine's translator may keep elsewhere is what is to be tested.
 */

#define GEN_ARITY_MAX    6u /* parameters or results of a block or function */
#define GEN_TYPES_MAX    1500u
#define GEN_FUNCS_MAX    10u
#define GEN_GLOBALS_MAX  10u
#define GEN_LOCALS_MAX   28u
#define GEN_STACK_MAX    96u
#define GEN_CTRLS_MAX    12u
#define GEN_PENDING_MAX  10u /* values left on the stack within one block */
#define GEN_MEMORIES_MAX 3u
#define GEN_TABLES_MAX   3u
#define GEN_ELEMS_MAX    4u
#define GEN_DATAS_MAX    4u
#define GEN_COUNTERS     8u /* locals that bound loops */
#define GEN_FUEL_GLOBAL  0u
#define GEN_HASH_GLOBAL  1u /* i64: values that would be lost are mixed in */

struct gen_type {
    uint8_t params[GEN_ARITY_MAX];
    uint8_t results[GEN_ARITY_MAX];
    uint8_t nparams;
    uint8_t nresults;
};

struct gen_memory {
    uint32_t min, max;
};

struct gen_table {
    uint8_t type;
    uint32_t min, max;
};

struct gen_elem {
    uint8_t mode; /* 0 active in table 0, 1 passive, 3 declared */
    uint32_t offset;
    uint32_t count;
    uint32_t funcs[12]; /* UINT32_MAX: null */
};

struct gen_data {
    bool passive;
    uint32_t memory;
    uint32_t offset;
    uint32_t size;
};

struct gen {
    struct rng rng;
    const struct gen_options *options;
    struct gen_type types[GEN_TYPES_MAX];
    uint32_t ntypes;
    uint32_t func_types[GEN_FUNCS_MAX + 4]; /* imports first; then bodies; then run and peek */
    uint32_t nfuncs;                        /* without run and peek */
    uint32_t nimports;
    uint8_t globals[GEN_GLOBALS_MAX];
    uint32_t nglobals;
    struct gen_memory memories[GEN_MEMORIES_MAX];
    uint32_t nmemories;
    struct gen_table tables[GEN_TABLES_MAX];
    uint32_t ntables;
    struct gen_elem elems[GEN_ELEMS_MAX];
    uint32_t nelems;
    struct gen_data datas[GEN_DATAS_MAX];
    uint32_t ndatas;
    uint32_t fuel;
    uint32_t trap_percent;  /* how often an instruction may trap */
    uint32_t float_percent; /* how often a type is picked from f32, f64 */
    uint32_t nstatements;
};

struct gen_ctrl {
    uint8_t opcode;
    bool dead; /* the rest of the block cannot be reached */
    uint32_t floor;
    struct gen_type type;
};

struct fn {
    struct gen *g;
    struct buf out;
    const struct gen_type *type;
    uint8_t locals[GEN_LOCALS_MAX];
    uint32_t nlocals; /* then the counters, then scratch to make NaNs canonical */
    uint32_t func;
    uint32_t ncounters;
    bool guarded; /* the innermost block is only there to leave another */
    uint8_t stack[GEN_STACK_MAX];
    uint32_t height;
    uint32_t low;       /* lowest height since the current statement began */
    uint32_t protected; /* values below are operands already */
    struct gen_ctrl ctrls[GEN_CTRLS_MAX];
    uint32_t nctrls;
    uint32_t recent[4]; /* locals that were read lately */
    int budget;         /* statements and values left to make */
};

/* ---- module.c ------------------------------------------------------------------ */

uint32_t gen_intern_type(struct gen *g, const struct gen_type *type);
uint8_t gen_any_type(struct gen *g); /* of a value */

/* ---- value.c: each pushes or pops what its name says ------------------------------ */

static inline void op(struct fn *f, unsigned opcode)
{
    if (opcode > 0xff) {
        buf_put_u8(&f->out, WASM_PREFIX_MISC);
        wire_u32(&f->out, opcode & 0xff);
    } else {
        buf_put_u8(&f->out, (uint8_t)opcode);
    }
}

static inline struct gen_ctrl *top_ctrl(struct fn *f)
{
    return &f->ctrls[f->nctrls - 1];
}

static inline uint32_t pending(struct fn *f)
{
    return f->height - top_ctrl(f)->floor;
}

/* How many values on the stack are not operands already. */
static inline uint32_t unprotected(struct fn *f)
{
    uint32_t have = pending(f);
    uint32_t n = f->height > f->protected ? f->height - f->protected : 0;
    return n < have ? n : have;
}

void fn_push(struct fn *f, uint8_t type);
void fn_pop(struct fn *f, uint32_t n);
bool fn_may_trap(struct fn *f);

void value_const(struct fn *f, uint8_t type);
void value_i32(struct fn *f, uint32_t v);
void value_default(struct fn *f, uint8_t type);
void value_of(struct fn *f, uint8_t type, int depth);
/* Operands for an instruction: those on the stack are used when they fit. */
void value_want(struct fn *f, const uint8_t *types, uint32_t n, int depth);
void value_condition(struct fn *f, int depth);
void value_index(struct fn *f, uint32_t n);   /* an i32, mostly below n (a power of two) */
bool value_local(struct fn *f, uint8_t type); /* local.get; false: there is none */
void value_observe(struct fn *f);             /* mixes what is on top into the hash */
void value_call(struct fn *f, uint32_t func, bool tail, int depth);
bool value_call_of(struct fn *f, uint8_t type, int depth);
int pick_local(struct fn *f, uint8_t type); /* -1: there is none */
void note_recent(struct fn *f, uint32_t local);

void emit_scalar_on_top(struct fn *f); /* an instruction that takes what is on the stack */
void emit_scalar_of(struct fn *f, uint8_t type, int depth);
void emit_address(struct fn *f, int depth);
void emit_memarg(struct fn *f, uint32_t bytes, uint32_t memory);
void emit_canonical(struct fn *f, uint8_t type); /* what is on top, when asked for */

/* ---- simd.c ---------------------------------------------------------------------- */

void simd_make(struct fn *f, int depth);                  /* pushes a v128 */
void simd_consume(struct fn *f, uint8_t type, int depth); /* v128 to a scalar `type` */
void simd_store(struct fn *f, int depth);

/* ---- step.c ------------------------------------------------------------------------ */

void step_block(struct fn *f, unsigned opcode, const uint8_t *results, uint32_t nresults,
                int depth);
void step_body(struct fn *f, uint32_t nsteps, int depth);
void step_finish(struct fn *f, const uint8_t *results, uint32_t n);
void step_fuel(struct fn *f); /* at the start of a function */
void step_observe_locals(struct fn *f);

#endif
