/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/mem.h"
#include "cells.h"
#include "forge.h"
#include "image/format.h"
#include "modules.h"
#include "test/check.h"

/*
 * Every limit of the format just under, at, and just over. Images are forged from nothing:
 * the smallest one that is sound, with one section replaced.
 */

static struct forge smallest(uint8_t phase, uint8_t flags, uint64_t module_size)
{
    static const uint8_t zeros[16] = {0};
    uint8_t meta[IMAGE_META_SIZE] = {0};
    struct forge f;
    put_le64(meta + 32, module_size);
    meta[60] = phase;
    meta[61] = flags;
    forge_init(&f);
    forge_insert(&f, 0, IMAGE_META, 0, meta, sizeof meta);
    forge_insert(&f, 1, IMAGE_GLOBALS, 0, zeros, 4);
    forge_insert(&f, 2, IMAGE_TABLES, 0, zeros, 4);
    forge_insert(&f, 3, IMAGE_SEGMENTS, 0, zeros, 8);
    forge_insert(&f, 4, IMAGE_FRAMES, 0, zeros, 5);
    forge_insert(&f, 5, IMAGE_MEMORIES, 0, zeros, 4);
    return f;
}

/* Replace (or add, after meta) a section by these bytes, cut into pieces. */
static void set_section(struct forge *f, uint16_t type, const struct buf *bytes)
{
    size_t at = 1;
    for (size_t i = f->nchunks; i-- > 0;) {
        if (f->chunks[i].type == type) {
            at = i;
            forge_remove(f, i);
        }
    }
    for (size_t done = 0; done < bytes->size; at++) {
        size_t left = bytes->size - done, n = left < IMAGE_PIECE ? left : IMAGE_PIECE;
        CHECK(forge_insert(f, at, type, 0, bytes->data + done, n) != NULL);
        done += n;
    }
}

static int describe_code(const struct forge *f)
{
    struct buf image = {0};
    struct image_description d;
    struct csk_error err = {0};
    CHECK(forge_write(f, &image));
    struct cell_source source = {image.data, image.size, 0};
    int rc = image_describe(cell_read, &source, &d, &err);
    CHECK(rc == err.code);
    if (rc == 0)
        image_description_fini(&d);
    buf_fini(&image);
    return rc;
}

/* The code for the smallest image with this section instead; frees `bytes`. */
static int code_with(uint16_t type, struct buf *bytes)
{
    bool running = type == IMAGE_FRAMES;
    struct forge f = smallest(running ? IMAGE_RUNNING : IMAGE_READY,
                              type == IMAGE_WASI ? IMAGE_META_HAS_WASI : 0, 8);
    CHECK(!bytes->failed);
    set_section(&f, type, bytes);
    int rc = describe_code(&f);
    forge_fini(&f);
    buf_fini(bytes);
    return rc;
}

static void test_smallest(void)
{
    struct forge f = smallest(IMAGE_READY, 0, 8);
    CHECK(describe_code(&f) == 0);
    forge_fini(&f);
    f = smallest(IMAGE_RUNNING, 0, 8);
    CHECK(describe_code(&f) == CSK_E_CORRUPT);
    forge_fini(&f);
    f = smallest(IMAGE_INITIALIZE + 1, 0, 8);
    CHECK(describe_code(&f) == CSK_E_VERSION);
    forge_fini(&f);
    f = smallest(IMAGE_READY, 8, 8);
    CHECK(describe_code(&f) == CSK_E_VERSION);
    forge_fini(&f);
}

static void test_module_size(void)
{
    static const int codes[] = {0, 0, CSK_E_LIMIT};
    for (uint64_t i = 0; i < 3; i++) {
        struct forge f = smallest(IMAGE_READY, 0, IMAGE_MODULE_BYTES_MAX - 1 + i);
        CHECK(describe_code(&f) == codes[i]);
        forge_fini(&f);
    }
    struct forge f = smallest(IMAGE_READY, IMAGE_META_HAS_MODULE, IMAGE_MODULE_BYTES_MAX);
    CHECK(describe_code(&f) == CSK_E_CORRUPT); /* none follows; nothing was allocated for it */
    forge_fini(&f);
}

