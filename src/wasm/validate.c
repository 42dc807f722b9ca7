/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/validate.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "csk-config.h"
#include "wasm/pass.h"
#include "wasm/simd.h"
#include "wasm/valtype.h"

#define ANY 0 /* the bottom type */

/* ---- the table of regular instructions ------------------------------------------ */

enum op_kind {
    OP_NONE,
    OP_LOAD,
    OP_STORE,
    OP_CMPI,
    OP_CMPF,
    OP_BIN,
    OP_UN
};

struct op_info {
    uint8_t kind;
    uint8_t in; /* operand type; LOAD, STORE: access size in bytes */
    uint8_t out;
    uint16_t base; /* first internal opcode */
};

/* clang-format off */
#define IN_LOAD(x)  (x)
#define IN_STORE(x) (x)
#define IN_CMPI(x)  CSK_##x
#define IN_CMPF(x)  CSK_##x
#define IN_BIN(x)   CSK_##x
#define IN_UN(x)    CSK_##x
#define BASE_LOAD(id)  IR_##id##_S_S
#define BASE_STORE(id) IR_##id##_SS
#define BASE_CMPI(id)  IR_##id##_SS_S
#define BASE_CMPF(id)  IR_##id##_SS_S
#define BASE_BIN(id)   IR_##id##_SS_S
#define BASE_UN(id)    IR_##id##_S_S
/* Opcodes above 0xff stand at 0x100 plus their sub-opcode. */
#define INDEX(code) ((code) > 0xff ? 0x100 + ((code) & 0xff) : (code))

