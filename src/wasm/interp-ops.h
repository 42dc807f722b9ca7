/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers themselves, as macros that interp.c defines. Included once, where
 * those macros are in force; without include guard for that reason.
 */

/* ---- polls ------------------------------------------------------------------------------- */

OP(poll_loop)
{
    COLD_CALL(interp_poll(x, ip, fp, WASM_AT_LOOP));
    DISPATCH();
}

OP(poll_entry)
{
    COLD_CALL(interp_poll(x, ip, fp, WASM_AT_ENTRY));
    DISPATCH();
}

OP(poll_return)
{
    COLD_CALL(interp_poll(x, ip, fp, WASM_AT_RETURN));
    DISPATCH();
}

/* ---- control ----------------------------------------------------------------------------- */

OP(translate)
{
    COLD_CALL(interp_translate(x, ip, fp));
    ip = x->ip;
    DISPATCH();
}

OP(halt)
{
    x->ip = ip;
    x->fp = fp;
    return INTERP_DONE;
}

OP(cross_return)
{
    interp_cross_back(x);
    CONTINUE();
}

OP(unreachable)
{
    TRAP(UNREACHABLE);
}

OP(loop)
{
    ip += 1;
    if (REQUESTED())
        JUMP(poll_loop);
    DISPATCH();
}

OP(mov)
{
    SLOT(1) = SLOT(2);
    NEXT(2);
}

OP(mov_v128)
{
    const uint64_t lo = fp[HALF(2)];
    const uint64_t hi = fp[HALF(2) + 1];
    fp[HALF(1)] = lo;
    fp[HALF(1) + 1] = hi;
    NEXT(2);
}

OP(move_n)
{
    memmove(fp + HALF(1), fp + HALF(2), ip[2] * sizeof *fp);
    NEXT(3);
}

OP(const32)
{
    SLOT(1) = ip[1];
    NEXT(2);
}

OP(const64)
{
    SLOT(1) = imm64(ip + 1);
    NEXT(3);
}

OP(const_v128)
{
    memcpy(fp + HALF(1), ip + 1, 16);
    NEXT(5);
}

OP(br)
{
    TAKE(1);
    DISPATCH();
}

OP(br_B)
{
    TAKE(1);
    if (REQUESTED())
        JUMP(poll_loop);
    DISPATCH();
}

BR_ON(br_nz_S, RD_I32(1) != 0)
BR_ON(br_nz_A, ACC_I32 != 0)
BR_ON(br_z_S, RD_I32(1) == 0)
BR_ON(br_z_A, ACC_I32 == 0)

OP(br_table)
{
    uint32_t i = RD_I32(1);
    const uint32_t last = ip[1];
    i = i < last ? i : last;
    ip += 2 + i;
    ip += (intptr_t)(int32_t)*ip;
    DISPATCH();
}

OP(select_S)
{
    const uint64_t v = RD_I32(4) != 0 ? SLOT(2) : SLOT(3);
    SLOT(1) = v;
    NEXT(3);
}

OP(select_A)
{
    const uint64_t v = ACC_I32 != 0 ? SLOT(2) : SLOT(3);
    SLOT(1) = v;
    NEXT(2);
}

OP(select_v128)
{
    const uint64_t *v = fp + (RD_I32(4) != 0 ? HALF(2) : HALF(3));
    const uint64_t lo = v[0];
    const uint64_t hi = v[1];
    fp[HALF(1)] = lo;
    fp[HALF(1) + 1] = hi;
    NEXT(3);
}

/* ---- calls ------------------------------------------------------------------------------- */

OP(call)
{
    const struct wasm_code *callee = (const struct wasm_code *)(uintptr_t)imm64(ip + 1);
    uint64_t *nfp = fp + HALF(1);
    struct wasm_frame *f = x->frame;
    if (UNLIKELY(f == x->frames_end || callee->frame_slots > (size_t)(x->stack_end - nfp)))
        TRAP(STACK_EXHAUSTED);
    f->ip = ip + 3;
    f->fp = fp;
    f->code = callee;
    x->frame = f + 1;
    for (uint32_t i = callee->param_slots; i < callee->local_slots; i++)
        nfp[i] = 0;
    fp = nfp;
    ip = atomic_load_explicit(&callee->ir, memory_order_acquire);
    if (REQUESTED())
        JUMP(poll_entry);
    DISPATCH();
}