static int code_with_name(uint32_t size, int fill)
{
    struct forge f = smallest(IMAGE_READY, 0, 8);
    uint8_t name[100];
    memset(name, fill, sizeof name);
    put_le32(f.chunks[0].plain.data + 80, size);
    CHECK(buf_put(&f.chunks[0].plain, name, size) == 0);
    int rc = describe_code(&f);
    forge_fini(&f);
    return rc;
}

static void test_name(void)
{
    CHECK(code_with_name(0, 'n') == 0);
    CHECK(code_with_name(IMAGE_NAME_MAX - 1, 'n') == 0);
    CHECK(code_with_name(IMAGE_NAME_MAX, 'n') == 0);
    CHECK(code_with_name(IMAGE_NAME_MAX + 1, 'n') == CSK_E_CORRUPT);
    CHECK(code_with_name(5, '\n') == CSK_E_CORRUPT);
    CHECK(code_with_name(5, '\0') == CSK_E_CORRUPT);
    CHECK(code_with_name(5, 0x7f) == CSK_E_CORRUPT);
    CHECK(code_with_name(5, 0xc3) == 0);
}

/* ---- the program's sections ------------------------------------------------------------ */

static int code_with_globals(uint32_t count)
{
    static const uint8_t value[] = {CSK_I32, 1, 2, 3, 4};
    struct buf b = {0};
    buf_put_u32(&b, count);
    for (uint32_t i = 0; i < count; i++)
        buf_put(&b, value, sizeof value);
    return code_with(IMAGE_GLOBALS, &b);
}

static void test_globals(void)
{
    CHECK(code_with_globals(WASM_GLOBALS_MAX - 1) == 0);
    CHECK(code_with_globals(WASM_GLOBALS_MAX) == 0);
    CHECK(code_with_globals(WASM_GLOBALS_MAX + 1) == CSK_E_CORRUPT);
}

static int code_with_tables(uint32_t count)
{
    struct buf b = {0};
    buf_put_u32(&b, count);
    for (uint32_t i = 0; i < 3 * count; i++)
        buf_put_u32(&b, 0); /* size, and the end of its runs */
    return code_with(IMAGE_TABLES, &b);
}

/* One table of `size`, with runs given as start, count pairs up to a 0 count. */
static int code_with_runs(uint32_t size, const uint32_t *runs)
{
    struct buf b = {0};
    buf_put_u32(&b, 1);
    buf_put_u32(&b, size);
    for (; runs[1] != 0; runs += 2) {
        buf_put_u32(&b, runs[0]);
        buf_put_u32(&b, runs[1]);
        for (uint32_t i = 0; i < runs[1] && i < size; i++)
            buf_put_u32(&b, 1);
    }
    buf_put_u32(&b, runs[0]);
    buf_put_u32(&b, 0);
    return code_with(IMAGE_TABLES, &b);
}

static void test_tables(void)
{
    CHECK(code_with_tables(WASM_TABLES_MAX - 1) == 0);
    CHECK(code_with_tables(WASM_TABLES_MAX) == 0);
    CHECK(code_with_tables(WASM_TABLES_MAX + 1) == CSK_E_CORRUPT);
    CHECK(code_with_runs(10, (uint32_t[]){0, 10, 10, 0}) == 0);
    CHECK(code_with_runs(10, (uint32_t[]){0, 9, 10, 0}) == 0);
    CHECK(code_with_runs(10, (uint32_t[]){0, 11, 10, 0}) == CSK_E_CORRUPT);
    CHECK(code_with_runs(10, (uint32_t[]){1, 10, 10, 0}) == CSK_E_CORRUPT);
    CHECK(code_with_runs(10, (uint32_t[]){2, 3, 6, 2, 10, 0}) == 0);
    CHECK(code_with_runs(10, (uint32_t[]){2, 3, 5, 2, 10, 0}) == CSK_E_CORRUPT); /* touch */
    CHECK(code_with_runs(10, (uint32_t[]){2, 3, 4, 2, 10, 0}) == CSK_E_CORRUPT); /* overlap */
    CHECK(code_with_runs(10, (uint32_t[]){6, 2, 2, 3, 10, 0}) == CSK_E_CORRUPT); /* backwards */
    CHECK(code_with_runs(10, (uint32_t[]){2, 3, 9, 0}) == CSK_E_CORRUPT);        /* wrong end */
    CHECK(code_with_runs(10, (uint32_t[]){0xffffffff, 0xffffffff, 10, 0}) == CSK_E_CORRUPT);
}

