/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_TRAVEL_H
#define WASI_TRAVEL_H

#include "wasi/internal.h"

/*
 * Files that travelled with a cell. Those with a name are put where they were: made when
 * they are absent, left alone when they are there with equal content, and refused when they
 * are there and differ. Nothing is overwritten, ever. Those without a name stay nameless.
 */
struct travel {
    struct wasi *w;
    const struct wasi_state *state;
    bool *made;    /* per content: we created the file */
    int *nameless; /* per content: our own anonymous file, or -1 */
};

/* Put the named ones in place. On failure, travel_undo() removes what was made. */
int travel_unpack(struct travel *travel, struct wasi *w, const struct wasi_state *state,
                  struct csk_error *err);
void travel_undo(struct travel *travel);
void travel_fini(struct travel *travel);

/* A new open of content `index`, which has no name. */
int travel_open(const struct travel *travel, uint32_t index, int oflags, int *ret_host,
                struct csk_error *err);

/* A directory that has been removed, as the one the cell held open. */
int travel_removed_dir(int *ret_host, struct csk_error *err);

#endif