static const struct op_info op_infos[0x108] = {
#define X(code, id, k, i, o) \
    [INDEX(code)] = {.kind = OP_##k, .in = IN_##k(i), .out = CSK_##o, .base = BASE_##k(id)},
    WASM_REGULAR_OPS(X)
#undef X
};
/* clang-format on */

static bool commutes(unsigned opcode)
{
    switch (opcode) {
    case WASM_OP_i32_add:
    case WASM_OP_i32_mul:
    case WASM_OP_i32_and:
    case WASM_OP_i32_or:
    case WASM_OP_i32_xor:
    case WASM_OP_i64_add:
    case WASM_OP_i64_mul:
    case WASM_OP_i64_and:
    case WASM_OP_i64_or:
    case WASM_OP_i64_xor:
    case WASM_OP_f32_add:
    case WASM_OP_f32_mul:
    case WASM_OP_f64_add:
    case WASM_OP_f64_mul:
        return true;
    default:
        return false;
    }
}

/* ---- errors and immediates --------------------------------------------------------- */

static uint64_t offset_of(const struct pass *p)
{
    return (uint64_t)(p->at - p->start);
}

#define INVALID(p, ...)   error_at((p)->err, CSK_E_INVALID, offset_of(p), __VA_ARGS__)
#define MALFORMED(p, ...) error_at((p)->err, CSK_E_MALFORMED, offset_of(p), __VA_ARGS__)

static int type_mismatch(struct pass *p)
{
    return INVALID(p, "type mismatch in function %u", p->code->func_index);
}

static int no_memory(struct pass *p)
{
    return error_set(p->err, CSK_E_NOMEM, "out of memory validating function %u",
                     p->code->func_index);
}

static int read_u32(struct pass *p, uint32_t *ret)
{
    int rc = leb_u32(&p->p, p->end, ret);
    return rc != 0 ? MALFORMED(p, "bad immediate in function %u", p->code->func_index) : 0;
}

static int read_index(struct pass *p, uint32_t count, const char *what, uint32_t *ret)
{
    int rc = read_u32(p, ret);
    if (rc == 0 && *ret >= count)
        rc = INVALID(p, "unknown %s %u, there are %u", what, *ret, count);
    return rc;
}

static int read_bytes(struct pass *p, size_t n, const uint8_t **ret)
{
    if ((size_t)(p->end - p->p) < n)
        return MALFORMED(p, "unexpected end of function %u", p->code->func_index);
    *ret = p->p;
    p->p += n;
    return 0;
}

static int read_u8(struct pass *p, uint8_t *ret)
{
    const uint8_t *b = NULL;
    int rc = read_bytes(p, 1, &b);
    if (rc == 0)
        *ret = *b;
    return rc;
}

static int read_value_type(struct pass *p, uint8_t *ret)
{
    int rc = wasm_read_valtype(&p->p, p->end, ret);
    if (rc == CSK_E_UNSUPPORTED)
        return error_at(p->err, rc, offset_of(p), "value type 0x%02x is not supported", *p->p);
    return rc != 0 ? MALFORMED(p, "malformed value type") : 0;
}

/* ---- operand stack -------------------------------------------------------------------- */

static struct pass_ctrl *top_ctrl(struct pass *p)
{
    return &p->ctrls[p->nctrls - 1];
}

static int push(struct pass *p, uint8_t type)
{
    if (p->height == p->types_cap &&
        mem_grow((void **)&p->types, &p->types_cap, p->height + 1, 1) != 0)
        return no_memory(p);
    p->types[p->height++] = type;
    p->slots += wasm_type_slots(type);
    if (p->slots > p->max_slots)
        p->max_slots = p->slots;
    return 0;
}

static int push_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int rc = push(p, types[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Pop whatever is there; ANY in unreachable code. */
static int pop_any(struct pass *p, uint8_t *ret_type)
{
    const struct pass_ctrl *c = top_ctrl(p);
    if (p->height == c->height) {
        *ret_type = ANY;
        return c->unreachable ? 0 : type_mismatch(p);
    }
    *ret_type = p->types[--p->height];
    p->slots -= wasm_type_slots(*ret_type);
    return 0;
}

static int pop(struct pass *p, uint8_t type)
{
    uint8_t actual;
    int rc = pop_any(p, &actual);
    if (rc == 0 && actual != ANY && !wasm_type_matches(actual, type))
        rc = type_mismatch(p);
    return rc;
}

static int pop_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    int rc = 0;
    while (rc == 0 && n > 0)
        rc = pop(p, types[--n]);
    return rc;
}

/* Check that the top n values have these types, leaving them there. */
static int check_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    const struct pass_ctrl *c = top_ctrl(p);
    if (p->height - c->height >= n) {
        const uint8_t *actual = p->types + p->height - n;
        if (memcmp(actual, types, n) == 0)
            return 0;
        if (!c->unreachable)
            return wasm_types_match(actual, types, n) ? 0 : type_mismatch(p);
    } else if (!c->unreachable) {
        return type_mismatch(p);
    }
    int rc = pop_n(p, types, n);
    return rc != 0 ? rc : push_n(p, types, n);
}

/* Pop the operands that `in` lists in stack order (i I f F v: i32 i64 f32 f64 v128), then
 * push `out` unless it is 0. */
static int pop_push(struct pass *p, const char *in, uint8_t out)
{
    for (size_t n = strlen(in); n > 0; n--) {
        uint8_t type = in[n - 1] == 'i'   ? CSK_I32
                       : in[n - 1] == 'I' ? CSK_I64
                       : in[n - 1] == 'f' ? CSK_F32
                       : in[n - 1] == 'F' ? CSK_F64
                                          : CSK_V128;
        int rc = pop(p, type);
        if (rc != 0)
            return rc;
    }
    return out != 0 ? push(p, out) : 0;
}

static bool emitting(const struct pass *p)
{
    return p->e != NULL && p->live;
}

static void mark_unreachable(struct pass *p)
{
    struct pass_ctrl *c = top_ctrl(p);
    p->height = c->height;
    p->slots = c->slot_height;
    c->unreachable = true;
    p->live = false;
}

static int report_point(struct pass *p, uint8_t at, uint32_t ir_pos, const uint8_t *pc,
                        const struct wasm_functype *callee)
{
    if (p->point == NULL || !emitting(p))
        return 0;
    struct wasm_point point = {
        .ir_pos = ir_pos,
        .pc = (uint32_t)(pc - p->start),
        .at = at,
        .ntypes = (uint32_t)p->height,
        .nlocals = p->nlocals,
        .types = p->types,
        .local_types = p->local_types,
        .callee = callee,
    };
    return p->point(p->point_user, &point);
}

/* ---- control frames ---------------------------------------------------------------------- */

static uint32_t slots_of(const uint8_t *types, uint32_t n)
{
    uint32_t slots = 0;
    for (uint32_t i = 0; i < n; i++)
        slots += wasm_type_slots(types[i]);
    return slots;
}

/* `block` holds parameters and results; its parameters have been popped. */
static int push_ctrl(struct pass *p, uint16_t opcode, const struct wasm_functype *block)
{
    if (mem_grow((void **)&p->ctrls, &p->ctrls_cap, p->nctrls + 1, sizeof *p->ctrls) != 0)
        return no_memory(p);
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
    return push_n(p, block->params, block->nparams);
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
    int rc = read_value_type(p, &type);
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

static int do_block(struct pass *p, uint16_t opcode)
{
    struct wasm_functype block;
    int rc = read_block_type(p, &block);
    if (rc == 0 && opcode == WASM_OP_if)
        rc = pop(p, CSK_I32);
    if (rc == 0)
        rc = pop_n(p, block.params, block.nparams);
    if (rc != 0)
        return rc;
    struct emit_label else_label = {.fixups = EMIT_NONE};
    if (emitting(p)) {
        if (opcode == WASM_OP_if)
            emit_jump_unless(p->e, &else_label);
        else
            emit_flush(p->e);
    }
    rc = push_ctrl(p, opcode, &block);
    if (rc != 0)
        return rc;
    struct pass_ctrl *c = top_ctrl(p);
    c->else_label = else_label;
    if (opcode != WASM_OP_loop || !emitting(p))
        return 0;
    emit_loop(p->e, &c->label);
    return report_point(p, WASM_AT_LOOP, c->label.pos, p->p, NULL);
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
    int rc = pop_n(p, c->results, c->nresults);
    if (rc == 0 && p->height != c->height)
        rc = type_mismatch(p);
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

static int do_else(struct pass *p)
{
    struct pass_ctrl *c = top_ctrl(p);
    if (c->opcode != WASM_OP_if || c->has_else)
        return MALFORMED(p, "else without if");
    if (emitting(p))
        emit_jump(p->e, &c->label);
    int rc = check_block_end(p, c);
    if (rc != 0)
        return rc;
    c->has_else = true;
    c->unreachable = false;
    forget_inits(p, c->ninits);
    p->live = c->entry_live;
    if (emitting(p)) {
        revive(p, c, c->params, c->nparams);
        emit_bind(p->e, &c->else_label);
    }
    return push_n(p, c->params, c->nparams);
}

static int do_function_end(struct pass *p, const struct pass_ctrl *c)
{
    if (emitting(p))
        emit_return(p->e, c->nresults, p->code->type->result_slots);
    p->nctrls = 0;
    if (p->p != p->end) {
        p->at = p->p;
        return MALFORMED(p, "bytes after the end of function %u", p->code->func_index);
    }
    return 0;
}

static int do_end(struct pass *p)
{
    struct pass_ctrl *c = top_ctrl(p);
    int rc = check_block_end(p, c);
    if (rc != 0)
        return rc;
    bool open_if = c->opcode == WASM_OP_if && !c->has_else;
    if (open_if &&
        (c->nparams != c->nresults || !wasm_types_match(c->params, c->results, c->nparams)))
        return type_mismatch(p);
    if (p->nctrls == 1)
        return do_function_end(p, c);
    struct pass_ctrl done = *c;
    forget_inits(p, done.ninits);
    bool falls = p->live;
    bool joined = done.label.fixups != EMIT_NONE || (open_if && done.entry_live);
    p->live = falls || joined;
    if (emitting(p) && joined) {
        if (!falls)
            revive(p, &done, done.results, done.nresults);
        emit_bind(p->e, &done.label);
        if (open_if)
            emit_bind(p->e, &done.else_label);
    }
    p->nctrls--;
    return push_n(p, done.results, done.nresults);
}

/* ---- branches ------------------------------------------------------------------------------- */

static int read_label(struct pass *p, struct pass_ctrl **ret)
{
    uint32_t depth;
    int rc = read_u32(p, &depth);
    if (rc != 0)
        return rc;
    if (depth >= p->nctrls)
        return INVALID(p, "unknown label %u, there are %zu", depth, p->nctrls);
    *ret = &p->ctrls[p->nctrls - 1 - depth];
    return 0;
}

static int do_br(struct pass *p)
{
    struct pass_ctrl *c = NULL;
    int rc = read_label(p, &c);
    if (rc != 0)
        return rc;
    uint32_t n;
    const uint8_t *types = label_types(c, &n);
    if (emitting(p))
        emit_jump(p->e, &c->label);
    rc = pop_n(p, types, n);
    mark_unreachable(p);
    return rc;
}

static int do_br_if(struct pass *p)
{
    struct pass_ctrl *c = NULL;
    int rc = read_label(p, &c);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    uint32_t n;
    const uint8_t *types = label_types(c, &n);
    rc = check_n(p, types, n);
    if (rc == 0 && emitting(p))
        emit_jump_if(p->e, &c->label);
    return rc;
}

static int do_br_table(struct pass *p)
{
    uint32_t count;
    int rc = read_u32(p, &count);
    if (rc != 0)
        return rc;
    if (count > (size_t)(p->end - p->p))
        return MALFORMED(p, "br_table longer than its function");
    if (count > WASM_BR_TABLE_MAX)
        return error_at(p->err, CSK_E_LIMIT, offset_of(p), "br_table of %u targets, limit is %u",
                        count, WASM_BR_TABLE_MAX);
    rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (mem_grow((void **)&p->targets, &p->targets_cap, (size_t)count + 1, sizeof *p->targets) != 0)
        return no_memory(p);
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
            return type_mismatch(p);
        if (i == 0 || types != checked)
            rc = check_n(p, types, n);
        if (rc != 0)
            return rc;
        checked = types;
        arity = n;
        p->targets[i] = &c->label;
    }
    if (emitting(p))
        emit_jump_table(p->e, p->targets, count + 1);
    mark_unreachable(p);
    return 0;
}

static int do_return(struct pass *p)
{
    const struct pass_ctrl *f = &p->ctrls[0];
    if (emitting(p))
        emit_return(p->e, f->nresults, p->code->type->result_slots);
    int rc = pop_n(p, f->results, f->nresults);
    mark_unreachable(p);
    return rc;
}

/* ---- calls -------------------------------------------------------------------------------------
 */

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
        return report_point(p, WASM_AT_HOST, pos, p->at, NULL);
    }
    put_pointer(&m->codes[func - imported], imms);
    (void)emit_at_base(p->e, tail ? IR_tail_call : IR_call, type->nparams, imms, 2);
    return 0;
}

