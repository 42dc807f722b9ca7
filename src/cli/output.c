/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/file.h"

#define OUTPUT_MODE    0666 /* cut by the umask, as any new file */
#define NAME_TRIES_MAX 100u

/* The directory part of a path: "a/b" gives "a", "b" gives ".". */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    char *dir = mem_alloc(len + 1);
    if (dir != NULL) {
        memcpy(dir, path, len);
        dir[len] = '\0';
    }
    return dir;
}

bool cli_output_check(const char *path)
{
    struct stat st;
    char *dir = directory_of(path);
    bool ok = dir != NULL && path[0] != '\0' && access(dir, W_OK | X_OK) == 0;
    if (ok && stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        /* a device or a pipe would be replaced, not written to */
        mem_free(dir);
        (void)cli_fail(CLI_CELL_FAILED, "cannot write: %s: not a regular file", path);
        return false;
    }
    if (path[0] == '\0')
        errno = ENOENT;
    if (!ok)
        (void)cli_fail_errno(CLI_CELL_FAILED, "cannot write", path);
    mem_free(dir);
    return ok;
}

/* A new name beside the final one, not in use yet. */
static char *temp_name(const char *path, unsigned try)
{
    size_t size = strlen(path) + 40;
    char *name = mem_alloc(size);
    if (name != NULL)
        (void)snprintf(name, size, "%s.%ld.%u.tmp", path, (long)getpid(), try);
    return name;
}

static int open_named(struct cli_output *output)
{
    for (unsigned try = 0; try < NAME_TRIES_MAX; try++) {
        char *name = temp_name(output->path, try);
        if (name == NULL)
            break;
        output->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, OUTPUT_MODE);
        if (output->fd >= 0) {
            output->temp = name;
            return 0;
        }
        mem_free(name);
        if (errno != EEXIST)
            return -1;
    }
    errno = ENOMEM;
    return -1;
}

int cli_output_open(const char *path, struct cli_output *ret_output)
{
    struct cli_output output = {.path = path};
    char *dir = directory_of(path);
    if (dir == NULL) {
        errno = ENOMEM;
        return -1;
    }
    /* Without a name there is nothing to clean up, however this process ends. */
    output.fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, OUTPUT_MODE);
    mem_free(dir);
    if (output.fd < 0 && open_named(&output) != 0)
        return -1;
    *ret_output = output;
    return 0;
}

/* Give an unnamed file a name beside the final one. */
static int name_it(struct cli_output *output)
{
    char proc[64];
    (void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", output->fd);
    for (unsigned try = 0; try < NAME_TRIES_MAX; try++) {
        char *name = temp_name(output->path, try);
        if (name == NULL)
            break;
        if (linkat(AT_FDCWD, proc, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
            output->temp = name;
            return 0;
        }
        mem_free(name);
        if (errno != EEXIST)
            return -1;
    }
    errno = ENOMEM;
    return -1;
}

int cli_output_commit(struct cli_output *output, bool durable)
{
    int rc = durable ? fsync(output->fd) : 0;
    if (rc == 0 && output->temp == NULL)
        rc = name_it(output);
    if (rc == 0)
        rc = rename(output->temp, output->path);
    if (rc == 0) {
        mem_free(output->temp);
        output->temp = NULL;
    }
    int saved = errno;
    cli_output_abandon(output);
    errno = saved;
    return rc;
}

void cli_output_abandon(struct cli_output *output)
{
    if (output->temp != NULL)
        (void)unlink(output->temp);
    mem_free(output->temp);
    output->temp = NULL;
    if (output->fd >= 0)
        (void)close(output->fd);
    output->fd = -1;
}
