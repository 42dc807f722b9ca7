/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cells.h"
#include "forge.h"
#include "modules.h"
#include "test/check.h"

/*
 * Images that lie. Where the sums do not hold the answer must be an error; where a forger
 * made them hold, either an error or a cell whose own image is the forged one again.
 *
 *     hostile-test [random mutations, default 100000] [seed]
 */

#define FILE_HEADER  16u
#define CHUNK_HEADER 48u
#define SAFEPOINT    20u /* of the image that most of this starts from */

static struct wasm_engine *engine;
static struct wasm_module *module; /* kept loaded: a decode then costs microseconds */
static struct buf sound;

static uint64_t rng_state = 1;

static uint32_t rng(uint32_t below)
{
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return (uint32_t)((rng_state >> 32) % below);
}

static bool make_sound(struct buf *image)
{
    static const uint32_t work_args[] = {5};
    struct cell_under_test cell;
    struct csk_outcome outcome;
    struct wasi_state wasi = cell_wasi();
    if (!CHECK(cell_open(&cell, engine, module_rich, sizeof module_rich, true) == 0))
        return false;
    CHECK(cell_call(&cell, "work", work_args, 1) == 0);
    CHECK(cell_run(&cell, SAFEPOINT, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    cell.meta.has_module = true;
    CHECK(cell_encode(&cell, &wasi, image, NULL) == 0);
    cell_close(&cell, true);
    return image->size > 0;
}

/* ---- decoding into a fresh cell of the loaded module -------------------------------------- */

static int open_cell(struct cell_under_test *cell)
{
    struct wasm_extern import = {.kind = WASM_FUNC, .of.func = &cell->tick};
    *cell = (struct cell_under_test){.engine = engine, .module = module};
    cell->tick.type = &module->types[module->imports[0].of.func_type];
    cell->tick.host = cell_tick;
    int rc = wasm_instance_new(module, &import, &cell->inst, NULL);
    return rc != 0 ? rc : wasm_exec_new(engine, &cell->exec);
}

static void close_cell(struct cell_under_test *cell)
{
    cell->module = NULL;
    cell_close(cell, true);
}

/* The same chunks, plain; only the compression may differ. */
static bool same_chunks(const struct forge *a, const struct forge *b)
{
    if (a->nchunks != b->nchunks)
        return false;
    for (size_t i = 0; i < a->nchunks; i++) {
        const struct forge_chunk *x = &a->chunks[i], *y = &b->chunks[i];
        if (x->type != y->type || x->plain.size != y->plain.size ||
            memcmp(x->plain.data, y->plain.data, x->plain.size) != 0)
            return false;
    }
    return true;
}

/* The image of what was decoded; contents are read back from where the decoder put them. */
static bool encodes_to(struct cell_under_test *cell, struct wasi_state *wasi,
                       const struct forge *expected)
{
    struct buf again = {0};
    struct forge f;
    for (uint32_t i = 0; i < wasi->ncontents; i++)
        wasi->contents[i].host_fd = wasi->contents[i].temp_fd;
    bool ok = cell_encode(cell, cell->meta.has_wasi ? wasi : NULL, &again, NULL) == 0 &&
              forge_open(&f, again.data, again.size);
    if (ok) {
        ok = same_chunks(&f, expected);
        forge_fini(&f);
    }
    buf_fini(&again);
    return ok;
}

static void drop_optional(struct forge *f)
{
    for (size_t i = f->nchunks; i-- > 0;) {
        if (f->chunks[i].type < IMAGE_META || f->chunks[i].type > IMAGE_RANGES)
            forge_remove(f, i);
    }
}

/* Decode a forgery. The code; CHECKs what must hold in either case. */
static int try_image(const struct buf *image, struct csk_error *err)
{
    struct cell_under_test cell;
    struct wasi_state wasi = {0};
    struct forge f;
    error_clear(err);
    if (!CHECK(open_cell(&cell) == 0))
        return -1;
    int rc = cell_decode(&cell, image->data, image->size, &wasi, err);
    CHECK((rc == 0) == (err->code == 0));
    if (rc == 0 && CHECK(forge_open(&f, image->data, image->size))) {
        drop_optional(&f);
        CHECK(encodes_to(&cell, &wasi, &f));
        forge_fini(&f);
    }
    wasi_state_fini(&wasi);
    close_cell(&cell);
    return rc;
}

static int try_forge(const struct forge *f)
{
    struct buf image = {0};
    struct csk_error err;
    CHECK(forge_write(f, &image));
    int rc = try_image(&image, &err);
    buf_fini(&image);
    return rc;
}

static void test_sound(void)
{
    struct csk_error err;
    CHECK(try_image(&sound, &err) == 0);
    if (err.code != 0)
        printf("%s\n", err.text);
    struct forge f;
    if (!CHECK(forge_open(&f, sound.data, sound.size)))
        return;
    CHECK(f.nchunks >= 9);
    CHECK(try_forge(&f) == 0);
    forge_fini(&f);
}

/* ---- sums that do not hold ----------------------------------------------------------------- */

static void test_every_byte(void)
{
    struct buf copy = {0};
    struct csk_error err;
    CHECK(buf_put(&copy, sound.data, sound.size) == 0);
    for (size_t i = 0; i < copy.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            copy.data[i] ^= (uint8_t)(1u << bit);
            CHECK(try_image(&copy, &err) != 0);
            copy.data[i] ^= (uint8_t)(1u << bit);
        }
        uint8_t old = copy.data[i];
        copy.data[i] = (uint8_t)rng(256);
        CHECK((try_image(&copy, &err) == 0) == (copy.data[i] == old));
        copy.data[i] = old;
    }
    buf_fini(&copy);
}

static void test_every_length(void)
{
    struct buf cut = {0};
    struct csk_error err;
    CHECK(buf_put(&cut, sound.data, sound.size) == 0);
    CHECK(buf_put_u8(&cut, 0) == 0);
    CHECK(try_image(&cut, &err) == CSK_E_CORRUPT); /* a byte after the end */
    for (size_t size = 0; size < sound.size; size++) {
        cut.size = size;
        CHECK(try_image(&cut, &err) == CSK_E_CORRUPT);
    }
    buf_fini(&cut);
}

/* ---- forgeries: one section changed, sums right --------------------------------------------- */

static void test_every_plain_byte(void)
{
    struct forge f;
    unsigned refused = 0, accepted = 0;
    if (!CHECK(forge_open(&f, sound.data, sound.size)))
        return;
    for (size_t c = 0; c < f.nchunks; c++) {
        struct buf *plain = &f.chunks[c].plain;
        size_t step = plain->size > 2000 ? 97 : 1;
        f.chunks[c].coding = 0;
        for (size_t i = 0; i < plain->size; i += step) {
            static const uint8_t flips[] = {0x01, 0x80, 0xff, 0x10};
            for (size_t k = 0; k < sizeof flips; k++) {
                plain->data[i] ^= flips[k];
                int rc = try_forge(&f);
                plain->data[i] ^= flips[k];
                refused += rc != 0;
                accepted += rc == 0;
            }
        }
    }
    printf("plain bytes changed: %u refused, %u accepted\n", refused, accepted);
    CHECK(refused > 100 && accepted > 100);
    forge_fini(&f);
}

static void test_every_plain_length(void)
{
    struct forge f;
    if (!CHECK(forge_open(&f, sound.data, sound.size)))
        return;
    for (size_t c = 0; c < f.nchunks; c++) {
        struct buf *plain = &f.chunks[c].plain;
        size_t whole = plain->size, step = whole > 2000 ? 97 : 1;
        for (size_t size = 0; size < whole; size += step) {
            plain->size = size;
            CHECK(try_forge(&f) != 0);
        }
        plain->size = whole;
        CHECK(buf_put_u8(plain, 0) == 0 && try_forge(&f) != 0);
        plain->size = whole;
    }
    CHECK(try_forge(&f) == 0);
    forge_fini(&f);
}

static void move_chunk(struct forge *f, size_t from, size_t to)
{
    struct forge_chunk c = f->chunks[from];
    memmove(f->chunks + from, f->chunks + from + 1, (f->nchunks - from - 1) * sizeof c);
    memmove(f->chunks + to + 1, f->chunks + to, (f->nchunks - to - 1) * sizeof c);
    f->chunks[to] = c;
}

/* Left out, twice, at another place. Only contents and ranges may be left out. */
static void test_chunk_order(void)
{
    struct forge f;
    if (!CHECK(forge_open(&f, sound.data, sound.size)))
        return;
    for (size_t c = 0; c < f.nchunks; c++) {
        struct forge_chunk saved = f.chunks[c];
        bool records = saved.type == IMAGE_CONTENT || saved.type == IMAGE_RANGES;
        CHECK(forge_insert(&f, c, saved.type, saved.flags, saved.plain.data, saved.plain.size));
        CHECK(try_forge(&f) != 0);
        forge_remove(&f, c);
        for (size_t to = 0; to < f.nchunks; to++) {
            move_chunk(&f, c, to);
            CHECK((try_forge(&f) == 0) == (to == c));
            move_chunk(&f, to, c);
        }
        saved = f.chunks[c];
        memmove(f.chunks + c, f.chunks + c + 1, (f.nchunks - c - 1) * sizeof saved);
        f.nchunks--;
        CHECK((try_forge(&f) == 0) == records);
        memmove(f.chunks + c + 1, f.chunks + c, (f.nchunks - c) * sizeof saved);
        f.chunks[c] = saved;
        f.nchunks++;
    }
    CHECK(try_forge(&f) == 0);
    forge_fini(&f);
}

static void test_unknown_chunks(void)
{
    static const uint16_t types[] = {0, IMAGE_SECTIONS_END, 100, 254, 256, 0xffff};
    struct forge f;
    struct csk_error err;
    if (!CHECK(forge_open(&f, sound.data, sound.size)))
        return;
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        for (size_t at = 0; at <= f.nchunks; at++) {
            CHECK(forge_insert(&f, at, types[t], 1, "future", 6) != NULL);
            CHECK((try_forge(&f) == 0) == (at != 0));
            f.chunks[at].flags = 0;
            CHECK(try_forge(&f) == CSK_E_VERSION);
            f.chunks[at].flags = 3;
            CHECK(try_forge(&f) == CSK_E_VERSION);
            forge_remove(&f, at);
        }
    }
    f.chunks[0].flags = 1; /* a known section is never optional */
    CHECK(try_forge(&f) == CSK_E_CORRUPT);
    f.chunks[0].flags = 0;
    struct buf image = {0};
    for (uint32_t version = 0; version < 5; version++) {
        f.version = version;
        buf_clear(&image);
        CHECK(forge_write(&f, &image));
        CHECK(try_image(&image, &err) == (version == IMAGE_VERSION ? 0 : CSK_E_VERSION));
    }
    buf_fini(&image);
    forge_fini(&f);
}

