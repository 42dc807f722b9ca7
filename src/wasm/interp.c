/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/interp.h"

#include <string.h>

#include "base/bits.h"
#include "csk-config.h"
#include "wasm/code.h"
#include "wasm/numeric.h"

/*
 * The interpreter's hot half: one handler for each internal opcode (code.h).
 *
 * The same handlers are compiled in one of two forms. Where the compiler can promise
 * a tail call, each is a small function that jumps to the next and the machine's
 * state stays in argument registers. Elsewhere they are labels in one function.
 * See doc/decisions/interpreter.md for the measurements.
 *
 * State: ip, fp, memory 0 (mem, msize), the exec, and the accumulators: acc holds the
 * latest integer result (i32 zero-extended), fa the latest f32, da the latest f64.
 */

#define LIKELY(c)   __builtin_expect(!!(c), 1)
#define UNLIKELY(c) __builtin_expect(!!(c), 0)

/* ---- operands ---------------------------------------------------------------------------- */

#define HALF(i) ir_half(ip, i)
#define SLOT(i) fp[HALF(i)]

#define T_I32 uint32_t
#define T_I64 uint64_t
#define T_F32 float
#define T_F64 double

#define RD_I32(i) ((uint32_t)SLOT(i))
#define RD_I64(i) (SLOT(i))
#define RD_F32(i) wasm_f32_from_bits((uint32_t)SLOT(i))
#define RD_F64(i) wasm_f64_from_bits(SLOT(i))

#define ACC_I32 ((uint32_t)acc)
#define ACC_I64 (acc)
#define ACC_F32 (fa)
#define ACC_F64 (da)

static inline uint64_t imm64(const uint32_t *unit)
{
    uint64_t v;
    memcpy(&v, unit, sizeof v);
    return v;
}

#define IMM_I32(u) (ip[u])
#define IMM_I64(u) imm64(ip + (u))
#define IMM_F32(u) wasm_f32_from_bits(ip[u])
#define IMM_F64(u) wasm_f64_from_bits(imm64(ip + (u)))

#define UNITS_I32 1
#define UNITS_I64 2
#define UNITS_F32 1
#define UNITS_F64 2

static inline uint32_t sign32(int32_t v)
{
    return (uint32_t)v;
}

static inline uint64_t sign64(int64_t v)
{
    return (uint64_t)v;
}

/* Results: into the accumulator, and (S) into slot d as well. */
#define RES_I32_A(v) acc = (uint32_t)(v)
#define RES_I64_A(v) acc = (uint64_t)(v)
#define RES_F32_A(v) fa = (v)
#define RES_F64_A(v) da = (v)
#define RES_I32_S(v) acc = (uint32_t)(v), SLOT(1) = acc
#define RES_I64_S(v) acc = (uint64_t)(v), SLOT(1) = acc
#define RES_F32_S(v) fa = (v), SLOT(1) = wasm_f32_bits(fa)
#define RES_F64_S(v) da = (v), SLOT(1) = wasm_f64_bits(da)

/* ---- the two forms ----------------------------------------------------------------------- */

#if defined(__clang__) && (defined(__x86_64__) || defined(__aarch64__))
#define TAIL_CALLS 1
#else
#define TAIL_CALLS 0
#endif

#if TAIL_CALLS
#if __has_feature(address_sanitizer) /* its stack frames do not go with that convention */
#define HANDLER_CC
#else
#define HANDLER_CC __attribute__((preserve_none))
#endif
#define PARAMS                                                                                     \
    const uint32_t *ip, uint64_t *fp, uint8_t *mem, uint64_t msize, struct wasm_exec *x,           \
        uint64_t acc, float fa, double da, const void *const *table
#define ARGS       ip, fp, mem, msize, x, acc, fa, da, table
#define OP(name)   HANDLER_CC static int op_##name(PARAMS)
#define JUMP(name) __attribute__((musttail)) return op_##name(ARGS)
#define DISPATCH() __attribute__((musttail)) return ((handler_fn *)table[HALF(0)])(ARGS)
typedef HANDLER_CC int handler_fn(PARAMS);
#else
#define OP(name)   op_##name:
#define JUMP(name) goto op_##name
#define DISPATCH() goto *handlers[HALF(0)]
#endif

