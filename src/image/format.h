/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "image/image.h"

/*
 * The numbers of doc/formats/cell-image.md.
 *
 *     file header | chunk | chunk | ... | end chunk
 *
 *     chunk header   0       2        3     4           8          12       16
 *                    | type  | coding | flags | stored size | plain size | number | SHA-256 |
 */

#define IMAGE_MAGIC                                                                                \
    "\x8a"                                                                                         \
    "CELL\r\n\x1a"
#define IMAGE_FILE_HEADER  16u
#define IMAGE_CHUNK_HEADER 48u
#define IMAGE_CHUNK_HASH   16u /* where in the chunk header it stands */

#define IMAGE_PAGE        4096u
#define IMAGE_RANGE       262144u /* of a memory or a file; one chunk each */
#define IMAGE_RANGE_PAGES (IMAGE_RANGE / IMAGE_PAGE)
#define IMAGE_RANGE_HEAD  16u         /* which memory or file, where */
#define IMAGE_PIECE       IMAGE_RANGE /* of a section that is a stream; only its last is shorter */
#define IMAGE_CHUNK_MAX   (IMAGE_RANGE_HEAD + IMAGE_RANGE)

#define IMAGE_END      255u /* chunk type; the others are enum image_section */
#define IMAGE_END_SIZE 48u

enum image_coding {
    IMAGE_RAW = 0,
    IMAGE_ZSTD = 1,
};

#define IMAGE_CHUNK_OPTIONAL 1u /* flag: who does not know the type may skip it */

#define IMAGE_ZSTD_LEVEL   1
#define IMAGE_COMPRESS_MIN 256u /* below this nothing is compressed */

/* Meta chunk. The part below IMAGE_META_STATE belongs to the state digest. */
#define IMAGE_META_SIZE  84u /* and the name */
#define IMAGE_META_FLAGS 61u
#define IMAGE_META_STATE 64u

#define IMAGE_META_HAS_FUEL   1u
#define IMAGE_META_HAS_WASI   2u
#define IMAGE_META_HAS_MODULE 4u

#define IMAGE_WASI_TIMES 24u /* the first bytes of the WASI section, not in the state digest */

#endif
