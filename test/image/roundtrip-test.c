/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cells.h"
#include "modules.h"
#include "test/check.h"

static struct wasm_engine *engine;

static int open_rich(struct cell_under_test *cell, bool segments)
{
    return cell_open(cell, engine, module_rich, sizeof module_rich, segments);
}

/* A cell stopped at its n-th safepoint, 0 for one that has not started. */
static bool rich_at(struct cell_under_test *cell, uint64_t n)
{
    static const uint32_t args[] = {5};
    struct csk_outcome outcome;
    if (!CHECK(open_rich(cell, true) == 0))
        return false;
    if (n == 0)
        return true;
    if (cell_call(cell, "work", args, 1) == 0 && cell_run(cell, n, &outcome) == 0 &&
        outcome.kind == CSK_SUSPENDED)
        return true;
    cell_close(cell, true);
    return false;
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Decode into a fresh cell and encode that: the image must be the same. */
static void check_identity(const struct buf *image)
{
    struct cell_under_test cell;
    struct csk_error err = {0};
    struct buf again = {0};
    if (!CHECK(open_rich(&cell, false) == 0))
        return;
    CHECK(cell_decode(&cell, image->data, image->size, NULL, &err) == 0);
    CHECK(cell_encode(&cell, NULL, &again, &err) == 0);
    CHECK(same(image, &again));
    if (err.code != 0)
        printf("%s\n", err.text);
    buf_fini(&again);
    cell_close(&cell, true);
}

/* At every safepoint of the program: encode twice, decode, encode. */
static void test_identity_everywhere(void)
{
    struct cell_under_test cell;
    unsigned stops = 0;
    for (uint64_t n = 0; n < 100000 && rich_at(&cell, n); n += n < 30 ? 1 : 61) {
        struct buf image = {0}, twin = {0};
        CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
        CHECK(cell_encode(&cell, NULL, &twin, NULL) == 0);
        CHECK(same(&image, &twin));
        check_identity(&image);
        buf_fini(&image);
        buf_fini(&twin);
        cell_close(&cell, true);
        stops++;
    }
    CHECK(stops > 30);
}

static bool finish(struct cell_under_test *cell, uint64_t *ret_result)
{
    struct csk_outcome outcome;
    if (!CHECK(cell_run(cell, 0, &outcome) == 0) || !CHECK(outcome.kind == CSK_DONE))
        return false;
    *ret_result = wasm_exec_results(cell->exec)[0];
    return true;
}

/* A restored cell goes on to the same end as one that nobody stopped. */
static void test_same_result(void)
{
    static const uint32_t args[] = {5};
    struct cell_under_test cell, other;
    uint64_t expected = 0, result = 1;
    struct buf end = {0};
    if (!CHECK(open_rich(&cell, true) == 0))
        return;
    CHECK(cell_call(&cell, "work", args, 1) == 0);
    CHECK(finish(&cell, &expected));
    CHECK(cell_encode(&cell, NULL, &end, NULL) == 0);
    cell_close(&cell, true);
    for (uint64_t n = 1; rich_at(&cell, n); n += n < 30 ? 1 : 61) {
        struct buf image = {0}, last = {0};
        CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
        cell_close(&cell, true);
        if (!CHECK(open_rich(&other, false) == 0))
            break;
        CHECK(cell_decode(&other, image.data, image.size, NULL, NULL) == 0);
        CHECK(finish(&other, &result) && result == expected);
        CHECK(cell_encode(&other, NULL, &last, NULL) == 0);
        CHECK(same(&last, &end));
        buf_fini(&image);
        buf_fini(&last);
        cell_close(&other, true);
    }
    buf_fini(&end);
}

static void test_values_exact(void)
{
    struct cell_under_test cell, other;
    struct buf image = {0};
    static const uint64_t nans[] = {0x7ff0000000000001, 0xffffffffffffffff, 0x7ff8000000000000,
                                    0xfff4000000000000, 0x8000000000000000};
    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
        if (!CHECK(open_rich(&cell, true) == 0) || !CHECK(open_rich(&other, false) == 0))
            return;
        cell.inst->globals[2]->slot[0] = 0x7f800001u + i;
        cell.inst->globals[3]->slot[0] = nans[i];
        cell.inst->globals[5]->slot[0] = (uint64_t)(uintptr_t)cell.inst->funcs[i % 4];
        memset(cell.inst->globals[4]->slot, (int)(i + 0xf0), 16);
        CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
        CHECK(cell_decode(&other, image.data, image.size, NULL, NULL) == 0);
        CHECK(other.inst->globals[2]->slot[0] == 0x7f800001u + i);
        CHECK(other.inst->globals[3]->slot[0] == nans[i]);
        CHECK(other.inst->globals[5]->slot[0] == (uint64_t)(uintptr_t)other.inst->funcs[i % 4]);
        CHECK(memcmp(other.inst->globals[4]->slot, cell.inst->globals[4]->slot, 16) == 0);
        CHECK(other.inst->tables[0]->elems[1] == (uint64_t)(uintptr_t)other.inst->funcs[0]);
        buf_clear(&image);
        cell_close(&cell, true);
        cell_close(&other, true);
    }
    buf_fini(&image);
}

