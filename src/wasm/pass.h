/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_PASS_H
#define WASM_PASS_H

#include "wasm/emit.h"
#include "wasm/translate.h"

/*
 * The state of one pass over a function body, shared by validate.c (decoding, types,
 * control) and translate.c (which starts passes that emit or listen).
 */

/* A control frame: block, loop, if, or the function itself. */
struct pass_ctrl {
    uint16_t opcode;  /* enum wasm_opcode */
    bool unreachable; /* the rest of the block cannot be reached: any type fits */
    bool entry_live;  /* was there code to emit when the block began */
    bool has_else;
    uint32_t height;      /* operand stack height below the block's parameters */
    uint32_t slot_height; /* the same in slots */
    const uint8_t *params;
    const uint8_t *results;
    uint32_t nparams;
    uint32_t nresults;
    uint32_t ninits; /* locals set before the block */
    size_t emit_height;
    struct emit_label label;
    struct emit_label else_label;
};

struct pass {
    struct wasm_module *module;
    struct wasm_code *code;
    const uint8_t *start; /* of the module */
    const uint8_t *p;
    const uint8_t *end;
    const uint8_t *at; /* the current instruction */
    struct csk_error *err;

    uint8_t *local_types;
    uint16_t *local_slots; /* slot of each local */
    uint32_t nlocals;

    bool *unset;     /* locals without a value as yet; NULL when there are none */
    uint32_t *inits; /* the locals set since, in order */
    uint32_t ninits;

    uint8_t *types; /* operand stack; 0 stands for any type, in unreachable code */
    size_t height;
    size_t types_cap;
    uint32_t slots; /* operand stack height in slots */
    uint32_t max_slots;

    struct pass_ctrl *ctrls;
    size_t nctrls;
    size_t ctrls_cap;

    struct emit_label **targets; /* scratch for br_table */
    size_t targets_cap;

    bool live;      /* can the current instruction be reached */
    struct emit *e; /* NULL: validate only */
    wasm_point_fn *point;
    void *point_user;
};

/* Returns 0, a negative error, or what `point` returned. */
int pass_run(struct pass *p);
void pass_fini(struct pass *p);

/* ---- pass.c: errors, immediates, operand stack ------------------------------------------- */

#define PASS_ANY 0 /* the bottom type, of what unreachable code pops */

#define INVALID(p, ...)   error_at((p)->err, CSK_E_INVALID, pass_offset(p), __VA_ARGS__)
#define MALFORMED(p, ...) error_at((p)->err, CSK_E_MALFORMED, pass_offset(p), __VA_ARGS__)

uint64_t pass_offset(const struct pass *p); /* of the current instruction */
int pass_type_mismatch(struct pass *p);
int pass_no_memory(struct pass *p);

int pass_u8(struct pass *p, uint8_t *ret);
int pass_u32(struct pass *p, uint32_t *ret);
int pass_bytes(struct pass *p, size_t n, const uint8_t **ret);
int pass_value_type(struct pass *p, uint8_t *ret);
/* An index below `count`; `what` names the space in the error. */
int pass_index(struct pass *p, uint32_t count, const char *what, uint32_t *ret);

struct pass_ctrl *pass_top(struct pass *p);
int pass_push(struct pass *p, uint8_t type);
int pass_push_n(struct pass *p, const uint8_t *types, uint32_t n);
int pass_pop(struct pass *p, uint8_t type);
int pass_pop_n(struct pass *p, const uint8_t *types, uint32_t n);
/* Pop whatever is there; PASS_ANY in unreachable code. */
int pass_pop_any(struct pass *p, uint8_t *ret_type);
/* Check that the top n values have these types, leaving them there. */
int pass_check_n(struct pass *p, const uint8_t *types, uint32_t n);
/* The same, but in code that cannot be reached types that are not known stay so, as the
 * several targets of a br_table need. */
int pass_match_n(struct pass *p, const uint8_t *types, uint32_t n);
/* Pop the operands that `in` lists in stack order (i I f F v: i32 i64 f32 f64 v128), then
 * push `out` unless it is 0. */
int pass_pop_push(struct pass *p, const char *in, uint8_t out);

/* Is code made for the current instruction? */
bool pass_emitting(const struct pass *p);
/* What follows in the block cannot be reached. */
void pass_unreachable(struct pass *p);
int pass_report(struct pass *p, uint8_t at, uint32_t ir_pos, const uint8_t *pc,
                const struct wasm_functype *callee);

/* ---- one function an instruction or family of them, after its opcode --------------------- */

/* A row of the table of regular instructions. */
struct pass_op {
    uint8_t kind;
    uint8_t in; /* operand type; LOAD, STORE: access size in bytes */
    uint8_t out;
    uint16_t base; /* first internal opcode */
};

struct pass_memarg {
    uint32_t offset;
    uint32_t memory;
};

/* validate-control.c */
int pass_push_ctrl(struct pass *p, uint16_t opcode, const struct wasm_functype *block);
int pass_block(struct pass *p, uint16_t opcode);
int pass_else(struct pass *p);
int pass_end(struct pass *p);
int pass_br(struct pass *p);
int pass_br_if(struct pass *p);
int pass_br_table(struct pass *p);
int pass_return(struct pass *p);
int pass_call(struct pass *p, bool tail);
int pass_call_indirect(struct pass *p, bool tail);
int pass_call_ref(struct pass *p);

/* validate-memory.c */
int pass_memarg(struct pass *p, uint32_t access_bytes, struct pass_memarg *ret);
/* The interpreter keeps memory 0 at hand; others are selected around an access. */
void pass_select_memory(struct pass *p, uint32_t memory);
void pass_unselect_memory(struct pass *p, uint32_t memory);
int pass_load(struct pass *p, const struct pass_op *op);
int pass_store(struct pass *p, const struct pass_op *op);
int pass_memory_size_grow(struct pass *p, bool grow);
int pass_memory_bulk(struct pass *p, unsigned opcode);
int pass_data_drop(struct pass *p);
int pass_table_get_set(struct pass *p, bool set);
int pass_table_size_grow_fill(struct pass *p, unsigned opcode);
int pass_table_copy_init(struct pass *p, bool copy);
int pass_elem_drop(struct pass *p);

/* validate-simd.c; validate-nosimd.c where v128 is left out */
int pass_simd(struct pass *p);

#endif