/* After the call was emitted: types, and the safepoint where it returns. */
static int finish_call(struct pass *p, const struct wasm_functype *type, uint32_t operands,
                       bool tail)
{
    if (emitting(p))
        emit_pop_n(p->e, operands);
    int rc = pop_n(p, type->params, type->nparams);
    if (rc != 0)
        return rc;
    if (tail) {
        const struct wasm_functype *own = p->code->type;
        if (own->nresults != type->nresults ||
            !wasm_types_match(type->results, own->results, own->nresults))
            return type_mismatch(p);
        /* the results of a host function are put where its arguments were */
        if (p->slots + type->result_slots > p->max_slots)
            p->max_slots = p->slots + type->result_slots;
        mark_unreachable(p);
        return 0;
    }
    rc = push_n(p, type->results, type->nresults);
    if (rc != 0 || !emitting(p))
        return rc;
    emit_push_n(p->e, type->results, type->nresults);
    return report_point(p, WASM_AT_RETURN, (uint32_t)p->e->size, p->p, type);
}

static int do_call(struct pass *p, bool tail)
{
    const struct wasm_module *m = p->module;
    uint32_t func;
    int rc = read_index(p, m->nfuncs, "function", &func);
    if (rc != 0)
        return rc;
    const struct wasm_functype *type = &m->types[m->func_types[func]];
    rc = check_n(p, type->params, type->nparams);
    if (rc == 0 && emitting(p))
        rc = emit_direct_call(p, func, type, tail);
    return rc != 0 ? rc : finish_call(p, type, type->nparams, tail);
}

static int do_call_indirect(struct pass *p, bool tail)
{
    const struct wasm_module *m = p->module;
    uint32_t type_index, table;
    int rc = read_index(p, m->ntypes, "type", &type_index);
    if (rc == 0)
        rc = read_index(p, m->ntables, "table", &table);
    if (rc != 0)
        return rc;
    if (m->tables[table].elem != CSK_FUNCREF)
        return type_mismatch(p);
    const struct wasm_functype *type = &m->types[type_index];
    uint32_t pos = 0;
    if (emitting(p)) {
        uint32_t imms[3] = {0, type->canon, table};
        emit_flush(p->e);
        if (p->e->rc == 0)
            imms[0] = p->e->entries[p->e->nentries - 1].slot;
        pos = emit_at_base(p->e, tail ? IR_tail_call_indirect : IR_call_indirect, type->nparams + 1,
                           imms, 3);
    }
    /* a host function may be behind it: the call is made again with its index on the stack */
    rc = report_point(p, WASM_AT_HOST, pos, p->at, NULL);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc == 0)
        rc = check_n(p, type->params, type->nparams);
    return rc != 0 ? rc : finish_call(p, type, type->nparams + 1, tail);
}

/* References to functions of one known type are not built, so the only operand that
 * call_ref can have here is one that is never there. */
static int do_call_ref(struct pass *p)
{
    uint32_t type_index;
    uint8_t ref;
    int rc = read_index(p, p->module->ntypes, "type", &type_index);
    if (rc == 0)
        rc = pop_any(p, &ref);
    if (rc == 0 && ref != ANY)
        rc = type_mismatch(p);
    if (rc != 0)
        return rc;
    const struct wasm_functype *type = &p->module->types[type_index];
    rc = pop_n(p, type->params, type->nparams);
    return rc != 0 ? rc : push_n(p, type->results, type->nresults);
}

