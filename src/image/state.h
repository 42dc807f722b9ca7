/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_STATE_H
#define IMAGE_STATE_H

#include "image/chunk.h"

/*
 * One pair of functions for each section, writer and reader beside each other: meta.c,
 * wasi-state.c, program.c. Errors stick in the image_out and image_in they work on.
 */

/* ---- meta.c: what the cell is, and its module ------------------------------------- */

void image_put_meta(struct image_out *out, const struct image_meta *meta);
void image_get_meta(struct image_in *in, struct image_meta *ret_meta);

void image_put_module(struct image_out *out, const struct wasm_module *module);
/* The bytes, checked against meta's digest; the caller frees them. NULL after an error. */
uint8_t *image_get_module(struct image_in *in, const struct image_meta *meta);

/* ---- wasi-state.c ------------------------------------------------------------------ */

/* The state, then its contents, read from their host_fd. */
void image_put_wasi(struct image_out *out, const struct wasi_state *state);
/* After an error *ret_state is partly filled; wasi_state_fini in any case. With
 * `keep_contents` each content gets a temp_fd, else their bytes are only checked. */
void image_get_wasi(struct image_in *in, bool keep_contents, struct wasi_state *ret_state);

/* ---- program.c: globals, tables, segments, frames, memories ------------------------- */

void image_put_program(struct image_out *out, struct wasm_exec *exec, struct wasm_instance *inst);

/* Where a program's state goes: into an instance, or into a description, or both. */
struct image_target {
    struct wasm_instance *inst;         /* may be NULL */
    struct image_description *describe; /* may be NULL */
    uint32_t frames_max;
    uint32_t slots_max;
    struct wasm_frame_state *frames; /* filled; freed by image_target_fini */
    uint32_t nframes;
    enum wasm_safepoint at;
};

void image_get_program(struct image_in *in, struct image_target *target);
void image_target_fini(struct image_target *target);

#endif