static int code_with_segments(uint32_t nelems, uint32_t ndatas, uint8_t last_bits)
{
    struct buf b = {0};
    uint32_t counts[] = {nelems, ndatas};
    for (size_t k = 0; k < 2; k++) {
        buf_put_u32(&b, counts[k]);
        for (uint32_t i = 0; i < counts[k]; i += 8)
            buf_put_u8(&b, i + 8 >= counts[k] ? last_bits : 0);
    }
    return code_with(IMAGE_SEGMENTS, &b);
}

static void test_segments(void)
{
    CHECK(code_with_segments(WASM_SEGMENTS_MAX - 1, 0, 0) == 0);
    CHECK(code_with_segments(WASM_SEGMENTS_MAX, WASM_SEGMENTS_MAX, 0) == 0);
    CHECK(code_with_segments(WASM_SEGMENTS_MAX + 1, 0, 0) == CSK_E_CORRUPT);
    CHECK(code_with_segments(0, WASM_SEGMENTS_MAX + 1, 0) == CSK_E_CORRUPT);
    CHECK(code_with_segments(3, 3, 7) == 0);
    CHECK(code_with_segments(3, 3, 8) == CSK_E_CORRUPT);
    CHECK(code_with_segments(8, 8, 0xff) == 0);
}

static int code_with_frames(uint32_t count, uint8_t at)
{
    struct buf b = {0};
    buf_put_u32(&b, count);
    buf_put_u8(&b, at);
    for (uint32_t i = 0; i < 4 * count; i++)
        buf_put_u32(&b, 0); /* function, pc, locals, operands */
    return code_with(IMAGE_FRAMES, &b);
}

/* One frame with so many i32 and v128 locals; `claimed` of them are announced. */
static int code_with_locals(uint32_t n32, uint32_t n128, uint32_t claimed)
{
    static const uint8_t value[17] = {CSK_I32};
    uint8_t wide[17] = {CSK_V128};
    struct buf b = {0};
    buf_put_u32(&b, 1);
    buf_put_u8(&b, WASM_AT_BULK);
    buf_put_u64(&b, 0);
    buf_put_u32(&b, claimed);
    buf_put_u32(&b, 0);
    for (uint32_t i = 0; i < n32; i++)
        buf_put(&b, value, 5);
    for (uint32_t i = 0; i < n128; i++)
        buf_put(&b, wide, sizeof wide);
    return code_with(IMAGE_FRAMES, &b);
}

static void test_frames(void)
{
    CHECK(code_with_frames(1, WASM_AT_ENTRY) == 0);
    CHECK(code_with_frames(1, WASM_AT_BULK) == 0);
    CHECK(code_with_frames(1, WASM_AT_BULK + 1) == CSK_E_CORRUPT);
    CHECK(code_with_frames(IMAGE_FRAMES_MAX - 1, 0) == 0);
    CHECK(code_with_frames(IMAGE_FRAMES_MAX, 0) == 0);
    CHECK(code_with_frames(IMAGE_FRAMES_MAX + 1, 0) == CSK_E_LIMIT);
    CHECK(code_with_locals(IMAGE_SLOTS_MAX - 1, 0, IMAGE_SLOTS_MAX - 1) == 0);
    CHECK(code_with_locals(IMAGE_SLOTS_MAX, 0, IMAGE_SLOTS_MAX) == 0);
    CHECK(code_with_locals(0, 0, IMAGE_SLOTS_MAX + 1) == CSK_E_LIMIT);
    CHECK(code_with_locals(0, 0, UINT32_MAX) == CSK_E_LIMIT);
    CHECK(code_with_locals(0, 0, IMAGE_SLOTS_MAX) == CSK_E_CORRUPT);
    CHECK(code_with_locals(IMAGE_SLOTS_MAX - 2, 1, IMAGE_SLOTS_MAX - 1) == 0);
    CHECK(code_with_locals(IMAGE_SLOTS_MAX - 1, 1, IMAGE_SLOTS_MAX) == CSK_E_LIMIT);
}