/* ---- variables, constants, references
 * -------------------------------------------------------------- */

static int do_local(struct pass *p, unsigned opcode)
{
    uint32_t i;
    int rc = read_index(p, p->nlocals, "local", &i);
    if (rc != 0)
        return rc;
    uint8_t type = p->local_types[i];
    if (opcode == WASM_OP_local_get) {
        if (p->unset != NULL && p->unset[i])
            return INVALID(p, "uninitialized local %u", i);
        if (emitting(p))
            emit_local_get(p->e, p->local_slots[i], type);
        return push(p, type);
    }
    bool tee = opcode == WASM_OP_local_tee;
    rc = pop(p, type);
    if (rc != 0)
        return rc;
    if (p->unset != NULL && p->unset[i]) {
        p->unset[i] = false;
        p->inits[p->ninits++] = i;
    }
    if (emitting(p))
        emit_local_set(p->e, p->local_slots[i], tee);
    return tee ? push(p, type) : 0;
}

static int do_global(struct pass *p, bool set)
{
    uint32_t i;
    int rc = read_index(p, p->module->nglobals, "global", &i);
    if (rc != 0)
        return rc;
    struct wasm_globaltype type = p->module->globals[i].type;
    if (!set) {
        if (emitting(p))
            emit_global_get(p->e, i, type.type);
        return push(p, type.type);
    }
    if (!type.mutable)
        return INVALID(p, "global %u is immutable", i);
    rc = pop(p, type.type);
    if (rc == 0 && emitting(p))
        emit_global_set(p->e, i, type.type);
    return rc;
}

static int push_const(struct pass *p, uint8_t type, uint64_t value)
{
    if (emitting(p))
        emit_const(p->e, type, value);
    return push(p, type);
}

static int do_const(struct pass *p, unsigned opcode)
{
    const uint8_t *bytes = NULL;
    int32_t i32;
    int64_t i64;
    int rc;
    switch (opcode) {
    case WASM_OP_i32_const:
        rc = leb_s32(&p->p, p->end, &i32);
        return rc != 0 ? MALFORMED(p, "bad i32 constant") : push_const(p, CSK_I32, (uint32_t)i32);
    case WASM_OP_i64_const:
        rc = leb_s64(&p->p, p->end, &i64);
        return rc != 0 ? MALFORMED(p, "bad i64 constant") : push_const(p, CSK_I64, (uint64_t)i64);
    case WASM_OP_f32_const:
        rc = read_bytes(p, 4, &bytes);
        return rc != 0 ? rc : push_const(p, CSK_F32, get_le32(bytes));
    default:
        rc = read_bytes(p, 8, &bytes);
        return rc != 0 ? rc : push_const(p, CSK_F64, get_le64(bytes));
    }
}

static int do_drop(struct pass *p)
{
    uint8_t type;
    int rc = pop_any(p, &type);
    if (rc == 0 && emitting(p))
        emit_pop_n(p->e, 1);
    return rc;
}

static int do_select(struct pass *p)
{
    uint8_t a, b;
    int rc = pop(p, CSK_I32);
    if (rc == 0)
        rc = pop_any(p, &b);
    if (rc == 0)
        rc = pop_any(p, &a);
    if (rc != 0)
        return rc;
    if (wasm_type_is_ref(a) || wasm_type_is_ref(b) || (a != b && a != ANY && b != ANY))
        return type_mismatch(p);
    if (emitting(p))
        emit_select(p->e);
    return push(p, a == ANY ? b : a);
}

static int do_select_t(struct pass *p)
{
    uint32_t n;
    uint8_t type;
    int rc = read_u32(p, &n);
    if (rc == 0 && n != 1)
        rc = INVALID(p, "invalid result arity %u of select", n);
    if (rc == 0)
        rc = read_value_type(p, &type);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc == 0)
        rc = pop(p, type);
    if (rc == 0)
        rc = pop(p, type);
    if (rc != 0)
        return rc;
    if (emitting(p))
        emit_select(p->e);
    return push(p, type);
}

static int do_ref(struct pass *p, unsigned opcode)
{
    uint8_t type;
    uint32_t func;
    int rc;
    switch (opcode) {
    case WASM_OP_ref_null:
        rc = read_u8(p, &type);
        if (rc == 0 && type != CSK_FUNCREF && type != CSK_EXTERNREF)
            rc = MALFORMED(p, "malformed reference type 0x%02x", type);
        return rc != 0 ? rc : push_const(p, type, 0);
    case WASM_OP_ref_as_non_null:
        rc = pop_any(p, &type);
        if (rc == 0 && type != ANY && !wasm_type_is_ref(type))
            rc = type_mismatch(p);
        if (type == CSK_FUNCREF || type == CSK_EXTERNREF)
            type &= (uint8_t)~0x20;
        if (rc == 0 && emitting(p))
            emit_generic(p->e, IR_ref_as_non_null, 1, type, NULL, 0);
        return rc != 0 ? rc : push(p, type);
    case WASM_OP_ref_is_null:
        rc = pop_any(p, &type);
        if (rc == 0 && type != ANY && !wasm_type_is_ref(type))
            rc = type_mismatch(p);
        if (rc == 0 && emitting(p))
            emit_unary(p->e, IR_i64_eqz_S_S, CSK_I32);
        return rc != 0 ? rc : push(p, CSK_I32);
    default:
        rc = read_index(p, p->module->nfuncs, "function", &func);
        if (rc == 0 && (p->module->declared_refs[func / 8] >> (func % 8) & 1) == 0)
            rc = INVALID(p, "undeclared reference to function %u", func);
        if (rc == 0 && emitting(p))
            emit_generic(p->e, IR_ref_func, 0, CSK_FUNCREF, &func, 1);
        return rc != 0 ? rc : push(p, WASM_NONNULL_FUNCREF);
    }
}

/* ---- memory
 * --------------------------------------------------------------------------------------------- */

struct memarg {
    uint32_t offset;
    uint32_t memory;
};

