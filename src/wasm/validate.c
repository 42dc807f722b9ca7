/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/validate.h"

#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "wasm/pass.h"
#include "wasm/valtype.h"

/* ---- the table of regular instructions --------------------------------------------------- */

enum op_kind {
    OP_NONE,
    OP_LOAD,
    OP_STORE,
    OP_CMPI,
    OP_CMPF,
    OP_BIN,
    OP_UN
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

static const struct pass_op op_infos[0x108] = {
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

/* ---- variables, constants, references ---------------------------------------------------- */

static int do_local(struct pass *p, unsigned opcode)
{
    uint32_t i;
    int rc = pass_index(p, p->nlocals, "local", &i);
    if (rc != 0)
        return rc;
    uint8_t type = p->local_types[i];
    if (opcode == WASM_OP_local_get) {
        if (p->unset != NULL && p->unset[i])
            return INVALID(p, "uninitialized local %u", i);
        if (pass_emitting(p))
            emit_local_get(p->e, p->local_slots[i], type);
        return pass_push(p, type);
    }
    bool tee = opcode == WASM_OP_local_tee;
    rc = pass_pop(p, type);
    if (rc != 0)
        return rc;
    if (p->unset != NULL && p->unset[i]) {
        p->unset[i] = false;
        p->inits[p->ninits++] = i;
    }
    if (pass_emitting(p))
        emit_local_set(p->e, p->local_slots[i], tee);
    return tee ? pass_push(p, type) : 0;
}

static int do_global(struct pass *p, bool set)
{
    uint32_t i;
    int rc = pass_index(p, p->module->nglobals, "global", &i);
    if (rc != 0)
        return rc;
    struct wasm_globaltype type = p->module->globals[i].type;
    if (!set) {
        if (pass_emitting(p))
            emit_global_get(p->e, i, type.type);
        return pass_push(p, type.type);
    }
    if (!type.mutable)
        return INVALID(p, "global %u is immutable", i);
    rc = pass_pop(p, type.type);
    if (rc == 0 && pass_emitting(p))
        emit_global_set(p->e, i, type.type);
    return rc;
}

static int push_const(struct pass *p, uint8_t type, uint64_t value)
{
    if (pass_emitting(p))
        emit_const(p->e, type, value);
    return pass_push(p, type);
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
        rc = pass_bytes(p, 4, &bytes);
        return rc != 0 ? rc : push_const(p, CSK_F32, get_le32(bytes));
    default:
        rc = pass_bytes(p, 8, &bytes);
        return rc != 0 ? rc : push_const(p, CSK_F64, get_le64(bytes));
    }
}

static int do_drop(struct pass *p)
{
    uint8_t type;
    int rc = pass_pop_any(p, &type);
    if (rc == 0 && pass_emitting(p))
        emit_pop_n(p->e, 1);
    return rc;
}

static int do_select(struct pass *p)
{
    uint8_t a, b;
    int rc = pass_pop(p, CSK_I32);
    if (rc == 0)
        rc = pass_pop_any(p, &b);
    if (rc == 0)
        rc = pass_pop_any(p, &a);
    if (rc != 0)
        return rc;
    if (wasm_type_is_ref(a) || wasm_type_is_ref(b) || (a != b && a != PASS_ANY && b != PASS_ANY))
        return pass_type_mismatch(p);
    if (pass_emitting(p))
        emit_select(p->e);
    return pass_push(p, a == PASS_ANY ? b : a);
}

static int do_select_t(struct pass *p)
{
    uint32_t n;
    uint8_t type;
    int rc = pass_u32(p, &n);
    if (rc == 0 && n != 1)
        rc = INVALID(p, "invalid result arity %u of select", n);
    if (rc == 0)
        rc = pass_value_type(p, &type);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc == 0)
        rc = pass_pop(p, type);
    if (rc == 0)
        rc = pass_pop(p, type);
    if (rc != 0)
        return rc;
    if (pass_emitting(p))
        emit_select(p->e);
    return pass_push(p, type);
}

