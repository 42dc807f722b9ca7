/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/instance.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "check.h"
#include "csk-config.h"
#include "wasm/forge.h"
#include "wasm/pool.h"

static struct wasm_engine *engine;
static struct buf b;

static struct wasm_module *load(void)
{
    struct wasm_module *m = NULL;
    struct csk_error err = {0};
    if (!CHECK(wasm_module_load(engine, b.data, b.size, true, &m, &err) == 0))
        fprintf(stderr, "  %s\n", err.text);
    return m;
}

/* An instance of the module in `b` without imports; free both with drop(). */
static struct wasm_instance *make(void)
{
    struct wasm_instance *inst = NULL;
    struct csk_error err = {0};
    struct wasm_module *m = load();
    if (m != NULL && !CHECK(wasm_instance_new(m, NULL, &inst, &err) == 0))
        fprintf(stderr, "  %s\n", err.text);
    return inst;
}

static void drop(struct wasm_instance *inst)
{
    struct wasm_module *m = inst->module;
    wasm_instance_free(inst);
    wasm_module_free(m);
}

static void check_globals(void)
{
    forge_header(&b);
    FORGE(&b, 1, 1, 0x60, 0, 0);
    FORGE(&b, 3, 1, 0);
    FORGE(&b, 6, 8, 0x7f, 0, 0x41, 0x7f, 0x0b,                  /* i32 -1 */
          0x7e, 0, 0x42, 0x7e, 0x0b,                            /* i64 -2 */
          0x7d, 0, 0x43, 0, 0, 0x80, 0x3f, 0x0b,                /* f32 1.0 */
          0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x0b,    /* f64 1.0 */
          0x7f, 0, 0x23, 0, 0x41, 5, 0x41, 3, 0x6c, 0x6b, 0x0b, /* -1 - 5 * 3 */
          0x7e, 0, 0x42, 6, 0x23, 1, 0x7e, 0x42, 1, 0x7c, 0x0b, /* 6 * -2 + 1 */
          0x70, 0, 0xd2, 0, 0x0b, 0x6f, 0, 0xd0, 0x6f, 0x0b);
    FORGE(&b, 10, 1, 2, 0, 0x0b);
    struct wasm_instance *inst = make();
    if (inst == NULL)
        return;
    CHECK(inst->globals[0]->slot[0] == 0xffffffff && inst->globals[0]->type.type == CSK_I32);
    CHECK(inst->globals[1]->slot[0] == (uint64_t)-2);
    CHECK(inst->globals[2]->slot[0] == 0x3f800000);
    CHECK(inst->globals[3]->slot[0] == UINT64_C(0x3ff0000000000000));
    CHECK(inst->globals[4]->slot[0] == (uint32_t)-16);
    CHECK(inst->globals[5]->slot[0] == (uint64_t)-11);
    CHECK(inst->globals[6]->slot[0] == (uintptr_t)inst->funcs[0]);
    CHECK(inst->globals[7]->slot[0] == 0);
    CHECK(inst->globals[0] == &inst->own_globals[0] && inst->globals[0]->refs == 0);
    CHECK(inst->funcs[0]->inst == inst && inst->funcs[0]->index == 0);
    drop(inst);
}

/* A v128 is 16 bytes in memory order in two slots, on every host. */
static void check_v128(void)
{
    static const uint8_t lanes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct buf s = {0};
    forge_header(&b);
    (void)buf_put(&s, FORGE_BYTES(2, 0x7b, 0, 0xfd, 12));
    (void)buf_put(&s, lanes, sizeof lanes);
    (void)buf_put(&s, FORGE_BYTES(0x0b, 0x7b, 0, 0x23, 0, 0x0b));
    forge_section_buf(&b, 6, &s);
    buf_fini(&s);
    struct wasm_instance *inst = make();
    if (inst == NULL)
        return;
    CHECK(memcmp(inst->globals[0]->slot, lanes, 16) == 0);
    CHECK(memcmp(inst->globals[1]->slot, lanes, 16) == 0);
    drop(inst);
}

