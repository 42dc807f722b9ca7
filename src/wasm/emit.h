/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_EMIT_H
#define WASM_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wasm/code.h"
#include "wasm/module.h"

/*
 * The emitter: turns validated instructions into internal code (code.h).
 *
 * It keeps a picture of the operand stack in which a value may still be where it
 * came from: a local, a constant, or the slot that the stack position owns (its
 * canonical slot). Values are put into their canonical slots only when something
 * needs them there: a label, a call, a safepoint.
 *
 * Invariants
 *   - entries below `flushed` are all in their canonical slots;
 *   - `heads[s]` chains, newest first, the entries that stand for local slot s;
 *   - acc[c].slot names the slot whose value the class's accumulator holds, or none;
 *     acc[c].pos is the instruction that wrote it, as long as its store may be left out.
 *
 * Errors are sticky in `rc`: after one, every call is a no-op.
 */

#define EMIT_NONE UINT32_MAX

/* Internal code may take this many units a byte of body, and a fixed allowance on top. */
#define EMIT_UNITS_PER_BYTE  16u
#define EMIT_UNITS_ALLOWANCE 1024u

enum emit_where {
    EMIT_SLOT,
    EMIT_LOCAL,
    EMIT_CONST
};

struct emit_entry {
    uint8_t where;
    uint8_t type;
    uint32_t slot;  /* canonical */
    uint32_t local; /* EMIT_LOCAL: the local's slot */
    int32_t next;   /* EMIT_LOCAL: next older entry for the same local, -1: none */
    uint64_t value; /* EMIT_CONST */
};

struct emit_acc {
    uint32_t slot;
    uint32_t pos;
    uint16_t delta; /* add to the opcode at pos for "do not store" */
};

enum emit_shape {
    EMIT_OTHER,
    EMIT_CMPI,
    EMIT_CMPF,
    EMIT_BIN,
    EMIT_UN
};

/* The latest instruction, when its destination may still be redirected. */
struct emit_last {
    uint32_t pos; /* EMIT_NONE: none */
    uint32_t dst;
    uint8_t shape;
    uint8_t mode;  /* enum ir_operands (UN: 1 when A) */
    uint16_t base; /* first opcode of its block */
    uint16_t a, b; /* operand slots */
    uint8_t imm_units;
    uint64_t imm;
    struct emit_acc acc[3]; /* as they were before it */
};

struct emit {
    struct wasm_module *module;
    struct wasm_code *code;
    uint32_t *units;
    size_t size;
    size_t cap;
    size_t limit;
    int rc;
    uint32_t instr_pos; /* start of the latest instruction */

    struct emit_entry *entries;
    size_t nentries;
    size_t entries_cap;
    size_t flushed;
    uint32_t height; /* slots in use: locals and operand stack */
    int32_t *heads;

    struct emit_acc acc[3];
    struct emit_last last;
};

/* A jump target: forward ones chain the units to be patched through the code itself. */
struct emit_label {
    uint32_t fixups; /* EMIT_NONE: none */
    uint32_t pos;    /* loops: where to jump back to */
    uint32_t slot;   /* first slot of the values that a branch brings */
    uint32_t nvalues;
    uint32_t value_slots;
    bool is_loop;
    bool is_return;
    uint32_t thunk_table; /* br_table that made `thunk`, to make one per label only */
    uint32_t thunk;
};

int emit_init(struct emit *e, struct wasm_module *module, struct wasm_code *code);
void emit_fini(struct emit *e);

/* Values. */
void emit_push(struct emit *e, uint8_t type); /* in its canonical slot */
void emit_push_n(struct emit *e, const uint8_t *types, uint32_t n);
void emit_pop_n(struct emit *e, uint32_t n);
void emit_truncate(struct emit *e, size_t nentries); /* after dead code */
void emit_const(struct emit *e, uint8_t type, uint64_t value);
void emit_const_v128(struct emit *e, const uint8_t *bytes);
void emit_local_get(struct emit *e, uint32_t slot, uint8_t type);
void emit_local_set(struct emit *e, uint32_t slot, bool tee);
void emit_flush(struct emit *e);

/* Regular instructions; `base` is the first opcode of the instruction's block. */
void emit_unary(struct emit *e, uint16_t base, uint8_t out);
void emit_binary(struct emit *e, uint16_t base, uint8_t shape, uint8_t out, bool commutes);
void emit_load(struct emit *e, uint16_t base, uint8_t out, uint32_t offset);
void emit_store(struct emit *e, uint16_t base, uint32_t offset);
void emit_select(struct emit *e);

/* Irregular instructions: pop `nin` operands (put into slots first), push `out` (0: none).
 * The instruction is {op, d | operand slots in pairs | imms}. */
void emit_generic(struct emit *e, uint16_t op, uint32_t nin, uint8_t out, const uint32_t *imms,
                  uint32_t nimms);
/* The same with all operands in canonical slots, d = the first one's; pops nothing. Returns
 * the instruction's position. */
uint32_t emit_at_base(struct emit *e, uint16_t op, uint32_t nin, const uint32_t *imms,
                      uint32_t nimms);
void emit_plain(struct emit *e, uint16_t op, const uint32_t *imms, uint32_t nimms);
void emit_global_get(struct emit *e, uint32_t index, uint8_t type);
void emit_global_set(struct emit *e, uint32_t index, uint8_t type);

/* Control. A label's fields are set up by the caller; see struct emit_label. */
void emit_barrier(struct emit *e); /* values in slots, nothing known about registers */
void emit_loop(struct emit *e, struct emit_label *label);
void emit_bind(struct emit *e, struct emit_label *label);
void emit_jump(struct emit *e, struct emit_label *label); /* br: moves the values, too */
void emit_jump_if(struct emit *e, struct emit_label *label);
/* Pops the condition, jumps to a fresh fixup chain when it is zero (`if`). */
void emit_jump_unless(struct emit *e, struct emit_label *label);
void emit_jump_table(struct emit *e, struct emit_label **labels, uint32_t n);
void emit_return(struct emit *e, uint32_t nresults, uint32_t result_slots);

#endif