/* ---- compression that lies --------------------------------------------------------------------
 */

/* A meta chunk with these stored bytes, claimed to be `plain_size` long. */
static int try_stored(const void *stored, size_t stored_size, size_t plain_size,
                      const uint8_t hash[SHA256_SIZE])
{
    struct buf image = {0};
    uint8_t header[CHUNK_HEADER] = {0};
    struct csk_error err;
    put_le16(header, IMAGE_META);
    header[2] = 1;
    put_le32(header + 4, (uint32_t)stored_size);
    put_le32(header + 8, (uint32_t)plain_size);
    memcpy(header + 16, hash, SHA256_SIZE);
    CHECK(buf_put(&image, sound.data, FILE_HEADER) == 0);
    CHECK(buf_put(&image, header, sizeof header) == 0);
    CHECK(buf_put(&image, stored, stored_size) == 0);
    int rc = try_image(&image, &err);
    buf_fini(&image);
    return rc;
}

static void test_bombs(void)
{
    static uint8_t zeros[4 << 20], packed[1 << 16];
    uint8_t hash[SHA256_SIZE];
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
    size_t n = ZSTD_compress(packed, sizeof packed, zeros, sizeof zeros, 1);
    CHECK(!ZSTD_isError(n));
    sha256_of(zeros, 262144, hash);
    CHECK(try_stored(packed, n, 262144, hash) == CSK_E_CORRUPT); /* expands to more than it says */
    CHECK(try_stored(packed, n, sizeof zeros, hash) == CSK_E_CORRUPT); /* says more than may be */
    n = ZSTD_compress(packed, sizeof packed, zeros, 1000, 1);
    sha256_of(zeros, 2000, hash);
    CHECK(try_stored(packed, n, 2000, hash) == CSK_E_CORRUPT); /* expands to less */
    size_t second = ZSTD_compress(packed + n, sizeof packed - n, zeros, 1000, 1);
    CHECK(try_stored(packed, n + second, 2000, hash) == CSK_E_CORRUPT); /* two frames */
    sha256_of(zeros, 1000, hash);
    CHECK(try_stored(packed, n + second, 1000, hash) == CSK_E_CORRUPT);
    CHECK(try_stored(skippable, sizeof skippable, 1000, hash) == CSK_E_CORRUPT);
    CHECK(try_stored(packed, 0, 1000, hash) == CSK_E_CORRUPT);
    CHECK(try_stored("garbage", 7, 1000, hash) == CSK_E_CORRUPT);
}

