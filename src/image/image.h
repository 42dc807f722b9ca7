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

struct image_meta { /* the cell's own facts, beyond program state */
    char name[64];  /* "" when it has none */
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
    IMAGE_READY = 0,   /* nothing has run; entry_func comes next */
    IMAGE_START = 1,   /* inside the start function; entry_func comes after it */
    IMAGE_RUNNING = 2, /* inside the call of entry_func */
};

/* Gets consecutive pieces; 0 or a negative error, which ends the encoding. */
typedef int image_write_fn(void *user, const void *bytes, size_t size);
/* Up to `size` bytes; the count (0: end) or a negative error. */
typedef int64_t image_read_fn(void *user, void *bytes, size_t size);

/* Encode. `exec` may be without an active call (IMAGE_READY). `wasi` may be NULL.
 * meta's digest, size and has_wasi are filled in from the arguments. */
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

/* 2: the WASI state, if has_wasi. */
int image_decode_wasi(struct image_decoder *decoder, struct wasi_state *ret_state,
                      struct csk_error *err);

/* 3: fill a fresh instance of the right module (segments not applied) and its exec. */
int image_decode_state(struct image_decoder *decoder, struct wasm_instance *inst,
                       struct wasm_exec *exec, struct csk_error *err);

/* SHA-256 over everything in the image except time (clocks, CPU time): two cells with
 * equal digests behave alike from here on. Reads the whole image. */
int image_state_digest(image_read_fn *read, void *user, uint8_t ret_digest[IMAGE_DIGEST_SIZE],
                       struct csk_error *err);

#endif
