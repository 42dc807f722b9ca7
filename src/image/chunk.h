/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_CHUNK_H
#define IMAGE_CHUNK_H

#include "base/sha256.h"
#include "image/format.h"

/*
 * The outer layer of an image: chunks, hashes and compression, without a notion of
 * what the bytes mean. Both directions keep one chunk in memory, plain and stored.
 */

/* ---- working memory ------------------------------------------------------------ */

struct image_scratch;

/* One process needs this rarely more than once at a time, and touching fresh memory is
 * the dearest part of a small capture: the first user gets resident buffers, concurrent
 * ones get heap. NULL when there is none. */
struct image_scratch *image_scratch_get(void);
void image_scratch_put(struct image_scratch *scratch);

/* ---- writing -------------------------------------------------------------------- */

/* The first error sticks in `rc`: afterwards every call does nothing, so a writer may
 * check once at the end. */
struct image_out {
    struct image_scratch *scratch;
    image_write_fn *write;
    void *user;
    struct csk_error *err;
    struct sha256 root;
    uint64_t written;
    uint32_t number; /* of the next chunk */
    uint16_t type;   /* of the section being written */
    size_t fill;     /* plain bytes waiting */
    int rc;
};

int image_out_init(struct image_out *out, image_write_fn *write, void *user, struct csk_error *err);
/* Writes the end chunk, unless something failed. Returns `rc`. */
int image_out_fini(struct image_out *out);

int image_out_fail(struct image_out *out, int code, const char *text);

void image_out_begin(struct image_out *out, enum image_section section);
void image_out_bytes(struct image_out *out, const void *bytes, size_t size);
void image_out_u8(struct image_out *out, uint8_t v);
void image_out_u16(struct image_out *out, uint16_t v);
void image_out_u32(struct image_out *out, uint32_t v);
void image_out_u64(struct image_out *out, uint64_t v);
void image_out_end(struct image_out *out); /* writes what waits */

/* For sections whose chunks are records: room for IMAGE_CHUNK_MAX bytes, then how many
 * of them make the chunk. */
uint8_t *image_out_room(struct image_out *out);
void image_out_chunk(struct image_out *out, size_t size);

/* ---- reading -------------------------------------------------------------------- */

/* The first error sticks in `rc`: afterwards reads give zeros. Loops over counts that
 * came from the image check it. */
struct image_in {
    struct image_scratch *scratch;
    image_read_fn *read;
    void *user;
    struct csk_error *err;
    struct sha256 root;
    struct sha256 *state;             /* when set: the state digest so far */
    struct image_section_size *sizes; /* when set: by section */
    uint64_t offset;                  /* bytes read */
    uint32_t number;                  /* of the next chunk */
    uint16_t type;                    /* of the current chunk; 0 before the first */
    uint16_t section;                 /* what image_in_begin asked for */
    const uint8_t *plain;             /* the current chunk's bytes */
    size_t size;
    size_t used;
    bool loaded;
    bool ended;
    int rc;
};

int image_in_init(struct image_in *in, image_read_fn *read, void *user, struct csk_error *err);
void image_in_fini(struct image_in *in);

/* CSK_E_CORRUPT and the like, with the image's offset. Returns `rc`. */
__attribute__((format(printf, 3, 4))) int image_in_fail(struct image_in *in, int code,
                                                        const char *fmt, ...);

/* Is the next chunk one of this section? Reads it when needed. */
bool image_in_next_is(struct image_in *in, enum image_section section);

void image_in_begin(struct image_in *in, enum image_section section);
void image_in_bytes(struct image_in *in, void *ret_bytes, size_t size);
uint8_t image_in_u8(struct image_in *in);
uint16_t image_in_u16(struct image_in *in);
uint32_t image_in_u32(struct image_in *in);
uint64_t image_in_u64(struct image_in *in);
void image_in_end(struct image_in *in); /* nothing may be left of the section */

/* A whole chunk of a section whose chunks are records; NULL after an error. */
const uint8_t *image_in_chunk(struct image_in *in, size_t *ret_size);

/* The end chunk and the end of the input. */
void image_in_finish(struct image_in *in);

/* ---- compression, on the scratch's buffers ---------------------------------------- */

uint8_t *image_scratch_plain(struct image_scratch *scratch);  /* IMAGE_CHUNK_MAX bytes, and */
uint8_t *image_scratch_stored(struct image_scratch *scratch); /* IMAGE_CHUNK_HEADER before each */

/* plain -> stored. *ret_size is 0 when compressing does not pay. */
int image_compress(struct image_scratch *scratch, size_t plain_size, size_t *ret_size);
/* stored -> plain: exactly one frame of exactly these sizes, or CSK_E_CORRUPT. */
int image_decompress(struct image_scratch *scratch, size_t stored_size, size_t plain_size);

#endif
