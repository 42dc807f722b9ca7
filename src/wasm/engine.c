/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/mem.h"
#include "wasm/instance.h"
#include "wasm/pool.h"

/* Where the embedder left a zero; <cloudskin/cloudskin.h> promises these. */
static const struct csk_limits default_limits = {
    .module_bytes_max = UINT64_C(256) << 20,
    .functions_max = 1000000,
    .function_bytes_max = 7654321,
    .memory_pages_max = WASM_PAGES_MAX,
    .table_elems_max = 10000000,
    .stack_bytes = 4u << 20,
    .call_depth_max = 65536,
    .pool_bytes_max = UINT64_C(16) << 20,
};

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

static uint64_t or_default64(uint64_t value, uint64_t fallback)
{
    return value != 0 ? value : fallback;
}

static struct csk_limits complete(const struct csk_limits *given)
{
    const struct csk_limits *d = &default_limits;
    if (given == NULL)
        return *d;
    struct csk_limits l = {
        .module_bytes_max = or_default64(given->module_bytes_max, d->module_bytes_max),
        .functions_max = or_default(given->functions_max, d->functions_max),
        .function_bytes_max = or_default(given->function_bytes_max, d->function_bytes_max),
        .memory_pages_max = or_default(given->memory_pages_max, d->memory_pages_max),
        .table_elems_max = or_default(given->table_elems_max, d->table_elems_max),
        .stack_bytes = or_default(given->stack_bytes, d->stack_bytes),
        .call_depth_max = or_default(given->call_depth_max, d->call_depth_max),
        .pool_bytes_max = or_default64(given->pool_bytes_max, d->pool_bytes_max),
    };
    if (l.memory_pages_max > WASM_PAGES_MAX)
        l.memory_pages_max = WASM_PAGES_MAX;
    return l;
}

int wasm_engine_new(const struct csk_limits *limits, struct wasm_engine **ret_engine)
{
    struct wasm_engine *engine = mem_calloc(1, sizeof *engine);
    if (engine == NULL)
        return CSK_E_NOMEM;
    engine->limits = complete(limits);
    int r = wasm_pool_new(engine->limits.pool_bytes_max, &engine->pool);
    if (r != 0) {
        mem_free(engine);
        return r;
    }
    *ret_engine = engine;
    return 0;
}

void wasm_engine_free(struct wasm_engine *engine)
{
    if (engine == NULL)
        return;
    wasm_pool_free(engine->pool);
    mem_free(engine);
}