OP(call_import)
{
    struct wasm_func *func = x->inst->funcs[ip[1]];
    COLD_CALL(interp_call(x, ip, fp, func, HALF(1), ip + 2));
    CONTINUE();
}

OP(call_indirect)
{
    enum csk_trap why;
    struct wasm_func *func = interp_indirect(x, ip[3], ip[2], (uint32_t)fp[ip[1]], &why);
    if (UNLIKELY(func == 0))
        return interp_trap(x, ip, fp, why);
    COLD_CALL(interp_call(x, ip, fp, func, HALF(1), ip + 4));
    CONTINUE();
}

OP(tail_call)
{
    const struct wasm_code *callee = (const struct wasm_code *)(uintptr_t)imm64(ip + 1);
    if (UNLIKELY(callee->frame_slots > (size_t)(x->stack_end - fp)))
        TRAP(STACK_EXHAUSTED);
    memmove(fp, fp + HALF(1), callee->param_slots * sizeof *fp);
    for (uint32_t i = callee->param_slots; i < callee->local_slots; i++)
        fp[i] = 0;
    x->frame[-1].code = callee;
    ip = atomic_load_explicit(&callee->ir, memory_order_acquire);
    if (REQUESTED())
        JUMP(poll_entry);
    DISPATCH();
}

OP(tail_call_import)
{
    struct wasm_func *func = x->inst->funcs[ip[1]];
    COLD_CALL(interp_tail_call(x, ip, fp, func, HALF(1)));
    CONTINUE();
}

OP(tail_call_indirect)
{
    enum csk_trap why;
    struct wasm_func *func = interp_indirect(x, ip[3], ip[2], (uint32_t)fp[ip[1]], &why);
    if (UNLIKELY(func == 0))
        return interp_trap(x, ip, fp, why);
    COLD_CALL(interp_tail_call(x, ip, fp, func, HALF(1)));
    CONTINUE();
}

OP(ret_S)
{
    fp[0] = SLOT(1);
    JUMP(ret);
}

OP(ret_AI)
{
    fp[0] = acc;
    JUMP(ret);
}

OP(ret_AF)
{
    fp[0] = wasm_f32_bits(fa);
    JUMP(ret);
}

OP(ret_AD)
{
    fp[0] = wasm_f64_bits(da);
    JUMP(ret);
}

OP(ret_n)
{
    memmove(fp, fp + HALF(1), ip[1] * sizeof *fp);
    JUMP(ret);
}

OP(ret)
{
    const struct wasm_frame *f = --x->frame;
    ip = f->ip;
    fp = f->fp;
    if (REQUESTED())
        JUMP(poll_return);
    DISPATCH();
}

/* ---- globals, references, tables --------------------------------------------------------- */

OP(global_get)
{
    SLOT(1) = x->inst->globals[ip[1]]->slot[0];
    NEXT(2);
}

OP(global_set)
{
    x->inst->globals[ip[1]]->slot[0] = SLOT(1);
    NEXT(2);
}

OP(global_set_A)
{
    x->inst->globals[ip[1]]->slot[0] = acc;
    NEXT(2);
}

OP(global_get_v128)
{
    memcpy(fp + HALF(1), x->inst->globals[ip[1]]->slot, 16);
    NEXT(2);
}

OP(global_set_v128)
{
    memcpy(x->inst->globals[ip[1]]->slot, fp + HALF(1), 16);
    NEXT(2);
}

OP(ref_func)
{
    SLOT(1) = (uintptr_t)x->inst->funcs[ip[1]];
    NEXT(2);
}

OP(ref_as_non_null)
{
    const uint64_t ref = SLOT(2);
    if (UNLIKELY(ref == 0))
        TRAP(NULL_REFERENCE);
    SLOT(1) = ref;
    NEXT(2);
}

OP(table_get)
{
    COLD_TRAP(interp_table_get(x, ip, fp));
    NEXT(3);
}

