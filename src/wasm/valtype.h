/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASM_VALTYPE_H
#define WASM_VALTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include <cloudskin/cloudskin.h>

#include "base/error.h"
#include "csk-config.h"

/*
 * Value types inside the engine: one byte each. enum csk_type, and the references that
 * cannot be null, for which the binary format needs two bytes.
 */
#define WASM_NONNULL_FUNCREF   0x50
#define WASM_NONNULL_EXTERNREF 0x4f

/* A nullable reference to functions of one certain type: the same type throughout a module,
 * and of a table's elements only. It serves as a funcref; no funcref serves as it. */
#define WASM_TYPED_FUNCREF 0x52

#define WASM_TYPE_REF_NULL 0x63 /* a heap type follows */
#define WASM_TYPE_REF      0x64

static inline bool wasm_type_is_ref(uint8_t type)
{
    return type == CSK_FUNCREF || type == CSK_EXTERNREF || type == WASM_NONNULL_FUNCREF ||
           type == WASM_NONNULL_EXTERNREF || type == WASM_TYPED_FUNCREF;
}

/* Whether a variable of the type has no value before it is first set. */
static inline bool wasm_type_is_nonnull(uint8_t type)
{
    return type == WASM_NONNULL_FUNCREF || type == WASM_NONNULL_EXTERNREF;
}

/* What the outside calls it: there every reference may be null. */
static inline uint8_t wasm_type_nullable(uint8_t type)
{
    if (type == WASM_TYPED_FUNCREF)
        return CSK_FUNCREF;
    return wasm_type_is_nonnull(type) ? type | 0x20 : type;
}

/* Whether a value of type `a` can be used where `b` is wanted. */
static inline bool wasm_type_matches(uint8_t a, uint8_t b)
{
    return a == b || (a != CSK_FUNCREF && wasm_type_nullable(a) == b);
}

static inline bool wasm_types_match(const uint8_t *a, const uint8_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!wasm_type_matches(a[i], b[i]))
            return false;
    }
    return true;
}

/* Decode a value type at *p. Returns 0 with *p moved, or with *p untouched
 * CSK_E_MALFORMED, or CSK_E_UNSUPPORTED for types of proposals that are not built here. */
static inline int wasm_read_valtype(const uint8_t **p, const uint8_t *end, uint8_t *ret)
{
    if (*p >= end)
        return CSK_E_MALFORMED;
    uint8_t byte = **p;
    if ((byte >= CSK_F64 && byte <= CSK_I32) || byte == CSK_FUNCREF || byte == CSK_EXTERNREF ||
        (byte == CSK_V128 && CSK_HAVE_SIMD)) {
        *ret = byte;
        *p += 1;
        return 0;
    }
    if (byte == WASM_TYPE_REF_NULL || byte == WASM_TYPE_REF) {
        if (end - *p < 2)
            return CSK_E_MALFORMED;
        uint8_t heap = (*p)[1];
        if (heap != CSK_FUNCREF && heap != CSK_EXTERNREF)
            return CSK_E_UNSUPPORTED;
        *ret = byte == WASM_TYPE_REF ? (uint8_t)(heap & ~0x20) : heap;
        *p += 2;
        return 0;
    }
    if (byte == CSK_V128 || (byte >= 0x69 && byte <= 0x74))
        return CSK_E_UNSUPPORTED;
    return CSK_E_MALFORMED;
}

#endif
