/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wasi/wasi.h"
#include "wasm/exec.h"

/*
 * The cell image: everything needed to continue a cell, and nothing that names a
 * host address, a register or a byte order. doc/formats/cell-image.md is its
 * definition; this is its encoder and decoder.
 *
 * Both stream: neither ever holds the whole image. The encoder's work is
 * proportional to what the cell touched. The decoder treats every byte as hostile:
 * counts are bounded before allocation, hashes are checked before use, and what it
 * hands to wasm_exec_restore and wasi_thaw is checked there again.
 */

#define IMAGE_VERSION     1u
#define IMAGE_DIGEST_SIZE 32u /* SHA-256 */

/* Limits of the format itself, whatever the engine allows. The module's own bounds and
 * the engine's limits are checked as well, before anything is allocated. */
#define IMAGE_MODULE_BYTES_MAX  (256u << 20)
#define IMAGE_FRAMES_MAX        (1u << 20)
#define IMAGE_SLOTS_MAX         (8u << 20) /* locals and operands of all frames; v128 is two */
#define IMAGE_ARGS_BYTES_MAX    WASI_ARGS_BYTES_MAX /* arguments with their NULs; also environment */
#define IMAGE_FDS_MAX           65536u              /* open fds; also pre-opens, contents */
#define IMAGE_CONTENT_BYTES_MAX (UINT64_C(16) << 30) /* all files that travel */
#define IMAGE_NAME_MAX          63u

struct image_meta {                /* the cell's own facts, beyond program state */
    char name[IMAGE_NAME_MAX + 1]; /* "" when it has none */
    uint64_t epoch;
    uint64_t memory_max_bytes; /* limits in force, 0: default */
    uint64_t fuel_left;        /* 0 with has_fuel false: not metered */
    bool has_fuel;
    uint64_t safepoints; /* passed so far, as far as they were counted */
    uint8_t phase;       /* enum image_phase */
    uint32_t entry_func; /* function that runs after the start function */
    uint8_t module_digest[IMAGE_DIGEST_SIZE];
    uint64_t module_size;
    bool has_module; /* the module's bytes are in the image */
    bool has_wasi;
};

enum image_phase {
    IMAGE_READY = 0,      /* nothing has run; entry_func comes next */
    IMAGE_START = 1,      /* inside the start function; entry_func comes after it */
    IMAGE_RUNNING = 2,    /* inside the call of entry_func */
    IMAGE_INITIALIZE = 3, /* inside a reactor's _initialize; entry_func comes after it */
};

/* Gets consecutive pieces; 0 or a negative error, which ends the encoding. */
typedef int image_write_fn(void *user, const void *bytes, size_t size);
/* Up to `size` bytes; the count (0: end) or a negative error. */
typedef int64_t image_read_fn(void *user, void *bytes, size_t size);

/* Encode. `exec` may be without an active call (IMAGE_READY). `wasi` may be NULL.
 * The meta that is written has its digest, size, has_module and has_wasi from the arguments.
 * CSK_E_UNSUPPORTED: imported memories, tables or globals; references to another instance's
 * functions; an externref that is not null. */
int image_encode(const struct image_meta *meta, bool with_module, struct wasm_exec *exec,
                 struct wasm_instance *inst, const struct wasi_state *wasi, image_write_fn *write,
                 void *user, struct csk_error *err);

/* Decode in three steps, because the caller must find the module in between. */
struct image_decoder;
int image_decoder_new(image_read_fn *read, void *user, struct image_decoder **ret_decoder,
                      struct csk_error *err);
void image_decoder_free(struct image_decoder *decoder);

/* 1: header and meta; afterwards, if has_module, the module's bytes (owned by the decoder,
 * already checked against the digest). */
int image_decode_meta(struct image_decoder *decoder, struct image_meta *ret_meta,
                      struct csk_error *err);
const uint8_t *image_decoder_module(const struct image_decoder *decoder, size_t *ret_size);

/* 2: the WASI state, if has_wasi (then not to be left out). Contents have temp_fd set. */
int image_decode_wasi(struct image_decoder *decoder, struct wasi_state *ret_state,
                      struct csk_error *err);

/* 3: fill a fresh instance of the right module (its digest is checked; segments not applied)
 * and its exec, and read to the image's end. entry_func is for the caller to check. When this
 * fails, exec is as it was and inst is good for nothing but wasm_instance_free. */
int image_decode_state(struct image_decoder *decoder, struct wasm_instance *inst,
                       struct wasm_exec *exec, struct csk_error *err);

/* SHA-256 over the program's state: two cells with equal digests behave alike from here on.
 * Left out: time (clocks, CPU time, a poll's deadline), the cell's name and epoch, the count of
 * safepoints, whether the module's bytes are in the image, and how chunks are compressed.
 * Reads and checks the whole image. */
int image_state_digest(image_read_fn *read, void *user, uint8_t ret_digest[IMAGE_DIGEST_SIZE],
                       struct csk_error *err);

/* ---- describe ------------------------------------------------------------------ */

enum image_section {
    IMAGE_META = 1,
    IMAGE_MODULE = 2,
    IMAGE_WASI = 3,
    IMAGE_CONTENT = 4, /* bytes of files */
    IMAGE_GLOBALS = 5,
    IMAGE_TABLES = 6,
    IMAGE_SEGMENTS = 7,
    IMAGE_FRAMES = 8,
    IMAGE_MEMORIES = 9, /* sizes only */
    IMAGE_RANGES = 10,  /* the memories' bytes */
    IMAGE_SECTIONS_END = 11,
};

const char *image_section_name(enum image_section section); /* "meta", "module", ... */

struct image_section_size {
    uint32_t chunks;
    uint64_t plain_bytes;
    uint64_t stored_bytes; /* with headers */
};

struct image_memory_size {
    uint32_t pages;         /* of 64 KiB */
    uint32_t ranges;        /* of 256 KiB that hold something */
    uint64_t touched_bytes; /* in pages of 4 KiB that are not zero */
};

struct image_table_size {
    uint32_t size;
    uint32_t used; /* elements that are not null */
};

#define IMAGE_DESCRIBE_VALUES_MAX 65536u /* of all frames; frames after that have values NULL */

/* Everything about an image but the bytes of memories and files. */
struct image_description {
    struct image_meta meta;
    uint64_t image_bytes;
    uint8_t state_digest[IMAGE_DIGEST_SIZE];
    struct image_section_size sections[IMAGE_SECTIONS_END]; /* by enum image_section */
    uint8_t *module; /* meta.module_size bytes when meta.has_module, else NULL */
    enum wasm_safepoint at;
    struct wasm_frame_state *frames; /* outermost first */
    uint32_t nframes;
    struct csk_value *globals; /* the mutable ones */
    uint32_t nglobals;
    struct image_table_size *tables;
    uint32_t ntables;
    struct image_memory_size *memories;
    uint32_t nmemories;
    uint32_t nelems, ndatas; /* segments, and how many of them are dropped */
    uint32_t dropped_elems, dropped_datas;
    struct wasi_state wasi; /* when meta.has_wasi; no temp_fd is open */
};

/* Read and check a whole image, without its module. */
int image_describe(image_read_fn *read, void *user, struct image_description *ret_description,
                   struct csk_error *err);
void image_description_fini(struct image_description *description);

#endif
