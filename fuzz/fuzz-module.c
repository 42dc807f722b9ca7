/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "fuzz/guest.h"
#include "fuzz/source.h"
#include "image/image.h"

/*
 * A module: load, instantiate, call what it exports. A call that is stopped half-way is
 * saved and continued as another instance too; both have to come to the same end.
 */

#define CALLS_MAX 12u

static int decode(struct guest *g, const struct buf *image)
{
    struct source source = {image->data, image->size};
    struct image_decoder *d = NULL;
    struct image_meta meta;
    int rc = image_decoder_new(source_read, &source, &d, NULL);
    if (rc == 0)
        rc = image_decode_meta(d, &meta, NULL);
    if (rc == 0)
        rc = image_decode_state(d, g->inst, g->exec, NULL);
    image_decoder_free(d);
    return rc;
}

/* Run on to the end, or to where the fuel is out. */
static struct csk_outcome run_on(struct guest *g)
{
    struct csk_outcome outcome = {0};
    wasm_exec_bounds(g->exec, 0, GUEST_FUEL);
    MUST(wasm_exec_run(g->exec, &outcome) == 0);
    if (outcome.kind == CSK_DONE || outcome.kind == CSK_TRAPPED)
        wasm_exec_reset(g->exec);
    return outcome;
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* `g` is stopped. Restore its image as a twin, let both run on, and compare. */
static void compare_with_twin(struct guest *g, const struct buf *image)
{
    struct guest twin;
    struct buf again = {0}, end = {0}, twin_end = {0};
    MUST(guest_open(&twin, g->module) == 0);
    int rc = decode(&twin, image);
    MUST(rc == 0);
    MUST(guest_encode(&twin, &again) == 0 && same_bytes(image, &again));
    struct csk_outcome a = run_on(g);
    struct csk_outcome b = run_on(&twin);
    MUST(a.kind == b.kind && a.trap == b.trap && a.exit_code == b.exit_code);
    rc = guest_encode(g, &end);
    MUST(guest_encode(&twin, &twin_end) == rc);
    MUST(rc != 0 || same_bytes(&end, &twin_end));
    buf_fini(&again);
    buf_fini(&end);
    buf_fini(&twin_end);
    guest_close(&twin);
}

static void call_one(struct guest *g, struct wasm_func *func, uint32_t stop_at)
{
    struct csk_outcome outcome;
    struct buf image = {0};
    if (!guest_call(g, func))
        return;
    wasm_exec_bounds(g->exec, stop_at, GUEST_FUEL);
    if (wasm_exec_run(g->exec, &outcome) != 0 || outcome.kind != CSK_SUSPENDED) {
        wasm_exec_reset(g->exec);
        return;
    }
    if (guest_encode(g, &image) == 0)
        compare_with_twin(g, &image);
    else
        (void)run_on(g);
    wasm_exec_reset(g->exec);
    buf_fini(&image);
}

static void call_exports(struct guest *g, uint32_t seed)
{
    uint32_t calls = 0;
    for (uint32_t i = 0; i < g->module->nexports && calls < CALLS_MAX; i++) {
        const struct wasm_export *e = &g->module->exports[i];
        if (e->kind != WASM_FUNC)
            continue;
        call_one(g, g->inst->funcs[e->index], 1 + (seed + calls * 7) % 60);
        calls++;
    }
}

/* Sixteen bits of the input, so that where a call is stopped varies with it. */
static uint32_t seed_of(const uint8_t *data, size_t size)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * 16777619u;
    return h >> 16;
}

int fuzz_module(const uint8_t *data, size_t size)
{
    struct wasm_module *module = NULL;
    struct csk_error err = {0};
    struct guest g;
    struct wasm_engine *engine = guest_engine();
    int64_t live = mem_live_blocks();
    int rc = wasm_module_load(engine, data, size, false, &module, &err);
    MUST(rc == err.code);
    if (rc != 0) {
        MUST(mem_live_blocks() == live);
        return 0;
    }
    fuzz_accepted++;
    if (guest_open(&g, module) == 0 && wasm_instance_init_segments(g.inst) == 0) {
        uint32_t seed = seed_of(data, size);
        if (module->has_start)
            call_one(&g, g.inst->funcs[module->start_func], 1 + seed % 60);
        call_exports(&g, seed);
    }
    guest_close(&g);
    wasm_module_free(module);
    return 0;
}
