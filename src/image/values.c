/* SPDX-License-Identifier: Apache-2.0 */
#include "image/values.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"

/* ---- references ------------------------------------------------------------------ */

struct image_imported {
    uintptr_t func;
    uint32_t index;
};

void image_refs_init(struct image_refs *refs, const struct wasm_instance *inst)
{
    *refs = (struct image_refs){.inst = inst};
}

void image_refs_fini(struct image_refs *refs)
{
    mem_free(refs->imported);
    *refs = (struct image_refs){0};
}

static int compare_imported(const void *a, const void *b)
{
    const struct image_imported *x = a, *y = b;
    if (x->func != y->func)
        return x->func < y->func ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* A function may be imported under several indices: equal addresses are equal functions,
 * and the first index stands for all of them. */
static int sort_imported(struct image_refs *refs)
{
    uint32_t n = refs->inst->module->nimported[WASM_FUNC];
    struct image_imported *all = mem_array(n, sizeof *all);
    if (all == NULL)
        return CSK_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        all[i] = (struct image_imported){(uintptr_t)refs->inst->funcs[i], i};
    qsort(all, n, sizeof *all, compare_imported);
    refs->imported = all;
    refs->nimported = n;
    return 0;
}

static int imported_number(struct image_refs *refs, uintptr_t func, uint32_t *ret_number)
{
    if (refs->imported == NULL) {
        int rc = sort_imported(refs);
        if (rc != 0)
            return rc;
    }
    uint32_t low = 0, high = refs->nimported;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (refs->imported[middle].func < func)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == refs->nimported || refs->imported[low].func != func)
        return CSK_E_UNSUPPORTED;
    *ret_number = refs->imported[low].index + 1;
    return 0;
}

int image_ref_number(struct image_refs *refs, uint64_t slot, uint32_t *ret_number)
{
    uintptr_t func = (uintptr_t)slot;
    const struct wasm_module *module = refs->inst->module;
    uint32_t nown = module->nfuncs - module->nimported[WASM_FUNC];
    uintptr_t own = (uintptr_t)refs->inst->own_funcs;
    if (func == 0) {
        *ret_number = 0;
        return 0;
    }
    if (func < own || func >= own + nown * sizeof(struct wasm_func))
        return imported_number(refs, func, ret_number);
    *ret_number = ((const struct wasm_func *)func)->index + 1;
    return 0;
}

uint64_t image_ref_slot(const struct wasm_instance *inst, uint32_t number)
{
    return number == 0 ? 0 : (uint64_t)(uintptr_t)inst->funcs[number - 1];
}

/* ---- values ---------------------------------------------------------------------- */

bool image_type_known(uint8_t type)
{
    return (type >= CSK_V128 && type <= CSK_I32) || type == CSK_FUNCREF || type == CSK_EXTERNREF;
}

void image_put_value(struct image_out *out, const struct csk_value *value)
{
    image_out_u8(out, value->type);
    switch (value->type) {
    case CSK_I32:
        image_out_u32(out, value->of.i32);
        break;
    case CSK_F32:
        image_out_u32(out, value->of.f32_bits);
        break;
    case CSK_I64:
        image_out_u64(out, value->of.i64);
        break;
    case CSK_F64:
        image_out_u64(out, value->of.f64_bits);
        break;
    case CSK_V128:
        image_out_bytes(out, value->of.v128, 16);
        break;
    case CSK_FUNCREF:
        image_out_u32(out, (uint32_t)value->of.ref);
        break;
    default: /* CSK_EXTERNREF */
        if (value->of.ref != 0)
            image_out_fail(out, CSK_E_UNSUPPORTED,
                           "an externref that is not null cannot be in an image");
        image_out_u32(out, 0);
        break;
    }
}

static uint64_t get_ref(struct image_in *in, uint8_t type, uint32_t nfuncs)
{
    uint32_t number = image_in_u32(in);
    if (type == CSK_EXTERNREF && number != 0)
        image_in_fail(in, CSK_E_CORRUPT, "an externref that is not null");
    if (number > nfuncs)
        image_in_fail(in, CSK_E_CORRUPT, "function reference %u of %u functions", number, nfuncs);
    return number;
}

void image_get_value(struct image_in *in, uint32_t nfuncs, struct csk_value *ret_value)
{
    struct csk_value value = {.type = image_in_u8(in)};
    switch (value.type) {
    case CSK_I32:
        value.of.i32 = image_in_u32(in);
        break;
    case CSK_F32:
        value.of.f32_bits = image_in_u32(in);
        break;
    case CSK_I64:
        value.of.i64 = image_in_u64(in);
        break;
    case CSK_F64:
        value.of.f64_bits = image_in_u64(in);
        break;
    case CSK_V128:
        image_in_bytes(in, value.of.v128, 16);
        break;
    case CSK_FUNCREF:
    case CSK_EXTERNREF:
        value.of.ref = get_ref(in, value.type, nfuncs);
        break;
    default:
        image_in_fail(in, CSK_E_CORRUPT, "value of unknown type %#x", value.type);
        break;
    }
    *ret_value = value;
}
