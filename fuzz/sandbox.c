/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define FILE_BYTES_MAX (1u << 20) /* what a guest can make a file grow to */
#define FDS_MAX        40u
#define SECRET_BYTES   24u

static char top[64];
static char root[96];
static char outside[96];
static char secret[128];
static int null_fd = -1;

static uint8_t secret_byte(size_t i)
{
    return (uint8_t)(i * i * 7 + i * 37 + 201);
}

bool sandbox_has_secret(const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + SECRET_BYTES <= size; at++) {
        unsigned different = 0;
        for (size_t i = 0; i < SECRET_BYTES && different == 0; i++)
            different |= bytes[at + i] ^ (unsigned)secret_byte(i);
        if (different == 0)
            return true;
    }
    return false;
}

static void write_secret(void)
{
    uint8_t bytes[SECRET_BYTES];
    for (size_t i = 0; i < SECRET_BYTES; i++)
        bytes[i] = secret_byte(i);
    int fd = open(secret, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    MUST(fd >= 0 && write(fd, bytes, SECRET_BYTES) == SECRET_BYTES);
    MUST(close(fd) == 0);
}

static void write_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    MUST(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    MUST(close(fd) == 0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    if (ftw->level == 0 && strcmp(path, root) == 0)
        return 0;
    (void)remove(path);
    return 0;
}

static void remove_all(void)
{
    (void)nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    (void)rmdir(root);
    (void)rmdir(top);
}

static void furnish(void)
{
    char path[192];
    static const char *const dirs[] = {"dir", "dir/deep", "ro"};
    static const char *const files[] = {"a", "dir/b", "dir/deep/c", "ro/r"};
    static const char *const links[][2] = {
        {"to-a", "a"},          {"to-dir", "dir"},    {"loop", "loop"},
        {"out", "../outside"},  {"abs", "/"},         {"dir/up", "../../outside/secret"},
        {"dir/self", "../dir"}, {"dangling", "none"},
    };
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", root, dirs[i]);
        MUST(mkdir(path, 0755) == 0);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", root, files[i]);
        write_file(path, "content of a file");
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", root, links[i][0]);
        MUST(symlink(links[i][1], path) == 0);
    }
}

/* In memory where possible: guests call fsync. */
static const char *where(void)
{
    const char *tmp = getenv("TMPDIR");
    if (tmp != NULL)
        return tmp;
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static void make(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    struct rlimit limit = {FILE_BYTES_MAX, FILE_BYTES_MAX};
    (void)snprintf(top, sizeof top, "%.30s/cloudskin-fuzz-XXXXXX", where());
    MUST(mkdtemp(top) != NULL);
    (void)snprintf(root, sizeof root, "%s/root", top);
    (void)snprintf(outside, sizeof outside, "%s/outside", top);
    (void)snprintf(secret, sizeof secret, "%s/secret", outside);
    MUST(mkdir(root, 0755) == 0 && mkdir(outside, 0755) == 0);
    write_secret();
    furnish();
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    MUST(null_fd >= 0);
    MUST(getenv("FUZZ_NO_FILE_LIMIT") != NULL || setrlimit(RLIMIT_FSIZE, &limit) == 0);
    MUST(atexit(remove_all) == 0);
}

const char *sandbox_root(void)
{
    if (root[0] == '\0')
        make();
    return root;
}

struct wasi_config sandbox_config(void)
{
    static char read_only[128];
    static struct wasi_preopen preopens[2];
    static const char *const args[] = {"guest", "argument"};
    static const char *const env[] = {"KEY=value"};
    (void)snprintf(read_only, sizeof read_only, "%s/ro", sandbox_root());
    preopens[0] = (struct wasi_preopen){.guest = "/", .host = root};
    preopens[1] = (struct wasi_preopen){.guest = "/ro", .host = read_only, .read_only = true};
    return (struct wasi_config){
        .args = args,
        .nargs = 2,
        .env = env,
        .nenv = 1,
        .preopens = preopens,
        .npreopens = 2,
        .stdio = {null_fd, null_fd, null_fd},
        .fds_max = FDS_MAX,
    };
}

void sandbox_reset(void)
{
    (void)nftw(sandbox_root(), remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    furnish();
}

void sandbox_check(void)
{
    uint8_t content[2 * SECRET_BYTES];
    unsigned entries = 0;
    if (root[0] == '\0')
        return;
    int fd = open(secret, O_RDONLY | O_CLOEXEC);
    MUST(fd >= 0);
    ssize_t n = read(fd, content, sizeof content);
    MUST(close(fd) == 0);
    MUST(n == SECRET_BYTES && sandbox_has_secret(content, SECRET_BYTES));
    DIR *dir = opendir(outside);
    MUST(dir != NULL);
    while (readdir(dir) != NULL)
        entries++;
    (void)closedir(dir);
    MUST(entries == 3); /* itself, its parent, the secret */
}