static int read_memarg(struct pass *p, uint32_t access_bytes, struct memarg *ret)
{
    uint32_t align;
    ret->memory = 0;
    int rc = read_u32(p, &align);
    if (rc != 0)
        return rc;
    if (align >= 0x80)
        return MALFORMED(p, "malformed memory access flags");
    if ((align & 0x40) != 0) /* multiple memories: an index follows */
        rc = read_u32(p, &ret->memory);
    align &= 0x3f;
    uint64_t offset = 0;
    if (rc == 0 && leb_u64(&p->p, p->end, &offset) != 0)
        rc = MALFORMED(p, "bad offset of a memory access");
    if (rc != 0)
        return rc;
    if (offset > UINT32_MAX)
        return INVALID(p, "offset of a memory access is out of range");
    ret->offset = (uint32_t)offset;
    if (ret->memory >= p->module->nmemories)
        return INVALID(p, "unknown memory %u", ret->memory);
    if (align >= 32 || (1ull << align) > access_bytes)
        return INVALID(p, "alignment must not be larger than natural");
    return 0;
}

/* The interpreter keeps memory 0 at hand; others are selected around an access. */
static void select_memory(struct pass *p, uint32_t memory)
{
    if (memory != 0 && emitting(p))
        emit_plain(p->e, IR_memory_select, &memory, 1);
}

static void unselect_memory(struct pass *p, uint32_t memory)
{
    static const uint32_t zero;
    if (memory != 0 && emitting(p))
        emit_plain(p->e, IR_memory_select, &zero, 1);
}

static int do_load(struct pass *p, const struct op_info *op)
{
    struct memarg m;
    int rc = read_memarg(p, op->in, &m);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    select_memory(p, m.memory);
    if (emitting(p))
        emit_load(p->e, op->base, op->out, m.offset);
    unselect_memory(p, m.memory);
    return push(p, op->out);
}

static int do_store(struct pass *p, const struct op_info *op)
{
    struct memarg m;
    int rc = read_memarg(p, op->in, &m);
    if (rc == 0)
        rc = pop(p, op->out);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    select_memory(p, m.memory);
    if (emitting(p))
        emit_store(p->e, op->base, m.offset);
    unselect_memory(p, m.memory);
    return 0;
}

static int do_memory_size_grow(struct pass *p, bool grow)
{
    uint32_t memory;
    int rc = read_index(p, p->module->nmemories, "memory", &memory);
    if (rc == 0 && grow)
        rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (emitting(p))
        emit_generic(p->e, grow ? IR_memory_grow : IR_memory_size, grow ? 1 : 0, CSK_I32, &memory,
                     1);
    return push(p, CSK_I32);
}

/* Bulk instructions take their operands from the stack's own slots, so that the
 * interpreter can stop between pieces with the rest of the work described there. */
static int emit_bulk(struct pass *p, uint16_t op, const uint32_t *imms, uint32_t nimms)
{
    if (!emitting(p))
        return 0;
    uint32_t pos = emit_at_base(p->e, op, 3, imms, nimms);
    int rc = report_point(p, WASM_AT_BULK, pos, p->at, NULL);
    if (rc == 0)
        emit_pop_n(p->e, 3);
    return rc;
}

/* Without a data count section there must be no data section later on. */
static bool data_section_follows(const struct pass *p)
{
    const uint8_t *at = p->start + 8;
    const uint8_t *end = p->start + p->module->size;
    while (at < end) {
        uint8_t id = *at++;
        uint32_t size;
        if (id == 11)
            return true;
        if (leb_u32(&at, end, &size) != 0 || size > (size_t)(end - at))
            return false;
        at += size;
    }
    return false;
}

static int read_data_index(struct pass *p, uint32_t *ret)
{
    if (!p->module->has_data_count && data_section_follows(p))
        return MALFORMED(p, "data count section required");
    return read_index(p, p->module->data_count, "data segment", ret);
}

static int do_memory_bulk(struct pass *p, unsigned opcode)
{
    const struct wasm_module *m = p->module;
    uint32_t imms[2] = {0, 0};
    uint16_t op;
    int rc;
    if (opcode == WASM_OP_memory_fill) {
        op = IR_memory_fill;
        rc = read_index(p, m->nmemories, "memory", &imms[0]);
    } else if (opcode == WASM_OP_memory_copy) {
        op = IR_memory_copy;
        rc = read_index(p, m->nmemories, "memory", &imms[0]);
        if (rc == 0)
            rc = read_index(p, m->nmemories, "memory", &imms[1]);
    } else {
        op = IR_memory_init;
        rc = read_data_index(p, &imms[1]);
        if (rc == 0)
            rc = read_index(p, m->nmemories, "memory", &imms[0]);
    }
    if (rc != 0)
        return rc;
    uint8_t operands[3] = {CSK_I32, CSK_I32, CSK_I32};
    rc = check_n(p, operands, 3);
    if (rc == 0)
        rc = emit_bulk(p, op, imms, 2);
    return rc != 0 ? rc : pop_push(p, "iii", 0);
}

static int do_data_drop(struct pass *p)
{
    uint32_t data;
    int rc = read_data_index(p, &data);
    if (rc == 0 && emitting(p))
        emit_plain(p->e, IR_data_drop, &data, 1);
    return rc;
}

/* ---- tables
 * ------------------------------------------------------------------------------------------------
 */

static int do_table_get_set(struct pass *p, bool set)
{
    uint32_t table;
    int rc = read_index(p, p->module->ntables, "table", &table);
    if (rc != 0)
        return rc;
    uint8_t type = p->module->tables[table].elem;
    if (set)
        rc = pop(p, type);
    if (rc == 0)
        rc = pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (emitting(p))
        emit_generic(p->e, set ? IR_table_set : IR_table_get, set ? 2 : 1, set ? 0 : type, &table,
                     1);
    return set ? 0 : push(p, type);
}