static void check_segments(void)
{
    forge_header(&b);
    FORGE(&b, 1, 1, 0x60, 0, 0);
    FORGE(&b, 3, 2, 0, 0);
    FORGE(&b, 4, 1, 0x70, 1, 4, 6);
    FORGE(&b, 5, 1, 1, 1, 2);
    FORGE(&b, 9, 3, 0, 0x41, 1, 0x0b, 2, 1, 0, /* active at 1: 1, 0 */
          1, 0, 3, 0, 1, 0,                    /* passive */
          3, 0, 1, 1);                         /* declared */
    FORGE(&b, 10, 2, 2, 0, 0x0b, 2, 0, 0x0b);
    FORGE(&b, 11, 2, 0, 0x41, 5, 0x0b, 2, 'h', 'i', 1, 3, 'x', 'y', 'z');
    struct wasm_instance *inst = make();
    if (inst == NULL)
        return;
    const uint64_t f0 = (uintptr_t)inst->funcs[0], f1 = (uintptr_t)inst->funcs[1];
    uint64_t *t = inst->tables[0]->elems;
    CHECK(t[0] == 0 && t[1] == 0);
    CHECK(wasm_instance_init_segments(inst) == 0);
    CHECK(t[0] == 0 && t[1] == f1 && t[2] == f0 && t[3] == 0);
    CHECK(memcmp(inst->memories[0]->base + 4, "\0hi\0", 4) == 0);
    CHECK(memcmp(inst->dropped_elems, "\1\0\1", 3) == 0);
    CHECK(memcmp(inst->dropped_datas, "\1\0", 2) == 0);

    CHECK(wasm_table_init(inst, 0, 1, 0, 1, 2) == 0 && t[0] == f1 && t[1] == f0);
    CHECK(wasm_table_init(inst, 0, 1, 2, 0, 3) == CSK_TRAP_TABLE_BOUNDS);
    CHECK(wasm_table_init(inst, 0, 1, 0, 2, 2) == CSK_TRAP_TABLE_BOUNDS);
    CHECK(wasm_table_init(inst, 0, 1, UINT32_MAX, 0, 2) == CSK_TRAP_TABLE_BOUNDS);
    CHECK(wasm_table_init(inst, 0, 1, 4, 3, 0) == 0);
    CHECK(wasm_table_init(inst, 0, 0, 0, 0, 1) == CSK_TRAP_TABLE_BOUNDS); /* dropped */
    CHECK(wasm_table_init(inst, 0, 0, 0, 0, 0) == 0);
    CHECK(wasm_memory_init(inst, 0, 1, 65533, 0, 3) == 0);
    CHECK(memcmp(inst->memories[0]->base + 65533, "xyz", 3) == 0);
    CHECK(wasm_memory_init(inst, 0, 1, 65534, 0, 3) == CSK_TRAP_MEMORY_BOUNDS);
    CHECK(wasm_memory_init(inst, 0, 1, 0, 1, 3) == CSK_TRAP_MEMORY_BOUNDS);
    CHECK(wasm_memory_init(inst, 0, 1, 0, UINT32_MAX, 2) == CSK_TRAP_MEMORY_BOUNDS);
    CHECK(wasm_memory_init(inst, 0, 0, 0, 0, 1) == CSK_TRAP_MEMORY_BOUNDS); /* dropped */
    CHECK(wasm_memory_init(inst, 0, 0, 65536, 0, 0) == 0);
    CHECK(wasm_instance_memory(inst, 0, 65536) == inst->memories[0]->base);
    CHECK(wasm_instance_memory(inst, 65536, 0) != NULL);
    CHECK(wasm_instance_memory(inst, 1, 65536) == NULL);
    CHECK(wasm_instance_memory(inst, UINT64_MAX, 2) == NULL);
    drop(inst);
}

/* Tables whose elements have an initial value, which may be of a type without null. */
static void check_table_values(void)
{
    forge_header(&b);
    FORGE(&b, 1, 1, 0x60, 0, 0);
    FORGE(&b, 3, 1, 0);
    FORGE(&b, 4, 3, 0x40, 0, 0x64, 0x70, 0, 3, 0xd2, 0, 0x0b, /* (ref func), function 0 */
          0x40, 0, 0x70, 0, 2, 0xd0, 0x70, 0x0b,              /* funcref, null */
          0x63, 0x00, 0, 1);                                  /* (ref null 0) */
    FORGE(&b, 9, 1, 2, 0, 0x41, 1, 0x0b, 0, 1, 0);
    FORGE(&b, 10, 1, 2, 0, 0x0b);
    struct wasm_instance *inst = make();
    if (inst == NULL)
        return;
    const uint64_t f = (uintptr_t)inst->funcs[0];
    CHECK(inst->tables[0]->elems[0] == f && inst->tables[0]->elems[2] == f);
    CHECK(inst->tables[1]->elems[0] == 0 && inst->tables[2]->elems[0] == 0);
    CHECK(wasm_instance_init_segments(inst) == 0);
    drop(inst);
}