static int code_with_memories(uint32_t count, uint32_t pages)
{
    struct buf b = {0};
    buf_put_u32(&b, count);
    for (uint32_t i = 0; i < count; i++)
        buf_put_u32(&b, pages);
    return code_with(IMAGE_MEMORIES, &b);
}

static void test_memories(void)
{
    CHECK(code_with_memories(WASM_MEMORIES_MAX - 1, 1) == 0);
    CHECK(code_with_memories(WASM_MEMORIES_MAX, 1) == 0);
    CHECK(code_with_memories(WASM_MEMORIES_MAX + 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_memories(1, 65535) == 0);
    CHECK(code_with_memories(1, 65536) == 0);
    CHECK(code_with_memories(1, 65537) == CSK_E_CORRUPT);
}

/* ---- ranges -------------------------------------------------------------------------------- */

struct test_range {
    uint32_t memory;
    uint32_t range;
    uint64_t bitmap;
    uint32_t pages; /* that follow */
    uint8_t fill;
};

static int code_with_ranges(const struct test_range *ranges, size_t count)
{
    static uint8_t chunk[IMAGE_CHUNK_MAX + IMAGE_PAGE];
    static const uint8_t memories[] = {2, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0}; /* 5 pages, 1 page */
    struct forge f = smallest(IMAGE_READY, 0, 8);
    struct buf sizes = {0};
    buf_put(&sizes, memories, sizeof memories);
    set_section(&f, IMAGE_MEMORIES, &sizes);
    for (size_t i = 0; i < count; i++) {
        put_le32(chunk, ranges[i].memory);
        put_le32(chunk + 4, ranges[i].range);
        put_le64(chunk + 8, ranges[i].bitmap);
        memset(chunk + 16, ranges[i].fill, (size_t)ranges[i].pages * IMAGE_PAGE);
        CHECK(forge_insert(&f, f.nchunks, IMAGE_RANGES, 0, chunk,
                           16 + (size_t)ranges[i].pages * IMAGE_PAGE) != NULL);
    }
    int rc = describe_code(&f);
    buf_fini(&sizes);
    forge_fini(&f);
    return rc;
}

static int code_with_range(uint32_t memory, uint32_t range, uint64_t bitmap, uint32_t pages,
                           uint8_t fill)
{
    struct test_range r = {memory, range, bitmap, pages, fill};
    return code_with_ranges(&r, 1);
}

/* Memory 0 has 80 pages of 4 KiB: a full range and 16 more. Memory 1 has 16. */
static void test_ranges(void)
{
    CHECK(code_with_range(0, 0, UINT64_MAX, 64, 1) == 0);
    CHECK(code_with_range(0, 1, 0xffff, 16, 1) == 0);
    CHECK(code_with_range(0, 1, 0x10000, 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(0, 2, 1, 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(0, UINT32_MAX, 1, 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(1, 0, 0x8000, 1, 1) == 0);
    CHECK(code_with_range(1, 0, 0x10000, 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(2, 0, 1, 1, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(0, 0, 0, 0, 1) == CSK_E_CORRUPT);
    CHECK(code_with_range(0, 0, 3, 1, 1) == CSK_E_CORRUPT); /* a page too few */
    CHECK(code_with_range(0, 0, 1, 2, 1) == CSK_E_CORRUPT); /* too many */
    CHECK(code_with_range(0, 0, 1, 1, 0) == CSK_E_CORRUPT); /* zero */
    CHECK(code_with_range(0, 0, UINT64_MAX, 65, 1) == CSK_E_CORRUPT);
    const struct test_range ordered[] = {{0, 0, 1, 1, 1}, {0, 1, 1, 1, 1}, {1, 0, 1, 1, 1}};
    const struct test_range backwards[] = {{0, 1, 1, 1, 1}, {0, 0, 1, 1, 1}};
    const struct test_range twice[] = {{0, 0, 1, 1, 1}, {0, 0, 2, 1, 1}};
    const struct test_range memories[] = {{1, 0, 1, 1, 1}, {0, 0, 1, 1, 1}};
    CHECK(code_with_ranges(ordered, 3) == 0);
    CHECK(code_with_ranges(backwards, 2) == CSK_E_CORRUPT);
    CHECK(code_with_ranges(twice, 2) == CSK_E_CORRUPT);
    CHECK(code_with_ranges(memories, 2) == CSK_E_CORRUPT);
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* A stream's piece of other than the full size, with more of the stream after it. */
static int code_with_first_piece(size_t size)
{
    struct buf b = {0};
    buf_put_u32(&b, 1);
    buf_put_u8(&b, 0);
    buf_put_u64(&b, 0);
    buf_put_u32(&b, 100000);
    buf_put_u32(&b, 0);
    static const uint8_t value[] = {CSK_I32, 0, 0, 0, 0};
    for (uint32_t i = 0; i < 100000; i++)
        buf_put(&b, value, sizeof value);
    struct forge f = smallest(IMAGE_RUNNING, 0, 8);
    forge_remove(&f, 4);
    CHECK(forge_insert(&f, 4, IMAGE_FRAMES, 0, b.data, size) != NULL);
    CHECK(forge_insert(&f, 5, IMAGE_FRAMES, 0, b.data + size, b.size - size) != NULL);
    int rc = describe_code(&f);
    forge_fini(&f);
    buf_fini(&b);
    return rc;
}

static void test_pieces(void)
{
    CHECK(code_with_first_piece(IMAGE_PIECE) == 0);
    CHECK(code_with_frames(32768, 0) == 0); /* two pieces and a bit */
    CHECK(code_with_first_piece(IMAGE_PIECE - 1) == CSK_E_CORRUPT);
    CHECK(code_with_first_piece(IMAGE_PIECE + 1) == CSK_E_CORRUPT);
}

/* ---- WASI --------------------------------------------------------------------------------------
 */

struct test_wasi {
    uint32_t nargs, arg_size;
    uint32_t npreopens, preopen_size;
    uint32_t nfds, fd_path_size;
    uint32_t ncontents;
    uint64_t content_size;
};

static void put_text(struct buf *b, uint32_t size)
{
    buf_put_u32(b, size);
    if (buf_reserve(b, size) == 0) {
        memset(b->data + b->size, 'a', size);
        b->size += size;
    }
}

static void put_texts(struct buf *b, uint32_t count, uint32_t size)
{
    buf_put_u32(b, count);
    for (uint32_t i = 0; i < count; i++)
        put_text(b, size);
}

static void put_fds(struct buf *b, const struct test_wasi *w)
{
    buf_put_u32(b, w->nfds);
    for (uint32_t i = 0; i < w->nfds; i++) {
        buf_put_u32(b, i);
        buf_put_u32(b, WASI_FD_SOCKET);
        buf_put_u16(b, 0);
        for (int k = 0; k < 3; k++)
            buf_put_u64(b, 0);
        buf_put_u32(b, 0);
        buf_put_u32(b, WASI_NO_CONTENT);
        put_text(b, w->fd_path_size);
    }
}

static int code_with_wasi(struct test_wasi w)
{
    struct buf b = {0};
    for (int i = 0; i < 3; i++)
        buf_put_u64(&b, 0);
    buf_put_u8(&b, 0);
    put_texts(&b, w.nargs, w.arg_size);
    put_texts(&b, w.nargs, w.arg_size); /* the environment has the same limits */
    put_texts(&b, w.npreopens, w.preopen_size);
    put_fds(&b, &w);
    buf_put_u32(&b, w.ncontents);
    for (uint32_t i = 0; i < w.ncontents; i++) {
        buf_put_u64(&b, w.content_size);
        buf_put_u32(&b, 0600);
        buf_put_u32(&b, WASI_NO_CONTENT);
        put_text(&b, 0);
    }
    return code_with(IMAGE_WASI, &b);
}

static void test_wasi(void)
{
    const uint32_t bytes = IMAGE_ARGS_BYTES_MAX;
    CHECK(code_with_wasi((struct test_wasi){0}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nargs = 1, .arg_size = bytes - 2}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nargs = 1, .arg_size = bytes - 1}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nargs = 1, .arg_size = bytes}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.nargs = 1, .arg_size = bytes + 1}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.nargs = bytes / 4, .arg_size = 3}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nargs = bytes / 4 + 1, .arg_size = 3}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.nargs = bytes}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nargs = bytes + 1}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.npreopens = 2, .preopen_size = WASI_PATH_MAX}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.npreopens = 1, .preopen_size = WASI_PATH_MAX + 1}) ==
          CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.npreopens = IMAGE_FDS_MAX}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.npreopens = IMAGE_FDS_MAX + 1}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.nfds = 2, .fd_path_size = WASI_PATH_MAX}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nfds = 2, .fd_path_size = WASI_PATH_MAX + 1}) ==
          CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.nfds = IMAGE_FDS_MAX - 1}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nfds = IMAGE_FDS_MAX}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.nfds = IMAGE_FDS_MAX + 1}) == CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.ncontents = IMAGE_FDS_MAX}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.ncontents = IMAGE_FDS_MAX + 1}) == CSK_E_LIMIT);
    const uint64_t half = IMAGE_CONTENT_BYTES_MAX / 2;
    CHECK(code_with_wasi((struct test_wasi){.ncontents = 2, .content_size = half}) == 0);
    CHECK(code_with_wasi((struct test_wasi){.ncontents = 2, .content_size = half + 1}) ==
          CSK_E_LIMIT);
    CHECK(code_with_wasi((struct test_wasi){.ncontents = 1, .content_size = UINT64_MAX}) ==
          CSK_E_LIMIT);
}

