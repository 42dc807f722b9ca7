/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "test/image/cells.h"
#include "test/image/forge.h"
#include "test/image/modules.h"
#include "wasi/internal.h"

/*
 * Writes first inputs: images of the known module at some of its safepoints, and little
 * programs of host calls.     make-seeds image|wasi DIRECTORY
 */

static void save(const char *directory, const char *name, const struct buf *b)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    MUST(f != NULL && !b->failed);
    MUST(fwrite(b->data, 1, b->size, f) == b->size);
    MUST(fclose(f) == 0);
}

/* ---- images -------------------------------------------------------------------------- */

static void save_image(const char *directory, uint64_t safepoint, bool with_wasi)
{
    static const uint32_t args[] = {5};
    struct cell_under_test cell;
    struct csk_outcome outcome;
    struct forge f;
    struct buf image = {0}, raw = {0}, packed = {0};
    char name[64];
    struct wasi_state wasi = cell_wasi();
    MUST(cell_open(&cell, NULL, module_rich, sizeof module_rich, true) == 0);
    if (safepoint != 0) {
        MUST(cell_call(&cell, "work", args, 1) == 0);
        MUST(cell_run(&cell, safepoint, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    }
    cell.meta.has_module = safepoint % 2 == 1;
    MUST(cell_encode(&cell, with_wasi ? &wasi : NULL, &image, NULL) == 0);
    buf_put_u8(&raw, 0);
    buf_put(&raw, image.data, image.size);
    buf_put_u8(&packed, 1);
    MUST(forge_open(&f, image.data, image.size) && forge_pack(&f, &packed));
    (void)snprintf(name, sizeof name, "at-%u%s", (unsigned)safepoint, with_wasi ? "-wasi" : "");
    save(directory, name, &packed);
    (void)snprintf(name, sizeof name, "raw-at-%u%s", (unsigned)safepoint, with_wasi ? "-wasi" : "");
    if (safepoint == 20)
        save(directory, name, &raw);
    forge_fini(&f);
    buf_fini(&image);
    buf_fini(&raw);
    buf_fini(&packed);
    cell_close(&cell, false);
}

static void save_images(const char *directory)
{
    static const uint64_t safepoints[] = {0, 1, 20, 55, 59, 62, 65};
    for (size_t i = 0; i < sizeof safepoints / sizeof safepoints[0]; i++) {
        save_image(directory, safepoints[i], false);
        save_image(directory, safepoints[i], true);
    }
}

/* ---- host calls ------------------------------------------------------------------------ */

static const char *const names[] = {
#define X(name, function, params, versions) #name,
    WASI_FUNCTIONS(X)
#undef X
};

static void call(struct buf *b, const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            buf_put_u8(b, (uint8_t)i);
            return;
        }
    }
    MUST(name == NULL); /* no function of that name */
}

static void small(struct buf *b, uint8_t v)
{
    buf_put_u8(b, 0);
    buf_put_u8(b, v);
}

static void path(struct buf *b, uint8_t index) /* takes two parameters */
{
    buf_put_u8(b, 3);
    buf_put_u8(b, index);
}

static void rights(struct buf *b)
{
    buf_put_u8(b, 2);
    buf_put_u64(b, UINT64_C(0x1fffffff));
}

static void vectors(struct buf *b, uint8_t n) /* takes two parameters */
{
    buf_put_u8(b, 4);
    buf_put_u8(b, n);
}

static void buffer(struct buf *b)
{
    buf_put_u8(b, 5);
    buf_put_u8(b, 1);
}

/* Opens as the next free fd, which is 5 in a new guest. */
static void open_path(struct buf *b, uint8_t index, uint8_t oflags)
{
    call(b, "path_open");
    small(b, 3);
    small(b, 1);
    path(b, index);
    small(b, oflags);
    rights(b);
    rights(b);
    small(b, 0);
    buffer(b);
}

static void with_fd(struct buf *b, const char *name, uint8_t fd)
{
    call(b, name);
    small(b, fd);
}

static void save_files(const char *directory)
{
    struct buf b = {0};
    open_path(&b, 0, 0);
    with_fd(&b, "fd_read", 5);
    vectors(&b, 3);
    buffer(&b);
    with_fd(&b, "fd_pwrite", 5);
    vectors(&b, 3);
    small(&b, 9);
    buffer(&b);
    with_fd(&b, "fd_seek", 5);
    small(&b, 3);
    small(&b, 0);
    buffer(&b);
    buf_put_u8(&b, 251);
    with_fd(&b, "fd_filestat_get", 5);
    buffer(&b);
    with_fd(&b, "fd_filestat_set_size", 5);
    small(&b, 100);
    with_fd(&b, "fd_allocate", 5);
    small(&b, 0);
    small(&b, 200);
    with_fd(&b, "path_unlink_file", 3);
    path(&b, 0);
    buf_put_u8(&b, 251);
    with_fd(&b, "fd_renumber", 5);
    small(&b, 8);
    with_fd(&b, "fd_close", 8);
    save(directory, "file", &b);
    buf_fini(&b);
}

static void save_directories(const char *directory)
{
    struct buf b = {0};
    open_path(&b, 1, 2);
    with_fd(&b, "fd_readdir", 5);
    buffer(&b);
    small(&b, 200);
    small(&b, 0);
    buffer(&b);
    buf_put_u8(&b, 251);
    with_fd(&b, "path_create_directory", 5);
    path(&b, 17);
    with_fd(&b, "path_rename", 3);
    path(&b, 1);
    small(&b, 3);
    path(&b, 17);
    with_fd(&b, "path_symlink", 11);
    save(directory, "directory", &b);
    buf_fini(&b);
}

/* Every name there is, tried from the root and from a directory. */
static void save_escapes(const char *directory)
{
    for (uint8_t i = 0; i < 30; i += 3) {
        struct buf b = {0};
        char name[32];
        for (uint8_t k = i; k < i + 3; k++) {
            open_path(&b, k, (uint8_t)(k % 2));
            with_fd(&b, "path_filestat_get", 3);
            small(&b, k % 2);
            path(&b, k);
            buffer(&b);
            with_fd(&b, "fd_read", 5);
            vectors(&b, 9);
            buffer(&b);
            with_fd(&b, "path_link", 3);
            small(&b, 1);
            path(&b, k);
            small(&b, 3);
            path(&b, 17);
        }
        (void)snprintf(name, sizeof name, "escape-%u", i);
        save(directory, name, &b);
        buf_fini(&b);
    }
}

/* Each function with small numbers and buffers. */
static void save_each(const char *directory)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i += 6) {
        struct buf b = {0};
        char name[32];
        for (size_t k = i; k < i + 6 && k < sizeof names / sizeof names[0]; k++) {
            buf_put_u8(&b, (uint8_t)k);
            for (int p = 0; p < 9; p++) {
                if (p % 2 == 0)
                    buffer(&b);
                else
                    small(&b, (uint8_t)(p + 3));
            }
        }
        (void)snprintf(name, sizeof name, "each-%u", (unsigned)i);
        save(directory, name, &b);
        buf_fini(&b);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "image") != 0 && strcmp(argv[1], "wasi") != 0)) {
        fprintf(stderr, "usage: make-seeds image|wasi DIRECTORY\n");
        return 2;
    }
    if (strcmp(argv[1], "image") == 0) {
        save_images(argv[2]);
    } else {
        save_files(argv[2]);
        save_directories(argv[2]);
        save_escapes(argv[2]);
        save_each(argv[2]);
    }
    return 0;
}