static void check_table_refusals(void)
{
    static const uint8_t tables[][10] = {
        {1, 0x64, 0x70, 0, 3},                            /* no null, no value */
        {1, 0x40, 0, 0x64, 0x70, 0, 1, 0xd0, 0x70, 0x0b}, /* null where there is none */
        {1, 0x40, 0, 0x70, 0, 1, 0x41, 0, 0x0b},          /* a number */
    };
    static const size_t sizes[] = {5, 10, 9};
    for (size_t i = 0; i < 3; i++) {
        struct wasm_module *m = NULL;
        forge_header(&b);
        forge_section(&b, 4, tables[i], sizes[i]);
        CHECK(wasm_module_load(engine, b.data, b.size, true, &m, NULL) == CSK_E_INVALID);
    }
}

/* What was written before a segment that does not fit stays written. */
static void check_segment_trap(void)
{
    forge_header(&b);
    FORGE(&b, 5, 1, 0, 1);
    FORGE(&b, 11, 3, 0, 0x41, 0, 0x0b, 1, 'a', 0, 0x41, 0x7f, 0x0b, 1, 'b', 0, 0x41, 1, 0x0b, 1,
          'c');
    struct wasm_instance *inst = make();
    if (inst == NULL)
        return;
    CHECK(wasm_instance_init_segments(inst) == CSK_TRAP_MEMORY_BOUNDS);
    CHECK(inst->memories[0]->base[0] == 'a' && inst->memories[0]->base[1] == 0);
    drop(inst);
}

static void check_memory_growth(void)
{
    struct wasm_memtype type = {.has_max = true, .min = 1, .max = 5};
    struct wasm_memory *m = NULL;
    if (!CHECK(wasm_memory_new(engine, &type, &m, NULL) == 0))
        return;
    m->base[65535] = 7;
    CHECK(wasm_memory_grow(m, 0) == 1);
    CHECK(wasm_memory_grow(m, 3) == 1 && m->pages == 4 && m->size == 4 * 65536);
    CHECK(m->base[65535] == 7 && m->base[65536] == 0 && m->base[4 * 65536 - 1] == 0);
    CHECK(wasm_memory_grow(m, 2) == -1 && wasm_memory_grow(m, UINT32_MAX) == -1);
    CHECK(wasm_memory_grow(m, 1) == 4 && wasm_memory_grow(m, 1) == -1);
    wasm_memory_unref(m);
    type = (struct wasm_memtype){.has_max = false, .min = 0};
    if (!CHECK(wasm_memory_new(engine, &type, &m, NULL) == 0))
        return;
    CHECK(m->base != NULL && m->size == 0 && m->max_pages == WASM_PAGES_MAX);
    CHECK(wasm_memory_grow(m, 65537) == -1);
    CHECK(wasm_memory_grow(m, 2) == 0 && m->base[131071] == 0);
    /* all of 4 GiB where the host has room for it, else an orderly no */
    int64_t old = wasm_memory_grow(m, 65534);
    CHECK(old == 2 || (old == -1 && sizeof(void *) == 4));
    CHECK(m->size == (old == 2 ? UINT64_C(1) << 32 : 131072));
    wasm_memory_unref(m);
}

