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

#endif
