/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/emit.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

int emit_init(struct emit *e, struct wasm_module *module, struct wasm_code *code)
{
    *e = (struct emit){.module = module, .code = code, .height = code->local_slots};
    size_t body = code->body_end - code->body_start;
    e->limit = body * EMIT_UNITS_PER_BYTE + EMIT_UNITS_ALLOWANCE;
    e->heads = mem_array(code->local_slots + 1u, sizeof *e->heads);
    if (e->heads == NULL)
        return CSK_E_NOMEM;
    memset(e->heads, 0xff, (code->local_slots + 1u) * sizeof *e->heads);
    emit_barrier(e);
    return 0;
}

void emit_fini(struct emit *e)
{
    mem_free(e->units);
    mem_free(e->entries);
    mem_free(e->heads);
}

/* ---- code units -------------------------------------------------------------------------- */

static void set_half(struct emit *e, uint32_t pos, unsigned half, uint16_t v)
{
    memcpy((char *)&e->units[pos] + 2 * half, &v, sizeof v);
}

static uint16_t get_half(const struct emit *e, uint32_t pos, unsigned half)
{
    uint16_t v;
    memcpy(&v, (const char *)&e->units[pos] + 2 * half, sizeof v);
    return v;
}

static void put_unit(struct emit *e, uint32_t v)
{
    if (e->rc != 0)
        return;
    if (e->size >= e->limit) {
        e->rc = CSK_E_LIMIT;
        return;
    }
    if (e->size == e->cap &&
        mem_grow((void **)&e->units, &e->cap, e->size + 1, sizeof *e->units) != 0) {
        e->rc = CSK_E_NOMEM;
        return;
    }
    e->units[e->size++] = v;
}

static void put_pair(struct emit *e, uint32_t first, uint32_t second)
{
    uint16_t halves[2] = {(uint16_t)first, (uint16_t)second};
    uint32_t unit;
    memcpy(&unit, halves, sizeof unit);
    put_unit(e, unit);
}

static void put_u64(struct emit *e, uint64_t v)
{
    uint32_t units[2];
    memcpy(units, &v, sizeof units);
    put_unit(e, units[0]);
    put_unit(e, units[1]);
}

static void put_imm(struct emit *e, uint64_t v, unsigned units)
{
    if (units == 2)
        put_u64(e, v);
    else if (units == 1)
        put_unit(e, (uint32_t)v);
}

/* Begin an instruction; returns its position. */
static uint32_t put_op(struct emit *e, unsigned op, uint32_t d)
{
    e->instr_pos = (uint32_t)e->size;
    e->last.pos = EMIT_NONE;
    put_pair(e, op, d);
    return e->instr_pos;
}

/* ---- accumulators ------------------------------------------------------------------------ */

/* 0: integers, 1: f32, 2: f64, -1: never in an accumulator */
static int acc_class(uint8_t type)
{
    switch (type) {
    case CSK_I32:
    case CSK_I64:
        return 0;
    case CSK_F32:
        return 1;
    case CSK_F64:
        return 2;
    default:
        return -1;
    }
}

static unsigned imm_units(uint8_t type)
{
    return type == CSK_I32 || type == CSK_F32 ? 1 : 2;
}

static void forget_accs(struct emit *e)
{
    for (int c = 0; c < 3; c++)
        e->acc[c] = (struct emit_acc){.slot = EMIT_NONE, .pos = EMIT_NONE};
}

/* From here on somebody may read the slots themselves: no store can be left out. */
static void keep_stores(struct emit *e)
{
    for (int c = 0; c < 3; c++)
        e->acc[c].pos = EMIT_NONE;
}

static void slot_written(struct emit *e, uint32_t slot)
{
    for (int c = 0; c < 3; c++) {
        if (e->acc[c].slot == slot)
            e->acc[c] = (struct emit_acc){.slot = EMIT_NONE, .pos = EMIT_NONE};
    }
}

static void slot_read(struct emit *e, uint32_t slot)
{
    for (int c = 0; c < 3; c++) {
        if (e->acc[c].slot == slot)
            e->acc[c].pos = EMIT_NONE;
    }
}

/* An instruction at `pos` left its result of `type` in `slot` and in the accumulator. */
static void result_in_acc(struct emit *e, uint8_t type, uint32_t slot, uint32_t pos, uint16_t delta)
{
    slot_written(e, slot);
    e->acc[acc_class(type)] = (struct emit_acc){.slot = slot, .pos = pos, .delta = delta};
}

static uint32_t source_slot(const struct emit_entry *en)
{
    return en->where == EMIT_LOCAL ? en->local : en->slot;
}

static bool in_acc(const struct emit *e, const struct emit_entry *en)
{
    int c = acc_class(en->type);
    return c >= 0 && en->where != EMIT_CONST && e->acc[c].slot == source_slot(en);
}