static int do_ref(struct pass *p, unsigned opcode)
{
    uint8_t type;
    uint32_t func;
    int rc;
    switch (opcode) {
    case WASM_OP_ref_null:
        rc = pass_u8(p, &type);
        if (rc == 0 && type != CSK_FUNCREF && type != CSK_EXTERNREF)
            rc = MALFORMED(p, "malformed reference type 0x%02x", type);
        return rc != 0 ? rc : push_const(p, type, 0);
    case WASM_OP_ref_as_non_null:
        rc = pass_pop_any(p, &type);
        if (rc == 0 && type != PASS_ANY && !wasm_type_is_ref(type))
            rc = pass_type_mismatch(p);
        if (type == CSK_FUNCREF || type == CSK_EXTERNREF)
            type &= (uint8_t)~0x20;
        if (rc == 0 && pass_emitting(p))
            emit_generic(p->e, IR_ref_as_non_null, 1, type, NULL, 0);
        return rc != 0 ? rc : pass_push(p, type);
    case WASM_OP_ref_is_null:
        rc = pass_pop_any(p, &type);
        if (rc == 0 && type != PASS_ANY && !wasm_type_is_ref(type))
            rc = pass_type_mismatch(p);
        if (rc == 0 && pass_emitting(p))
            emit_unary(p->e, IR_i64_eqz_S_S, CSK_I32);
        return rc != 0 ? rc : pass_push(p, CSK_I32);
    default:
        rc = pass_index(p, p->module->nfuncs, "function", &func);
        if (rc == 0 && (p->module->declared_refs[func / 8] >> (func % 8) & 1) == 0)
            rc = INVALID(p, "undeclared reference to function %u", func);
        if (rc == 0 && pass_emitting(p))
            emit_generic(p->e, IR_ref_func, 0, CSK_FUNCREF, &func, 1);
        return rc != 0 ? rc : pass_push(p, WASM_NONNULL_FUNCREF);
    }
}

/* ---- the pass
 * --------------------------------------------------------------------------------------------------
 */

static int do_regular(struct pass *p, unsigned opcode, const struct pass_op *op)
{
    int rc;
    switch (op->kind) {
    case OP_LOAD:
        return pass_load(p, op);
    case OP_STORE:
        return pass_store(p, op);
    case OP_UN:
        rc = pass_pop(p, op->in);
        if (rc == 0 && pass_emitting(p))
            emit_unary(p->e, op->base, op->out);
        return rc != 0 ? rc : pass_push(p, op->out);
    default:
        rc = pass_pop(p, op->in);
        if (rc == 0)
            rc = pass_pop(p, op->in);
        if (rc == 0 && pass_emitting(p)) {
            uint8_t shape = op->kind == OP_CMPI   ? EMIT_CMPI
                            : op->kind == OP_CMPF ? EMIT_CMPF
                                                  : EMIT_BIN;
            emit_binary(p->e, op->base, shape, op->out, commutes(opcode));
        }
        return rc != 0 ? rc : pass_push(p, op->out);
    }
}

static int do_misc(struct pass *p)
{
    uint32_t sub;
    int rc = pass_u32(p, &sub);
    if (rc != 0)
        return rc;
    if (sub < 8)
        return do_regular(p, 0xfc00 | sub, &op_infos[0x100 + sub]);
    switch (0xfc00 | sub) {
    case WASM_OP_memory_init:
    case WASM_OP_memory_copy:
    case WASM_OP_memory_fill:
        return pass_memory_bulk(p, 0xfc00 | sub);
    case WASM_OP_data_drop:
        return pass_data_drop(p);
    case WASM_OP_table_init:
        return pass_table_copy_init(p, false);
    case WASM_OP_table_copy:
        return pass_table_copy_init(p, true);
    case WASM_OP_elem_drop:
        return pass_elem_drop(p);
    case WASM_OP_table_grow:
    case WASM_OP_table_size:
    case WASM_OP_table_fill:
        return pass_table_size_grow_fill(p, 0xfc00 | sub);
    default:
        return MALFORMED(p, "illegal opcode 0xfc 0x%x", sub);
    }
}