static void check_engine_limits(void)
{
    struct csk_limits limits = {.memory_pages_max = 3, .table_elems_max = 4};
    struct wasm_engine *small = NULL;
    struct wasm_memory *m = NULL;
    struct wasm_table *t = NULL;
    struct csk_error err = {0};
    if (!CHECK(wasm_engine_new(&limits, &small) == 0))
        return;
    struct wasm_memtype memtype = {.has_max = true, .min = 4, .max = 9};
    CHECK(wasm_memory_new(small, &memtype, &m, &err) == CSK_E_LIMIT);
    CHECK(strstr(err.text, "4 pages, limit is 3") != NULL);
    memtype.min = 2;
    if (CHECK(wasm_memory_new(small, &memtype, &m, NULL) == 0)) {
        CHECK(wasm_memory_grow(m, 2) == -1 && wasm_memory_grow(m, 1) == 2);
        wasm_memory_unref(m);
    }
    struct wasm_tabletype tabletype = {.elem = CSK_FUNCREF, .min = 5};
    CHECK(wasm_table_new(small, &tabletype, &t, NULL) == CSK_E_LIMIT);
    tabletype.min = 4;
    if (CHECK(wasm_table_new(small, &tabletype, &t, NULL) == 0)) {
        CHECK(wasm_table_grow(t, 1, 0) == -1 && wasm_table_grow(t, 0, 0) == 4);
        wasm_table_unref(t);
    }
    wasm_engine_free(small);
}

static void check_table_growth(void)
{
    struct wasm_tabletype type = {.elem = CSK_EXTERNREF, .has_max = true, .min = 2, .max = 1000};
    struct wasm_table *t = NULL;
    if (!CHECK(wasm_table_new(engine, &type, &t, NULL) == 0))
        return;
    t->elems[1] = 99;
    CHECK(wasm_table_grow(t, 3, 55) == 2 && t->size == 5);
    CHECK(t->elems[0] == 0 && t->elems[1] == 99 && t->elems[2] == 55 && t->elems[4] == 55);
    CHECK(wasm_table_grow(t, 996, 0) == -1 && wasm_table_grow(t, UINT32_MAX, 0) == -1);
    CHECK(wasm_table_grow(t, 995, 1) == 5 && t->elems[999] == 1);
    mem_fail_at(1, 1);
    t->max_size = 2000;
    CHECK(wasm_table_grow(t, 1, 0) == -1 && t->size == 1000 && t->elems[999] == 1);
    mem_fail_at(0, 0);
    wasm_table_unref(t);
}

/* ---- linking --------------------------------------------------------------------------- */

struct parts {
    struct wasm_func func;
    struct wasm_table *table;
    struct wasm_memory *memory;
    struct wasm_global *global;
    struct wasm_extern externs[4];
};

static const uint8_t func_params[] = {CSK_I32, CSK_I64};
static const struct wasm_functype func_type = {
    .params = func_params, .results = func_params, .nparams = 2, .param_slots = 2};

static int nothing(struct wasm_host_call *call, void *user)
{
    (void)call;
    (void)user;
    return CSK_HOST_RETURN;
}

static bool parts_init(struct parts *p)
{
    struct wasm_tabletype table = {.elem = CSK_FUNCREF, .has_max = true, .min = 3, .max = 8};
    struct wasm_memtype memory = {.has_max = true, .min = 2, .max = 4};
    struct wasm_globaltype global = {CSK_I32, false};
    uint64_t slot[2] = {42, 0};
    p->func = (struct wasm_func){.type = &func_type, .host = nothing};
    if (!CHECK(wasm_table_new(engine, &table, &p->table, NULL) == 0) ||
        !CHECK(wasm_memory_new(engine, &memory, &p->memory, NULL) == 0) ||
        !CHECK(wasm_global_new(&global, slot, &p->global) == 0))
        return false;
    p->externs[0] = (struct wasm_extern){.kind = WASM_FUNC, .of.func = &p->func};
    p->externs[1] = (struct wasm_extern){.kind = WASM_TABLE, .of.table = p->table};
    p->externs[2] = (struct wasm_extern){.kind = WASM_MEMORY, .of.memory = p->memory};
    p->externs[3] = (struct wasm_extern){.kind = WASM_GLOBAL, .of.global = p->global};
    return true;
}

static void parts_fini(struct parts *p)
{
    CHECK(p->table->refs == 1 && p->memory->refs == 1 && p->global->refs == 1);
    wasm_table_unref(p->table);
    wasm_memory_unref(p->memory);
    wasm_global_unref(p->global);
}

/* What the module asks of its table, memory and global; the rest is fixed. */
struct wish {
    uint8_t params[2];
    uint8_t table[3]; /* element type, minimum, maximum */
    uint8_t memory[2];
    uint8_t global[2];
    int result;
};