/* ---- random forgeries
 * ---------------------------------------------------------------------------- */

static void mutate_chunk(struct forge_chunk *c)
{
    if (c->plain.size == 0)
        return;
    size_t at = rng((uint32_t)c->plain.size);
    size_t left = c->plain.size - at;
    static const uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 255, 4096};
    switch (rng(6)) {
    case 0:
        c->plain.data[at] = (uint8_t)rng(256);
        break;
    case 1:
        c->plain.data[at] ^= (uint8_t)(1u << rng(8));
        break;
    case 2:
        if (left >= 4)
            put_le32(c->plain.data + at, words[rng(8)]);
        break;
    case 3: /* cut out */
        memmove(c->plain.data + at, c->plain.data + at + 1, left - 1);
        c->plain.size--;
        break;
    case 4: /* say twice */
        if (buf_reserve(&c->plain, 16) == 0) {
            size_t n = left < 16 ? left : 16;
            memmove(c->plain.data + at + n, c->plain.data + at, left);
            c->plain.size += n;
        }
        break;
    default:
        if (left >= 8)
            put_le64(c->plain.data + at, (uint64_t)words[rng(8)] << (8 * rng(5)));
        break;
    }
}

static void mutate(struct forge *f)
{
    uint32_t times = 1 + rng(4);
    for (uint32_t i = 0; i < times; i++) {
        size_t c = rng((uint32_t)f->nchunks);
        uint32_t what = rng(40);
        if (what == 0)
            forge_remove(f, c);
        else if (what == 1)
            move_chunk(f, c, rng((uint32_t)f->nchunks));
        else if (what == 2)
            f->chunks[c].type = (uint16_t)rng(14);
        else if (what == 3)
            f->chunks[c].coding ^= 1;
        else
            mutate_chunk(&f->chunks[c]);
        if (f->nchunks == 0)
            return;
    }
}

