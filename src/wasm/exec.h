/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_EXEC_H
#define WASM_EXEC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wasm/instance.h"

/*
 * One thread of execution: an operand stack, a call stack, and the request word.
 *
 * Everything that stops a guest goes through `request`, one word polled at every
 * safepoint: function entry, loop header, return from a call, host call, and
 * between the pieces of a long bulk operation. While it is 0 nothing is counted
 * and nothing stops.
 */

enum wasm_request {
    WASM_REQ_SUSPEND = 1, /* somebody asked: stop with CSK_SUSPENDED */
    WASM_REQ_CANCEL = 2,  /* somebody asked: stop with CSK_CANCELLED */
    WASM_REQ_COUNT = 4,   /* this run has a safepoint or fuel budget: count */
    WASM_REQ_RESUME = 8,  /* the next poll belongs to the safepoint we resumed at */
};

/* The bits that ask for a stop now; a blocking host call gives up when one is set. */
#define WASM_REQ_STOP ((uint32_t)(WASM_REQ_SUSPEND | WASM_REQ_CANCEL))

/* Where the innermost frame stands. Frames further out always stand after a call. */
enum wasm_safepoint {
    WASM_AT_ENTRY = 0,  /* before the first instruction of a function */
    WASM_AT_LOOP = 1,   /* after a loop's block type, its parameters on the stack */
    WASM_AT_RETURN = 2, /* after a call, its results on the stack */
    WASM_AT_HOST = 3,   /* before a call of a host function, arguments on the stack */
    WASM_AT_BULK = 4,   /* before a bulk operation (or the rest of one) */
};

struct wasm_frame {
    const uint32_t *ip;           /* caller's, to continue at */
    uint64_t *fp;                 /* caller's */
    const struct wasm_code *code; /* caller's; NULL below the outermost frame */
};

struct wasm_exec {
    _Atomic uint32_t request; /* enum wasm_request bits */
    uint32_t at;              /* enum wasm_safepoint, while stopped */
    struct wasm_instance *inst;
    struct wasm_frame *frames; /* base of the call stack */
    struct wasm_frame *frame;  /* next free entry; the one below it is the current function's */
    struct wasm_frame *frames_end;
    uint64_t *stack;
    uint64_t *stack_end;
    const uint32_t *ip; /* while stopped: the current function's position */
    uint64_t *fp;
    bool active;                  /* a call is prepared or suspended */
    bool resumed;                 /* stopped at `at`: its poll is already counted */
    bool entering;                /* a prepared call whose entry safepoint has not been passed */
    bool exhausted;               /* the stacks were used up once: not worth keeping resident */
    struct wasm_func *host_entry; /* the prepared call is of a host function */

    uint64_t safepoints; /* passed in counted runs since the exec was made */
    uint64_t stop_at;    /* value of safepoints to suspend at, 0: never */
    uint64_t fuel_at;    /* value of safepoints at which fuel is out, 0: never */

    enum csk_trap trap;
    uint32_t exit_code;
    uint32_t trap_pc;     /* module offset of the trapping instruction, when known, else 0 */
    char host_error[128]; /* why a host function trapped, may be empty */

    const struct wasm_functype *result_type; /* of the outermost call */
    struct port_vm vm;                       /* the stacks */
    uint64_t resident;                       /* of vm, as the pool counts */
    struct wasm_engine *engine;
};

int wasm_exec_new(struct wasm_engine *engine, struct wasm_exec **ret_exec);
void wasm_exec_free(struct wasm_exec *exec);
/* Forget any call in progress. */
void wasm_exec_reset(struct wasm_exec *exec);

/* Prepare a call; args are checked against the type by the caller (they are in slot
 * layout). CSK_E_STATE when a call is active, CSK_E_LIMIT when args do not fit. */
int wasm_exec_call(struct wasm_exec *exec, struct wasm_func *func, const uint64_t *arg_slots);

/* Bounds for the next run, relative to now; 0: none. */
void wasm_exec_bounds(struct wasm_exec *exec, uint64_t safepoints, uint64_t fuel);

/* Run. Returns 0 with *ret_outcome, or CSK_E_NOMEM / CSK_E_STATE / CSK_E_LIMIT (a function
 * too large for this engine's frames) with the exec still at a safepoint. */
int wasm_exec_run(struct wasm_exec *exec, struct csk_outcome *ret_outcome);

/* Async-signal-safe, any thread. */
static inline void wasm_exec_interrupt(struct wasm_exec *exec, bool cancel)
{
    atomic_fetch_or_explicit(&exec->request, cancel ? WASM_REQ_CANCEL : WASM_REQ_SUSPEND,
                             memory_order_release);
}

/* After CSK_DONE: the results in slot layout (result_type->result_slots of them). */
const uint64_t *wasm_exec_results(const struct wasm_exec *exec);

/* ---- frames, while suspended or trapped -------------------------------------------------- */

/* A frame as the module means it. `values` are the locals, then the operand stack
 * from the bottom. Funcrefs are function indices + 1 in .of.ref. Of a frame that
 * waits for a callee, the operand stack is without the callee's arguments and results. */
struct wasm_frame_state {
    uint32_t func;
    uint32_t pc; /* module offset of the instruction to execute next */
    uint32_t nlocals;
    uint32_t nstack;
    struct csk_value *values;
};

uint32_t wasm_exec_depth(const struct wasm_exec *exec); /* 0 when no call is active */

/* Frame i, 0 the outermost. wasm_frame_state_fini() frees what it filled. */
int wasm_exec_frame(struct wasm_exec *exec, uint32_t i, struct wasm_frame_state *ret_state,
                    struct csk_error *err);
void wasm_frame_state_fini(struct wasm_frame_state *state);

/* Only function and pc, cheaply and after a trap too, for stack traces. pc is 0 when not known. */
int wasm_exec_frame_position(struct wasm_exec *exec, uint32_t i, uint32_t *ret_func,
                             uint32_t *ret_pc);

/* Rebuild a suspended exec: frames from the outermost in, then the kind of safepoint of
 * the innermost. Every field is checked against the module (pc is a safepoint of that
 * kind; count and types of locals and operands as validation has them there; a frame is
 * waiting in a call of a function of the next frame's type): CSK_E_CORRUPT otherwise. */
int wasm_exec_restore(struct wasm_exec *exec, struct wasm_instance *inst,
                      const struct wasm_frame_state *frames, uint32_t nframes,
                      enum wasm_safepoint at, struct csk_error *err);

#endif
