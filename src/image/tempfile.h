/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_TEMPFILE_H
#define IMAGE_TEMPFILE_H

#include <stddef.h>
#include <stdint.h>

/* A nameless file of `size` zero bytes in $TMPDIR or /tmp, close-on-exec. */
int image_tempfile(uint64_t size, int *ret_fd);

/* All of it, or CSK_E_IO. */
int image_tempfile_write(int fd, const uint8_t *bytes, size_t size, uint64_t offset);

#endif