static void test_random(unsigned long times)
{
    unsigned long accepted = 0;
    for (unsigned long i = 0; i < times; i++) {
        struct forge f;
        if (!CHECK(forge_open(&f, sound.data, sound.size)))
            return;
        mutate(&f);
        accepted += try_forge(&f) == 0;
        forge_fini(&f);
    }
    printf("random forgeries: %lu, of which %lu accepted\n", times, accepted);
    CHECK(accepted > times / 1000 && accepted < times);
}

/* ---- no memory
 * ------------------------------------------------------------------------------------ */

static void test_nomem_decode(void)
{
    struct csk_error err;
    int64_t live = mem_live_blocks();
    int rc = CSK_E_NOMEM;
    uint64_t n = 0;
    while (rc == CSK_E_NOMEM && n < 10000) {
        struct cell_under_test cell;
        if (!CHECK(open_cell(&cell) == 0))
            return;
        error_clear(&err);
        (void)mem_fail_at(++n, 1);
        rc = cell_decode(&cell, sound.data, sound.size, NULL, &err);
        (void)mem_fail_at(0, 0);
        CHECK(rc == err.code);
        CHECK(rc == 0 || rc == CSK_E_NOMEM);
        close_cell(&cell);
        CHECK(mem_live_blocks() == live);
    }
    CHECK(rc == 0);
    printf("decoding: %llu allocations failed in turn\n", (unsigned long long)n - 1);
}