static int link(struct parts *p, const struct wish *w, struct wasm_instance **ret)
{
    forge_header(&b);
    FORGE(&b, 1, 1, 0x60, 2, w->params[0], w->params[1], 0);
    FORGE(&b, 2, 4, 1, 'h', 1, 'f', 0, 0, 1, 'h', 1, 't', 1, w->table[0], 1, w->table[1],
          w->table[2], 1, 'h', 1, 'm', 2, 1, w->memory[0], w->memory[1], 1, 'h', 1, 'g', 3,
          w->global[0], w->global[1]);
    FORGE(&b, 6, 1, 0x7f, 0, 0x23, 0, 0x0b);
    FORGE(&b, 7, 4, 1, 'f', 0, 0, 1, 't', 1, 0, 1, 'm', 2, 0, 1, 'g', 3, 1);
    struct csk_error err = {0};
    struct wasm_module *m = load();
    if (m == NULL)
        return CSK_E_ARGUMENT;
    int r = wasm_instance_new(m, p->externs, ret, &err);
    CHECK((r == 0) == (err.text[0] == '\0'));
    if (r != 0)
        wasm_module_free(m);
    return r;
}

static void check_linking(void)
{
    static const struct wish wishes[] = {
        {{0x7f, 0x7e}, {0x70, 3, 8}, {2, 4}, {0x7f, 0}, 0},
        {{0x7f, 0x7e}, {0x70, 0, 9}, {1, 5}, {0x7f, 0}, 0},
        {{0x7e, 0x7e}, {0x70, 3, 8}, {2, 4}, {0x7f, 0}, CSK_E_LINK},
        {{0x7f, 0x7e}, {0x6f, 3, 8}, {2, 4}, {0x7f, 0}, CSK_E_LINK},
        {{0x7f, 0x7e}, {0x70, 4, 8}, {2, 4}, {0x7f, 0}, CSK_E_LINK},
        {{0x7f, 0x7e}, {0x70, 3, 7}, {2, 4}, {0x7f, 0}, CSK_E_LINK},
        {{0x7f, 0x7e}, {0x70, 3, 8}, {3, 4}, {0x7f, 0}, CSK_E_LINK},
        {{0x7f, 0x7e}, {0x70, 3, 8}, {2, 3}, {0x7f, 0}, CSK_E_LINK},
    };
    struct parts p;
    if (!parts_init(&p))
        return;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        struct wasm_instance *inst = NULL;
        CHECK(link(&p, &wishes[i], &inst) == wishes[i].result);
        if (inst == NULL)
            continue;
        struct wasm_extern e;
        CHECK(inst->memories[0] == p.memory && p.memory->refs == 2);
        CHECK(wasm_find_export(inst, "f", WASM_FUNC, &e) && e.of.func == &p.func);
        CHECK(wasm_find_export(inst, "t", WASM_TABLE, &e) && e.of.table == p.table);
        CHECK(wasm_find_export(inst, "m", WASM_MEMORY, &e) && e.of.memory == p.memory);
        CHECK(wasm_find_export(inst, "g", WASM_GLOBAL, &e) && e.of.global->slot[0] == 42);
        CHECK(!wasm_find_export(inst, "g", WASM_FUNC, &e));
        drop(inst);
    }
    parts_fini(&p);
}

static void check_missing_imports(void)
{
    static const struct wish wish = {{0x7f, 0x7e}, {0x70, 3, 8}, {2, 4}, {0x7f, 0}, 0};
    struct wasm_instance *inst = NULL;
    struct parts p;
    if (!parts_init(&p))
        return;
    for (size_t i = 0; i < 4; i++) {
        struct wasm_extern whole = p.externs[i];
        memset(&p.externs[i].of, 0, sizeof p.externs[i].of);
        CHECK(link(&p, &wish, &inst) == CSK_E_LINK);
        p.externs[i] = p.externs[(i + 1) % 4]; /* something of another kind */
        CHECK(link(&p, &wish, &inst) == CSK_E_LINK);
        p.externs[i] = whole;
    }
    CHECK(link(&p, &wish, &inst) == 0);
    if (inst != NULL)
        drop(inst);
    parts_fini(&p);
}

/* ---- the pool ------------------------------------------------------------------------------ */

static struct wasm_memory *new_memory(uint32_t min, uint32_t max)
{
    struct wasm_memtype type = {.has_max = true, .min = min, .max = max};
    struct wasm_memory *m = NULL;
    CHECK(wasm_memory_new(engine, &type, &m, NULL) == 0);
    return m;
}

