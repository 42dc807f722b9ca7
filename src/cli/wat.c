/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/file.h"

#define MESSAGE_MAX 1024u

extern char **environ;

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

bool cli_is_text(const char *path, const struct cli_bytes *bytes)
{
    size_t i = 0;
    if (bytes->size >= 4 && memcmp(bytes->p, "\0asm", 4) == 0)
        return false;
    if (ends_with(path, ".wat"))
        return true;
    while (i < bytes->size && strchr(" \t\r\n", bytes->p[i]) != NULL && bytes->p[i] != 0)
        i++;
    return i + 1 < bytes->size &&
           (memcmp(bytes->p + i, "(m", 2) == 0 || memcmp(bytes->p + i, ";;", 2) == 0 ||
            memcmp(bytes->p + i, "(;", 2) == 0);
}

/* Run wat2wasm with the module on `out_fd` and messages on `err_fd`; its exit status,
 * or -1 with errno. */
static int spawn_wat2wasm(const char *path, int out_fd, int err_fd)
{
    char out[64];
    (void)snprintf(out, sizeof out, "/proc/self/fd/3");
    char *const argv[] = {"wat2wasm",
                          "--enable-tail-call",
                          "--enable-multi-memory",
                          "--enable-extended-const",
                          "--debug-names",
                          "-o",
                          out,
                          "--",
                          (char *)(uintptr_t)path,
                          NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    errno = posix_spawn_file_actions_init(&actions);
    if (errno != 0)
        return -1;
    (void)posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out_fd, 3);
    errno = posix_spawnp(&pid, "wat2wasm", &actions, NULL, argv, environ);
    int rc = errno == 0 ? 0 : -1;
    (void)posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* The first line of what wat2wasm said. */
static void first_line(int fd, char *text, size_t size)
{
    ssize_t n = pread(fd, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

int cli_assemble(const char *path, int status, struct cli_bytes *bytes)
{
    struct cli_bytes module = {0};
    char message[MESSAGE_MAX];
    int out_fd = memfd_create("module", MFD_CLOEXEC);
    int err_fd = memfd_create("messages", MFD_CLOEXEC);
    int rc = status;
    if (out_fd < 0 || err_fd < 0) {
        (void)cli_fail_errno(status, "cannot assemble", path);
        goto out;
    }
    int exit_status = spawn_wat2wasm(path, out_fd, err_fd);
    if (exit_status < 0 || exit_status == 127) {
        (void)cli_fail(status,
                       "cannot assemble: %s: text needs the wat2wasm program (Debian: wabt)", path);
        goto out;
    }
    if (exit_status != 0) {
        first_line(err_fd, message, sizeof message);
        (void)cli_fail(status, "cannot assemble: %s", message[0] != '\0' ? message : path);
        goto out;
    }
    if (lseek(out_fd, 0, SEEK_SET) != 0 ||
        cli_read_fd(out_fd, CLI_MODULE_BYTES_MAX, &module) != 0) {
        (void)cli_fail_errno(status, "cannot assemble", path);
        goto out;
    }
    cli_bytes_free(bytes);
    *bytes = module;
    rc = 0;
out:
    if (out_fd >= 0)
        (void)close(out_fd);
    if (err_fd >= 0)
        (void)close(err_fd);
    return rc;
}