/* The popped entry is taken from the accumulator; nobody else can ask for its slot. */
static void take_acc(struct emit *e, const struct emit_entry *en)
{
    struct emit_acc *acc = &e->acc[acc_class(en->type)];
    if (en->where != EMIT_SLOT)
        return;
    if (acc->pos != EMIT_NONE && e->rc == 0)
        set_half(e, acc->pos, 0, (uint16_t)(get_half(e, acc->pos, 0) + acc->delta));
    *acc = (struct emit_acc){.slot = EMIT_NONE, .pos = EMIT_NONE};
}

/* ---- entries ----------------------------------------------------------------------------- */

static struct emit_entry *entry(struct emit *e, size_t from_top)
{
    assert(from_top < e->nentries);
    return &e->entries[e->nentries - 1 - from_top];
}

static struct emit_entry *new_entry(struct emit *e, uint8_t type)
{
    if (e->rc == 0 &&
        mem_grow((void **)&e->entries, &e->entries_cap, e->nentries + 1, sizeof *e->entries) != 0)
        e->rc = CSK_E_NOMEM;
    if (e->rc != 0)
        return NULL;
    struct emit_entry *en = &e->entries[e->nentries++];
    *en = (struct emit_entry){.where = EMIT_SLOT, .type = type, .slot = e->height, .next = -1};
    e->height += wasm_type_slots(type);
    return en;
}

static void unlink_local(struct emit *e, size_t index)
{
    struct emit_entry *en = &e->entries[index];
    int32_t *link = &e->heads[en->local];
    /* Only the topmost few entries are ever taken out one by one, and chains are newest
     * first, so this walks past at most the entries above. */
    while (*link != (int32_t)index)
        link = &e->entries[*link].next;
    *link = en->next;
}

static struct emit_entry pop(struct emit *e)
{
    if (e->rc != 0 || e->nentries == 0)
        return (struct emit_entry){.where = EMIT_SLOT, .type = CSK_I32};
    size_t index = e->nentries - 1;
    if (e->entries[index].where == EMIT_LOCAL)
        unlink_local(e, index);
    struct emit_entry en = e->entries[index];
    e->nentries = index;
    e->height = en.slot;
    if (e->flushed > e->nentries)
        e->flushed = e->nentries;
    return en;
}

void emit_push(struct emit *e, uint8_t type)
{
    struct emit_entry *en = new_entry(e, type);
    if (en != NULL)
        slot_written(e, en->slot);
}

void emit_push_n(struct emit *e, const uint8_t *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        emit_push(e, types[i]);
}

void emit_pop_n(struct emit *e, uint32_t n)
{
    while (n-- > 0)
        (void)pop(e);
}

void emit_truncate(struct emit *e, size_t nentries)
{
    while (e->rc == 0 && e->nentries > nentries)
        (void)pop(e);
}

/* ---- moving values into slots ------------------------------------------------------------ */

static void put_move(struct emit *e, uint32_t dst, uint32_t src, uint8_t type)
{
    if (dst == src)
        return;
    uint32_t pos = put_op(e, type == CSK_V128 ? IR_mov_v128 : IR_mov, dst);
    put_pair(e, src, 0);
    slot_read(e, src);
    slot_written(e, dst);
    e->last = (struct emit_last){.pos = pos, .dst = dst, .shape = EMIT_OTHER};
}

static void put_const(struct emit *e, uint32_t dst, uint64_t value)
{
    bool small = value <= UINT32_MAX;
    uint32_t pos = put_op(e, small ? IR_const32 : IR_const64, dst);
    put_imm(e, value, small ? 1 : 2);
    slot_written(e, dst);
    e->last = (struct emit_last){.pos = pos, .dst = dst, .shape = EMIT_OTHER};
}

static void put_value(struct emit *e, uint32_t dst, const struct emit_entry *en)
{
    if (en->where == EMIT_CONST)
        put_const(e, dst, en->value);
    else
        put_move(e, dst, source_slot(en), en->type);
}

static void flush_entry(struct emit *e, size_t index)
{
    struct emit_entry *en = &e->entries[index];
    if (e->rc != 0 || en->where == EMIT_SLOT)
        return;
    if (en->where == EMIT_LOCAL)
        unlink_local(e, index);
    put_value(e, en->slot, en);
    en->where = EMIT_SLOT;
}

void emit_flush(struct emit *e)
{
    for (size_t i = e->flushed; e->rc == 0 && i < e->nentries; i++) {
        struct emit_entry *en = &e->entries[i];
        if (en->where == EMIT_LOCAL)
            e->heads[en->local] = -1; /* the whole chain is being flushed */
        if (en->where != EMIT_SLOT)
            put_value(e, en->slot, en);
        en->where = EMIT_SLOT;
    }
    e->flushed = e->nentries;
}

/* Slot to read an entry from; constants are put into their slot first. */
static uint32_t operand_slot(struct emit *e, size_t from_top)
{
    if (e->rc != 0)
        return 0;
    size_t index = e->nentries - 1 - from_top;
    if (e->entries[index].where == EMIT_CONST)
        flush_entry(e, index);
    uint32_t slot = source_slot(&e->entries[index]);
    slot_read(e, slot);
    return slot;
}