OP(table_set)
{
    COLD_TRAP(interp_table_set(x, ip, fp));
    NEXT(3);
}

OP(table_size)
{
    interp_table_size(x, ip, fp);
    NEXT(2);
}

OP(table_grow)
{
    interp_table_grow(x, ip, fp);
    NEXT(3);
}

OP(table_fill)
{
    COLD_TRAP(interp_table_fill(x, ip, fp));
    NEXT(4);
}

OP(table_copy)
{
    COLD_TRAP(interp_table_copy(x, ip, fp));
    NEXT(5);
}

OP(table_init)
{
    COLD_TRAP(interp_table_init(x, ip, fp));
    NEXT(5);
}

OP(elem_drop)
{
    x->inst->dropped_elems[ip[1]] = 1;
    NEXT(2);
}

/* ---- memory ------------------------------------------------------------------------------ */

OP(memory_size)
{
    interp_memory_size(x, ip, fp);
    NEXT(2);
}

OP(memory_grow)
{
    interp_memory_grow(x, ip, fp);
    RELOAD_MEMORY();
    NEXT(3);
}

OP(memory_fill)
{
    COLD_CALL(interp_memory_fill(x, ip, fp));
    NEXT(3);
}

OP(memory_copy)
{
    COLD_CALL(interp_memory_copy(x, ip, fp));
    NEXT(3);
}

OP(memory_init)
{
    COLD_CALL(interp_memory_init(x, ip, fp));
    NEXT(3);
}

OP(data_drop)
{
    x->inst->dropped_datas[ip[1]] = 1;
    NEXT(2);
}

OP(memory_select)
{
    const struct wasm_memory *m = x->inst->memories[ip[1]];
    mem = m->base;
    msize = m->size;
    NEXT(2);
}

LOAD(i32_load, 4, I32, get_le32(p))
LOAD(i64_load, 8, I64, get_le64(p))
LOAD(f32_load, 4, F32, wasm_f32_from_bits(get_le32(p)))
LOAD(f64_load, 8, F64, wasm_f64_from_bits(get_le64(p)))
LOAD(i32_load8_s, 1, I32, sign32((int8_t)*p))
LOAD(i32_load8_u, 1, I32, *p)
LOAD(i32_load16_s, 2, I32, sign32((int16_t)get_le16(p)))
LOAD(i32_load16_u, 2, I32, get_le16(p))
LOAD(i64_load8_s, 1, I64, sign64((int8_t)*p))
LOAD(i64_load8_u, 1, I64, *p)
LOAD(i64_load16_s, 2, I64, sign64((int16_t)get_le16(p)))
LOAD(i64_load16_u, 2, I64, get_le16(p))
LOAD(i64_load32_s, 4, I64, sign64((int32_t)get_le32(p)))
LOAD(i64_load32_u, 4, I64, get_le32(p))

STORE(i32_store, 4, I32, put_le32(p, v))
STORE(i64_store, 8, I64, put_le64(p, v))
STORE(f32_store, 4, F32, put_le32(p, wasm_f32_bits(v)))
STORE(f64_store, 8, F64, put_le64(p, wasm_f64_bits(v)))
STORE(i32_store8, 1, I32, *p = (uint8_t)v)
STORE(i32_store16, 2, I32, put_le16(p, (uint16_t)v))
STORE(i64_store8, 1, I64, *p = (uint8_t)v)
STORE(i64_store16, 2, I64, put_le16(p, (uint16_t)v))
STORE(i64_store32, 4, I64, put_le32(p, (uint32_t)v))

/* ---- comparisons ------------------------------------------------------------------------- */

#define S32(v) ((int32_t)(v))
#define S64(v) ((int64_t)(v))

