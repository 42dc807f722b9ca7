/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "wasm/pass.h"
#include "wasm/valtype.h"

/* ---- control frames ---------------------------------------------------------------------- */

static uint32_t slots_of(const uint8_t *types, uint32_t n)
{
    uint32_t slots = 0;
    for (uint32_t i = 0; i < n; i++)
        slots += wasm_type_slots(types[i]);
    return slots;
}

/* `block` holds parameters and results; its parameters have been popped. */
int pass_push_ctrl(struct pass *p, uint16_t opcode, const struct wasm_functype *block)
{
    if (mem_grow((void **)&p->ctrls, &p->ctrls_cap, p->nctrls + 1, sizeof *p->ctrls) != 0)
        return pass_no_memory(p);
    struct pass_ctrl *c = &p->ctrls[p->nctrls++];
    bool loop = opcode == WASM_OP_loop;
    *c = (struct pass_ctrl){
        .opcode = opcode,
        .entry_live = p->live,
        .height = (uint32_t)p->height,
        .slot_height = p->slots,
        .params = block->params,
        .results = block->results,
        .nparams = block->nparams,
        .nresults = block->nresults,
        .ninits = p->ninits,
        .emit_height = p->e != NULL ? p->e->nentries - (p->live ? block->nparams : 0) : 0,
        .else_label = {.fixups = EMIT_NONE},
    };
    c->label = (struct emit_label){
        .fixups = EMIT_NONE,
        .slot = p->code->local_slots + p->slots,
        .nvalues = loop ? block->nparams : block->nresults,
    };
    if (p->e != NULL)
        c->label.value_slots = slots_of(loop ? block->params : block->results, c->label.nvalues);
    return pass_push_n(p, block->params, block->nparams);
}

static const uint8_t *label_types(const struct pass_ctrl *c, uint32_t *ret_n)
{
    bool loop = c->opcode == WASM_OP_loop;
    *ret_n = loop ? c->nparams : c->nresults;
    return loop ? c->params : c->results;
}

/* Every value type, so that a block's single result has an address. */
static const uint8_t value_types[] = {
    CSK_I32,
    CSK_I64,
    CSK_F32,
    CSK_F64,
    CSK_V128,
    CSK_FUNCREF,
    CSK_EXTERNREF,
    WASM_NONNULL_FUNCREF,
    WASM_NONNULL_EXTERNREF,
};

static int read_block_result(struct pass *p, struct wasm_functype *ret)
{
    uint8_t type;
    int rc = pass_value_type(p, &type);
    if (rc != 0)
        return rc;
    ret->results = memchr(value_types, type, sizeof value_types);
    ret->nresults = 1;
    assert(ret->results != NULL);
    return 0;
}

static int read_block_type(struct pass *p, struct wasm_functype *ret)
{
    *ret = (struct wasm_functype){0};
    if (p->p < p->end && *p->p == 0x40) { /* no values */
        p->p++;
        return 0;
    }
    if (p->p < p->end && (*p->p & 0xc0) == 0x40) /* a negative number of one byte */
        return read_block_result(p, ret);
    int64_t v;
    if (leb_s33(&p->p, p->end, &v) != 0 || v < 0)
        return MALFORMED(p, "malformed block type");
    if (v >= p->module->ntypes)
        return INVALID(p, "unknown type %u", (unsigned)v);
    *ret = p->module->types[v];
    return 0;
}

int pass_block(struct pass *p, uint16_t opcode)
{
    struct wasm_functype block;
    int rc = read_block_type(p, &block);
    if (rc == 0 && opcode == WASM_OP_if)
        rc = pass_pop(p, CSK_I32);
    if (rc == 0)
        rc = pass_pop_n(p, block.params, block.nparams);
    if (rc != 0)
        return rc;
    struct emit_label else_label = {.fixups = EMIT_NONE};
    if (pass_emitting(p)) {
        if (opcode == WASM_OP_if)
            emit_jump_unless(p->e, &else_label);
        else
            emit_flush(p->e);
    }
    rc = pass_push_ctrl(p, opcode, &block);
    if (rc != 0)
        return rc;
    struct pass_ctrl *c = pass_top(p);
    c->else_label = else_label;
    if (opcode != WASM_OP_loop || !pass_emitting(p))
        return 0;
    emit_loop(p->e, &c->label);
    return pass_report(p, WASM_AT_LOOP, c->label.pos, p->p, NULL);
}

/* Locals that were first set inside a block count as unset after it. */
static void forget_inits(struct pass *p, size_t keep)
{
    while (p->ninits > keep)
        p->unset[p->inits[--p->ninits]] = true;
}

/* The values on top are a block's results, and nothing else is left of the block. */
static int check_block_end(struct pass *p, const struct pass_ctrl *c)
{
    int rc = pass_pop_n(p, c->results, c->nresults);
    if (rc == 0 && p->height != c->height)
        rc = pass_type_mismatch(p);
    return rc;
}