static void check_pool_zero(void)
{
    wasm_pool_prove_zero(engine->pool, true);
    for (unsigned round = 0; round < 200; round++) {
        struct wasm_memory *m = new_memory(1, 8);
        if (m == NULL)
            return;
        uint32_t pages = round % 5;
        CHECK(wasm_memory_grow(m, pages) == 1);
        unsigned dirty = 0;
        for (uint64_t i = 0; i < m->size; i += 64)
            dirty += m->base[i];
        CHECK(dirty == 0);
        memset(m->base, 0xff, (size_t)m->size);
        wasm_memory_unref(m);
    }
    struct wasm_pool_stats stats;
    wasm_pool_stats(engine->pool, &stats);
    CHECK(stats.hits >= 199);
    CHECK(wasm_pool_leaks(engine->pool) == 0);
}

#define THREADS 4

static void *use_memories(void *wrong)
{
    for (unsigned round = 0; round < 300; round++) {
        struct wasm_memtype type = {.has_max = true, .min = 1, .max = 1 + round % 2};
        struct wasm_memory *m = NULL;
        if (wasm_memory_new(engine, &type, &m, NULL) != 0) {
            ++*(unsigned *)wrong;
            continue;
        }
        for (uint64_t i = 0; i < m->size; i += 512)
            *(unsigned *)wrong += m->base[i] != 0;
        memset(m->base, 0xa5, (size_t)m->size);
        wasm_memory_unref(m);
    }
    return NULL;
}

static void check_pool_threads(void)
{
    pthread_t threads[THREADS];
    unsigned wrong[THREADS] = {0};
    wasm_pool_prove_zero(engine->pool, true);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, use_memories, &wrong[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(wrong[i] == 0);
    }
    CHECK(wasm_pool_leaks(engine->pool) == 0);
}

/* The proof itself must be able to fail. */
static void check_pool_proof(void)
{
    struct wasm_pool *pool = NULL;
    struct port_vm vm;
    uint64_t resident;
    if (!CHECK(wasm_pool_new(1 << 20, &pool) == 0))
        return;
    wasm_pool_prove_zero(pool, true);
    CHECK(wasm_pool_take(pool, WASM_POOL_MEMORY, 65536, &vm, &resident) == 0 && resident == 0);
    vm.base[100] = 1;
    wasm_pool_give(pool, WASM_POOL_MEMORY, &vm, 65536);
    CHECK(vm.base == NULL);
    CHECK(wasm_pool_take(pool, WASM_POOL_MEMORY, 65536, &vm, &resident) == 0);
    CHECK(wasm_pool_leaks(pool) == 1 && resident == 0 && vm.base[100] == 0);
    port_vm_release(&vm);
    wasm_pool_free(pool);
}

static void check_pool_bounds(void)
{
    enum {
        SIZE = 65536,
        N = 8
    };
    struct wasm_pool *pool = NULL;
    struct wasm_pool_stats stats;
    struct port_vm vm[N];
    uint64_t resident;
    if (!CHECK(wasm_pool_new(4 * SIZE, &pool) == 0))
        return;
    for (int i = 0; i < N; i++)
        CHECK(wasm_pool_take(pool, WASM_POOL_STACK, SIZE, &vm[i], &resident) == 0);
    for (int i = 0; i < N; i++) {
        vm[i].base[0] = (uint8_t)(i + 1);
        wasm_pool_give(pool, WASM_POOL_STACK, &vm[i], SIZE);
        wasm_pool_stats(pool, &stats);
        CHECK(stats.resident_bytes <= 4 * SIZE && stats.entries <= 4);
    }
    CHECK(stats.entries == 4);
    /* the last given is the first taken, with what it held; kinds and sizes do not mix */
    CHECK(wasm_pool_take(pool, WASM_POOL_STACK, SIZE, &vm[0], &resident) == 0);
    CHECK(vm[0].base[0] == N && resident == SIZE);
    CHECK(wasm_pool_take(pool, WASM_POOL_MEMORY, SIZE, &vm[1], &resident) == 0);
    CHECK(vm[1].base[0] == 0 && resident == 0);
    CHECK(wasm_pool_take(pool, WASM_POOL_STACK, 2 * SIZE, &vm[2], &resident) == 0);
    CHECK(vm[2].base[0] == 0 && vm[2].size == 2 * SIZE);
    wasm_pool_give(pool, WASM_POOL_STACK, &vm[2], 5 * SIZE); /* larger than the whole pool */
    wasm_pool_stats(pool, &stats);
    CHECK(stats.entries == 3 && stats.resident_bytes == 3 * SIZE);
    port_vm_release(&vm[0]);
    port_vm_release(&vm[1]);
    wasm_pool_free(pool);
}