/* What a memory went through does not show, only what it holds. */
static void test_canonical(void)
{
    struct cell_under_test a, b;
    struct buf image_a = {0}, image_b = {0};
    if (!CHECK(open_rich(&a, true) == 0) || !CHECK(open_rich(&b, true) == 0))
        return;
    CHECK(wasm_memory_grow(a.inst->memories[0], 12) >= 0);
    CHECK(wasm_memory_grow(b.inst->memories[0], 12) >= 0);
    uint8_t *p = a.inst->memories[0]->base;
    memset(p + 100000, 0x55, 500000);
    memset(p + 100000, 0, 500000);
    p[262143] = p[262144] = 9;
    p = b.inst->memories[0]->base;
    p[262143] = p[262144] = 9;
    CHECK(cell_encode(&a, NULL, &image_a, NULL) == 0);
    CHECK(cell_encode(&b, NULL, &image_b, NULL) == 0);
    CHECK(same(&image_a, &image_b));
    check_identity(&image_a);
    p[800000] = 1;
    buf_clear(&image_b);
    CHECK(cell_encode(&b, NULL, &image_b, NULL) == 0);
    CHECK(!same(&image_a, &image_b));
    buf_fini(&image_a);
    buf_fini(&image_b);
    cell_close(&a, true);
    cell_close(&b, true);
}

/* All of a memory, with bytes that compress and bytes that do not. */
static void test_full_memory(void)
{
    struct cell_under_test cell;
    struct buf image = {0};
    if (!CHECK(open_rich(&cell, true) == 0))
        return;
    struct wasm_memory *m = cell.inst->memories[0];
    CHECK(wasm_memory_grow(m, 39) == 1);
    uint32_t seed = 5;
    for (size_t i = 0; i < m->size; i++) {
        seed = seed * 1664525u + 1013904223u;
        m->base[i] = i < 1000000 ? (uint8_t)(seed >> 24) : (uint8_t)(i >> 9);
    }
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    CHECK(image.size > 1000000 && image.size < 1300000);
    check_identity(&image);
    buf_fini(&image);
    cell_close(&cell, true);
}

static void test_short_reads(void)
{
    struct cell_under_test cell;
    struct buf image = {0};
    struct image_description whole, pieces;
    if (!CHECK(rich_at(&cell, 20)))
        return;
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    struct cell_source source = {image.data, image.size, 0};
    CHECK(image_describe(cell_read, &source, &whole, NULL) == 0);
    for (size_t step = 1; step < 60; step += 7) {
        source = (struct cell_source){image.data, image.size, step};
        CHECK(image_describe(cell_read, &source, &pieces, NULL) == 0);
        CHECK(memcmp(whole.state_digest, pieces.state_digest, IMAGE_DIGEST_SIZE) == 0);
        image_description_fini(&pieces);
    }
    image_description_fini(&whole);
    buf_fini(&image);
    cell_close(&cell, true);
}

struct failing_write {
    unsigned good;  /* calls that still succeed */
    unsigned after; /* calls that came after a failure */
    bool failed;
};

static int write_or_fail(void *user, const void *bytes, size_t size)
{
    struct failing_write *w = user;
    (void)bytes;
    (void)size;
    w->after += w->failed;
    if (w->good-- == 0)
        w->failed = true;
    return w->failed ? CSK_E_DENIED : 0;
}

static void test_failing_writes(void)
{
    struct cell_under_test cell;
    if (!CHECK(rich_at(&cell, 20)))
        return;
    int rc = CSK_E_DENIED;
    unsigned calls = 0;
    for (; rc != 0 && calls < 1000; calls++) {
        struct failing_write w = {.good = calls};
        struct csk_error err = {0};
        rc = image_encode(&cell.meta, true, cell.exec, cell.inst, NULL, write_or_fail, &w, &err);
        cell.meta.phase = IMAGE_RUNNING;
        CHECK(w.after == 0);
        CHECK(rc == 0 || rc == CSK_E_DENIED || rc == CSK_E_STATE);
        CHECK(rc == 0 || err.code == rc);
    }
    CHECK(calls > 8);
    cell_close(&cell, true);
}

