/* SPDX-License-Identifier: Apache-2.0 */
#include "image/memory.h"

#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/zero.h"
#include "port/vm.h"

/* ---- writing -------------------------------------------------------------------- */

/* The range being gathered: its pages stand packed in the chunk. */
struct gathering {
    struct image_out *out;
    const uint8_t *base;
    uint32_t memory;
    uint64_t range;  /* number: offset / IMAGE_RANGE */
    uint64_t bitmap; /* of pages that are in it */
    size_t size;     /* of the chunk so far */
};

static void put_range(struct gathering *g)
{
    if (g->bitmap != 0 && g->out->rc == 0) {
        uint8_t *chunk = image_out_room(g->out);
        put_le32(chunk, g->memory);
        put_le32(chunk + 4, (uint32_t)g->range);
        put_le64(chunk + 8, g->bitmap);
        image_out_chunk(g->out, g->size);
    }
    g->bitmap = 0;
    g->size = IMAGE_RANGE_HEAD;
}

/* Called with ranges that may hold something, in ascending order. */
static int gather_pages(void *user, size_t offset, size_t size)
{
    struct gathering *g = user;
    for (size_t at = offset; at < offset + size; at += IMAGE_PAGE) {
        if (at / IMAGE_RANGE != g->range) {
            put_range(g);
            g->range = at / IMAGE_RANGE;
        }
        if (image_is_zero(g->base + at, IMAGE_PAGE))
            continue;
        memcpy(image_out_room(g->out) + g->size, g->base + at, IMAGE_PAGE);
        g->size += IMAGE_PAGE;
        g->bitmap |= UINT64_C(1) << (at % IMAGE_RANGE / IMAGE_PAGE);
    }
    return g->out->rc;
}

void image_put_memories(struct image_out *out, const struct wasm_instance *inst)
{
    uint32_t n = inst->module->nmemories;
    image_out_begin(out, IMAGE_MEMORIES);
    image_out_u32(out, n);
    for (uint32_t i = 0; i < n; i++)
        image_out_u32(out, inst->memories[i]->pages);
    image_out_end(out);
    image_out_begin(out, IMAGE_RANGES);
    for (uint32_t i = 0; i < n && out->rc == 0; i++) {
        const struct wasm_memory *memory = inst->memories[i];
        struct gathering g = {.out = out, .base = memory->base, .memory = i};
        g.size = IMAGE_RANGE_HEAD;
        if (memory->size != 0)
            (void)port_vm_touched(memory->base, (size_t)memory->size, gather_pages, &g);
        put_range(&g);
    }
}

/* ---- reading -------------------------------------------------------------------- */

static void grow_memory(struct image_in *in, struct wasm_memory *memory, uint32_t pages)
{
    if (pages < memory->pages)
        image_in_fail(in, CSK_E_CORRUPT, "memory of %u pages, the module has at least %u", pages,
                      memory->pages);
    else if (pages > memory->max_pages)
        image_in_fail(in, CSK_E_LIMIT, "memory of %u pages, limit is %u", pages, memory->max_pages);
    else if (pages > memory->pages && wasm_memory_grow(memory, pages - memory->pages) < 0)
        image_in_fail(in, CSK_E_NOMEM, "out of memory for %u pages", pages);
}

/* Sizes of all memories: the instance grows to them. The caller frees the result. */
static struct image_memory_size *get_sizes(struct image_in *in, struct wasm_instance *inst,
                                           uint32_t *ret_count)
{
    image_in_begin(in, IMAGE_MEMORIES);
    uint32_t n = image_in_u32(in);
    if (n > WASM_MEMORIES_MAX || (inst != NULL && n != inst->module->nmemories))
        image_in_fail(in, CSK_E_CORRUPT, "%u memories, the module has another count", n);
    if (in->rc != 0)
        return NULL;
    struct image_memory_size *sizes = mem_calloc(n, sizeof *sizes);
    if (sizes == NULL) {
        image_in_fail(in, CSK_E_NOMEM, "out of memory for memories");
        return NULL;
    }
    for (uint32_t i = 0; i < n && in->rc == 0; i++) {
        sizes[i].pages = image_in_u32(in);
        if (sizes[i].pages > 65536)
            image_in_fail(in, CSK_E_CORRUPT, "memory of %u pages, limit is 65536", sizes[i].pages);
        else if (in->rc == 0 && inst != NULL)
            grow_memory(in, inst->memories[i], sizes[i].pages);
    }
    image_in_end(in);
    *ret_count = n;
    return sizes;
}