/* ---- running out of memory ------------------------------------------------------------------- */

static void forge_everything(void)
{
    forge_header(&b);
    FORGE(&b, 1, 2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 0);
    FORGE(&b, 2, 4, 1, 'h', 1, 'f', 0, 1, 1, 'h', 1, 't', 1, 0x70, 1, 3, 8, 1, 'h', 1, 'm', 2, 1, 2,
          4, 1, 'h', 1, 'g', 3, 0x7f, 0);
    FORGE(&b, 3, 2, 0, 1);
    FORGE(&b, 4, 1, 0x6f, 0, 3);
    FORGE(&b, 5, 1, 1, 1, 2);
    FORGE(&b, 6, 1, 0x7f, 1, 0x23, 0, 0x0b);
    FORGE(&b, 7, 2, 1, 'f', 0, 1, 1, 'm', 2, 1);
    FORGE(&b, 9, 2, 0, 0x41, 0, 0x0b, 2, 0, 1, 5, 0x70, 1, 0xd0, 0x70, 0x0b);
    FORGE(&b, 12, 2);
    FORGE(&b, 10, 2, 5, 0, 0x41, 1, 0x1a, 0x0b, 2, 0, 0x0b);
    FORGE(&b, 11, 2, 0, 0x41, 0, 0x0b, 2, 'h', 'i', 1, 1, 'x');
}

/* 0 when everything could be had. */
static int load_and_link(struct parts *p)
{
    struct wasm_module *m = NULL;
    struct wasm_instance *inst = NULL;
    int r = wasm_module_load(engine, b.data, b.size, true, &m, NULL);
    if (r == 0)
        r = wasm_instance_new(m, p->externs, &inst, NULL);
    if (r == 0)
        r = wasm_instance_init_segments(inst);
    wasm_instance_free(inst);
    wasm_module_free(m);
    return r;
}

static void check_every_allocation(void)
{
    struct parts p;
    forge_everything();
    if (!parts_init(&p))
        return;
    CHECK(load_and_link(&p) == 0);
    int64_t live = mem_live_blocks();
    uint64_t n = 1;
    for (int sticky = 0; sticky < 2; sticky++) {
        int r = CSK_E_NOMEM;
        for (n = 1; r != 0 && n < 1000; n++) {
            mem_fail_at(n, sticky);
            r = load_and_link(&p);
            mem_fail_at(0, 0);
            CHECK(r == 0 || r == CSK_E_NOMEM);
            CHECK(mem_live_blocks() == live);
        }
        CHECK(r == 0 && n > 10);
    }
    printf("allocations failed one by one: %llu\n", (unsigned long long)n - 2);
    parts_fini(&p);
}

static void check_engine_allocation(void)
{
    struct wasm_engine *e = NULL;
    int64_t live = mem_live_blocks();
    for (uint64_t n = 1; n <= 2; n++) {
        mem_fail_at(n, 0);
        CHECK(wasm_engine_new(NULL, &e) == CSK_E_NOMEM && e == NULL);
        mem_fail_at(0, 0);
        CHECK(mem_live_blocks() == live);
    }
}

int main(void)
{
    if (!CHECK(wasm_engine_new(NULL, &engine) == 0))
        return check_report("instance");
    check_pool_threads(); /* first: counting allocations is not thread-safe */
    check_globals();
    if (CSK_HAVE_SIMD)
        check_v128();
    check_segments();
    check_table_values();
    check_table_refusals();
    check_segment_trap();
    check_memory_growth();
    check_engine_limits();
    check_table_growth();
    check_linking();
    check_missing_imports();
    check_pool_zero();
    check_pool_proof();
    check_pool_bounds();
    check_every_allocation();
    check_engine_allocation();
    wasm_engine_free(engine);
    buf_fini(&b);
    CHECK(mem_live_blocks() == 0);
    return check_report("instance");
}
