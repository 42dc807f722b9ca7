/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static _Atomic int64_t live_blocks;
static uint64_t fail_countdown;
static uint64_t allocations;
static bool fail_armed;
static bool fail_sticky;

static bool should_fail(void)
{
    if (__builtin_expect(!fail_armed, 1))
        return false;
    allocations++;
    if (fail_countdown == 0)
        return false;
    if (fail_countdown == 1) {
        if (!fail_sticky)
            fail_countdown = 0;
        return true;
    }
    fail_countdown--;
    return false;
}

static void *counted(void *p)
{
    if (p != NULL)
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return p;
}

void *mem_alloc(size_t size)
{
    return should_fail() ? NULL : counted(malloc(size != 0 ? size : 1));
}

void *mem_calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return should_fail() ? NULL : counted(calloc(count, size));
}

void *mem_array(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return mem_alloc(total);
}

void *mem_realloc(void *p, size_t size)
{
    if (p == NULL)
        return mem_alloc(size);
    return should_fail() ? NULL : realloc(p, size != 0 ? size : 1);
}

void mem_free(void *p)
{
    if (p != NULL)
        atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    free(p);
}

char *mem_strdup(const char *s)
{
    return mem_dup(s, strlen(s) + 1);
}

void *mem_dup(const void *p, size_t size)
{
    void *copy = mem_alloc(size);
    if (copy != NULL && size != 0)
        memcpy(copy, p, size);
    return copy;
}

int mem_grow(void **array, size_t *cap, size_t need, size_t elem_size)
{
    if (need <= *cap)
        return 0;
    size_t want = *cap < 8 ? 8 : *cap + *cap / 2;
    if (want < need)
        want = need;
    size_t total;
    if (__builtin_mul_overflow(want, elem_size, &total))
        return CSK_E_NOMEM;
    void *p = mem_realloc(*array, total);
    if (p == NULL)
        return CSK_E_NOMEM;
    *array = p;
    *cap = want;
    return 0;
}

uint64_t mem_fail_at(uint64_t n, int sticky)
{
    uint64_t seen = allocations;
    allocations = 0;
    fail_countdown = n;
    fail_sticky = sticky != 0;
    fail_armed = true;
    return seen;
}

int64_t mem_live_blocks(void)
{
    return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}