void emit_const(struct emit *e, uint8_t type, uint64_t value)
{
    struct emit_entry *en = new_entry(e, type);
    if (en == NULL)
        return;
    en->where = EMIT_CONST;
    en->value = value;
}

void emit_const_v128(struct emit *e, const uint8_t *bytes)
{
    struct emit_entry *en = new_entry(e, CSK_V128);
    if (en == NULL)
        return;
    uint32_t units[4];
    memcpy(units, bytes, sizeof units); /* as in a slot: bytes in memory order */
    (void)put_op(e, IR_const_v128, en->slot);
    for (int i = 0; i < 4; i++)
        put_unit(e, units[i]);
}

void emit_local_get(struct emit *e, uint32_t slot, uint8_t type)
{
    struct emit_entry *en = new_entry(e, type);
    if (en == NULL)
        return;
    en->where = EMIT_LOCAL;
    en->local = slot;
    en->next = e->heads[slot];
    e->heads[slot] = (int32_t)(e->nentries - 1);
}

/* Entries that stand for a local must be saved before the local changes. */
static bool save_pending(struct emit *e, uint32_t slot)
{
    int32_t i = e->heads[slot];
    if (i < 0)
        return false;
    e->heads[slot] = -1;
    while (i >= 0 && e->rc == 0) {
        struct emit_entry *en = &e->entries[i];
        i = en->next;
        put_value(e, en->slot, en);
        en->where = EMIT_SLOT;
    }
    return true;
}

/* Redirect the latest instruction's result from a stack slot to `slot`, if it made it. */
static bool redirect_last(struct emit *e, const struct emit_entry *en, uint32_t slot)
{
    if (e->rc != 0 || en->where != EMIT_SLOT || e->last.pos == EMIT_NONE || e->last.dst != en->slot)
        return false;
    set_half(e, e->last.pos, 1, (uint16_t)slot);
    bool was_acc = false;
    int c = acc_class(en->type);
    if (c >= 0 && e->acc[c].slot == en->slot)
        was_acc = true;
    slot_written(e, en->slot);
    slot_written(e, slot);
    if (was_acc)
        e->acc[c] = (struct emit_acc){.slot = slot, .pos = EMIT_NONE};
    e->last.dst = slot;
    return true;
}

void emit_local_set(struct emit *e, uint32_t slot, bool tee)
{
    struct emit_entry en = pop(e);
    if (e->rc != 0)
        return;
    bool same = en.where == EMIT_LOCAL && en.local == slot;
    if (!same) {
        bool saved = save_pending(e, slot);
        if (saved || !redirect_last(e, &en, slot))
            put_value(e, slot, &en);
        e->last.pos = EMIT_NONE; /* a local's value must stay where it is */
    }
    if (!tee)
        return;
    if (en.where == EMIT_CONST)
        emit_const(e, en.type, en.value);
    else
        emit_local_get(e, slot, en.type);
}

/* ---- regular instructions ---------------------------------------------------------------- */

void emit_unary(struct emit *e, uint16_t base, uint8_t out)
{
    if (e->rc != 0)
        return;
    bool acc = in_acc(e, entry(e, 0));
    uint32_t a = acc ? 0 : operand_slot(e, 0);
    struct emit_entry en = pop(e);
    struct emit_acc before[3];
    if (acc)
        take_acc(e, &en);
    memcpy(before, e->acc, sizeof before);
    struct emit_entry *res = new_entry(e, out);
    if (res == NULL)
        return;
    uint32_t pos = put_op(e, base + (acc ? 1u : 0u), res->slot);
    if (!acc)
        put_pair(e, a, 0);
    result_in_acc(e, out, res->slot, pos, IR_UN_TO_ACC);
    e->last = (struct emit_last){.pos = pos,
                                 .dst = res->slot,
                                 .shape = EMIT_UN,
                                 .mode = acc,
                                 .base = base,
                                 .a = (uint16_t)a};
    memcpy(e->last.acc, before, sizeof before);
}

static uint16_t mirrored(uint16_t base, uint8_t shape)
{
    /* eq ne lt gt le ge in blocks of equal size; integers have signed and unsigned */
    static const uint8_t mirror_int[10] = {0, 1, 4, 5, 2, 3, 8, 9, 6, 7};
    static const uint8_t mirror_float[6] = {0, 1, 3, 2, 5, 4};
    if (shape == EMIT_CMPI) {
        unsigned size = IR_i32_ne_SS_S - IR_i32_eq_SS_S;
        unsigned first = base < IR_i64_eq_SS_S ? IR_i32_eq_SS_S : IR_i64_eq_SS_S;
        return (uint16_t)(first + mirror_int[(base - first) / size] * size);
    }
    unsigned size = IR_f32_ne_SS_S - IR_f32_eq_SS_S;
    unsigned first = base < IR_f64_eq_SS_S ? IR_f32_eq_SS_S : IR_f64_eq_SS_S;
    return (uint16_t)(first + mirror_float[(base - first) / size] * size);
}