static int do_table_size_grow_fill(struct pass *p, unsigned opcode)
{
    uint32_t table;
    int rc = read_index(p, p->module->ntables, "table", &table);
    if (rc != 0)
        return rc;
    uint8_t type = p->module->tables[table].elem;
    if (opcode == WASM_OP_table_size) {
        if (emitting(p))
            emit_generic(p->e, IR_table_size, 0, CSK_I32, &table, 1);
        return push(p, CSK_I32);
    }
    rc = pop(p, CSK_I32);
    if (rc == 0)
        rc = pop(p, type);
    if (rc != 0)
        return rc;
    if (opcode == WASM_OP_table_grow) {
        if (emitting(p))
            emit_generic(p->e, IR_table_grow, 2, CSK_I32, &table, 1);
        return push(p, CSK_I32);
    }
    rc = pop(p, CSK_I32);
    if (rc == 0 && emitting(p))
        emit_generic(p->e, IR_table_fill, 3, 0, &table, 1);
    return rc;
}

static int do_table_copy_init(struct pass *p, bool copy)
{
    const struct wasm_module *m = p->module;
    uint32_t imms[2];
    int rc;
    uint8_t from, to;
    if (copy) {
        rc = read_index(p, m->ntables, "table", &imms[0]);
        if (rc == 0)
            rc = read_index(p, m->ntables, "table", &imms[1]);
    } else {
        rc = read_index(p, m->nelems, "elem segment", &imms[1]);
        if (rc == 0)
            rc = read_index(p, m->ntables, "table", &imms[0]);
    }
    if (rc != 0)
        return rc;
    to = m->tables[imms[0]].elem;
    from = copy ? m->tables[imms[1]].elem : m->elems[imms[1]].type;
    if (to != from)
        return type_mismatch(p);
    rc = pop_push(p, "iii", 0);
    if (rc == 0 && emitting(p))
        emit_generic(p->e, copy ? IR_table_copy : IR_table_init, 3, 0, imms, 2);
    return rc;
}

static int do_elem_drop(struct pass *p)
{
    uint32_t elem;
    int rc = read_index(p, p->module->nelems, "elem segment", &elem);
    if (rc == 0 && emitting(p))
        emit_plain(p->e, IR_elem_drop, &elem, 1);
    return rc;
}

/* ---- v128
 * ----------------------------------------------------------------------------------------------------
 */

#if CSK_HAVE_SIMD
static int do_simd_memory(struct pass *p, uint32_t sub, const struct simd_info *info)
{
    struct memarg m;
    uint8_t lane = 0;
    bool by_lane = info->shape == SIMD_LOAD_LANE || info->shape == SIMD_STORE_LANE;
    int rc = read_memarg(p, info->number, &m);
    if (rc == 0 && by_lane) {
        rc = read_u8(p, &lane);
        if (rc == 0 && lane >= 16 / info->number)
            rc = INVALID(p, "invalid lane index %u", lane);
    }
    if (rc != 0)
        return rc;
    bool load = info->shape == SIMD_LOAD || info->shape == SIMD_LOAD_LANE;
    rc = pop_push(p, info->shape == SIMD_LOAD ? "i" : "iv", 0);
    if (rc != 0)
        return rc;
    uint32_t imms[2] = {m.offset, sub | (uint32_t)lane << 8 | (uint32_t)info->number << 16};
    static const uint16_t ops[] = {[SIMD_LOAD] = IR_simd_load,
                                   [SIMD_STORE] = IR_simd_store,
                                   [SIMD_LOAD_LANE] = IR_simd_load_lane,
                                   [SIMD_STORE_LANE] = IR_simd_store_lane};
    select_memory(p, m.memory);
    if (emitting(p))
        emit_generic(p->e, ops[info->shape], info->shape == SIMD_LOAD ? 1 : 2, load ? CSK_V128 : 0,
                     imms, 2);
    unselect_memory(p, m.memory);
    return load ? push(p, CSK_V128) : 0;
}

static int do_simd_const(struct pass *p)
{
    const uint8_t *bytes = NULL;
    int rc = read_bytes(p, 16, &bytes);
    if (rc == 0 && emitting(p))
        emit_const_v128(p->e, bytes);
    return rc != 0 ? rc : push(p, CSK_V128);
}

static int do_simd_shuffle(struct pass *p)
{
    const uint8_t *lanes = NULL;
    int rc = read_bytes(p, 16, &lanes);
    for (int i = 0; rc == 0 && i < 16; i++) {
        if (lanes[i] >= 32)
            rc = INVALID(p, "invalid lane index %u", lanes[i]);
    }
    if (rc == 0)
        rc = pop_push(p, "vv", 0);
    if (rc != 0)
        return rc;
    uint32_t imms[4];
    memcpy(imms, lanes, sizeof imms);
    if (emitting(p))
        emit_generic(p->e, IR_simd_shuffle, 2, CSK_V128, imms, 4);
    return push(p, CSK_V128);
}

struct simd_lowering {
    const char *in;
    uint8_t out;
    uint16_t op;
    bool lane;
};

static const struct simd_lowering simd_lowerings[] = {
    [SIMD_EXTRACT_I32] = {"v", CSK_I32, IR_simd_extract, true},
    [SIMD_EXTRACT_I64] = {"v", CSK_I64, IR_simd_extract, true},
    [SIMD_EXTRACT_F32] = {"v", CSK_F32, IR_simd_extract, true},
    [SIMD_EXTRACT_F64] = {"v", CSK_F64, IR_simd_extract, true},
    [SIMD_REPLACE_I32] = {"vi", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_I64] = {"vI", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_F32] = {"vf", CSK_V128, IR_simd_replace, true},
    [SIMD_REPLACE_F64] = {"vF", CSK_V128, IR_simd_replace, true},
    [SIMD_SPLAT_I32] = {"i", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_I64] = {"I", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_F32] = {"f", CSK_V128, IR_simd_splat, false},
    [SIMD_SPLAT_F64] = {"F", CSK_V128, IR_simd_splat, false},
    [SIMD_UNARY] = {"v", CSK_V128, IR_simd_unary, false},
    [SIMD_BINARY] = {"vv", CSK_V128, IR_simd_binary, false},
    [SIMD_TERNARY] = {"vvv", CSK_V128, IR_simd_ternary, false},
    [SIMD_SHIFT] = {"vi", CSK_V128, IR_simd_shift, false},
    [SIMD_TEST] = {"v", CSK_I32, IR_simd_test, false},
};