static int64_t read_or_fail(void *user, void *bytes, size_t size)
{
    struct cell_source *source = user;
    if (source->left <= 700)
        return CSK_E_DENIED;
    return cell_read(user, bytes, size < 100 ? size : 100);
}

static void test_failing_read(void)
{
    struct cell_under_test cell;
    struct buf image = {0};
    struct image_description d;
    struct csk_error err = {0};
    if (!CHECK(rich_at(&cell, 20)))
        return;
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    struct cell_source source = {image.data, image.size, 0};
    CHECK(image_describe(read_or_fail, &source, &d, &err) == CSK_E_DENIED);
    CHECK(err.code == CSK_E_DENIED);
    buf_fini(&image);
    cell_close(&cell, true);
}

static void describe(const struct buf *image, struct image_description *d)
{
    struct cell_source source = {image->data, image->size, 0};
    CHECK(image_describe(cell_read, &source, d, NULL) == 0);
}

static void test_describe(void)
{
    struct cell_under_test cell;
    struct image_description d;
    struct buf image = {0};
    if (!CHECK(rich_at(&cell, 20)))
        return;
    cell.meta.has_module = true;
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    describe(&image, &d);
    CHECK(d.image_bytes == image.size);
    CHECK(strcmp(d.meta.name, "tested") == 0 && d.meta.epoch == 3 && d.meta.entry_func == 3);
    CHECK(d.meta.has_module && d.meta.module_size == sizeof module_rich);
    CHECK(d.module != NULL && memcmp(d.module, module_rich, sizeof module_rich) == 0);
    CHECK(d.nframes == wasm_exec_depth(cell.exec) && d.nframes > 0);
    CHECK(d.frames[0].func == 3);
    CHECK(d.nglobals == 7 && d.globals[2].type == CSK_F32);
    CHECK(d.ntables == 2 && d.tables[0].size >= 8 && d.tables[0].used >= 3);
    CHECK(d.nmemories == 2 && d.memories[0].pages >= 1 && d.memories[0].touched_bytes >= 4096);
    CHECK(d.nelems == 2 && d.ndatas == 2 && d.dropped_elems >= 1 && d.dropped_datas >= 1);
    uint64_t total = 16 + 48 + 48; /* file header, end chunk */
    for (unsigned i = 0; i < IMAGE_SECTIONS_END; i++)
        total += d.sections[i].stored_bytes;
    CHECK(total == image.size);
    image_description_fini(&d);
    buf_fini(&image);
    cell_close(&cell, true);
}

static void digest_of(struct cell_under_test *cell, uint8_t digest[IMAGE_DIGEST_SIZE])
{
    struct buf image = {0};
    CHECK(cell_encode(cell, NULL, &image, NULL) == 0);
    struct cell_source source = {image.data, image.size, 0};
    CHECK(image_state_digest(cell_read, &source, digest, NULL) == 0);
    buf_fini(&image);
}

static void test_state_digest(void)
{
    struct cell_under_test cell;
    uint8_t before[IMAGE_DIGEST_SIZE], after[IMAGE_DIGEST_SIZE];
    if (!CHECK(rich_at(&cell, 20)))
        return;
    digest_of(&cell, before);
    snprintf(cell.meta.name, sizeof cell.meta.name, "other");
    cell.meta.epoch++;
    cell.meta.safepoints++;
    cell.meta.has_module = true;
    digest_of(&cell, after);
    CHECK(memcmp(before, after, sizeof before) == 0);
    cell.meta.has_fuel = true;
    digest_of(&cell, after);
    CHECK(memcmp(before, after, sizeof before) != 0);
    cell.meta.has_fuel = false;
    cell.inst->memories[0]->base[60000] ^= 1;
    digest_of(&cell, after);
    CHECK(memcmp(before, after, sizeof before) != 0);
    cell.inst->memories[0]->base[60000] ^= 1;
    cell.inst->globals[0]->slot[0] ^= 1;
    digest_of(&cell, after);
    CHECK(memcmp(before, after, sizeof before) != 0);
    cell_close(&cell, true);
}

static void *encode_often(void *user)
{
    struct cell_under_test *cell = user;
    struct buf first = {0};
    (void)cell_encode(cell, NULL, &first, NULL);
    for (int i = 0; i < 100; i++) {
        struct buf image = {0};
        if (cell_encode(cell, NULL, &image, NULL) != 0 || !same(&first, &image))
            cell->meta.epoch = UINT64_MAX;
        buf_fini(&image);
    }
    buf_fini(&first);
    return NULL;
}