static uint16_t inverted(uint16_t base)
{
    static const uint8_t inverse[10] = {1, 0, 8, 9, 6, 7, 4, 5, 2, 3};
    unsigned size = IR_i32_ne_SS_S - IR_i32_eq_SS_S;
    unsigned first = base < IR_i64_eq_SS_S ? IR_i32_eq_SS_S : IR_i64_eq_SS_S;
    return (uint16_t)(first + inverse[(base - first) / size] * size);
}

/* Two operands brought into one of the modes of enum ir_operands. */
struct operands {
    uint8_t mode;
    bool swapped;
    uint16_t a, b;
    uint64_t imm;
    unsigned imm_units;
};

static struct operands two_operands(struct emit *e, bool may_swap)
{
    struct operands o = {0};
    struct emit_entry *a = entry(e, 1);
    struct emit_entry *b = entry(e, 0);
    if (may_swap && ((a->where == EMIT_CONST && b->where != EMIT_CONST) ||
                     (in_acc(e, b) && !in_acc(e, a) && a->where != EMIT_CONST)))
        o.swapped = true;
    size_t ia = o.swapped ? 0 : 1;
    size_t ib = o.swapped ? 1 : 0;
    if (entry(e, ia)->where == EMIT_CONST)
        (void)operand_slot(e, ia);
    a = entry(e, ia);
    b = entry(e, ib);
    bool acc_a = in_acc(e, a);
    bool acc_b = !acc_a && in_acc(e, b);
    if (b->where == EMIT_CONST) {
        o.mode = acc_a ? IR_AI : IR_SI;
        o.imm = b->value;
        o.imm_units = imm_units(b->type);
    } else {
        o.mode = acc_a ? IR_AS : acc_b ? IR_SA : IR_SS;
    }
    if (!acc_a)
        o.a = (uint16_t)operand_slot(e, ia);
    if (b->where != EMIT_CONST && !acc_b)
        o.b = (uint16_t)operand_slot(e, ib);
    return o;
}

static void pop_operands(struct emit *e, const struct operands *o)
{
    struct emit_entry top = pop(e);
    struct emit_entry below = pop(e);
    const struct emit_entry *a = o->swapped ? &top : &below;
    const struct emit_entry *b = o->swapped ? &below : &top;
    if (o->mode == IR_AS || o->mode == IR_AI)
        take_acc(e, a);
    else if (o->mode == IR_SA)
        take_acc(e, b);
}

/* The operands after {op, d}: [a b] for SS, [b -] for AS, [a -] for SA and SI, then the imm. */
static void put_operands(struct emit *e, const struct operands *o)
{
    if (o->mode == IR_SS)
        put_pair(e, o->a, o->b);
    else if (o->mode == IR_AS)
        put_pair(e, o->b, 0);
    else if (o->mode == IR_SA || o->mode == IR_SI)
        put_pair(e, o->a, 0);
    put_imm(e, o->imm, o->imm_units);
}

void emit_binary(struct emit *e, uint16_t base, uint8_t shape, uint8_t out, bool commutes)
{
    if (e->rc != 0)
        return;
    bool compare = shape == EMIT_CMPI || shape == EMIT_CMPF;
    struct operands o = two_operands(e, commutes || compare);
    pop_operands(e, &o);
    if (o.swapped && compare)
        base = mirrored(base, shape);
    struct emit_acc before[3];
    memcpy(before, e->acc, sizeof before);
    struct emit_entry *res = new_entry(e, out);
    if (res == NULL)
        return;
    uint32_t pos = put_op(e, base + o.mode, res->slot);
    put_operands(e, &o);
    result_in_acc(e, out, res->slot, pos, IR_BIN_TO_ACC);
    e->last = (struct emit_last){.pos = pos,
                                 .dst = res->slot,
                                 .shape = shape,
                                 .mode = o.mode,
                                 .base = base,
                                 .a = o.a,
                                 .b = o.b,
                                 .imm = o.imm,
                                 .imm_units = (uint8_t)o.imm_units};
    memcpy(e->last.acc, before, sizeof before);
}

/* Was the entry made by the latest instruction, of the given shape? Then it can be fused. */
static bool made_by_last(const struct emit *e, const struct emit_entry *en, uint8_t shape)
{
    return en->where == EMIT_SLOT && e->last.pos != EMIT_NONE && e->last.dst == en->slot &&
           e->last.shape == shape;
}

static void undo_last(struct emit *e)
{
    e->size = e->last.pos;
    memcpy(e->acc, e->last.acc, sizeof e->acc);
    e->last.pos = EMIT_NONE;
}

/* Where an address comes from; the last four are sums, made here by an addition that is
 * fused with the load. */
enum {
    LOAD_S = 0,
    LOAD_A,
    LOAD_K,
    LOAD_SS,
    LOAD_SI,
    LOAD_AS,
    LOAD_AI,
};

