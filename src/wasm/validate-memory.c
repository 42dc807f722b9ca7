/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/leb128.h"
#include "wasm/pass.h"
#include "wasm/valtype.h"

/* ---- memory ------------------------------------------------------------------------------ */

int pass_memarg(struct pass *p, uint32_t access_bytes, struct pass_memarg *ret)
{
    uint32_t align;
    ret->memory = 0;
    int rc = pass_u32(p, &align);
    if (rc != 0)
        return rc;
    if (align >= 0x80)
        return MALFORMED(p, "malformed memory access flags");
    if ((align & 0x40) != 0) /* multiple memories: an index follows */
        rc = pass_u32(p, &ret->memory);
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

void pass_select_memory(struct pass *p, uint32_t memory)
{
    if (memory != 0 && pass_emitting(p))
        emit_plain(p->e, IR_memory_select, &memory, 1);
}

void pass_unselect_memory(struct pass *p, uint32_t memory)
{
    static const uint32_t zero;
    if (memory != 0 && pass_emitting(p))
        emit_plain(p->e, IR_memory_select, &zero, 1);
}

int pass_load(struct pass *p, const struct pass_op *op)
{
    struct pass_memarg m;
    int rc = pass_memarg(p, op->in, &m);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    pass_select_memory(p, m.memory);
    if (pass_emitting(p))
        emit_load(p->e, op->base, op->out, m.offset);
    pass_unselect_memory(p, m.memory);
    return pass_push(p, op->out);
}

int pass_store(struct pass *p, const struct pass_op *op)
{
    struct pass_memarg m;
    int rc = pass_memarg(p, op->in, &m);
    if (rc == 0)
        rc = pass_pop(p, op->out);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    pass_select_memory(p, m.memory);
    if (pass_emitting(p))
        emit_store(p->e, op->base, m.offset);
    pass_unselect_memory(p, m.memory);
    return 0;
}

int pass_memory_size_grow(struct pass *p, bool grow)
{
    uint32_t memory;
    int rc = pass_index(p, p->module->nmemories, "memory", &memory);
    if (rc == 0 && grow)
        rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (pass_emitting(p))
        emit_generic(p->e, grow ? IR_memory_grow : IR_memory_size, grow ? 1 : 0, CSK_I32, &memory,
                     1);
    return pass_push(p, CSK_I32);
}

/* Bulk instructions take their operands from the stack's own slots, so that the
 * interpreter can stop between pieces with the rest of the work described there. */
static int emit_bulk(struct pass *p, uint16_t op, const uint32_t *imms, uint32_t nimms)
{
    if (!pass_emitting(p))
        return 0;
    uint32_t pos = emit_at_base(p->e, op, 3, imms, nimms);
    int rc = pass_report(p, WASM_AT_BULK, pos, p->at, NULL);
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
    return pass_index(p, p->module->data_count, "data segment", ret);
}

int pass_memory_bulk(struct pass *p, unsigned opcode)
{
    const struct wasm_module *m = p->module;
    uint32_t imms[2] = {0, 0};
    uint16_t op;
    int rc;
    if (opcode == WASM_OP_memory_fill) {
        op = IR_memory_fill;
        rc = pass_index(p, m->nmemories, "memory", &imms[0]);
    } else if (opcode == WASM_OP_memory_copy) {
        op = IR_memory_copy;
        rc = pass_index(p, m->nmemories, "memory", &imms[0]);
        if (rc == 0)
            rc = pass_index(p, m->nmemories, "memory", &imms[1]);
    } else {
        op = IR_memory_init;
        rc = read_data_index(p, &imms[1]);
        if (rc == 0)
            rc = pass_index(p, m->nmemories, "memory", &imms[0]);
    }
    if (rc != 0)
        return rc;
    uint8_t operands[3] = {CSK_I32, CSK_I32, CSK_I32};
    rc = pass_check_n(p, operands, 3);
    if (rc == 0)
        rc = emit_bulk(p, op, imms, 2);
    return rc != 0 ? rc : pass_pop_push(p, "iii", 0);
}

int pass_data_drop(struct pass *p)
{
    uint32_t data;
    int rc = read_data_index(p, &data);
    if (rc == 0 && pass_emitting(p))
        emit_plain(p->e, IR_data_drop, &data, 1);
    return rc;
}

/* ---- tables
 * ------------------------------------------------------------------------------------------------
 */

int pass_table_get_set(struct pass *p, bool set)
{
    uint32_t table;
    int rc = pass_index(p, p->module->ntables, "table", &table);
    if (rc != 0)
        return rc;
    uint8_t type = p->module->tables[table].elem;
    if (set)
        rc = pass_pop(p, type);
    if (rc == 0)
        rc = pass_pop(p, CSK_I32);
    if (rc != 0)
        return rc;
    if (pass_emitting(p))
        emit_generic(p->e, set ? IR_table_set : IR_table_get, set ? 2 : 1, set ? 0 : type, &table,
                     1);
    return set ? 0 : pass_push(p, type);
}

int pass_table_size_grow_fill(struct pass *p, unsigned opcode)
{
    uint32_t table;
    int rc = pass_index(p, p->module->ntables, "table", &table);
    if (rc != 0)
        return rc;
    uint8_t type = p->module->tables[table].elem;
    if (opcode == WASM_OP_table_size) {
        if (pass_emitting(p))
            emit_generic(p->e, IR_table_size, 0, CSK_I32, &table, 1);
        return pass_push(p, CSK_I32);
    }
    rc = pass_pop(p, CSK_I32);
    if (rc == 0)
        rc = pass_pop(p, type);
    if (rc != 0)
        return rc;
    if (opcode == WASM_OP_table_grow) {
        if (pass_emitting(p))
            emit_generic(p->e, IR_table_grow, 2, CSK_I32, &table, 1);
        return pass_push(p, CSK_I32);
    }
    rc = pass_pop(p, CSK_I32);
    if (rc == 0 && pass_emitting(p))
        emit_generic(p->e, IR_table_fill, 3, 0, &table, 1);
    return rc;
}

int pass_table_copy_init(struct pass *p, bool copy)
{
    const struct wasm_module *m = p->module;
    uint32_t imms[2];
    int rc;
    uint8_t from, to;
    if (copy) {
        rc = pass_index(p, m->ntables, "table", &imms[0]);
        if (rc == 0)
            rc = pass_index(p, m->ntables, "table", &imms[1]);
    } else {
        rc = pass_index(p, m->nelems, "elem segment", &imms[1]);
        if (rc == 0)
            rc = pass_index(p, m->ntables, "table", &imms[0]);
    }
    if (rc != 0)
        return rc;
    to = m->tables[imms[0]].elem;
    from = copy ? m->tables[imms[1]].elem : m->elems[imms[1]].type;
    if (!wasm_type_matches(from, to))
        return pass_type_mismatch(p);
    rc = pass_pop_push(p, "iii", 0);
    if (rc == 0 && pass_emitting(p))
        emit_generic(p->e, copy ? IR_table_copy : IR_table_init, 3, 0, imms, 2);
    return rc;
}

int pass_elem_drop(struct pass *p)
{
    uint32_t elem;
    int rc = pass_index(p, p->module->nelems, "elem segment", &elem);
    if (rc == 0 && pass_emitting(p))
        emit_plain(p->e, IR_elem_drop, &elem, 1);
    return rc;
}