CMPI(i32_eq, I32, a == b)
CMPI(i32_ne, I32, a != b)
CMPI(i32_lt_s, I32, S32(a) < S32(b))
CMPI(i32_lt_u, I32, a < b)
CMPI(i32_gt_s, I32, S32(a) > S32(b))
CMPI(i32_gt_u, I32, a > b)
CMPI(i32_le_s, I32, S32(a) <= S32(b))
CMPI(i32_le_u, I32, a <= b)
CMPI(i32_ge_s, I32, S32(a) >= S32(b))
CMPI(i32_ge_u, I32, a >= b)
CMPI(i64_eq, I64, a == b)
CMPI(i64_ne, I64, a != b)
CMPI(i64_lt_s, I64, S64(a) < S64(b))
CMPI(i64_lt_u, I64, a < b)
CMPI(i64_gt_s, I64, S64(a) > S64(b))
CMPI(i64_gt_u, I64, a > b)
CMPI(i64_le_s, I64, S64(a) <= S64(b))
CMPI(i64_le_u, I64, a <= b)
CMPI(i64_ge_s, I64, S64(a) >= S64(b))
CMPI(i64_ge_u, I64, a >= b)
CMPF(f32_eq, F32, a == b)
CMPF(f32_ne, F32, a != b)
CMPF(f32_lt, F32, a < b)
CMPF(f32_gt, F32, a > b)
CMPF(f32_le, F32, a <= b)
CMPF(f32_ge, F32, a >= b)
CMPF(f64_eq, F64, a == b)
CMPF(f64_ne, F64, a != b)
CMPF(f64_lt, F64, a < b)
CMPF(f64_gt, F64, a > b)
CMPF(f64_le, F64, a <= b)
CMPF(f64_ge, F64, a >= b)

/* ---- arithmetic -------------------------------------------------------------------------- */

#define CHECK_DIVISOR                                                                              \
    if (UNLIKELY(b == 0))                                                                          \
    TRAP(DIVIDE_BY_ZERO)
#define CHECK_DIVISION(MIN)                                                                        \
    CHECK_DIVISOR;                                                                                 \
    if (UNLIKELY(a == (MIN) && b + 1 == 0))                                                        \
    TRAP(INTEGER_OVERFLOW)
#define MIN32 UINT32_C(0x80000000)
#define MIN64 UINT64_C(0x8000000000000000)

BIN(i32_add, I32, a + b)
BIN(i32_sub, I32, a - b)
BIN(i32_mul, I32, a *b)
BINX(i32_div_s, I32, I32, CHECK_DIVISION(MIN32), S32(a) / S32(b))
BINX(i32_div_u, I32, I32, CHECK_DIVISOR, a / b)
BINX(i32_rem_s, I32, I32, CHECK_DIVISOR, b + 1 == 0 ? 0 : sign32(S32(a) % S32(b)))
BINX(i32_rem_u, I32, I32, CHECK_DIVISOR, a % b)
BIN(i32_and, I32, a &b)
BIN(i32_or, I32, a | b)
BIN(i32_xor, I32, a ^ b)
BIN(i32_shl, I32, a << (b & 31))
BIN(i32_shr_s, I32, S32(a) >> (b & 31))
BIN(i32_shr_u, I32, a >> (b & 31))
BIN(i32_rotl, I32, wasm_i32_rotl(a, b))
BIN(i32_rotr, I32, wasm_i32_rotr(a, b))
BIN(i64_add, I64, a + b)
BIN(i64_sub, I64, a - b)
BIN(i64_mul, I64, a *b)
BINX(i64_div_s, I64, I64, CHECK_DIVISION(MIN64), S64(a) / S64(b))
BINX(i64_div_u, I64, I64, CHECK_DIVISOR, a / b)
BINX(i64_rem_s, I64, I64, CHECK_DIVISOR, b + 1 == 0 ? 0 : sign64(S64(a) % S64(b)))
BINX(i64_rem_u, I64, I64, CHECK_DIVISOR, a % b)
BIN(i64_and, I64, a &b)
BIN(i64_or, I64, a | b)
BIN(i64_xor, I64, a ^ b)
BIN(i64_shl, I64, a << (b & 63))
BIN(i64_shr_s, I64, S64(a) >> (b & 63))
BIN(i64_shr_u, I64, a >> (b & 63))
BIN(i64_rotl, I64, wasm_i64_rotl(a, b))
BIN(i64_rotr, I64, wasm_i64_rotr(a, b))
BIN(f32_add, F32, wasm_f32_add(a, b))
BIN(f32_sub, F32, wasm_f32_sub(a, b))
BIN(f32_mul, F32, wasm_f32_mul(a, b))
BIN(f32_div, F32, wasm_f32_div(a, b))
BIN(f32_min, F32, wasm_f32_min(a, b))
BIN(f32_max, F32, wasm_f32_max(a, b))
BIN(f64_add, F64, wasm_f64_add(a, b))
BIN(f64_sub, F64, wasm_f64_sub(a, b))
BIN(f64_mul, F64, wasm_f64_mul(a, b))
BIN(f64_div, F64, wasm_f64_div(a, b))
BIN(f64_min, F64, wasm_f64_min(a, b))
BIN(f64_max, F64, wasm_f64_max(a, b))

