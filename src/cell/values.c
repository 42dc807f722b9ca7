/* SPDX-License-Identifier: Apache-2.0 */
#include "cell/values.h"

#include <string.h>

#include "wasm/valtype.h"

/* Host functions are not an instance's own and carry the index they were linked at. */
static uint64_t ref_of_func(const struct wasm_func *func)
{
    return func == NULL ? 0 : (uint64_t)func->index + 1;
}

void cell_value_load(const struct wasm_instance *inst, uint8_t type, const uint64_t *slots,
                     struct csk_value *ret_value)
{
    (void)inst;
    *ret_value = (struct csk_value){.type = wasm_type_nullable(type)};
    switch (ret_value->type) {
    case CSK_I32:
    case CSK_F32:
        ret_value->of.i32 = (uint32_t)slots[0];
        break;
    case CSK_V128:
        memcpy(ret_value->of.v128, slots, sizeof ret_value->of.v128);
        break;
    case CSK_FUNCREF:
        ret_value->of.ref = ref_of_func((const struct wasm_func *)(uintptr_t)slots[0]);
        break;
    default:
        ret_value->of.i64 = slots[0];
        break;
    }
}

int cell_value_store(const struct wasm_instance *inst, const struct csk_value *value,
                     uint64_t *slots)
{
    switch (value->type) {
    case CSK_I32:
    case CSK_F32:
        slots[0] = value->of.i32;
        return 0;
    case CSK_V128:
        memcpy(slots, value->of.v128, sizeof value->of.v128);
        return 0;
    case CSK_FUNCREF:
        if (value->of.ref > inst->module->nfuncs)
            return CSK_E_ARGUMENT;
        slots[0] = value->of.ref == 0 ? 0 : (uintptr_t)inst->funcs[value->of.ref - 1];
        return 0;
    case CSK_I64:
    case CSK_F64:
    case CSK_EXTERNREF:
        slots[0] = value->of.i64;
        return 0;
    default:
        return CSK_E_ARGUMENT;
    }
}

/* Outside every reference may be null, and which function type one has is not known. */
static bool fits(uint8_t type, const struct csk_value *value)
{
    if (value->type != wasm_type_nullable(type))
        return false;
    if (type == WASM_TYPED_FUNCREF)
        return value->of.ref == 0;
    return !wasm_type_is_nonnull(type) || value->of.ref != 0;
}

int cell_values_store(const struct wasm_instance *inst, const uint8_t *types, uint32_t n,
                      const struct csk_value *values, uint64_t *slots)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!fits(types[i], &values[i]) || cell_value_store(inst, &values[i], slots) != 0)
            return CSK_E_ARGUMENT;
        slots += wasm_type_slots(types[i]);
    }
    return 0;
}

void cell_values_load(const struct wasm_instance *inst, const uint8_t *types, uint32_t n,
                      const uint64_t *slots, struct csk_value *ret_values)
{
    for (uint32_t i = 0; i < n; i++) {
        cell_value_load(inst, types[i], slots, &ret_values[i]);
        slots += wasm_type_slots(types[i]);
    }
}