#define NEXT(units)                                                                                \
    do {                                                                                           \
        ip += (units);                                                                             \
        DISPATCH();                                                                                \
    } while (0)

#define TRAP(code) return interp_trap(x, ip, fp, CSK_TRAP_##code)

/* Distances count from the unit that holds them. */
#define TAKE(u) (ip += (u) + (intptr_t)(int32_t)ip[u])

#define REQUESTED() UNLIKELY(atomic_load_explicit(&x->request, memory_order_relaxed) != 0)

/* After anything that may have replaced memory 0 or the instance. */
#define RELOAD_MEMORY()                                                                            \
    do {                                                                                           \
        const struct wasm_instance *inst_ = x->inst;                                               \
        const struct wasm_memory *m_ = inst_->module->nmemories != 0 ? inst_->memories[0] : 0;     \
        mem = m_ != 0 ? m_->base : 0;                                                              \
        msize = m_ != 0 ? m_->size : 0;                                                            \
    } while (0)

/* Continue where a cold function left the exec. */
#define CONTINUE()                                                                                 \
    do {                                                                                           \
        ip = x->ip;                                                                                \
        fp = x->fp;                                                                                \
        RELOAD_MEMORY();                                                                           \
        DISPATCH();                                                                                \
    } while (0)

#define COLD_CALL(expr)                                                                            \
    do {                                                                                           \
        int rc_ = (expr);                                                                          \
        if (rc_ != INTERP_GO)                                                                      \
            return rc_;                                                                            \
    } while (0)

/* For functions that return 0 or a trap. */
#define COLD_TRAP(expr)                                                                            \
    do {                                                                                           \
        int trap_ = (expr);                                                                        \
        if (trap_ != 0)                                                                            \
            return interp_trap(x, ip, fp, (enum csk_trap)trap_);                                   \
    } while (0)

/* ---- shapes ------------------------------------------------------------------------------ */

#define BIN_MODE(name, IN, A, B, RES, units, CHECK, EXPR)                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        const T_##IN a = A;                                                                        \
        const T_##IN b = B;                                                                        \
        CHECK;                                                                                     \
        RES(EXPR);                                                                                 \
        NEXT(units);                                                                               \
    }