/* The emitter's stack at the start of a branch of the program that nothing falls into. */
static void revive(struct pass *p, const struct pass_ctrl *c, const uint8_t *types, uint32_t n)
{
    if (p->e == NULL)
        return;
    emit_truncate(p->e, c->emit_height);
    p->e->last.pos = EMIT_NONE;
    emit_push_n(p->e, types, n);
}

int pass_else(struct pass *p)
{
    struct pass_ctrl *c = pass_top(p);
    if (c->opcode != WASM_OP_if || c->has_else)
        return MALFORMED(p, "else without if");
    if (pass_emitting(p))
        emit_jump(p->e, &c->label);
    int rc = check_block_end(p, c);
    if (rc != 0)
        return rc;
    c->has_else = true;
    c->unreachable = false;
    forget_inits(p, c->ninits);
    p->live = c->entry_live;
    if (pass_emitting(p)) {
        revive(p, c, c->params, c->nparams);
        emit_bind(p->e, &c->else_label);
    }
    return pass_push_n(p, c->params, c->nparams);
}

static int do_function_end(struct pass *p, const struct pass_ctrl *c)
{
    if (pass_emitting(p))
        emit_return(p->e, c->nresults, p->code->type->result_slots);
    p->nctrls = 0;
    if (p->p != p->end) {
        p->at = p->p;
        return MALFORMED(p, "bytes after the end of function %u", p->code->func_index);
    }
    return 0;
}

int pass_end(struct pass *p)
{
    struct pass_ctrl *c = pass_top(p);
    int rc = check_block_end(p, c);
    if (rc != 0)
        return rc;
    bool open_if = c->opcode == WASM_OP_if && !c->has_else;
    if (open_if &&
        (c->nparams != c->nresults || !wasm_types_match(c->params, c->results, c->nparams)))
        return pass_type_mismatch(p);
    if (p->nctrls == 1)
        return do_function_end(p, c);
    struct pass_ctrl done = *c;
    forget_inits(p, done.ninits);
    bool falls = p->live;
    bool joined = done.label.fixups != EMIT_NONE || (open_if && done.entry_live);
    p->live = falls || joined;
    if (pass_emitting(p) && joined) {
        if (!falls)
            revive(p, &done, done.results, done.nresults);
        emit_bind(p->e, &done.label);
        if (open_if)
            emit_bind(p->e, &done.else_label);
    }
    p->nctrls--;
    return pass_push_n(p, done.results, done.nresults);
}

/* ---- branches ---------------------------------------------------------------------------- */

static int read_label(struct pass *p, struct pass_ctrl **ret)
{
    uint32_t depth;
    int rc = pass_u32(p, &depth);
    if (rc != 0)
        return rc;
    if (depth >= p->nctrls)
        return INVALID(p, "unknown label %u, there are %zu", depth, p->nctrls);
    *ret = &p->ctrls[p->nctrls - 1 - depth];
    return 0;
}

int pass_br(struct pass *p)
{
    struct pass_ctrl *c = NULL;
    int rc = read_label(p, &c);
    if (rc != 0)
        return rc;
    uint32_t n;
    const uint8_t *types = label_types(c, &n);
    if (pass_emitting(p))
        emit_jump(p->e, &c->label);
    rc = pass_pop_n(p, types, n);
    pass_unreachable(p);
    return rc;
}

int pass_br_if(struct pass *p)
{
    struct pass_ctrl *c = NULL;
    int rc = read_label(p, &c);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    uint32_t n;
    const uint8_t *types = label_types(c, &n);
    rc = pass_check_n(p, types, n);
    if (rc == 0 && pass_emitting(p))
        emit_jump_if(p->e, &c->label);
    return rc;
}

int pass_br_table(struct pass *p)
{
    uint32_t count;
    int rc = pass_u32(p, &count);
    if (rc != 0)
        return rc;
    if (count > (size_t)(p->end - p->p))
        return MALFORMED(p, "br_table longer than its function");
    if (count > WASM_BR_TABLE_MAX)
        return error_at(p->err, CSK_E_LIMIT, pass_offset(p), "br_table of %u targets, limit is %u",
                        count, WASM_BR_TABLE_MAX);
    rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (mem_grow((void **)&p->targets, &p->targets_cap, (size_t)count + 1, sizeof *p->targets) != 0)
        return pass_no_memory(p);
    uint32_t arity = 0;
    const uint8_t *checked = NULL;
    for (uint32_t i = 0; i <= count; i++) {
        struct pass_ctrl *c = NULL;
        rc = read_label(p, &c);
        if (rc != 0)
            return rc;
        uint32_t n;
        const uint8_t *types = label_types(c, &n);
        if (i > 0 && n != arity)
            return pass_type_mismatch(p);
        if (i == 0 || types != checked)
            rc = pass_match_n(p, types, n);
        if (rc != 0)
            return rc;
        checked = types;
        arity = n;
        p->targets[i] = &c->label;
    }
    if (pass_emitting(p))
        emit_jump_table(p->e, p->targets, count + 1);
    pass_unreachable(p);
    return 0;
}