static int do_control(struct pass *p, unsigned opcode)
{
    switch (opcode) {
    case WASM_OP_unreachable:
        if (pass_emitting(p))
            emit_plain(p->e, IR_unreachable, NULL, 0);
        pass_unreachable(p);
        return 0;
    case WASM_OP_nop:
        return 0;
    case WASM_OP_block:
    case WASM_OP_loop:
    case WASM_OP_if:
        return pass_block(p, (uint16_t)opcode);
    case WASM_OP_else:
        return pass_else(p);
    case WASM_OP_end:
        return pass_end(p);
    case WASM_OP_br:
        return pass_br(p);
    case WASM_OP_br_if:
        return pass_br_if(p);
    case WASM_OP_br_table:
        return pass_br_table(p);
    case WASM_OP_return:
        return pass_return(p);
    case WASM_OP_call:
    case WASM_OP_return_call:
        return pass_call(p, opcode == WASM_OP_return_call);
    case WASM_OP_call_ref:
        return pass_call_ref(p);
    case WASM_OP_call_indirect:
    case WASM_OP_return_call_indirect:
        return pass_call_indirect(p, opcode == WASM_OP_return_call_indirect);
    default:
        if (wasm_opcode_is_later((uint8_t)opcode))
            return error_at(p->err, CSK_E_UNSUPPORTED, pass_offset(p),
                            "opcode 0x%02x is not supported", opcode);
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
        return pass_table_get_set(p, opcode == WASM_OP_table_set);
    case WASM_OP_memory_size:
    case WASM_OP_memory_grow:
        return pass_memory_size_grow(p, opcode == WASM_OP_memory_grow);
    case WASM_OP_ref_null:
    case WASM_OP_ref_is_null:
    case WASM_OP_ref_func:
    case WASM_OP_ref_as_non_null:
        return do_ref(p, opcode);
    case WASM_PREFIX_MISC:
        return do_misc(p);
    case WASM_PREFIX_SIMD:
        return pass_simd(p);
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
        int rc = pass_u32(p, &count);
        if (rc == 0)
            rc = pass_value_type(p, &type);
        if (rc != 0)
            return rc;
        total += count;
        if (total > UINT32_MAX)
            return MALFORMED(p, "too many locals in function %u", p->code->func_index);
    }
    if (total > WASM_LOCALS_MAX)
        return error_at(p->err, CSK_E_LIMIT, pass_offset(p),
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
        return pass_no_memory(p);
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
        return pass_no_memory(p);
    if (n != 0)
        memcpy(p->local_types, type->params, n);
    for (uint32_t i = 0; i < nruns; i++) { /* parsed once already */
        uint32_t count = 0;
        uint8_t local = 0;
        (void)pass_u32(p, &count);
        (void)pass_value_type(p, &local);
        memset(p->local_types + n, local, count);
        unset = unset || wasm_type_is_nonnull(local);
        n += count;
    }
    return unset ? note_unset_locals(p) : 0;
}

static int read_locals(struct pass *p)
{
    uint32_t nruns;
    int rc = pass_u32(p, &nruns);
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
        return error_at(p->err, CSK_E_LIMIT, pass_offset(p),
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
    rc = pass_push_ctrl(p, WASM_OP_block, &body);
    if (rc != 0)
        return rc;
    p->ctrls[0].label.is_return = true;
    p->ctrls[0].label.slot = 0;
    return pass_report(p, WASM_AT_ENTRY, 0, p->p, NULL);
}

int pass_run(struct pass *p)
{
    int rc = begin(p);
    while (rc == 0 && p->nctrls > 0) {
        uint8_t opcode;
        p->at = p->p;
        rc = pass_u8(p, &opcode);
        if (rc == 0)
            rc = do_instruction(p, opcode);
        if (rc == 0 && p->e != NULL) {
            rc = p->e->rc;
            if (rc == 0)
                rc = pass_report(p, WASM_AT_INSTRUCTION, p->e->instr_pos, p->at, NULL);
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
