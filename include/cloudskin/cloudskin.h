/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLOUDSKIN_H
#define CLOUDSKIN_H

/*
 * Embedding CLOUDSKIN: load a WebAssembly module, run it, stop it at any
 * safepoint, write its whole state as a cell image, and continue that image in
 * another process on another machine.
 *
 *     engine    limits and recycled memory; one per process is usual
 *     module    validated code; immutable, shared by any number of instances
 *     instance  a module's memories, tables, globals and one stack
 *
 * Threads: an engine and a module may be used by many threads at once. An
 * instance belongs to one thread at a time; only csk_interrupt() may be called
 * from another thread or from a signal handler.
 * Ownership: whoever gets a pointer from a *_new, *_load or *_restore function
 * frees it. Free instances before their module, modules before their engine.
 * Blocking: nothing here blocks, except host functions that the embedder wrote.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cloudskin/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- values ------------------------------------------------------------- */

enum csk_type { /* the binary format's own encodings */
    CSK_I32 = 0x7f,
    CSK_I64 = 0x7e,
    CSK_F32 = 0x7d,
    CSK_F64 = 0x7c,
    CSK_V128 = 0x7b,
    CSK_FUNCREF = 0x70,
    CSK_EXTERNREF = 0x6f,
};

struct csk_value {
    uint8_t type; /* enum csk_type */
    union {
        uint32_t i32;
        uint64_t i64;
        float f32;
        double f64;
        uint32_t f32_bits;
        uint64_t f64_bits;
        uint64_t ref;     /* 0 is null; funcref: function index + 1; externref: host's token */
        uint8_t v128[16]; /* little-endian lane order on every host */
    } of;
};

/* ---- outcomes of a run ---------------------------------------------------- */

enum csk_outcome_kind {
    CSK_DONE,        /* the call returned; read its results */
    CSK_TRAPPED,     /* see .trap; the instance can only be inspected or freed */
    CSK_EXITED,      /* the guest ended itself with .exit_code */
    CSK_SUSPENDED,   /* stopped at a safepoint; run again, snapshot, or free */
    CSK_OUT_OF_FUEL, /* stopped at a safepoint; add fuel and run again */
    CSK_CANCELLED,   /* stopped at a safepoint on request; run again or free */
};

/* name, text as the WebAssembly specification's interpreter words it */
#define CSK_TRAPS(X)                                                                               \
    X(NONE, "no trap")                                                                             \
    X(UNREACHABLE, "unreachable executed")                                                         \
    X(MEMORY_BOUNDS, "out of bounds memory access")                                                \
    X(TABLE_BOUNDS, "out of bounds table access")                                                  \
    X(UNDEFINED_ELEMENT, "undefined element")                                                      \
    X(UNINITIALIZED_ELEMENT, "uninitialized element")                                              \
    X(INDIRECT_CALL_TYPE, "indirect call type mismatch")                                           \
    X(DIVIDE_BY_ZERO, "integer divide by zero")                                                    \
    X(INTEGER_OVERFLOW, "integer overflow")                                                        \
    X(INVALID_CONVERSION, "invalid conversion to integer")                                         \
    X(STACK_EXHAUSTED, "call stack exhausted")                                                     \
    X(HOST, "host function failed")                                                                \
    X(NULL_REFERENCE, "null reference")

enum csk_trap {
#define X(name, text) CSK_TRAP_##name,
    CSK_TRAPS(X)
#undef X
};

struct csk_outcome {
    enum csk_outcome_kind kind;
    enum csk_trap trap;
    uint32_t exit_code;
};

const char *csk_trap_text(enum csk_trap trap);

/* ---- engine --------------------------------------------------------------- */

/* Every limit an engine enforces. Zero in a field means its default. */
struct csk_limits {
    uint64_t module_bytes_max;   /* default 256 MiB */
    uint32_t functions_max;      /* default 1,000,000 */
    uint32_t function_bytes_max; /* default 7,654,321 (one function body) */
    uint32_t memory_pages_max;   /* default 65,536 (4 GiB), per memory */
    uint32_t table_elems_max;    /* default 10,000,000, per table */
    uint32_t stack_bytes;        /* default 4 MiB of operand stack per instance */
    uint32_t call_depth_max;     /* default 65,536 frames */
    uint64_t pool_bytes_max;     /* default 16 MiB of memories kept for reuse */
};

struct csk_engine;
int csk_engine_new(const struct csk_limits *limits, struct csk_engine **ret_engine);
void csk_engine_free(struct csk_engine *engine);

/* ---- module --------------------------------------------------------------- */