static void test_threads(void)
{
    struct cell_under_test cells[3];
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++) {
        if (!CHECK(rich_at(&cells[i], 20 + 10 * i)))
            return;
        CHECK(pthread_create(&threads[i], NULL, encode_often, &cells[i]) == 0);
    }
    for (size_t i = 0; i < 3; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(cells[i].meta.epoch == 3);
        cell_close(&cells[i], true);
    }
}

/* ---- what does not go into an image -------------------------------------------------- */

static int encode_code(struct cell_under_test *cell)
{
    struct buf image = {0};
    struct csk_error err = {0};
    int rc = cell_encode(cell, NULL, &image, &err);
    CHECK(err.code == rc);
    buf_fini(&image);
    return rc;
}

static void test_unsupported(void)
{
    struct cell_under_test cell, other;
    if (!CHECK(open_rich(&cell, true) == 0) || !CHECK(open_rich(&other, true) == 0))
        return;
    CHECK(encode_code(&cell) == 0);
    cell.inst->globals[6]->slot[0] = 77;
    CHECK(encode_code(&cell) == CSK_E_UNSUPPORTED);
    cell.inst->globals[6]->slot[0] = 0;
    cell.inst->tables[1]->elems[2] = 77;
    CHECK(encode_code(&cell) == CSK_E_UNSUPPORTED);
    cell.inst->tables[1]->elems[2] = 0;
    cell.inst->tables[0]->elems[2] = (uint64_t)(uintptr_t)other.inst->funcs[1];
    CHECK(encode_code(&cell) == CSK_E_UNSUPPORTED);
    cell.inst->tables[0]->elems[2] = 0;
    cell.inst->globals[5]->slot[0] = (uint64_t)(uintptr_t)other.inst->funcs[1];
    CHECK(encode_code(&cell) == CSK_E_UNSUPPORTED);
    cell.inst->globals[5]->slot[0] = 0;
    CHECK(encode_code(&cell) == 0);
    cell.meta.phase = IMAGE_RUNNING;
    struct csk_error err = {0};
    CHECK(image_encode(&cell.meta, false, cell.exec, cell.inst, NULL, cell_write, NULL, &err) ==
          CSK_E_STATE);
    cell_close(&cell, true);
    cell_close(&other, true);
}

static void test_imports_unsupported(void)
{
    /* (module (import "a" "b" (memory 1))), then a table, then a global */
    static const uint8_t memory[] = {0, 'a', 's', 'm', 1, 0,   0, 0, 2,
                                     8, 1,   1,   'a', 1, 'b', 2, 0, 1};
    struct wasm_module *module = NULL;
    struct wasm_memory *imported = NULL;
    struct wasm_instance *inst = NULL;
    struct wasm_exec *exec = NULL;
    struct csk_error err = {0};
    struct image_meta meta = {0};
    if (!CHECK(wasm_module_load(engine, memory, sizeof memory, true, &module, NULL) == 0))
        return;
    CHECK(wasm_memory_new(engine, &module->memories[0], &imported, NULL) == 0);
    struct wasm_extern with = {.kind = WASM_MEMORY, .of.memory = imported};
    CHECK(wasm_instance_new(module, &with, &inst, NULL) == 0);
    CHECK(wasm_exec_new(engine, &exec) == 0);
    CHECK(image_encode(&meta, false, exec, inst, NULL, cell_write, NULL, &err) ==
          CSK_E_UNSUPPORTED);
    wasm_exec_free(exec);
    wasm_instance_free(inst);
    wasm_memory_unref(imported);
    wasm_module_free(module);
}

static void test_wrong_module(void)
{
    static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    struct cell_under_test cell, other;
    struct buf image = {0};
    struct csk_error err = {0};
    if (!CHECK(open_rich(&cell, true) == 0) ||
        !CHECK(cell_open(&other, engine, empty, sizeof empty, false) == 0))
        return;
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    CHECK(cell_decode(&other, image.data, image.size, NULL, &err) == CSK_E_LINK);
    buf_fini(&image);
    cell_close(&cell, true);
    cell_close(&other, true);
}

int main(void)
{
    if (cell_skips())
        return CELL_SKIPPED;
    if (!CHECK(wasm_engine_new(NULL, &engine) == 0))
        return 1;
    test_identity_everywhere();
    test_same_result();
    test_values_exact();
    test_canonical();
    test_full_memory();
    test_short_reads();
    test_failing_writes();
    test_failing_read();
    test_describe();
    test_state_digest();
    test_threads();
    test_unsupported();
    test_imports_unsupported();
    test_wrong_module();
    wasm_engine_free(engine);
    CHECK(mem_live_blocks() == 0);
    return check_report("image round trips");
}