/* ---- the engine's and the module's bounds
 * -------------------------------------------------------- */

/* A rich cell of an engine with limits of its own takes this image of one. */
static int decode_code(const struct csk_limits *limits, const struct buf *image)
{
    struct wasm_engine *engine;
    struct cell_under_test cell;
    struct csk_error err = {0};
    if (!CHECK(wasm_engine_new(limits, &engine) == 0) ||
        !CHECK(cell_open(&cell, engine, module_rich, sizeof module_rich, false) == 0))
        return 1;
    int rc = cell_decode(&cell, image->data, image->size, NULL, &err);
    CHECK(rc == err.code);
    cell_close(&cell, true);
    wasm_engine_free(engine);
    return rc;
}

static void rich_image(uint32_t memory_grow, uint32_t table_grow, struct buf *image)
{
    struct cell_under_test cell;
    if (!CHECK(cell_open(&cell, NULL, module_rich, sizeof module_rich, true) == 0))
        return;
    CHECK(wasm_memory_grow(cell.inst->memories[0], memory_grow) == 1);
    CHECK(wasm_table_grow(cell.inst->tables[0], table_grow, 0) == 8);
    CHECK(cell_encode(&cell, NULL, image, NULL) == 0);
    cell_close(&cell, false);
}

static void test_engine_memory(void)
{
    struct buf image = {0};
    rich_image(29, 0, &image); /* 30 pages */
    CHECK(decode_code(&(struct csk_limits){.memory_pages_max = 31}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.memory_pages_max = 30}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.memory_pages_max = 29}, &image) == CSK_E_LIMIT);
    buf_fini(&image);
    rich_image(0, 4, &image); /* 12 elements */
    CHECK(decode_code(&(struct csk_limits){.table_elems_max = 13}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.table_elems_max = 12}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.table_elems_max = 11}, &image) == CSK_E_LIMIT);
    buf_fini(&image);
}