struct csk_module;

/* Decode and validate. Copies `bytes`. Errors: MALFORMED, INVALID, UNSUPPORTED,
 * LIMIT, NOMEM; err->offset is the byte offset in the module. */
int csk_module_load(struct csk_engine *engine, const void *bytes, size_t size,
                    struct csk_module **ret_module, struct csk_error *err);
void csk_module_free(struct csk_module *module);

/* ---- host functions ------------------------------------------------------- */

struct csk_instance;

enum csk_host_result {
    CSK_HOST_RETURN,  /* results are written */
    CSK_HOST_TRAP,    /* trap the guest */
    CSK_HOST_EXIT,    /* end the run: csk_set_exit_code() said with which code */
    CSK_HOST_SUSPEND, /* stop before this call; it is issued again on resume, so
                         the function must not have had an effect yet */
};

typedef enum csk_host_result csk_host_fn(struct csk_instance *instance, void *user,
                                         const struct csk_value *args, struct csk_value *results);

struct csk_host_func {
    const char *module;    /* import module name */
    const char *name;      /* import field name */
    const char *signature; /* "ii:i": i=i32 I=i64 f=f32 F=f64 v=v128 r=funcref x=externref */
    csk_host_fn *fn;
    void *user;
};

/* Bounds-checked view of guest memory 0: NULL unless [offset, offset+size) is inside.
 * Valid until the guest runs again. */
uint8_t *csk_memory(struct csk_instance *instance, uint64_t offset, uint64_t size);
void csk_set_exit_code(struct csk_instance *instance, uint32_t code);

/* ---- instance ------------------------------------------------------------- */

/* Link and initialise. A start function, where there is one, runs at the first
 * csk_run(). `funcs` is read during the call only; `user` pointers must outlive
 * the instance. */
int csk_instance_new(struct csk_module *module, const struct csk_host_func *funcs, size_t nfuncs,
                     struct csk_instance **ret_instance, struct csk_error *err);
void csk_instance_free(struct csk_instance *instance);

/* Prepare a call of an exported function. Nothing runs yet. */
int csk_call(struct csk_instance *instance, const char *export_name, const struct csk_value *args,
             size_t nargs, struct csk_error *err);

/* How far a run may go. Zero in a field means no bound. */
struct csk_until {
    uint64_t safepoints; /* stop (CSK_SUSPENDED) at the n-th safepoint from here */
    uint64_t fuel;       /* stop (CSK_OUT_OF_FUEL) after so many safepoints */
};

/* Run what csk_call() prepared, or continue what a run suspended. Returns 0 with
 * *ret_outcome filled, or an error (NOMEM, STATE) with the instance unchanged. */
int csk_run(struct csk_instance *instance, const struct csk_until *until,
            struct csk_outcome *ret_outcome);

/* Result i of a call that ended with CSK_DONE. */
int csk_result(const struct csk_instance *instance, size_t i, struct csk_value *ret_value);
size_t csk_result_count(const struct csk_instance *instance);

/* Ask a running instance to stop at its next safepoint with CSK_SUSPENDED
 * (cancel = false) or CSK_CANCELLED. Async-signal-safe; any thread. */
void csk_interrupt(struct csk_instance *instance, bool cancel);

/* ---- snapshot and restore -------------------------------------------------- */

/* Called with consecutive pieces of the image; returns 0 or a negative error. */
typedef int csk_write_fn(void *user, const void *bytes, size_t size);
/* Fill up to `size` bytes; returns how many (0 at the end) or a negative error. */
typedef int64_t csk_read_fn(void *user, void *bytes, size_t size);

/* Write a suspended (or not yet started) instance as a cell image, which may run on
 * afterwards. The module itself is included when `with_module`. CSK_E_STATE: no call is
 * prepared or suspended, or the start function is still running and the prepared call's
 * arguments wait for it. The format: doc/formats/cell-image.md. */
int csk_snapshot(struct csk_instance *instance, bool with_module, csk_write_fn *write, void *user,
                 struct csk_error *err);

/* Continue an image: the next csk_run() goes on where the snapshot stopped. `module` may be
 * NULL when the image carries its module (NOT_FOUND otherwise); then the instance owns it.
 * The image is hostile input: CORRUPT, VERSION, LIMIT, LINK. */
int csk_restore(struct csk_engine *engine, struct csk_module *module, csk_read_fn *read,
                void *read_user, const struct csk_host_func *funcs, size_t nfuncs,
                struct csk_instance **ret_instance, struct csk_error *err);

#ifdef __cplusplus
}
#endif

#endif