static void test_nomem_describe(void)
{
    struct csk_error err;
    int64_t live = mem_live_blocks();
    int rc = CSK_E_NOMEM;
    uint64_t n = 0;
    while (rc == CSK_E_NOMEM && n < 10000) {
        struct image_description d;
        struct cell_source source = {sound.data, sound.size, 0};
        error_clear(&err);
        (void)mem_fail_at(++n, 0);
        rc = image_describe(cell_read, &source, &d, &err);
        (void)mem_fail_at(0, 0);
        CHECK(rc == err.code);
        if (rc == 0)
            image_description_fini(&d);
        CHECK(mem_live_blocks() == live);
    }
    CHECK(rc == 0 && n > 5);
}

static int swallow(void *user, const void *bytes, size_t size)
{
    (void)user;
    (void)bytes;
    (void)size;
    return 0;
}

static void test_nomem_encode(void)
{
    struct cell_under_test cell;
    struct wasi_state wasi;
    struct csk_error err;
    if (!CHECK(open_cell(&cell) == 0))
        return;
    CHECK(cell_decode(&cell, sound.data, sound.size, &wasi, NULL) == 0);
    wasi.contents[0].host_fd = wasi.contents[0].temp_fd;
    int64_t live = mem_live_blocks();
    int rc = CSK_E_NOMEM;
    uint64_t n = 0;
    while (rc == CSK_E_NOMEM && n < 1000) {
        error_clear(&err);
        (void)mem_fail_at(++n, 1);
        rc = image_encode(&cell.meta, true, cell.exec, cell.inst, &wasi, swallow, NULL, &err);
        (void)mem_fail_at(0, 0);
        CHECK(rc == err.code);
        CHECK(mem_live_blocks() == live);
    }
    CHECK(rc == 0 && n > 1);
    wasi_state_fini(&wasi);
    close_cell(&cell);
}

int main(int argc, char **argv)
{
    if (cell_skips())
        return CELL_SKIPPED;
    unsigned long times = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 0x9e3779b97f4a7c15;
    if (!CHECK(wasm_engine_new(NULL, &engine) == 0) ||
        !CHECK(wasm_module_load(engine, module_rich, sizeof module_rich, true, &module, NULL) == 0))
        return 1;
    if (make_sound(&sound)) {
        printf("the sound image has %zu bytes\n", sound.size);
        test_sound();
        test_every_byte();
        test_every_length();
        test_every_plain_byte();
        test_every_plain_length();
        test_chunk_order();
        test_unknown_chunks();
        test_bombs();
        test_random(times);
        test_nomem_decode();
        test_nomem_describe();
        test_nomem_encode();
    }
    buf_fini(&sound);
    wasm_module_free(module);
    wasm_engine_free(engine);
    CHECK(mem_live_blocks() == 0);
    return check_report("hostile images");
}