struct address {
    unsigned mode;
    uint32_t a, b; /* slots */
    uint32_t imm;
};

static struct address fused_address(struct emit *e)
{
    static const uint8_t modes[] = {
        [IR_SS] = LOAD_SS, [IR_SI] = LOAD_SI, [IR_AS] = LOAD_AS, [IR_AI] = LOAD_AI};
    const struct emit_last *add = &e->last;
    struct address addr = {
        .mode = modes[add->mode],
        .a = add->mode == IR_AS ? add->b : add->a,
        .b = add->b,
        .imm = (uint32_t)add->imm,
    };
    (void)pop(e);
    undo_last(e);
    return addr;
}

/* Pop a load's address; a constant one is added to the offset. */
static struct address pop_address(struct emit *e, uint32_t *offset)
{
    const struct emit_entry *top = entry(e, 0);
    struct address addr = {0};
    if (top->where == EMIT_CONST && (uint64_t)(uint32_t)top->value + *offset <= UINT32_MAX) {
        addr.mode = LOAD_K;
        *offset += (uint32_t)top->value;
        (void)pop(e);
    } else if (made_by_last(e, top, EMIT_BIN) && e->last.base == IR_i32_add_SS_S) {
        addr = fused_address(e);
    } else if (in_acc(e, top)) {
        addr.mode = LOAD_A;
        struct emit_entry en = pop(e);
        take_acc(e, &en);
    } else {
        addr.mode = LOAD_S;
        addr.a = operand_slot(e, 0);
        (void)pop(e);
    }
    return addr;
}

/* Layout: {op, d | [slots] | [imm] | offset} */
void emit_load(struct emit *e, uint16_t base, uint8_t out, uint32_t offset)
{
    if (e->rc != 0)
        return;
    struct address addr = pop_address(e, &offset);
    struct emit_entry *res = new_entry(e, out);
    if (res == NULL)
        return;
    uint32_t pos = put_op(e, base + addr.mode, res->slot);
    if (addr.mode == LOAD_S || addr.mode == LOAD_SS || addr.mode == LOAD_SI || addr.mode == LOAD_AS)
        put_pair(e, addr.a, addr.b);
    if (addr.mode == LOAD_SI || addr.mode == LOAD_AI)
        put_unit(e, addr.imm);
    put_unit(e, offset);
    result_in_acc(e, out, res->slot, pos, IR_LOAD_TO_ACC);
    e->last = (struct emit_last){.pos = pos, .dst = res->slot, .shape = EMIT_OTHER};
}

enum {
    ST_SS = 0,
    ST_SA,
    ST_SI,
    ST_AS,
    ST_AI,
    ST_AA,
    ST_KS,
    ST_KA,
    ST_KI
};

/* Layout: {op, slot | [val slot, -] | offset | imm}, where the first slot is the address
 * (S*) or the value (AS, KS). */
void emit_store(struct emit *e, uint16_t base, uint32_t offset)
{
    if (e->rc != 0)
        return;
    struct emit_entry *val = entry(e, 0);
    struct emit_entry *addr = entry(e, 1);
    unsigned am, vm; /* 0 S, 1 A, 2 K or I */
    if (addr->where == EMIT_CONST && (uint64_t)(uint32_t)addr->value + offset <= UINT32_MAX) {
        am = 2;
        offset += (uint32_t)addr->value;
    } else {
        if (addr->where == EMIT_CONST)
            (void)operand_slot(e, 1);
        addr = entry(e, 1);
        am = in_acc(e, addr) ? 1 : 0;
    }
    val = entry(e, 0);
    vm = val->where == EMIT_CONST ? 2 : in_acc(e, val) ? 1 : 0;
    uint32_t addr_slot = am == 0 ? operand_slot(e, 1) : 0;
    uint32_t val_slot = vm == 0 ? operand_slot(e, 0) : 0;
    struct emit_entry v = pop(e);
    struct emit_entry a = pop(e);
    if (vm == 1)
        take_acc(e, &v);
    if (am == 1 && !(vm == 1 && acc_class(v.type) == 0))
        take_acc(e, &a);
    static const uint8_t modes[3][3] = {
        {ST_SS, ST_SA, ST_SI}, {ST_AS, ST_AA, ST_AI}, {ST_KS, ST_KA, ST_KI}};
    unsigned mode = modes[am][vm];
    (void)put_op(e, base + mode, am == 0 ? addr_slot : val_slot);
    if (mode == ST_SS)
        put_pair(e, val_slot, 0);
    put_unit(e, offset);
    if (vm == 2)
        put_imm(e, v.value, imm_units(v.type));
}