/* Sign operations are on bits: a signalling NaN must come through as it is. */
#define F32_BITS(f)  wasm_f32_bits(f)
#define F64_BITS(f)  wasm_f64_bits(f)
#define F32_OF(bits) wasm_f32_from_bits(bits)
#define F64_OF(bits) wasm_f64_from_bits(bits)

BIN(f32_copysign, F32, F32_OF(wasm_f32_copysign_bits(F32_BITS(a), F32_BITS(b))))
BIN(f64_copysign, F64, F64_OF(wasm_f64_copysign_bits(F64_BITS(a), F64_BITS(b))))

UN(i32_eqz, I32, I32, a == 0)
UN(i64_eqz, I64, I32, a == 0)
UN(i32_clz, I32, I32, wasm_i32_clz(a))
UN(i32_ctz, I32, I32, wasm_i32_ctz(a))
UN(i32_popcnt, I32, I32, wasm_i32_popcnt(a))
UN(i64_clz, I64, I64, wasm_i64_clz(a))
UN(i64_ctz, I64, I64, wasm_i64_ctz(a))
UN(i64_popcnt, I64, I64, wasm_i64_popcnt(a))
UN(f32_abs, F32, F32, F32_OF(wasm_f32_abs_bits(F32_BITS(a))))
UN(f32_neg, F32, F32, F32_OF(wasm_f32_neg_bits(F32_BITS(a))))
UN(f32_ceil, F32, F32, wasm_f32_ceil(a))
UN(f32_floor, F32, F32, wasm_f32_floor(a))
UN(f32_trunc, F32, F32, wasm_f32_trunc(a))
UN(f32_nearest, F32, F32, wasm_f32_nearest(a))
UN(f32_sqrt, F32, F32, wasm_f32_sqrt(a))
UN(f64_abs, F64, F64, F64_OF(wasm_f64_abs_bits(F64_BITS(a))))
UN(f64_neg, F64, F64, F64_OF(wasm_f64_neg_bits(F64_BITS(a))))
UN(f64_ceil, F64, F64, wasm_f64_ceil(a))
UN(f64_floor, F64, F64, wasm_f64_floor(a))
UN(f64_trunc, F64, F64, wasm_f64_trunc(a))
UN(f64_nearest, F64, F64, wasm_f64_nearest(a))
UN(f64_sqrt, F64, F64, wasm_f64_sqrt(a))

/* ---- conversions ------------------------------------------------------------------------- */

UN(i32_wrap_i64, I64, I32, a)
UN(i64_extend_i32_s, I32, I64, sign64(S32(a)))
UN(i64_extend_i32_u, I32, I64, a)
UN(i32_extend8_s, I32, I32, sign32((int8_t)a))
UN(i32_extend16_s, I32, I32, sign32((int16_t)a))
UN(i64_extend8_s, I64, I64, sign64((int8_t)a))
UN(i64_extend16_s, I64, I64, sign64((int16_t)a))
UN(i64_extend32_s, I64, I64, sign64((int32_t)a))
UN(f32_convert_i32_s, I32, F32, (float)S32(a))
UN(f32_convert_i32_u, I32, F32, (float)a)
UN(f32_convert_i64_s, I64, F32, (float)S64(a))
UN(f32_convert_i64_u, I64, F32, (float)a)
UN(f64_convert_i32_s, I32, F64, (double)S32(a))
UN(f64_convert_i32_u, I32, F64, (double)a)
UN(f64_convert_i64_s, I64, F64, (double)S64(a))
UN(f64_convert_i64_u, I64, F64, (double)a)
UN(f32_demote_f64, F64, F32, wasm_f32_demote(a))
UN(f64_promote_f32, F32, F64, wasm_f64_promote(a))
UN(i32_reinterpret_f32, F32, I32, wasm_f32_bits(a))
UN(i64_reinterpret_f64, F64, I64, wasm_f64_bits(a))
UN(f32_reinterpret_i32, I32, F32, wasm_f32_from_bits(a))
UN(f64_reinterpret_i64, I64, F64, wasm_f64_from_bits(a))