/* The word at `offset` of a section replaced in an image whose sums are right again. */
static int code_with_word(const struct buf *image, uint16_t type, size_t offset, uint32_t value)
{
    struct forge f;
    struct buf forged = {0};
    if (!CHECK(forge_open(&f, image->data, image->size)))
        return 1;
    put_le32(forge_find(&f, type)->plain.data + offset, value);
    CHECK(forge_write(&f, &forged));
    int rc = decode_code(NULL, &forged);
    forge_fini(&f);
    buf_fini(&forged);
    return rc;
}

static void test_module_bounds(void)
{
    struct buf image = {0};
    rich_image(0, 0, &image);
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 4, 0) == CSK_E_CORRUPT); /* module: 1 to 40 */
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 4, 1) == 0);
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 4, 40) == 0);
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 4, 41) == CSK_E_LIMIT);
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 0, 1) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_MEMORIES, 0, 3) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_GLOBALS, 0, 6) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_GLOBALS, 0, 8) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_TABLES, 0, 1) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_TABLES, 4, 7) == CSK_E_CORRUPT);  /* size; at least 8 */
    CHECK(code_with_word(&image, IMAGE_TABLES, 4, 17) == CSK_E_LIMIT);   /* at most 16 */
    CHECK(code_with_word(&image, IMAGE_TABLES, 16, 0) == CSK_E_CORRUPT); /* first element */
    CHECK(code_with_word(&image, IMAGE_TABLES, 16, 1) == 0);
    CHECK(code_with_word(&image, IMAGE_TABLES, 16, 4) == 0); /* four functions */
    CHECK(code_with_word(&image, IMAGE_TABLES, 16, 5) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_SEGMENTS, 0, 1) == CSK_E_CORRUPT);
    CHECK(code_with_word(&image, IMAGE_SEGMENTS, 0, 3) == CSK_E_CORRUPT);
    buf_fini(&image);
}

