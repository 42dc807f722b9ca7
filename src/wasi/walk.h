/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_WALK_H
#define WASI_WALK_H

#include <sys/types.h>

/*
 * What openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS) does, by hand, for systems that do
 * not have it: each component is opened by itself without following, symlinks are read
 * and spliced into the path, and ".." goes back to the directory we came from (which we
 * hold open, so a rename cannot turn it into another one).
 *
 * Returns the new fd, or a negative errno: EXDEV when the path leads out of `root`, ELOOP
 * after WASI_SYMLINK_HOPS, ENAMETOOLONG deeper than WASI_WALK_DEPTH.
 */
int wasi_walk_open(int root, const char *path, int oflags, mode_t mode);

#endif
