/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cloudskin/error.h>

#define CLI_MODULE_BYTES_MAX (256u << 20)

/*
 * A file's bytes in memory of our own. Not a mapping of the file: bytes that were
 * validated must not change because somebody writes to the file afterwards.
 */
struct cli_bytes {
    uint8_t *p;
    size_t size;
    size_t mapped;
};

void cli_bytes_free(struct cli_bytes *bytes);

/* Read a module; text (.wat) goes through wat2wasm. Messages are printed; 0 or `status`. */
int cli_read_module(const char *path, int status, struct cli_bytes *ret_bytes);

/* Read all of an open file. 0 or -1 with errno (EFBIG: larger than max). */
int cli_read_fd(int fd, size_t max, struct cli_bytes *ret_bytes);

/* True when the bytes are WebAssembly text. */
bool cli_is_text(const char *path, const struct cli_bytes *bytes);
/* Replace text by the module it says, with the wat2wasm program. */
int cli_assemble(const char *path, int status, struct cli_bytes *bytes);

/*
 * An output file: written beside its final name, which appears, complete, only at
 * commit. Whatever ends the process before that leaves an existing file as it was.
 */
struct cli_output {
    int fd; /* -1: not open */
    const char *path;
    char *temp; /* its name while it has one */
};

/* Before anything expensive: can `path` be created? Prints why not. */
bool cli_output_check(const char *path);
int cli_output_open(const char *path, struct cli_output *ret_output); /* 0 or -1 with errno */
int cli_output_commit(struct cli_output *output, bool durable);
void cli_output_abandon(struct cli_output *output);

/* image_write_fn and image_read_fn over an fd, with a buffer. */
#define CLI_STREAM_BYTES 65536u
struct cli_stream {
    int fd;
    int error; /* errno of the first failure */
    size_t used;
    size_t at; /* reading: next byte to hand out */
    uint64_t total;
    uint8_t *buffer;
};

int cli_stream_init(struct cli_stream *s, int fd);
void cli_stream_fini(struct cli_stream *s);
int cli_stream_write(void *stream, const void *bytes, size_t size);
int cli_stream_flush(struct cli_stream *s);
int64_t cli_stream_read(void *stream, void *bytes, size_t size);

#endif