int pass_return(struct pass *p)
{
    const struct pass_ctrl *f = &p->ctrls[0];
    if (pass_emitting(p))
        emit_return(p->e, f->nresults, p->code->type->result_slots);
    int rc = pass_pop_n(p, f->results, f->nresults);
    pass_unreachable(p);
    return rc;
}

/* ---- calls ------------------------------------------------------------------------------- */

static void put_pointer(const void *ptr, uint32_t units[2])
{
    uint64_t v = (uintptr_t)ptr;
    memcpy(units, &v, sizeof v);
}

static int emit_direct_call(struct pass *p, uint32_t func, const struct wasm_functype *type,
                            bool tail)
{
    const struct wasm_module *m = p->module;
    uint32_t imported = m->nimported[WASM_FUNC];
    uint32_t imms[2] = {func, 0};
    if (func < imported) {
        uint32_t pos =
            emit_at_base(p->e, tail ? IR_tail_call_import : IR_call_import, type->nparams, imms, 1);
        return pass_report(p, WASM_AT_HOST, pos, p->at, NULL);
    }
    put_pointer(&m->codes[func - imported], imms);
    (void)emit_at_base(p->e, tail ? IR_tail_call : IR_call, type->nparams, imms, 2);
    return 0;
}

/* After the call was emitted: types, and the safepoint where it returns. */
static int finish_call(struct pass *p, const struct wasm_functype *type, uint32_t operands,
                       bool tail)
{
    if (pass_emitting(p))
        emit_pop_n(p->e, operands);
    int rc = pass_pop_n(p, type->params, type->nparams);
    if (rc != 0)
        return rc;
    if (tail) {
        const struct wasm_functype *own = p->code->type;
        if (own->nresults != type->nresults ||
            !wasm_types_match(type->results, own->results, own->nresults))
            return pass_type_mismatch(p);
        /* the results of a host function are put where its arguments were */
        if (p->slots + type->result_slots > p->max_slots)
            p->max_slots = p->slots + type->result_slots;
        pass_unreachable(p);
        return 0;
    }
    rc = pass_push_n(p, type->results, type->nresults);
    if (rc != 0 || !pass_emitting(p))
        return rc;
    emit_push_n(p->e, type->results, type->nresults);
    return pass_report(p, WASM_AT_RETURN, (uint32_t)p->e->size, p->p, type);
}

int pass_call(struct pass *p, bool tail)
{
    const struct wasm_module *m = p->module;
    uint32_t func;
    int rc = pass_index(p, m->nfuncs, "function", &func);
    if (rc != 0)
        return rc;
    const struct wasm_functype *type = &m->types[m->func_types[func]];
    rc = pass_check_n(p, type->params, type->nparams);
    if (rc == 0 && pass_emitting(p))
        rc = emit_direct_call(p, func, type, tail);
    return rc != 0 ? rc : finish_call(p, type, type->nparams, tail);
}

int pass_call_indirect(struct pass *p, bool tail)
{
    const struct wasm_module *m = p->module;
    uint32_t type_index, table;
    int rc = pass_index(p, m->ntypes, "type", &type_index);
    if (rc == 0)
        rc = pass_index(p, m->ntables, "table", &table);
    if (rc != 0)
        return rc;
    if (m->tables[table].elem != CSK_FUNCREF)
        return pass_type_mismatch(p);
    const struct wasm_functype *type = &m->types[type_index];
    uint32_t pos = 0;
    if (pass_emitting(p)) {
        uint32_t imms[3] = {0, type->canon, table};
        emit_flush(p->e);
        if (p->e->rc == 0)
            imms[0] = p->e->entries[p->e->nentries - 1].slot;
        pos = emit_at_base(p->e, tail ? IR_tail_call_indirect : IR_call_indirect, type->nparams + 1,
                           imms, 3);
    }
    /* a host function may be behind it: the call is made again with its index on the stack */
    rc = pass_report(p, WASM_AT_HOST, pos, p->at, NULL);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc == 0)
        rc = pass_check_n(p, type->params, type->nparams);
    return rc != 0 ? rc : finish_call(p, type, type->nparams + 1, tail);
}

/* References to functions of one known type are not built, so the only operand that
 * call_ref can have here is one that is never there. */
int pass_call_ref(struct pass *p)
{
    uint32_t type_index;
    uint8_t ref;
    int rc = pass_index(p, p->module->ntypes, "type", &type_index);
    if (rc == 0)
        rc = pass_pop_any(p, &ref);
    if (rc == 0 && ref != PASS_ANY)
        rc = pass_type_mismatch(p);
    if (rc != 0)
        return rc;
    const struct wasm_functype *type = &p->module->types[type_index];
    rc = pass_pop_n(p, type->params, type->nparams);
    return rc != 0 ? rc : pass_push_n(p, type->results, type->nresults);
}