/* The checked conversion and the message are in numeric.h; the saturating form has the
 * value once the check has passed. */
#define TRUNC(id, IN, OUT, fn)                                                                     \
    UNX(                                                                                           \
        id, IN, OUT,                                                                               \
        {                                                                                          \
            if (UNLIKELY(!wasm_##fn##_fits(a)))                                                    \
                return interp_trap(x, ip, fp, wasm_##fn##_trap(a));                                \
        },                                                                                         \
        wasm_##fn##_sat(a))

TRUNC(i32_trunc_f32_s, F32, I32, trunc_i32_f32_s)
TRUNC(i32_trunc_f32_u, F32, I32, trunc_i32_f32_u)
TRUNC(i32_trunc_f64_s, F64, I32, trunc_i32_f64_s)
TRUNC(i32_trunc_f64_u, F64, I32, trunc_i32_f64_u)
TRUNC(i64_trunc_f32_s, F32, I64, trunc_i64_f32_s)
TRUNC(i64_trunc_f32_u, F32, I64, trunc_i64_f32_u)
TRUNC(i64_trunc_f64_s, F64, I64, trunc_i64_f64_s)
TRUNC(i64_trunc_f64_u, F64, I64, trunc_i64_f64_u)
UN(i32_trunc_sat_f32_s, F32, I32, wasm_trunc_i32_f32_s_sat(a))
UN(i32_trunc_sat_f32_u, F32, I32, wasm_trunc_i32_f32_u_sat(a))
UN(i32_trunc_sat_f64_s, F64, I32, wasm_trunc_i32_f64_s_sat(a))
UN(i32_trunc_sat_f64_u, F64, I32, wasm_trunc_i32_f64_u_sat(a))
UN(i64_trunc_sat_f32_s, F32, I64, wasm_trunc_i64_f32_s_sat(a))
UN(i64_trunc_sat_f32_u, F32, I64, wasm_trunc_i64_f32_u_sat(a))
UN(i64_trunc_sat_f64_s, F64, I64, wasm_trunc_i64_f64_s_sat(a))
UN(i64_trunc_sat_f64_u, F64, I64, wasm_trunc_i64_f64_u_sat(a))

/* ---- v128 -------------------------------------------------------------------------------- */

#if CSK_HAVE_SIMD
#define SIMD_MEMORY(name)                                                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        COLD_TRAP(interp_simd_memory(ip, fp, mem, msize, IR_##name));                              \
        NEXT(4);                                                                                   \
    }
#define SIMD(name, units)                                                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        interp_simd(ip, fp, IR_##name);                                                            \
        NEXT(units);                                                                               \
    }
#else /* validation refuses v128, so these are never reached */
#define SIMD_MEMORY(name)                                                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        TRAP(UNREACHABLE);                                                                         \
    }
#define SIMD(name, units)                                                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        TRAP(UNREACHABLE);                                                                         \
    }
#endif

SIMD_MEMORY(simd_load)
SIMD_MEMORY(simd_load_lane)
SIMD_MEMORY(simd_store)
SIMD_MEMORY(simd_store_lane)
SIMD(simd_shuffle, 6)
SIMD(simd_extract, 3)
SIMD(simd_replace, 3)
SIMD(simd_splat, 3)
SIMD(simd_unary, 3)
SIMD(simd_binary, 3)
SIMD(simd_ternary, 4)
SIMD(simd_shift, 3)
SIMD(simd_test, 3)