void emit_select(struct emit *e)
{
    if (e->rc != 0)
        return;
    uint8_t type = entry(e, 1)->type;
    bool acc = type != CSK_V128 && in_acc(e, entry(e, 0));
    if (entry(e, 1)->where == EMIT_CONST)
        (void)operand_slot(e, 1);
    if (entry(e, 2)->where == EMIT_CONST)
        (void)operand_slot(e, 2);
    uint32_t c = acc ? 0 : operand_slot(e, 0);
    uint32_t b = operand_slot(e, 1);
    uint32_t a = operand_slot(e, 2);
    struct emit_entry cond = pop(e);
    if (acc)
        take_acc(e, &cond);
    emit_pop_n(e, 2);
    struct emit_entry *res = new_entry(e, type);
    if (res == NULL)
        return;
    unsigned op = type == CSK_V128 ? IR_select_v128 : acc ? IR_select_A : IR_select_S;
    uint32_t pos = put_op(e, op, res->slot);
    put_pair(e, a, b);
    if (!acc)
        put_pair(e, c, 0);
    slot_written(e, res->slot);
    e->last = (struct emit_last){.pos = pos, .dst = res->slot, .shape = EMIT_OTHER};
}

/* ---- irregular instructions -------------------------------------------------------------- */

void emit_generic(struct emit *e, uint16_t op, uint32_t nin, uint8_t out, const uint32_t *imms,
                  uint32_t nimms)
{
    if (e->rc != 0)
        return;
    uint32_t slots[4] = {0};
    assert(nin <= 3);
    for (uint32_t i = 0; i < nin; i++)
        slots[i] = operand_slot(e, nin - 1 - i);
    emit_pop_n(e, nin);
    uint32_t d = 0;
    if (out != 0) {
        struct emit_entry *res = new_entry(e, out);
        if (res == NULL)
            return;
        d = res->slot;
    }
    uint32_t pos = put_op(e, op, d);
    for (uint32_t i = 0; i < nin; i += 2)
        put_pair(e, slots[i], slots[i + 1]);
    for (uint32_t i = 0; i < nimms; i++)
        put_unit(e, imms[i]);
    if (out == 0)
        return;
    slot_written(e, d);
    if (out == CSK_V128)
        slot_written(e, d + 1);
    e->last = (struct emit_last){.pos = pos, .dst = d, .shape = EMIT_OTHER};
}

uint32_t emit_at_base(struct emit *e, uint16_t op, uint32_t nin, const uint32_t *imms,
                      uint32_t nimms)
{
    emit_flush(e);
    if (e->rc != 0)
        return 0;
    uint32_t base = nin > 0 ? entry(e, nin - 1)->slot : e->height;
    uint32_t pos = put_op(e, op, base);
    for (uint32_t i = 0; i < nimms; i++)
        put_unit(e, imms[i]);
    forget_accs(e);
    return pos;
}

void emit_plain(struct emit *e, uint16_t op, const uint32_t *imms, uint32_t nimms)
{
    (void)put_op(e, op, 0);
    for (uint32_t i = 0; i < nimms; i++)
        put_unit(e, imms[i]);
}

void emit_global_get(struct emit *e, uint32_t index, uint8_t type)
{
    emit_generic(e, type == CSK_V128 ? IR_global_get_v128 : IR_global_get, 0, type, &index, 1);
}

void emit_global_set(struct emit *e, uint32_t index, uint8_t type)
{
    if (e->rc != 0)
        return;
    if (acc_class(type) == 0 && in_acc(e, entry(e, 0))) {
        struct emit_entry en = pop(e);
        take_acc(e, &en);
        emit_plain(e, IR_global_set_A, &index, 1);
        return;
    }
    uint32_t src = operand_slot(e, 0);
    (void)pop(e);
    (void)put_op(e, type == CSK_V128 ? IR_global_set_v128 : IR_global_set, src);
    put_unit(e, index);
}

/* ---- control ----------------------------------------------------------------------------- */

void emit_barrier(struct emit *e)
{
    emit_flush(e);
    forget_accs(e);
    e->last.pos = EMIT_NONE;
}

void emit_loop(struct emit *e, struct emit_label *label)
{
    emit_barrier(e);
    emit_plain(e, IR_loop, NULL, 0);
    label->pos = (uint32_t)e->size;
    label->is_loop = true;
}

/* The unit holding a jump's distance, counted from that unit. */
static void put_target(struct emit *e, struct emit_label *label)
{
    uint32_t at = (uint32_t)e->size;
    if (label->is_loop) {
        put_unit(e, label->pos - at);
    } else {
        put_unit(e, label->fixups);
        if (e->rc == 0)
            label->fixups = at;
    }
}

void emit_bind(struct emit *e, struct emit_label *label)
{
    emit_barrier(e);
    uint32_t at = label->fixups;
    while (at != EMIT_NONE && e->rc == 0) {
        uint32_t next = e->units[at];
        e->units[at] = (uint32_t)e->size - at;
        at = next;
    }
    label->fixups = EMIT_NONE;
}