/* Frames and slots of a real call against engines that allow less. */
static void test_engine_stack(void)
{
    static const uint32_t args[] = {6};
    struct cell_under_test cell;
    struct csk_outcome outcome;
    struct buf image = {0};
    struct image_description d;
    if (!CHECK(cell_open(&cell, NULL, module_rich, sizeof module_rich, true) == 0))
        return;
    CHECK(cell_call(&cell, "work", args, 1) == 0);
    CHECK(cell_run(&cell, 65, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(cell_encode(&cell, NULL, &image, NULL) == 0);
    cell_close(&cell, false);
    struct cell_source source = {image.data, image.size, 0};
    CHECK(image_describe(cell_read, &source, &d, NULL) == 0);
    uint32_t nframes = d.nframes;
    CHECK(nframes > 2);
    image_description_fini(&d);
    CHECK(decode_code(&(struct csk_limits){.call_depth_max = nframes + 1}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.call_depth_max = nframes}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.call_depth_max = nframes - 1}, &image) == CSK_E_LIMIT);
    CHECK(decode_code(&(struct csk_limits){.stack_bytes = 4096}, &image) == 0);
    CHECK(decode_code(&(struct csk_limits){.stack_bytes = 80}, &image) == CSK_E_LIMIT);
    buf_fini(&image);
}

int main(void)
{
    if (cell_skips())
        return CELL_SKIPPED;
    test_smallest();
    test_module_size();
    test_name();
    test_globals();
    test_tables();
    test_segments();
    test_frames();
    test_memories();
    test_ranges();
    test_pieces();
    test_wasi();
    test_engine_memory();
    test_module_bounds();
    test_engine_stack();
    CHECK(mem_live_blocks() == 0);
    return check_report("image limits");
}
