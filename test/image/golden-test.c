/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <zstd.h>

#include "base/error.h"
#include "base/mem.h"
#include "cells.h"
#include "modules.h"
#include "test/check.h"

/*
 * The same cell gives the same bytes on every machine: one image is kept, and this makes
 * it again.
 *     golden-test KEPT.cell           compare
 *     golden-test KEPT.cell --write   write it anew
 * What is printed about it, test/image/reader.py prints too.
 */

#define SAFEPOINT 20u
#define BYTES_MAX (1u << 20)

static bool make(struct buf *image)
{
    static const uint32_t args[] = {5};
    struct cell_under_test cell;
    struct csk_outcome outcome;
    struct wasi_state wasi = cell_wasi();
    if (!CHECK(cell_open(&cell, NULL, module_rich, sizeof module_rich, true) == 0))
        return false;
    CHECK(cell_call(&cell, "work", args, 1) == 0);
    CHECK(cell_run(&cell, SAFEPOINT, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    cell.meta.has_module = true;
    CHECK(cell_encode(&cell, &wasi, image, NULL) == 0);
    cell_close(&cell, false);
    return image->size != 0;
}

static void print_hex(const char *label, const uint8_t *bytes, size_t size)
{
    printf("%s ", label);
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

static void print_value(const struct csk_value *v)
{
    switch (v->type) {
    case CSK_I32:
    case CSK_F32:
        printf(" %02x:%08x", v->type, v->of.i32);
        break;
    case CSK_V128:
        print_hex(" 7b:", v->of.v128, 16);
        break;
    default:
        printf(" %02x:%016llx", v->type, (unsigned long long)v->of.i64);
        break;
    }
}

static void print_frames(const struct image_description *d)
{
    for (uint32_t i = 0; i < d->nframes; i++) {
        const struct wasm_frame_state *f = &d->frames[i];
        printf("frame %u function %u pc %u locals %u operands %u\n", i, f->func, f->pc, f->nlocals,
               f->nstack);
        for (uint32_t k = 0; k < f->nlocals + f->nstack; k++)
            print_value(&f->values[k]);
        printf("\n");
    }
}

static void print_description(const struct buf *image, uint8_t digest[IMAGE_DIGEST_SIZE])
{
    struct cell_source source = {image->data, image->size, 0};
    struct image_description d;
    if (!CHECK(image_describe(cell_read, &source, &d, NULL) == 0))
        return;
    printf("name %s epoch %llu phase %u\n", d.meta.name, (unsigned long long)d.meta.epoch,
           d.meta.phase);
    print_hex("module", d.meta.module_digest, IMAGE_DIGEST_SIZE);
    print_frames(&d);
    for (uint32_t i = 0; i < d.ntables; i++)
        printf("table %u of %u\n", d.tables[i].used, d.tables[i].size);
    for (uint32_t i = 0; i < d.nmemories; i++)
        printf("memory pages %u ranges %u touched %llu\n", d.memories[i].pages,
               d.memories[i].ranges, (unsigned long long)d.memories[i].touched_bytes);
    for (uint32_t i = 0; i < d.wasi.nfds; i++)
        printf("fd %u kind %u path %s offset %llu\n", d.wasi.fds[i].fd, d.wasi.fds[i].kind,
               d.wasi.fds[i].path, (unsigned long long)d.wasi.fds[i].offset);
    print_hex("state", d.state_digest, IMAGE_DIGEST_SIZE);
    memcpy(digest, d.state_digest, IMAGE_DIGEST_SIZE);
    image_description_fini(&d);
}

static bool read_file(const char *path, struct buf *b)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || buf_reserve(b, BYTES_MAX) != 0)
        return false;
    b->size = fread(b->data, 1, BYTES_MAX, f);
    return fclose(f) == 0;
}

static bool write_file(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "wb");
    return f != NULL && fwrite(b->data, 1, b->size, f) == b->size && fclose(f) == 0;
}

static void compare(const char *path, const struct buf *image)
{
    struct buf kept = {0};
    uint8_t digest[IMAGE_DIGEST_SIZE] = {0}, kept_digest[IMAGE_DIGEST_SIZE] = {1};
    if (!CHECK(read_file(path, &kept)))
        return;
    print_description(image, digest);
    struct cell_source source = {kept.data, kept.size, 0};
    CHECK(image_state_digest(cell_read, &source, kept_digest, NULL) == 0);
    CHECK(memcmp(digest, kept_digest, sizeof digest) == 0);
    /* another zstd may compress differently; the kept one was made with 1.5.4 */
    if (ZSTD_versionNumber() == 10504)
        CHECK(kept.size == image->size && memcmp(kept.data, image->data, kept.size) == 0);
    buf_fini(&kept);
}

int main(int argc, char **argv)
{
    if (cell_skips())
        return CELL_SKIPPED;
    struct buf image = {0};
    if (argc < 2)
        return 2;
    if (make(&image)) {
        if (argc > 2 && strcmp(argv[2], "--write") == 0)
            CHECK(write_file(argv[1], &image));
        else
            compare(argv[1], &image);
    }
    buf_fini(&image);
    CHECK(mem_live_blocks() == 0);
    return check_report("kept image");
}
