/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_WORLD_H
#define GEN_WORLD_H

#include "base/buf.h"
#include "wasm/exec.h"

/*
 * One instance of a generated module with its exec, and the ways to make another one
 * that continues where it stands. Functions return 0 or a negative error, with *err set.
 */

struct world {
    struct wasm_module *module; /* borrowed */
    struct wasm_instance *inst;
    struct wasm_exec *exec;
};

int world_open(struct world *w, struct wasm_module *module, bool segments, struct csk_error *err);
void world_close(struct world *w);

int world_call(struct world *w, const char *name, const uint64_t *args, struct csk_error *err);

/* All frames of a stopped world. */
struct world_frames {
    struct wasm_frame_state *frame;
    uint32_t n;
};

int world_frames_read(struct world *w, struct world_frames *ret, struct csk_error *err);
void world_frames_free(struct world_frames *frames);
bool world_frames_equal(const struct world_frames *a, const struct world_frames *b);

/* Make `to`, which is not open, a copy of the stopped `from`. */
int world_copy(struct world *to, struct world *from, const struct world_frames *frames,
               struct csk_error *err);
/* The same through a cell image, encoded and decoded; CSK_E_UNSUPPORTED when not built. */
int world_copy_image(struct world *to, struct world *from, struct csk_error *err);

/* Fixed-width hashes of all memories and of all tables, the same on every machine. */
uint32_t world_hash_memories(const struct world *w);
uint32_t world_hash_tables(const struct world *w);

#endif