struct range_head {
    uint32_t memory;
    uint32_t range;
    uint64_t bitmap;
};

/* Which pages a memory has in one of its ranges. */
static uint64_t pages_there(uint32_t pages, uint32_t range)
{
    uint64_t all = (uint64_t)pages * (WASM_PAGE_SIZE / IMAGE_PAGE);
    uint64_t first = (uint64_t)range * IMAGE_RANGE_PAGES;
    if (first >= all)
        return 0;
    uint64_t n = all - first;
    return n >= IMAGE_RANGE_PAGES ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static bool head_is_sound(const struct range_head *head, const struct range_head *last,
                          const struct image_memory_size *sizes, uint32_t count, size_t chunk_size)
{
    uint64_t key = (uint64_t)head->memory << 32 | head->range;
    uint64_t last_key = (uint64_t)last->memory << 32 | last->range;
    if (head->memory >= count || head->bitmap == 0 || (last->bitmap != 0 && key <= last_key))
        return false;
    size_t npages = (size_t)__builtin_popcountll(head->bitmap);
    return (head->bitmap & ~pages_there(sizes[head->memory].pages, head->range)) == 0 &&
           chunk_size == IMAGE_RANGE_HEAD + npages * IMAGE_PAGE;
}

/* Copy the chunk's pages to where they belong; `base` is NULL when nobody wants them. */
static void place_pages(struct image_in *in, const struct range_head *head, const uint8_t *from,
                        uint8_t *base)
{
    uint64_t at = (uint64_t)head->range * IMAGE_RANGE;
    for (uint64_t bits = head->bitmap; bits != 0; bits >>= 1, at += IMAGE_PAGE) {
        if ((bits & 1) == 0)
            continue;
        if (image_is_zero(from, IMAGE_PAGE)) {
            image_in_fail(in, CSK_E_CORRUPT, "range with a page of zeros");
            return;
        }
        if (base != NULL)
            memcpy(base + at, from, IMAGE_PAGE);
        from += IMAGE_PAGE;
    }
}

static void get_ranges(struct image_in *in, struct wasm_instance *inst,
                       struct image_memory_size *sizes, uint32_t count)
{
    struct range_head last = {0};
    while (in->rc == 0 && image_in_next_is(in, IMAGE_RANGES)) {
        size_t size;
        const uint8_t *chunk = image_in_chunk(in, &size);
        if (chunk == NULL || size < IMAGE_RANGE_HEAD) {
            image_in_fail(in, CSK_E_CORRUPT, "range chunk too short");
            return;
        }
        struct range_head head = {get_le32(chunk), get_le32(chunk + 4), get_le64(chunk + 8)};
        if (!head_is_sound(&head, &last, sizes, count, size)) {
            image_in_fail(in, CSK_E_CORRUPT, "range %u of memory %u is out of order or place",
                          head.range, head.memory);
            return;
        }
        uint8_t *base = inst != NULL ? inst->memories[head.memory]->base : NULL;
        place_pages(in, &head, chunk + IMAGE_RANGE_HEAD, base);
        sizes[head.memory].ranges++;
        sizes[head.memory].touched_bytes += size - IMAGE_RANGE_HEAD;
        last = head;
    }
}

void image_get_memories(struct image_in *in, struct image_target *target)
{
    uint32_t n = 0;
    struct image_memory_size *sizes = get_sizes(in, target->inst, &n);
    if (sizes != NULL)
        get_ranges(in, target->inst, sizes, n);
    if (in->rc == 0 && target->describe != NULL) {
        target->describe->memories = sizes;
        target->describe->nmemories = n;
    } else {
        mem_free(sizes);
    }
}