static int do_simd_regular(struct pass *p, uint32_t sub, const struct simd_info *info)
{
    const struct simd_lowering *low = &simd_lowerings[info->shape];
    uint8_t lane = 0;
    int rc = low->lane ? read_u8(p, &lane) : 0;
    if (rc == 0 && low->lane && lane >= info->number)
        rc = INVALID(p, "invalid lane index %u", lane);
    if (rc == 0)
        rc = pop_push(p, low->in, 0);
    if (rc != 0)
        return rc;
    uint32_t imm = sub | (uint32_t)lane << 8;
    if (emitting(p))
        emit_generic(p->e, low->op, (uint32_t)strlen(low->in), low->out, &imm, 1);
    return push(p, low->out);
}

static int do_simd(struct pass *p)
{
    uint32_t sub;
    int rc = read_u32(p, &sub);
    if (rc != 0)
        return rc;
    const struct simd_info *info = simd_info(sub);
    if (info == NULL)
        return MALFORMED(p, "illegal opcode 0xfd 0x%x", sub);
    switch (info->shape) {
    case SIMD_LOAD:
    case SIMD_STORE:
    case SIMD_LOAD_LANE:
    case SIMD_STORE_LANE:
        return do_simd_memory(p, sub, info);
    case SIMD_CONST:
        return do_simd_const(p);
    case SIMD_SHUFFLE:
        return do_simd_shuffle(p);
    default:
        return do_simd_regular(p, sub, info);
    }
}
#else
static int do_simd(struct pass *p)
{
    return error_at(p->err, CSK_E_UNSUPPORTED, offset_of(p), "v128 is not built into this engine");
}
#endif

/* ---- the pass
 * --------------------------------------------------------------------------------------------------
 */

static int do_regular(struct pass *p, unsigned opcode, const struct op_info *op)
{
    int rc;
    switch (op->kind) {
    case OP_LOAD:
        return do_load(p, op);
    case OP_STORE:
        return do_store(p, op);
    case OP_UN:
        rc = pop(p, op->in);
        if (rc == 0 && emitting(p))
            emit_unary(p->e, op->base, op->out);
        return rc != 0 ? rc : push(p, op->out);
    default:
        rc = pop(p, op->in);
        if (rc == 0)
            rc = pop(p, op->in);
        if (rc == 0 && emitting(p)) {
            uint8_t shape = op->kind == OP_CMPI   ? EMIT_CMPI
                            : op->kind == OP_CMPF ? EMIT_CMPF
                                                  : EMIT_BIN;
            emit_binary(p->e, op->base, shape, op->out, commutes(opcode));
        }
        return rc != 0 ? rc : push(p, op->out);
    }
}

static int do_misc(struct pass *p)
{
    uint32_t sub;
    int rc = read_u32(p, &sub);
    if (rc != 0)
        return rc;
    if (sub < 8)
        return do_regular(p, 0xfc00 | sub, &op_infos[0x100 + sub]);
    switch (0xfc00 | sub) {
    case WASM_OP_memory_init:
    case WASM_OP_memory_copy:
    case WASM_OP_memory_fill:
        return do_memory_bulk(p, 0xfc00 | sub);
    case WASM_OP_data_drop:
        return do_data_drop(p);
    case WASM_OP_table_init:
        return do_table_copy_init(p, false);
    case WASM_OP_table_copy:
        return do_table_copy_init(p, true);
    case WASM_OP_elem_drop:
        return do_elem_drop(p);
    case WASM_OP_table_grow:
    case WASM_OP_table_size:
    case WASM_OP_table_fill:
        return do_table_size_grow_fill(p, 0xfc00 | sub);
    default:
        return MALFORMED(p, "illegal opcode 0xfc 0x%x", sub);
    }
}

static int do_control(struct pass *p, unsigned opcode)
{
    switch (opcode) {
    case WASM_OP_unreachable:
        if (emitting(p))
            emit_plain(p->e, IR_unreachable, NULL, 0);
        mark_unreachable(p);
        return 0;
    case WASM_OP_nop:
        return 0;
    case WASM_OP_block:
    case WASM_OP_loop:
    case WASM_OP_if:
        return do_block(p, (uint16_t)opcode);
    case WASM_OP_else:
        return do_else(p);
    case WASM_OP_end:
        return do_end(p);
    case WASM_OP_br:
        return do_br(p);
    case WASM_OP_br_if:
        return do_br_if(p);
    case WASM_OP_br_table:
        return do_br_table(p);
    case WASM_OP_return:
        return do_return(p);
    case WASM_OP_call:
    case WASM_OP_return_call:
        return do_call(p, opcode == WASM_OP_return_call);
    case WASM_OP_call_ref:
        return do_call_ref(p);
    case WASM_OP_call_indirect:
    case WASM_OP_return_call_indirect:
        return do_call_indirect(p, opcode == WASM_OP_return_call_indirect);
    default:
        return MALFORMED(p, "illegal opcode 0x%02x", opcode);
    }
}

static int do_instruction(struct pass *p, unsigned opcode)
{
    switch (opcode) {
    case WASM_OP_local_get:
    case WASM_OP_local_set:
    case WASM_OP_local_tee:
        return do_local(p, opcode);
    case WASM_OP_global_get:
    case WASM_OP_global_set:
        return do_global(p, opcode == WASM_OP_global_set);
    case WASM_OP_i32_const:
    case WASM_OP_i64_const:
    case WASM_OP_f32_const:
    case WASM_OP_f64_const:
        return do_const(p, opcode);
    case WASM_OP_drop:
        return do_drop(p);
    case WASM_OP_select:
        return do_select(p);
    case WASM_OP_select_t:
        return do_select_t(p);
    case WASM_OP_table_get:
    case WASM_OP_table_set:
        return do_table_get_set(p, opcode == WASM_OP_table_set);
    case WASM_OP_memory_size:
    case WASM_OP_memory_grow:
        return do_memory_size_grow(p, opcode == WASM_OP_memory_grow);
    case WASM_OP_ref_null:
    case WASM_OP_ref_is_null:
    case WASM_OP_ref_func:
    case WASM_OP_ref_as_non_null:
        return do_ref(p, opcode);
    case WASM_PREFIX_MISC:
        return do_misc(p);
    case WASM_PREFIX_SIMD:
        return do_simd(p);
    default:
        if (op_infos[opcode].kind != OP_NONE)
            return do_regular(p, opcode, &op_infos[opcode]);
        return do_control(p, opcode);
    }
}