/* Bring the top values of a branch to where its label wants them. */
static void move_values(struct emit *e, const struct emit_label *label, bool unconditional)
{
    if (label->nvalues == 0 || e->rc != 0)
        return;
    const struct emit_entry *top = entry(e, 0);
    if (label->nvalues == 1) {
        if (unconditional && top->slot != label->slot && redirect_last(e, top, label->slot))
            return;
        put_value(e, label->slot, top);
        return;
    }
    emit_flush(e);
    if (e->rc != 0)
        return;
    uint32_t from = entry(e, label->nvalues - 1)->slot;
    if (from == label->slot)
        return;
    (void)put_op(e, IR_move_n, label->slot);
    put_pair(e, from, 0);
    put_unit(e, label->value_slots);
}

/* Are the values already where the label wants them (once flushed)? */
static bool values_in_place(struct emit *e, const struct emit_label *label)
{
    if (label->nvalues == 0)
        return true;
    return e->rc == 0 && entry(e, label->nvalues - 1)->slot == label->slot;
}

static void put_return(struct emit *e, const struct emit_label *label, bool unconditional)
{
    if (e->rc != 0)
        return;
    if (label->nvalues == 0) {
        emit_plain(e, IR_ret, NULL, 0);
        return;
    }
    struct emit_entry *top = entry(e, 0);
    if (label->value_slots == 1) {
        if (unconditional && in_acc(e, top)) {
            int c = acc_class(top->type);
            static const uint16_t ops[3] = {IR_ret_AI, IR_ret_AF, IR_ret_AD};
            take_acc(e, top);
            emit_plain(e, ops[c], NULL, 0);
            return;
        }
        if (top->where == EMIT_CONST) { /* this may be a side path: the entry stays as it is */
            put_const(e, 0, top->value);
            emit_plain(e, IR_ret, NULL, 0);
            return;
        }
        uint32_t src = operand_slot(e, 0);
        (void)put_op(e, IR_ret_S, src);
        return;
    }
    emit_flush(e);
    if (e->rc != 0)
        return;
    (void)put_op(e, IR_ret_n, entry(e, label->nvalues - 1)->slot);
    put_unit(e, label->value_slots);
}

/* Jump with the label's values; `unconditional` when no other path goes on from here. */
static void put_jump(struct emit *e, struct emit_label *label, bool unconditional)
{
    if (label->is_return) {
        put_return(e, label, unconditional);
        return;
    }
    move_values(e, label, unconditional);
    (void)put_op(e, label->is_loop ? IR_br_B : IR_br, 0);
    put_target(e, label);
}

void emit_jump(struct emit *e, struct emit_label *label)
{
    put_jump(e, label, true);
    keep_stores(e);
}

/* A fused compare-and-branch; the compare's registers are as they were before it. */
static void put_compare_branch(struct emit *e, struct emit_label *label, bool when_true)
{
    struct emit_last cmp = e->last;
    undo_last(e);
    unsigned op = cmp.base + IR_CMP_BRANCH;
    unsigned mode = cmp.mode;
    uint16_t a = cmp.a, b = cmp.b;
    if (cmp.mode == IR_SA) { /* a ? acc is acc ?' a */
        op = mirrored(cmp.base, cmp.shape) + IR_CMP_BRANCH;
        mode = IR_AS;
        b = cmp.a;
    }
    if (!when_true) {
        if (cmp.shape == EMIT_CMPI)
            op = inverted((uint16_t)(op - IR_CMP_BRANCH)) + IR_CMP_BRANCH;
        else
            op += IR_CMPF_BRANCH_NOT - IR_CMP_BRANCH;
    }
    op += mode + (label->is_loop ? IR_JUMP_BACK : 0u);
    uint32_t first = mode == IR_AS ? b : mode == IR_AI ? 0 : a;
    (void)put_op(e, op, first);
    if (mode == IR_SS)
        put_pair(e, b, 0);
    put_target(e, label);
    put_imm(e, cmp.imm, cmp.imm_units);
}

/* Undo `i64.eqz` / `i32.eqz` in front of a branch: branch on its operand instead. */
static bool put_eqz_branch(struct emit *e, struct emit_label *label, bool when_true)
{
    uint16_t base = e->last.base;
    if (base != IR_i32_eqz_S_S && base != IR_i64_eqz_S_S)
        return false;
    struct emit_last eqz = e->last;
    undo_last(e);
    unsigned back = label->is_loop ? 1 : 0;
    if (base == IR_i32_eqz_S_S) {
        unsigned op = when_true ? IR_br_z_S_F : IR_br_nz_S_F;
        (void)put_op(e, op + eqz.mode + 2 * back, eqz.a);
        put_target(e, label);
        return true;
    }
    unsigned cmp = when_true ? IR_i64_eq_SS_S : IR_i64_ne_SS_S;
    unsigned op = cmp + IR_CMP_BRANCH + (eqz.mode ? IR_AI : IR_SI) + back * IR_JUMP_BACK;
    (void)put_op(e, op, eqz.a);
    put_target(e, label);
    put_u64(e, 0);
    return true;
}

