/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_DRIVE_H
#define GEN_DRIVE_H

#include "gen.h"
#include "rng.h"
#include "world.h"

/*
 * Runs a module and notes all that can be seen of it; runs it again in pieces, each
 * piece in another instance, and compares.
 */

struct drive {
    struct wasm_engine *engine;
    struct wasm_module *module;
    uint64_t seed;
    uint32_t restores_max;  /* for one call; with more safepoints, a random choice of them */
    uint32_t image_percent; /* how many restores go through an image */
    struct rng rng;
    uint64_t safepoints; /* seen and restored, summed up */
    uint64_t restores;
    uint64_t images;
    uint64_t stops[5]; /* by enum wasm_safepoint */
    char problem[400]; /* of the first difference */
};

int drive_open(struct drive *d, uint64_t seed, const void *wasm, size_t size,
               struct csk_error *err);
void drive_close(struct drive *d); /* keeps the sums and the engine */

/* Append one line for each argument set: outcome, results, globals, hashes. */
int drive_plain(struct drive *d, struct buf *text, struct csk_error *err);
/* The same in pieces; `text` must come out equal. Returns 1 when a stop was not like another
 * that should be its equal (see problem), 0, or an error. */
int drive_pieces(struct drive *d, struct buf *text, struct csk_error *err);

/* Run the export `check`, which traps when it is not content: plainly, then in pieces.
 * Returns 1 when it trapped (see problem). */
int drive_check(struct drive *d, struct csk_error *err);

#endif