/* Count the declared locals before any is stored: there may be billions. */
static int count_locals(struct pass *p, uint32_t nruns)
{
    uint64_t total = p->code->type->nparams;
    const uint8_t *start = p->p;
    for (uint32_t i = 0; i < nruns; i++) {
        uint32_t count;
        uint8_t type;
        p->at = p->p;
        int rc = read_u32(p, &count);
        if (rc == 0)
            rc = read_value_type(p, &type);
        if (rc != 0)
            return rc;
        total += count;
        if (total > UINT32_MAX)
            return MALFORMED(p, "too many locals in function %u", p->code->func_index);
    }
    if (total > WASM_LOCALS_MAX)
        return error_at(p->err, CSK_E_LIMIT, offset_of(p),
                        "%" PRIu64 " locals in function %u, limit is %u", total,
                        p->code->func_index, WASM_LOCALS_MAX);
    p->p = start;
    p->nlocals = (uint32_t)total;
    return 0;
}

static int note_unset_locals(struct pass *p)
{
    p->unset = mem_calloc(p->nlocals, sizeof *p->unset);
    p->inits = mem_array(p->nlocals, sizeof *p->inits);
    if (p->unset == NULL || p->inits == NULL)
        return no_memory(p);
    for (uint32_t i = p->code->type->nparams; i < p->nlocals; i++)
        p->unset[i] = wasm_type_is_nonnull(p->local_types[i]);
    return 0;
}

static int store_locals(struct pass *p, uint32_t nruns)
{
    const struct wasm_functype *type = p->code->type;
    uint32_t n = type->nparams;
    bool unset = false;
    p->local_types = mem_alloc(p->nlocals);
    p->local_slots = mem_array(p->nlocals, sizeof *p->local_slots);
    if (p->local_types == NULL || p->local_slots == NULL)
        return no_memory(p);
    if (n != 0)
        memcpy(p->local_types, type->params, n);
    for (uint32_t i = 0; i < nruns; i++) { /* parsed once already */
        uint32_t count = 0;
        uint8_t local = 0;
        (void)read_u32(p, &count);
        (void)read_value_type(p, &local);
        memset(p->local_types + n, local, count);
        unset = unset || wasm_type_is_nonnull(local);
        n += count;
    }
    return unset ? note_unset_locals(p) : 0;
}

static int read_locals(struct pass *p)
{
    uint32_t nruns;
    int rc = read_u32(p, &nruns);
    if (rc == 0)
        rc = count_locals(p, nruns);
    if (rc == 0)
        rc = store_locals(p, nruns);
    if (rc != 0)
        return rc;
    uint32_t slots = 0;
    for (uint32_t i = 0; i < p->nlocals; i++) {
        p->local_slots[i] = (uint16_t)slots;
        slots += wasm_type_slots(p->local_types[i]);
    }
    if (slots > WASM_FRAME_SLOTS_MAX)
        return error_at(p->err, CSK_E_LIMIT, offset_of(p),
                        "locals of function %u take %u slots, limit is %u", p->code->func_index,
                        slots, WASM_FRAME_SLOTS_MAX);
    if (p->e == NULL) {
        p->code->local_slots = slots;
        p->code->param_slots = p->code->type->param_slots;
    }
    return 0;
}

static int begin(struct pass *p)
{
    const struct wasm_functype *type = p->code->type;
    p->at = p->p = p->start + p->code->body_start;
    p->end = p->start + p->code->body_end;
    p->live = true;
    int rc = read_locals(p);
    if (rc != 0)
        return rc;
    struct wasm_functype body = {.results = type->results, .nresults = type->nresults};
    rc = push_ctrl(p, WASM_OP_block, &body);
    if (rc != 0)
        return rc;
    p->ctrls[0].label.is_return = true;
    p->ctrls[0].label.slot = 0;
    return report_point(p, WASM_AT_ENTRY, 0, p->p, NULL);
}

int pass_run(struct pass *p)
{
    int rc = begin(p);
    while (rc == 0 && p->nctrls > 0) {
        uint8_t opcode;
        p->at = p->p;
        rc = read_u8(p, &opcode);
        if (rc == 0)
            rc = do_instruction(p, opcode);
        if (rc == 0 && p->e != NULL) {
            rc = p->e->rc;
            if (rc == 0)
                rc = report_point(p, WASM_AT_INSTRUCTION, p->e->instr_pos, p->at, NULL);
        }
    }
    return rc;
}

void pass_fini(struct pass *p)
{
    mem_free(p->local_types);
    mem_free(p->local_slots);
    mem_free(p->unset);
    mem_free(p->inits);
    mem_free(p->types);
    mem_free(p->ctrls);
    mem_free(p->targets);
}

int wasm_validate_code(struct wasm_module *module, struct wasm_code *code, struct csk_error *err)
{
    struct pass p = {.module = module, .code = code, .start = module->bytes, .err = err};
    int rc = pass_run(&p);
    if (rc == 0) {
        uint32_t slots = code->local_slots + p.max_slots;
        if (slots < code->type->result_slots)
            slots = code->type->result_slots;
        if (slots > WASM_FRAME_SLOTS_MAX)
            rc = error_at(err, CSK_E_LIMIT, code->body_start,
                          "function %u needs a frame of %u slots, limit is %u", code->func_index,
                          slots, WASM_FRAME_SLOTS_MAX);
        else
            code->frame_slots = slots;
    }
    pass_fini(&p);
    return rc;
}
