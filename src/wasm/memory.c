/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasm/instance.h"
#include "wasm/pool.h"

static uint64_t bytes_of(uint32_t pages)
{
    return (uint64_t)pages * WASM_PAGE_SIZE;
}

/* Never without an address, so that nobody computes with a null pointer. */
static int reserve(struct wasm_memory *m, uint64_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return CSK_E_NOMEM;
    size_t size = bytes != 0 ? (size_t)bytes : port_vm_page_size();
    return wasm_pool_take(m->engine->pool, WASM_POOL_MEMORY, size, &m->vm, &m->resident);
}

/* Where addresses are plenty, the whole maximum, so that growing never moves anything. */
static int reserve_best(struct wasm_memory *m)
{
    int r = CSK_E_NOMEM;
    if (sizeof(size_t) > 4)
        r = reserve(m, bytes_of(m->max_pages));
    return r == 0 ? 0 : reserve(m, m->size);
}

int wasm_memory_new(struct wasm_engine *engine, const struct wasm_memtype *type,
                    struct wasm_memory **ret_memory, struct csk_error *err)
{
    uint32_t limit = engine->limits.memory_pages_max;
    if (type->min > limit)
        return error_set(err, CSK_E_LIMIT, "memory of %u pages, limit is %u", type->min, limit);
    struct wasm_memory *m = mem_calloc(1, sizeof *m);
    if (m == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory for a memory");
    m->engine = engine;
    m->refs = 1;
    m->pages = type->min;
    m->size = bytes_of(type->min);
    m->declared_max = type->has_max ? type->max : UINT32_MAX;
    m->max_pages = m->declared_max < limit ? m->declared_max : limit;
    int r = reserve_best(m);
    if (r != 0) {
        mem_free(m);
        return error_set(err, r, "no address space for a memory of %u pages", type->min);
    }
    m->base = m->vm.base;
    *ret_memory = m;
    return 0;
}

void wasm_memory_unref(struct wasm_memory *memory)
{
    if (memory == NULL || --memory->refs != 0)
        return;
    if (memory->resident < memory->size)
        memory->resident = memory->size;
    if (memory->resident <= WASM_POOL_MEMORY_BYTES_MAX) {
        memset(memory->base, 0, (size_t)memory->size);
        wasm_pool_give(memory->engine->pool, WASM_POOL_MEMORY, &memory->vm, memory->resident);
    } else {
        port_vm_release(&memory->vm);
    }
    mem_free(memory);
}

int64_t wasm_memory_grow(struct wasm_memory *memory, uint32_t pages)
{
    uint32_t old = memory->pages;
    if (pages > memory->max_pages - old)
        return -1;
    uint64_t bytes = bytes_of(old + pages);
    if (bytes > memory->vm.size) {
        if (bytes > SIZE_MAX / 2 || port_vm_resize(&memory->vm, (size_t)bytes) != 0)
            return -1;
        memory->base = memory->vm.base;
    }
    memory->pages = old + pages;
    memory->size = bytes;
    return old;
}
