/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/pool.h"

#include <pthread.h>

#include "base/error.h"
#include "base/mem.h"

struct entry {
    struct port_vm vm;
    uint64_t resident;
};

/* The most recently given entry is at the end and is looked at first: it is the one most
 * likely still in the processor's cache. */
struct shelf {
    struct entry *entries;
    size_t cap;
    uint32_t count;
    uint32_t victim; /* which entry makes room next, modulo count */
};

struct wasm_pool {
    pthread_mutex_t lock;
    struct shelf shelves[WASM_POOL_KINDS];
    uint64_t bytes_max;
    uint64_t resident_bytes;
    uint64_t hits;
    uint64_t misses;
    uint64_t leaks;
    bool prove_zero;
};

int wasm_pool_new(uint64_t bytes_max, struct wasm_pool **ret_pool)
{
    struct wasm_pool *pool = mem_calloc(1, sizeof *pool);
    if (pool == NULL)
        return CSK_E_NOMEM;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        mem_free(pool);
        return CSK_E_NOMEM;
    }
    pool->bytes_max = bytes_max;
    *ret_pool = pool;
    return 0;
}

void wasm_pool_free(struct wasm_pool *pool)
{
    if (pool == NULL)
        return;
    for (unsigned kind = 0; kind < WASM_POOL_KINDS; kind++) {
        struct shelf *shelf = &pool->shelves[kind];
        for (uint32_t i = 0; i < shelf->count; i++)
            port_vm_release(&shelf->entries[i].vm);
        mem_free(shelf->entries);
    }
    (void)pthread_mutex_destroy(&pool->lock);
    mem_free(pool);
}

static struct entry shelf_remove(struct wasm_pool *pool, struct shelf *shelf, uint32_t i)
{
    struct entry entry = shelf->entries[i];
    shelf->entries[i] = shelf->entries[--shelf->count];
    pool->resident_bytes -= entry.resident;
    return entry;
}

/* The index of an entry that will do, or UINT32_MAX. A larger memory is as good, where there
 * is none of the right size: the rest of it is address space only. */
static uint32_t shelf_find(const struct shelf *shelf, size_t size, bool or_larger)
{
    uint32_t stop = shelf->count > WASM_POOL_SEARCH_MAX ? shelf->count - WASM_POOL_SEARCH_MAX : 0;
    uint32_t larger = UINT32_MAX;
    for (uint32_t i = shelf->count; i-- > stop;) {
        if (shelf->entries[i].vm.size == size)
            return i;
        if (or_larger && larger == UINT32_MAX && shelf->entries[i].vm.size > size)
            larger = i;
    }
    return larger;
}

static bool is_zero(const uint8_t *p, uint64_t size)
{
    uint8_t any = 0;
    for (uint64_t i = 0; i < size; i++)
        any |= p[i];
    return any == 0;
}

/* False when there is none, or none that may be handed out. */
static bool take_recycled(struct wasm_pool *pool, enum wasm_pool_kind kind, size_t size,
                          struct entry *ret)
{
    (void)pthread_mutex_lock(&pool->lock);
    struct shelf *shelf = &pool->shelves[kind];
    bool prove = pool->prove_zero && kind == WASM_POOL_MEMORY;
    uint32_t i = shelf_find(shelf, size, kind == WASM_POOL_MEMORY);
    bool found = i != UINT32_MAX;
    if (found)
        *ret = shelf_remove(pool, shelf, i);
    pool->hits += found;
    pool->misses += !found;
    (void)pthread_mutex_unlock(&pool->lock);
    if (!found || !prove || is_zero(ret->vm.base, ret->resident))
        return found;
    port_vm_release(&ret->vm);
    (void)pthread_mutex_lock(&pool->lock);
    pool->leaks++;
    (void)pthread_mutex_unlock(&pool->lock);
    return false;
}

int wasm_pool_take(struct wasm_pool *pool, enum wasm_pool_kind kind, size_t size,
                   struct port_vm *ret_vm, uint64_t *ret_resident)
{
    struct entry entry;
    if (take_recycled(pool, kind, size, &entry)) {
        *ret_vm = entry.vm;
        *ret_resident = entry.resident;
        return 0;
    }
    int r = port_vm_reserve(ret_vm, size);
    if (r == 0)
        *ret_resident = 0;
    return r;
}

/* Whether the entry is on the shelf now; older ones go to the system to make room. */
static bool shelf_put(struct wasm_pool *pool, struct shelf *shelf, struct entry entry)
{
    if (entry.resident > pool->bytes_max)
        return false;
    while (shelf->count > 0 && (shelf->count >= WASM_POOL_ENTRIES_MAX ||
                                pool->resident_bytes > pool->bytes_max - entry.resident)) {
        struct entry old = shelf_remove(pool, shelf, shelf->victim++ % shelf->count);
        port_vm_release(&old.vm);
    }
    if (pool->resident_bytes > pool->bytes_max - entry.resident)
        return false;
    void *array = shelf->entries;
    if (mem_grow(&array, &shelf->cap, (size_t)shelf->count + 1, sizeof entry) != 0)
        return false;
    shelf->entries = array;
    shelf->entries[shelf->count++] = entry;
    pool->resident_bytes += entry.resident;
    return true;
}

void wasm_pool_give(struct wasm_pool *pool, enum wasm_pool_kind kind, struct port_vm *vm,
                    uint64_t resident)
{
    struct entry entry = {*vm, resident};
    *vm = (struct port_vm){NULL, 0};
    if (entry.vm.base == NULL)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    bool kept = shelf_put(pool, &pool->shelves[kind], entry);
    (void)pthread_mutex_unlock(&pool->lock);
    if (!kept)
        port_vm_release(&entry.vm);
}

void wasm_pool_prove_zero(struct wasm_pool *pool, bool on)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->prove_zero = on;
    (void)pthread_mutex_unlock(&pool->lock);
}

uint64_t wasm_pool_leaks(struct wasm_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    uint64_t leaks = pool->leaks;
    (void)pthread_mutex_unlock(&pool->lock);
    return leaks;
}

void wasm_pool_stats(struct wasm_pool *pool, struct wasm_pool_stats *ret)
{
    (void)pthread_mutex_lock(&pool->lock);
    *ret = (struct wasm_pool_stats){
        .resident_bytes = pool->resident_bytes, .hits = pool->hits, .misses = pool->misses};
    for (unsigned kind = 0; kind < WASM_POOL_KINDS; kind++)
        ret->entries += pool->shelves[kind].count;
    (void)pthread_mutex_unlock(&pool->lock);
}