#define BIN_DST(id, IN, OUT, D, CHECK, EXPR)                                                       \
    BIN_MODE(id##_SS_##D, IN, RD_##IN(2), RD_##IN(3), RES_##OUT##_##D, 2, CHECK, EXPR)             \
    BIN_MODE(id##_SI_##D, IN, RD_##IN(2), IMM_##IN(2), RES_##OUT##_##D, 2 + UNITS_##IN, CHECK,     \
             EXPR)                                                                                 \
    BIN_MODE(id##_AS_##D, IN, ACC_##IN, RD_##IN(2), RES_##OUT##_##D, 2, CHECK, EXPR)               \
    BIN_MODE(id##_AI_##D, IN, ACC_##IN, IMM_##IN(1), RES_##OUT##_##D, 1 + UNITS_##IN, CHECK, EXPR) \
    BIN_MODE(id##_SA_##D, IN, RD_##IN(2), ACC_##IN, RES_##OUT##_##D, 2, CHECK, EXPR)

#define BINX(id, IN, OUT, CHECK, EXPR)                                                             \
    BIN_DST(id, IN, OUT, S, CHECK, EXPR)                                                           \
    BIN_DST(id, IN, OUT, A, CHECK, EXPR)

#define BIN(id, T, EXPR) BINX(id, T, T, (void)0, EXPR)

#define JUMP_MODE(name, IN, A, B, target, units, COND)                                             \
    OP(name##_F)                                                                                   \
    {                                                                                              \
        const T_##IN a = A;                                                                        \
        const T_##IN b = B;                                                                        \
        if (COND) {                                                                                \
            TAKE(target);                                                                          \
            DISPATCH();                                                                            \
        }                                                                                          \
        NEXT(units);                                                                               \
    }                                                                                              \
    OP(name##_B)                                                                                   \
    {                                                                                              \
        const T_##IN a = A;                                                                        \
        const T_##IN b = B;                                                                        \
        if (COND) {                                                                                \
            TAKE(target);                                                                          \
            if (REQUESTED())                                                                       \
                JUMP(poll_loop);                                                                   \
            DISPATCH();                                                                            \
        }                                                                                          \
        NEXT(units);                                                                               \
    }

#define JUMP_MODES(id, IN, COND)                                                                   \
    JUMP_MODE(id##_SS, IN, RD_##IN(1), RD_##IN(2), 2, 3, COND)                                     \
    JUMP_MODE(id##_SI, IN, RD_##IN(1), IMM_##IN(2), 1, 2 + UNITS_##IN, COND)                       \
    JUMP_MODE(id##_AS, IN, ACC_##IN, RD_##IN(1), 1, 2, COND)                                       \
    JUMP_MODE(id##_AI, IN, ACC_##IN, IMM_##IN(2), 1, 2 + UNITS_##IN, COND)

#define CMPI(id, IN, COND)                                                                         \
    BINX(id, IN, I32, (void)0, COND)                                                               \
    JUMP_MODES(br_##id, IN, COND)

#define CMPF(id, IN, COND)                                                                         \
    BINX(id, IN, I32, (void)0, COND)                                                               \
    JUMP_MODES(br_##id, IN, COND)                                                                  \
    JUMP_MODES(br_not_##id, IN, !(COND))

#define UN_MODE(name, IN, A, RES, units, CHECK, EXPR)                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        const T_##IN a = A;                                                                        \
        CHECK;                                                                                     \
        RES(EXPR);                                                                                 \
        NEXT(units);                                                                               \
    }

#define UNX(id, IN, OUT, CHECK, EXPR)                                                              \
    UN_MODE(id##_S_S, IN, RD_##IN(2), RES_##OUT##_S, 2, CHECK, EXPR)                               \
    UN_MODE(id##_A_S, IN, ACC_##IN, RES_##OUT##_S, 1, CHECK, EXPR)                                 \
    UN_MODE(id##_S_A, IN, RD_##IN(2), RES_##OUT##_A, 2, CHECK, EXPR)                               \
    UN_MODE(id##_A_A, IN, ACC_##IN, RES_##OUT##_A, 1, CHECK, EXPR)

#define UN(id, IN, OUT, EXPR) UNX(id, IN, OUT, (void)0, EXPR)

#define LOAD_MODE(name, bytes, ADDR, off, RES, units, EXPR)                                        \
    OP(name)                                                                                       \
    {                                                                                              \
        const uint64_t ea = (uint64_t)(ADDR) + (off);                                              \
        if (UNLIKELY(ea + (bytes) > msize))                                                        \
            TRAP(MEMORY_BOUNDS);                                                                   \
        const uint8_t *p = mem + ea;                                                               \
        RES(EXPR);                                                                                 \
        NEXT(units);                                                                               \
    }

#define LOAD_DST(id, bytes, RES, D, EXPR)                                                          \
    LOAD_MODE(id##_S_##D, bytes, RD_I32(2), ip[2], RES, 3, EXPR)                                   \
    LOAD_MODE(id##_A_##D, bytes, ACC_I32, ip[1], RES, 2, EXPR)                                     \
    LOAD_MODE(id##_K_##D, bytes, ip[1], 0u, RES, 2, EXPR)                                          \
    LOAD_MODE(id##_SS_##D, bytes, (uint32_t)(RD_I32(2) + RD_I32(3)), ip[2], RES, 3, EXPR)          \
    LOAD_MODE(id##_SI_##D, bytes, (uint32_t)(RD_I32(2) + ip[2]), ip[3], RES, 4, EXPR)              \
    LOAD_MODE(id##_AS_##D, bytes, (uint32_t)(ACC_I32 + RD_I32(2)), ip[2], RES, 3, EXPR)            \
    LOAD_MODE(id##_AI_##D, bytes, (uint32_t)(ACC_I32 + ip[1]), ip[2], RES, 3, EXPR)

#define LOAD(id, bytes, OUT, EXPR)                                                                 \
    LOAD_DST(id, bytes, RES_##OUT##_S, S, EXPR)                                                    \
    LOAD_DST(id, bytes, RES_##OUT##_A, A, EXPR)

#define STORE_MODE(name, bytes, T, ADDR, off, VALUE, units, EFFECT)                                \
    OP(name)                                                                                       \
    {                                                                                              \
        const uint64_t ea = (uint64_t)(ADDR) + (off);                                              \
        if (UNLIKELY(ea + (bytes) > msize))                                                        \
            TRAP(MEMORY_BOUNDS);                                                                   \
        uint8_t *p = mem + ea;                                                                     \
        const T_##T v = VALUE;                                                                     \
        EFFECT;                                                                                    \
        NEXT(units);                                                                               \
    }

#define STORE(id, bytes, T, EFFECT)                                                                \
    STORE_MODE(id##_SS, bytes, T, RD_I32(1), ip[2], RD_##T(2), 3, EFFECT)                          \
    STORE_MODE(id##_SA, bytes, T, RD_I32(1), ip[1], ACC_##T, 2, EFFECT)                            \
    STORE_MODE(id##_SI, bytes, T, RD_I32(1), ip[1], IMM_##T(2), 2 + UNITS_##T, EFFECT)             \
    STORE_MODE(id##_AS, bytes, T, ACC_I32, ip[1], RD_##T(1), 2, EFFECT)                            \
    STORE_MODE(id##_AI, bytes, T, ACC_I32, ip[1], IMM_##T(2), 2 + UNITS_##T, EFFECT)               \
    STORE_MODE(id##_AA, bytes, T, ACC_I32, ip[1], ACC_##T, 2, EFFECT)                              \
    STORE_MODE(id##_KS, bytes, T, ip[1], 0u, RD_##T(1), 2, EFFECT)                                 \
    STORE_MODE(id##_KA, bytes, T, ip[1], 0u, ACC_##T, 2, EFFECT)                                   \
    STORE_MODE(id##_KI, bytes, T, ip[1], 0u, IMM_##T(2), 2 + UNITS_##T, EFFECT)

#define BR_ON(name, VALUE)                                                                         \
    OP(name##_F)                                                                                   \
    {                                                                                              \
        if (VALUE) {                                                                               \
            TAKE(1);                                                                               \
            DISPATCH();                                                                            \
        }                                                                                          \
        NEXT(2);                                                                                   \
    }                                                                                              \
    OP(name##_B)                                                                                   \
    {                                                                                              \
        if (VALUE) {                                                                               \
            TAKE(1);                                                                               \
            if (REQUESTED())                                                                       \
                JUMP(poll_loop);                                                                   \
            DISPATCH();                                                                            \
        }                                                                                          \
        NEXT(2);                                                                                   \
    }

#if TAIL_CALLS
/* Every handler takes the whole state, whether it uses it or not. */
#pragma clang diagnostic ignored "-Wunused-parameter"

/* Reached by name. */
OP(ret);
OP(poll_loop);
OP(poll_entry);
OP(poll_return);
#include "wasm/interp-ops.h"

static const void *const handlers[IR_OP_COUNT] = {
#define ROW(name) [IR_##name] = (const void *)op_##name,
    IR_SPECIALS(ROW)
#define X(code, ident, kind, in, out) IR_ROW_##kind(ROW, ident)
        WASM_REGULAR_OPS(X)
#undef X
#undef ROW
};

int interp_run(struct wasm_exec *x)
{
    uint8_t *mem;
    uint64_t msize;
    RELOAD_MEMORY();
    handler_fn *first = (handler_fn *)handlers[ir_half(x->ip, 0)];
    return first(x->ip, x->fp, mem, msize, x, 0, 0.0f, 0.0, handlers);
}
#else
int interp_run(struct wasm_exec *x)
{
    static const void *const handlers[IR_OP_COUNT] = {
#define ROW(name)                     [IR_##name] = &&op_##name,
        IR_SPECIALS(ROW)
#define X(code, ident, kind, in, out) IR_ROW_##kind(ROW, ident)
            WASM_REGULAR_OPS(X)
#undef X
#undef ROW
    };
    const uint32_t *ip = x->ip;
    uint64_t *fp = x->fp;
    uint8_t *mem;
    uint64_t msize;
    uint64_t acc = 0;
    float fa = 0;
    double da = 0;
    RELOAD_MEMORY();
    DISPATCH();
#include "wasm/interp-ops.h"
}
#endif
