/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/pass.h"

#include <string.h>

#include "base/error.h"
#include "base/leb128.h"
#include "base/mem.h"
#include "wasm/valtype.h"

/* ---- errors and immediates --------------------------------------------------------------- */

uint64_t pass_offset(const struct pass *p)
{
    return (uint64_t)(p->at - p->start);
}

int pass_type_mismatch(struct pass *p)
{
    return INVALID(p, "type mismatch in function %u", p->code->func_index);
}

int pass_no_memory(struct pass *p)
{
    return error_set(p->err, CSK_E_NOMEM, "out of memory validating function %u",
                     p->code->func_index);
}

int pass_u32(struct pass *p, uint32_t *ret)
{
    int rc = leb_u32(&p->p, p->end, ret);
    return rc != 0 ? MALFORMED(p, "bad immediate in function %u", p->code->func_index) : 0;
}

int pass_index(struct pass *p, uint32_t count, const char *what, uint32_t *ret)
{
    int rc = pass_u32(p, ret);
    if (rc == 0 && *ret >= count)
        rc = INVALID(p, "unknown %s %u, there are %u", what, *ret, count);
    return rc;
}

int pass_bytes(struct pass *p, size_t n, const uint8_t **ret)
{
    if ((size_t)(p->end - p->p) < n)
        return MALFORMED(p, "unexpected end of function %u", p->code->func_index);
    *ret = p->p;
    p->p += n;
    return 0;
}

int pass_u8(struct pass *p, uint8_t *ret)
{
    const uint8_t *b = NULL;
    int rc = pass_bytes(p, 1, &b);
    if (rc == 0)
        *ret = *b;
    return rc;
}

int pass_value_type(struct pass *p, uint8_t *ret)
{
    int rc = wasm_read_valtype(&p->p, p->end, ret);
    if (rc == CSK_E_UNSUPPORTED)
        return error_at(p->err, rc, pass_offset(p), "value type 0x%02x is not supported", *p->p);
    return rc != 0 ? MALFORMED(p, "malformed value type") : 0;
}

/* ---- operand stack ----------------------------------------------------------------------- */

struct pass_ctrl *pass_top(struct pass *p)
{
    return &p->ctrls[p->nctrls - 1];
}

int pass_push(struct pass *p, uint8_t type)
{
    if (p->height == p->types_cap &&
        mem_grow((void **)&p->types, &p->types_cap, p->height + 1, 1) != 0)
        return pass_no_memory(p);
    p->types[p->height++] = type;
    p->slots += wasm_type_slots(type);
    if (p->slots > p->max_slots)
        p->max_slots = p->slots;
    return 0;
}

int pass_push_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int rc = pass_push(p, types[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int pass_pop_any(struct pass *p, uint8_t *ret_type)
{
    const struct pass_ctrl *c = pass_top(p);
    if (p->height == c->height) {
        *ret_type = PASS_ANY;
        return c->unreachable ? 0 : pass_type_mismatch(p);
    }
    *ret_type = p->types[--p->height];
    p->slots -= wasm_type_slots(*ret_type);
    return 0;
}

int pass_pop(struct pass *p, uint8_t type)
{
    uint8_t actual;
    int rc = pass_pop_any(p, &actual);
    if (rc == 0 && actual != PASS_ANY && !wasm_type_matches(actual, type))
        rc = pass_type_mismatch(p);
    return rc;
}

int pass_pop_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    int rc = 0;
    while (rc == 0 && n > 0)
        rc = pass_pop(p, types[--n]);
    return rc;
}

int pass_check_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    const struct pass_ctrl *c = pass_top(p);
    if (n == 0)
        return 0;
    if (p->height - c->height >= n) {
        const uint8_t *actual = p->types + p->height - n;
        if (memcmp(actual, types, n) == 0)
            return 0;
        if (!c->unreachable)
            return wasm_types_match(actual, types, n) ? 0 : pass_type_mismatch(p);
    } else if (!c->unreachable) {
        return pass_type_mismatch(p);
    }
    int rc = pass_pop_n(p, types, n);
    return rc != 0 ? rc : pass_push_n(p, types, n);
}

/* Without branches, so that it takes the width of a vector at a time: one instruction in
 * hostile code may ask for millions of these comparisons. */
static bool all_match(const uint8_t *actual, const uint8_t *wanted, size_t n)
{
    uint8_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t a = actual[i], w = wanted[i];
        uint8_t same = (uint8_t)((a == w) | (a == PASS_ANY));
        uint8_t sub =
            (uint8_t)(((a | 0x20) == w) | ((a == WASM_TYPED_FUNCREF) & (w == CSK_FUNCREF)));
        bad |= (uint8_t)!(same | sub);
    }
    return bad == 0;
}

int pass_match_n(struct pass *p, const uint8_t *types, uint32_t n)
{
    const struct pass_ctrl *c = pass_top(p);
    size_t have = p->height - c->height;
    if (have < n && !c->unreachable)
        return pass_type_mismatch(p);
    size_t k = have < n ? have : n;
    if (k == 0)
        return 0;
    return all_match(p->types + p->height - k, types + n - k, k) ? 0 : pass_type_mismatch(p);
}

int pass_pop_push(struct pass *p, const char *in, uint8_t out)
{
    for (size_t n = strlen(in); n > 0; n--) {
        uint8_t type = in[n - 1] == 'i'   ? CSK_I32
                       : in[n - 1] == 'I' ? CSK_I64
                       : in[n - 1] == 'f' ? CSK_F32
                       : in[n - 1] == 'F' ? CSK_F64
                                          : CSK_V128;
        int rc = pass_pop(p, type);
        if (rc != 0)
            return rc;
    }
    return out != 0 ? pass_push(p, out) : 0;
}

bool pass_emitting(const struct pass *p)
{
    return p->e != NULL && p->live;
}

void pass_unreachable(struct pass *p)
{
    struct pass_ctrl *c = pass_top(p);
    p->height = c->height;
    p->slots = c->slot_height;
    c->unreachable = true;
    p->live = false;
}

int pass_report(struct pass *p, uint8_t at, uint32_t ir_pos, const uint8_t *pc,
                const struct wasm_functype *callee)
{
    if (p->point == NULL || !pass_emitting(p))
        return 0;
    if (p->e->rc != 0)
        return p->e->rc; /* positions mean nothing any more */
    struct wasm_point point = {
        .ir_pos = ir_pos,
        .pc = (uint32_t)(pc - p->start),
        .at = at,
        .ntypes = (uint32_t)p->height,
        .nlocals = p->nlocals,
        .types = p->types,
        .local_types = p->local_types,
        .callee = callee,
    };
    return p->point(p->point_user, &point);
}