/* Pop the condition and jump when it is (when_true) or is not set. */
static void put_cond_branch(struct emit *e, struct emit_label *label, bool when_true)
{
    if (e->rc != 0)
        return;
    struct emit_entry *top = entry(e, 0);
    if (made_by_last(e, top, EMIT_CMPI) || made_by_last(e, top, EMIT_CMPF)) {
        (void)pop(e);
        put_compare_branch(e, label, when_true);
    } else if (made_by_last(e, top, EMIT_UN) &&
               (e->last.base == IR_i32_eqz_S_S || e->last.base == IR_i64_eqz_S_S)) {
        (void)pop(e);
        (void)put_eqz_branch(e, label, when_true);
    } else {
        bool acc = in_acc(e, top);
        uint32_t src = acc ? 0 : operand_slot(e, 0);
        struct emit_entry en = pop(e);
        if (acc)
            take_acc(e, &en);
        unsigned op = when_true ? IR_br_nz_S_F : IR_br_z_S_F;
        (void)put_op(e, op + (acc ? 1u : 0u) + (label->is_loop ? 2u : 0u), src);
        put_target(e, label);
    }
    keep_stores(e);
}

/* Put everything below the condition into its slot, ahead of the comparison that makes
 * the condition, so that the two can still be fused. */
static void flush_below_condition(struct emit *e)
{
    bool pending = false;
    for (size_t i = e->flushed; i + 1 < e->nentries; i++)
        pending = pending || e->entries[i].where != EMIT_SLOT;
    if (!pending || e->rc != 0)
        return;
    struct emit_last cmp = e->last;
    bool again = made_by_last(e, entry(e, 0), EMIT_CMPI) || made_by_last(e, entry(e, 0), EMIT_CMPF);
    if (again)
        undo_last(e); /* moves and constants leave its registers and operand slots alone */
    for (size_t i = e->flushed; i + 1 < e->nentries; i++)
        flush_entry(e, i);
    if (!again || e->rc != 0)
        return;
    struct operands o = {
        .mode = cmp.mode, .a = cmp.a, .b = cmp.b, .imm = cmp.imm, .imm_units = cmp.imm_units};
    memcpy(cmp.acc, e->acc, sizeof cmp.acc);
    cmp.pos = put_op(e, cmp.base + cmp.mode, cmp.dst);
    put_operands(e, &o);
    result_in_acc(e, CSK_I32, cmp.dst, cmp.pos, IR_BIN_TO_ACC);
    e->last = cmp;
}

void emit_jump_unless(struct emit *e, struct emit_label *label)
{
    if (e->rc != 0)
        return;
    flush_below_condition(e);
    put_cond_branch(e, label, false);
    emit_barrier(e);
}

void emit_jump_if(struct emit *e, struct emit_label *label)
{
    if (e->rc != 0)
        return;
    /* one instruction will do when the first value, below the condition, is in its place */
    bool direct =
        !label->is_return && (label->nvalues == 0 || entry(e, label->nvalues)->slot == label->slot);
    /* the values themselves, and what emit_bind() would move, must be moved on both paths */
    if (!direct || label->nvalues > 0)
        flush_below_condition(e);
    if (direct) {
        put_cond_branch(e, label, true);
        return;
    }
    struct emit_label skip = {.fixups = EMIT_NONE};
    put_cond_branch(e, &skip, false);
    put_jump(e, label, false);
    emit_bind(e, &skip);
}

/* A short piece of code that a br_table entry jumps to when its label wants values moved,
 * a poll, or a return. */
static uint32_t put_thunk(struct emit *e, struct emit_label *label)
{
    uint32_t at = (uint32_t)e->size;
    e->last.pos = EMIT_NONE;
    put_jump(e, label, false);
    return at;
}

void emit_jump_table(struct emit *e, struct emit_label **labels, uint32_t n)
{
    if (e->rc != 0)
        return;
    uint32_t index = operand_slot(e, 0);
    (void)pop(e);
    emit_flush(e);
    keep_stores(e);
    uint32_t table = put_op(e, IR_br_table, index);
    put_unit(e, n - 1);
    uint32_t first = (uint32_t)e->size;
    for (uint32_t i = 0; i < n; i++)
        put_unit(e, 0);
    for (uint32_t i = 0; i < n && e->rc == 0; i++) {
        struct emit_label *label = labels[i];
        uint32_t at = first + i;
        if (!label->is_loop && !label->is_return && values_in_place(e, label)) {
            e->units[at] = label->fixups;
            label->fixups = at;
            continue;
        }
        if (label->thunk_table != table + 1) {
            label->thunk = put_thunk(e, label);
            label->thunk_table = table + 1;
        }
        if (e->rc == 0)
            e->units[at] = label->thunk - at;
    }
    e->instr_pos = table;
}

void emit_return(struct emit *e, uint32_t nresults, uint32_t result_slots)
{
    struct emit_label label = {.nvalues = nresults, .value_slots = result_slots, .is_return = true};
    put_return(e, &label, true);
}
