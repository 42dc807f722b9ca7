/* SPDX-License-Identifier: Apache-2.0 */
#include "image/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

/* For file systems that cannot make a file without a name. */
static int open_and_unlink(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/cloudskin-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

int image_tempfile(uint64_t size, int *ret_fd)
{
    const char *dir = getenv("TMPDIR");
    if (dir == NULL || dir[0] == '\0')
        dir = "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = open_and_unlink(dir);
    if (fd < 0)
        return CSK_E_IO;
    if (ftruncate(fd, (off_t)size) != 0) {
        close(fd);
        return CSK_E_IO;
    }
    *ret_fd = fd;
    return 0;
}

int image_tempfile_write(int fd, const uint8_t *bytes, size_t size, uint64_t offset)
{
    while (size != 0) {
        ssize_t n = pwrite(fd, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CSK_E_IO;
        bytes += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}
