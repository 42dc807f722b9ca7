/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "test/wasi/driver.h"

/*
 * The path_* calls, and every way out of a directory that we could think of. All of it runs
 * twice: with openat2 where the system has it, and with our own walk.
 */

#define DIR_RIGHTS                                                                                 \
    (UINT64_MAX & ~(WASI_R_FD_WRITE | WASI_R_FD_ALLOCATE | WASI_R_FD_FILESTAT_SET_SIZE))

/* With every right a directory can have, and every right to pass on. */
static uint32_t open_dir(struct guest *g, const char *path)
{
    uint32_t out = room(g, 4);
    CHECK(CALL(g, "path_open", ROOT_FD, 0, TEXT(g, path), WASI_O_DIRECTORY, DIR_RIGHTS, UINT64_MAX,
               0, out) == 0);
    return r32(g, out);
}

static int open_plain(struct guest *g, const char *path)
{
    uint32_t fd = 0;
    int rc = open_in(g, ROOT_FD, path, WASI_LOOKUP_FOLLOW, 0, WASI_R_FD_READ, 0, &fd);
    if (rc == 0)
        CHECK(CALL(g, "fd_close", fd) == 0);
    return rc;
}

static int unlink_path(struct guest *g, const char *path)
{
    return CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, path));
}

static int rmdir_path(struct guest *g, const char *path)
{
    return CALL(g, "path_remove_directory", ROOT_FD, TEXT(g, path));
}

static int rename_path(struct guest *g, const char *from, const char *to)
{
    return CALL(g, "path_rename", ROOT_FD, TEXT(g, from), ROOT_FD, TEXT(g, to));
}

static int link_path(struct guest *g, const char *from, const char *to)
{
    return CALL(g, "path_link", ROOT_FD, 0, TEXT(g, from), ROOT_FD, TEXT(g, to));
}

static int stat_path(struct guest *g, const char *path, uint32_t lookup, uint32_t st)
{
    return CALL(g, "path_filestat_get", ROOT_FD, lookup, TEXT(g, path), st);
}

static int times_path(struct guest *g, const char *path, uint32_t lookup, uint64_t mtim)
{
    return CALL(g, "path_filestat_set_times", ROOT_FD, lookup, TEXT(g, path), 0, mtim,
                WASI_FST_MTIM);
}

static int readlink_path(struct guest *g, const char *path, char *buf, uint32_t size)
{
    uint32_t at = room(g, size);
    uint32_t out = room(g, 4);
    int rc = CALL(g, "path_readlink", ROOT_FD, TEXT(g, path), at, size, out);
    if (rc == 0) {
        memcpy(buf, g->memory.base + at, r32(g, out));
        buf[r32(g, out)] = '\0';
    }
    return rc;
}

/* A symlink that a guest could not make itself. */
static void host_symlink(struct guest *g, const char *target, const char *name)
{
    char path[256];
    host_path(g, name, path, sizeof path);
    CHECK(symlink(target, path) == 0);
}

static void host_rename(struct guest *g, const char *from, const char *to)
{
    char a[256], b[256];
    host_path(g, from, a, sizeof a);
    host_path(g, to, b, sizeof b);
    CHECK(rename(a, b) == 0);
}

static bool outside_untouched(struct guest *g)
{
    char path[256];
    host_path(g, "outside", path, sizeof path);
    int dir = open(path, O_RDONLY | O_DIRECTORY);
    struct stat st;
    bool same = dir >= 0 && fstat(dir, &st) == 0 && st.st_nlink == 2 &&
                host_has(g, "outside/secret", "secret");
    (void)close(dir);
    return same;
}

/* ---- what each call does -------------------------------------------------- */

static void create_directory(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e/") == 0);
    CHECK(host_exists(g, "root/d/e"));
    CHECK(make_dir(g, "d") == WASI_EEXIST);
    CHECK(make_dir(g, "no/where") == WASI_ENOENT);
    CHECK(make_dir(g, ".") == WASI_EEXIST);
    CHECK(make_dir(g, "d/..") == WASI_EEXIST);
    CHECK(make_dir(g, "..") == WASI_ENOTCAPABLE);
    CHECK(make_file(g, "f", "") == 0 && make_dir(g, "f/x") == WASI_ENOTDIR);
}

static void remove_directory(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0 && make_file(g, "f", "") == 0);
    CHECK(rmdir_path(g, "d") == WASI_ENOTEMPTY);
    CHECK(rmdir_path(g, "d/e/") == 0 && rmdir_path(g, "d") == 0);
    CHECK(rmdir_path(g, "d") == WASI_ENOENT);
    CHECK(rmdir_path(g, "f") == WASI_ENOTDIR && rmdir_path(g, "f/") == WASI_ENOTDIR);
    CHECK(rmdir_path(g, ".") == WASI_EINVAL);
}

static void unlink_file(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_file(g, "f", "") == 0);
    CHECK(unlink_path(g, "d") == WASI_EISDIR && unlink_path(g, "d/") == WASI_EISDIR);
    CHECK(unlink_path(g, "f/") == WASI_ENOTDIR);
    CHECK(unlink_path(g, "d/../f") == 0 && !host_exists(g, "root/f"));
    CHECK(unlink_path(g, "f") == WASI_ENOENT);
}

static void rename_files(struct guest *g)
{
    CHECK(make_file(g, "a", "A") == 0 && make_file(g, "b", "B") == 0 && make_dir(g, "d") == 0);
    CHECK(rename_path(g, "a", "d/c") == 0 && host_has(g, "root/d/c", "A"));
    CHECK(rename_path(g, "b", "d/c") == 0 && host_has(g, "root/d/c", "B"));
    CHECK(make_dir(g, "t") == 0 && rename_path(g, "d/c", "t") == WASI_EISDIR);
    CHECK(rename_path(g, "d", "d/x") == WASI_EINVAL);
    CHECK(make_dir(g, "e") == 0 && rename_path(g, "e", "d") == WASI_ENOTEMPTY);
    CHECK(rename_path(g, "e/", "f/") == 0 && host_exists(g, "root/f"));
    CHECK(rename_path(g, "no", "x") == WASI_ENOENT);
    CHECK(rename_path(g, "d/c", "../out") == WASI_ENOTCAPABLE);
    CHECK(host_has(g, "root/d/c", "B"));
}

static void rename_between_directories(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "e") == 0 && make_file(g, "d/f", "x") == 0);
    uint32_t d = open_dir(g, "d");
    uint32_t e = open_dir(g, "e");
    CHECK(CALL(g, "path_rename", d, TEXT(g, "f"), e, TEXT(g, "g")) == 0);
    CHECK(host_has(g, "root/e/g", "x"));
    CHECK(CALL(g, "path_rename", e, TEXT(g, "g"), e, TEXT(g, "../h")) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "path_rename", e, TEXT(g, "g"), 99, TEXT(g, "h")) == WASI_EBADF);
}

static void link_files(struct guest *g)
{
    uint32_t st = room(g, 64);
    CHECK(make_file(g, "f", "x") == 0 && make_dir(g, "d") == 0);
    CHECK(link_path(g, "f", "d/g") == 0 && host_has(g, "root/d/g", "x"));
    CHECK(stat_path(g, "f", 0, st) == 0 && r64(g, st + 24) == 2);
    CHECK(link_path(g, "f", "d/g") == WASI_EEXIST);
    CHECK(link_path(g, "d", "e") == WASI_EPERM && link_path(g, "d/", "e") == WASI_EPERM);
    CHECK(link_path(g, "f", "h/") == WASI_ENOENT);
    CHECK(link_path(g, "f/", "h") == WASI_ENOTDIR);
    CHECK(CALL(g, "path_link", ROOT_FD, 1, TEXT(g, "f"), ROOT_FD, TEXT(g, "h")) == WASI_EINVAL);
    CHECK(make_symlink(g, "nowhere", "s") == 0 && link_path(g, "s", "t") == 0);
    char buf[16];
    CHECK(readlink_path(g, "t", buf, sizeof buf) == 0 && strcmp(buf, "nowhere") == 0);
}

static void symlink_and_readlink(struct guest *g)
{
    char buf[32];
    CHECK(make_symlink(g, "target", "s") == 0);
    CHECK(readlink_path(g, "s", buf, sizeof buf) == 0 && strcmp(buf, "target") == 0);
    CHECK(readlink_path(g, "s", buf, 4) == 0 && strcmp(buf, "targ") == 0);
    CHECK(readlink_path(g, "s", buf, 0) == 0 && buf[0] == '\0');
    CHECK(make_symlink(g, "x", "s") == WASI_EEXIST && make_symlink(g, "x", "t/") == WASI_ENOENT);
    CHECK(make_file(g, "f", "") == 0 && readlink_path(g, "f", buf, 8) == WASI_EINVAL);
    CHECK(make_dir(g, "d") == 0 && make_symlink(g, "d", "l") == 0);
    CHECK(readlink_path(g, "l/", buf, 8) == WASI_EINVAL);
    CHECK(readlink_path(g, "no", buf, 8) == WASI_ENOENT);
    CHECK(make_symlink(g, "", "e") == WASI_ENOENT);
    uint32_t at = room(g, 8);
    CHECK(CALL(g, "path_readlink", ROOT_FD, TEXT(g, "s"), MEM_SIZE - 3, 4, at) == WASI_EFAULT);
    CHECK(CALL(g, "path_readlink", ROOT_FD, TEXT(g, "s"), at, 4, MEM_SIZE - 3) == WASI_EFAULT);
}

static void filestat_follows_or_not(struct guest *g)
{
    uint32_t st = room(g, 64);
    CHECK(make_file(g, "f", "12345") == 0 && make_symlink(g, "f", "s") == 0);
    CHECK(stat_path(g, "s", 0, st) == 0 && g->memory.base[st + 16] == WASI_TYPE_SYMLINK);
    CHECK(stat_path(g, "s", 1, st) == 0 && g->memory.base[st + 16] == WASI_TYPE_REGULAR);
    CHECK(r64(g, st + 32) == 5);
    CHECK(stat_path(g, ".", 0, st) == 0 && g->memory.base[st + 16] == WASI_TYPE_DIR);
    CHECK(stat_path(g, "no", 0, st) == WASI_ENOENT && stat_path(g, "f/", 0, st) == WASI_ENOTDIR);
    CHECK(stat_path(g, "f", 2, st) == WASI_EINVAL);
    CHECK(stat_path(g, "f", 0, MEM_SIZE - 63) == WASI_EFAULT);
}

static void set_times_follows_or_not(struct guest *g)
{
    uint32_t st = room(g, 64);
    CHECK(make_file(g, "f", "") == 0 && make_symlink(g, "f", "s") == 0);
    CHECK(times_path(g, "s", 0, 1000000001) == 0);
    CHECK(stat_path(g, "s", 0, st) == 0 && r64(g, st + 48) == 1000000001);
    CHECK(stat_path(g, "f", 0, st) == 0 && r64(g, st + 48) > 1000000001);
    CHECK(times_path(g, "s", 1, 2000000002) == 0);
    CHECK(stat_path(g, "f", 0, st) == 0 && r64(g, st + 48) == 2000000002);
    CHECK(stat_path(g, "s", 0, st) == 0 && r64(g, st + 48) == 1000000001);
    CHECK(times_path(g, "no", 0, 1) == WASI_ENOENT);
    CHECK(CALL(g, "path_filestat_set_times", ROOT_FD, 0, TEXT(g, "f"), 0, 0,
               WASI_FST_MTIM | WASI_FST_MTIM_NOW) == WASI_EINVAL);
}

static void open_flags(struct guest *g)
{
    uint32_t fd = 0;
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, FILE_RIGHTS, 0, &fd) == WASI_ENOENT);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, FILE_RIGHTS, 0, &fd) == 0);
    CHECK(write_all(g, fd, "text") == 0);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT | WASI_O_EXCL, 0, 0, &fd) == WASI_EEXIST);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_DIRECTORY, 0, 0, &fd) == WASI_ENOTDIR);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT | WASI_O_DIRECTORY, 0, 0, &fd) == WASI_EINVAL);
    CHECK(host_has(g, "root/f", "text"));
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_TRUNC, FILE_RIGHTS, 0, &fd) == 0);
    CHECK(host_has(g, "root/f", ""));
    CHECK(open_in(g, ROOT_FD, ".", 0, WASI_O_DIRECTORY, WASI_R_FD_WRITE, 0, &fd) == WASI_EISDIR);
    CHECK(open_in(g, ROOT_FD, ".", 0, 0, WASI_R_FD_WRITE, 0, &fd) == WASI_EISDIR);
    CHECK(open_in(g, ROOT_FD, ".", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_EISDIR);
    CHECK(open_in(g, ROOT_FD, "x/", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_EISDIR);
    CHECK(open_in(g, ROOT_FD, "f", 2, 0, 0, 0, &fd) == WASI_EINVAL);
    CHECK(open_in(g, ROOT_FD, "f", 0, 16, 0, 0, &fd) == WASI_EINVAL);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, 0, 32, &fd) == WASI_EINVAL);
    CHECK(open_in(g, fd, "f", 0, 0, 0, 0, &fd) == WASI_ENOTDIR);
}

static void open_symlinks(struct guest *g)
{
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0 && make_file(g, "d/f", "x") == 0);
    CHECK(make_symlink(g, "d", "l") == 0 && make_symlink(g, "l/f", "m") == 0);
    CHECK(open_in(g, ROOT_FD, "l", 0, 0, 0, 0, &fd) == WASI_ELOOP);
    int rc = open_in(g, ROOT_FD, "l", 0, WASI_O_DIRECTORY, 0, 0, &fd);
    CHECK(rc == WASI_ENOTDIR || rc == WASI_ELOOP);
    CHECK(open_in(g, ROOT_FD, "l", 1, WASI_O_DIRECTORY, 0, 0, &fd) == 0);
    CHECK(open_in(g, ROOT_FD, "l/f", 0, 0, 0, 0, &fd) == 0);
    CHECK(open_in(g, ROOT_FD, "m", 0, 0, 0, 0, &fd) == WASI_ELOOP);
    CHECK(open_in(g, ROOT_FD, "m", 1, 0, 0, 0, &fd) == 0);
    CHECK(open_in(g, ROOT_FD, "l/", 0, 0, 0, 0, &fd) == 0);
    CHECK(open_in(g, ROOT_FD, "m/", 1, 0, 0, 0, &fd) == WASI_ENOTDIR);
    CHECK(make_symlink(g, "new", "n") == 0);
    CHECK(open_in(g, ROOT_FD, "n", 1, WASI_O_CREAT, 0, 0, &fd) == 0 && host_exists(g, "root/new"));
    CHECK(make_symlink(g, "new2", "n2") == 0);
    CHECK(open_in(g, ROOT_FD, "n2", 1, WASI_O_CREAT | WASI_O_EXCL, 0, 0, &fd) == WASI_EEXIST);
    CHECK(!host_exists(g, "root/new2"));
}

static void symlink_loops(struct guest *g)
{
    char name[16], target[16];
    CHECK(make_symlink(g, "self", "self") == 0 && open_plain(g, "self") == WASI_ELOOP);
    CHECK(open_plain(g, "self/x") == WASI_ELOOP);
    CHECK(make_symlink(g, "b", "a") == 0 && make_symlink(g, "a", "b") == 0);
    CHECK(open_plain(g, "a") == WASI_ELOOP);
    CHECK(make_file(g, "l0", "x") == 0);
    for (int i = 1; i <= 41; i++) {
        (void)snprintf(name, sizeof name, "l%d", i);
        (void)snprintf(target, sizeof target, "l%d", i - 1);
        CHECK(make_symlink(g, target, name) == 0);
    }
    CHECK(open_plain(g, "l39") == 0 && open_plain(g, "l40") == 0);
    CHECK(open_plain(g, "l41") == WASI_ELOOP);
}

static void path_arguments(struct guest *g)
{
    static char long_name[WASI_PATH_MAX + 2];
    uint32_t nul = text(g, "a?b");
    uint32_t out = room(g, 4);
    g->memory.base[nul + 1] = '\0';
    CHECK(CALL(g, "path_open", ROOT_FD, 0, nul, 3, 0, 0, 0, 0, out) == WASI_EINVAL);
    CHECK(CALL(g, "path_open", ROOT_FD, 0, nul, 0, 0, 0, 0, 0, out) == WASI_ENOENT);
    CHECK(CALL(g, "path_open", ROOT_FD, 0, MEM_SIZE - 2, 3, 0, 0, 0, 0, out) == WASI_EFAULT);
    CHECK(CALL(g, "path_open", ROOT_FD, 0, 0xffffffff, 0xffffffff, 0, 0, 0, 0, out) == WASI_EFAULT);
    CHECK(CALL(g, "path_open", ROOT_FD, 0, TEXT(g, "new"), WASI_O_CREAT, 0, 0, 0, MEM_SIZE - 3) ==
          WASI_EFAULT);
    CHECK(!host_exists(g, "root/new"));
    memset(long_name, 'x', sizeof long_name - 1);
    CHECK(open_plain(g, long_name) == WASI_ENAMETOOLONG);
    long_name[256] = '\0';
    CHECK(open_plain(g, long_name) == WASI_ENAMETOOLONG);
    long_name[255] = '\0';
    CHECK(open_plain(g, long_name) == WASI_ENOENT && make_file(g, long_name, "") == 0);
    for (size_t i = 0; i < WASI_PATH_MAX; i += 2)
        memcpy(long_name + i, "./", 2);
    long_name[WASI_PATH_MAX - 1] = '\0';
    CHECK(open_plain(g, long_name) == 0);
}

static void dots_and_slashes(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0 && make_file(g, "d/e/f", "x") == 0);
    CHECK(open_plain(g, "d/.//e/../../d/e/../e///./f") == 0);
    CHECK(open_plain(g, "./././d/e/..") == 0 && open_plain(g, "d/e/../..") == 0);
    CHECK(open_plain(g, "d/e/f/") == WASI_ENOTDIR && open_plain(g, "d/e/f/..") == WASI_ENOTDIR);
    CHECK(open_plain(g, "d/e///") == 0 && open_plain(g, "d/no/..") == WASI_ENOENT);
}

static void deep_paths(struct guest *g)
{
    char path[2 * 200 + 8] = "";
    for (int i = 0; i < 200; i++) {
        memcpy(path + 2 * i, "d", 2);
        CHECK(make_dir(g, path) == 0);
        memcpy(path + 2 * i + 1, "/", 2);
    }
    memcpy(path + 400, "f", 2);
    CHECK(make_file(g, path, "deep") == 0 && open_plain(g, path) == 0);
}

/* Our walk holds every directory on its way open, so it has a limit that the system has not. */
static void depth_at_the_limit(struct guest *g)
{
    char path[2 * WASI_WALK_DEPTH + 8] = "";
    int fd = -1;
    const size_t depth = WASI_WALK_DEPTH;
    host_path(g, "root", path, sizeof path);
    int dir = open(path, O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < depth; i++) {
        CHECK(mkdirat(dir, "d", 0700) == 0);
        int next = openat(dir, "d", O_RDONLY | O_DIRECTORY);
        (void)close(dir);
        dir = next;
        memcpy(path + 2 * i, "d/", 3);
    }
    (void)close(dir);
    const int root = g->w->roots[0].host;
    path[2 * depth - 1] = '\0'; /* the last of them is opened, not entered */
    CHECK(wasi_open_beneath(g->w, root, path, O_PATH, 0, &fd) == 0 && close(fd) == 0);
    memcpy(path + 2 * depth - 1, "/x", 3);
    int rc = wasi_open_beneath(g->w, root, path, O_PATH, 0, &fd);
    CHECK(rc == (g->w->walk_only ? WASI_ENAMETOOLONG : WASI_ENOENT));
}

/* ---- rights --------------------------------------------------------------- */

/* A directory fd that may do everything but `right`, with `right` not passed on either. */
static uint32_t dir_without(struct guest *g, uint64_t base, uint64_t inheriting)
{
    uint32_t st = room(g, 24);
    uint32_t fd = open_dir(g, "d");
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, r64(g, st + 8) & ~base,
               r64(g, st + 16) & ~inheriting) == 0);
    return fd;
}

static void each_path_call_needs_its_right(struct guest *g)
{
    uint32_t at = room(g, 64);
    uint32_t f = text(g, "f"), n = text(g, "n"), d = text(g, "s"), l = text(g, "l");
    const struct {
        const char *name;
        uint64_t right;
        uint64_t args[9];
        size_t nargs;
        size_t fd; /* which argument is the directory */
    } calls[] = {
        {"path_create_directory", WASI_R_PATH_CREATE_DIRECTORY, {0, n, 1}, 3, 0},
        {"path_remove_directory", WASI_R_PATH_REMOVE_DIRECTORY, {0, d, 1}, 3, 0},
        {"path_unlink_file", WASI_R_PATH_UNLINK_FILE, {0, f, 1}, 3, 0},
        {"path_filestat_get", WASI_R_PATH_FILESTAT_GET, {0, 0, f, 1, at}, 5, 0},
        {"path_filestat_set_times", WASI_R_PATH_FILESTAT_SET_TIMES, {0, 0, f, 1, 0, 0, 1}, 7, 0},
        {"path_readlink", WASI_R_PATH_READLINK, {0, l, 1, at, 8, at}, 6, 0},
        {"path_symlink", WASI_R_PATH_SYMLINK, {f, 1, 0, n, 1}, 5, 2},
        {"path_open", WASI_R_PATH_OPEN, {0, 0, f, 1, 0, 0, 0, 0, at}, 9, 0},
        {"path_open", WASI_R_PATH_CREATE_FILE, {0, 0, n, 1, WASI_O_CREAT, 0, 0, 0, at}, 9, 0},
        {"path_open",
         WASI_R_PATH_FILESTAT_SET_SIZE,
         {0, 0, f, 1, WASI_O_TRUNC, WASI_R_FD_WRITE, 0, 0, at},
         9,
         0},
        {"fd_readdir", WASI_R_FD_READDIR, {0, at, 64, 0, at}, 5, 0},
        {"fd_sync", WASI_R_FD_SYNC, {0}, 1, 0},
        {"fd_filestat_set_times", WASI_R_FD_FILESTAT_SET_TIMES, {0, 0, 0, 1}, 4, 0},
    };
    CHECK(make_dir(g, "d") == 0);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        uint64_t args[9];
        (void)unlink_path(g, "d/f"), (void)unlink_path(g, "d/n"), (void)unlink_path(g, "d/l");
        (void)rmdir_path(g, "d/n"), (void)rmdir_path(g, "d/s");
        CHECK(make_file(g, "d/f", "data") == 0 && make_dir(g, "d/s") == 0);
        CHECK(make_symlink(g, "x", "d/l") == 0);
        memcpy(args, calls[i].args, sizeof args);
        args[calls[i].fd] = dir_without(g, calls[i].right, 0);
        if (!CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == WASI_ENOTCAPABLE))
            (void)fprintf(stderr, "  %s\n", calls[i].name);
        CHECK(host_has(g, "root/d/f", "data") && !host_exists(g, "root/d/n"));
        args[calls[i].fd] = dir_without(g, 0, 0);
        if (!CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == 0))
            (void)fprintf(stderr, "  %s\n", calls[i].name);
    }
}

static void rename_and_link_need_both_rights(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_file(g, "d/f", "x") == 0);
    uint32_t all = dir_without(g, 0, 0);
    uint32_t no_source = dir_without(g, WASI_R_PATH_RENAME_SOURCE | WASI_R_PATH_LINK_SOURCE, 0);
    uint32_t no_target = dir_without(g, WASI_R_PATH_RENAME_TARGET | WASI_R_PATH_LINK_TARGET, 0);
    const uint32_t pairs[][2] = {{no_source, all}, {all, no_target}};
    for (size_t i = 0; i < 2; i++) {
        CHECK(CALL(g, "path_rename", pairs[i][0], TEXT(g, "f"), pairs[i][1], TEXT(g, "g")) ==
              WASI_ENOTCAPABLE);
        CHECK(CALL(g, "path_link", pairs[i][0], 0, TEXT(g, "f"), pairs[i][1], TEXT(g, "g")) ==
              WASI_ENOTCAPABLE);
        CHECK(!host_exists(g, "root/d/g"));
    }
    CHECK(CALL(g, "path_link", no_target, 0, TEXT(g, "f"), no_source, TEXT(g, "g")) == 0);
    CHECK(CALL(g, "path_rename", no_target, TEXT(g, "f"), no_source, TEXT(g, "h")) == 0);
}

static void rights_are_passed_on_or_not(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0 && make_file(g, "d/f", "data") == 0);
    uint32_t dir = dir_without(g, 0, WASI_R_FD_WRITE | WASI_R_FD_SEEK);
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_WRITE, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_READ | WASI_R_FD_SEEK, 0, &fd) == 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && r64(g, st + 8) == WASI_R_FD_READ);
    CHECK(make_dir(g, "d/e") == 0);
    CHECK(open_in(g, dir, "e", 0, WASI_O_DIRECTORY, DIR_RIGHTS, 0, &fd) == 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0);
    CHECK((r64(g, st + 16) & (WASI_R_FD_WRITE | WASI_R_FD_SEEK)) == 0);
    dir = dir_without(g, 0, WASI_R_FD_SYNC | WASI_R_FD_DATASYNC);
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_READ, WASI_FLAG_SYNC, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_READ, WASI_FLAG_DSYNC, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_READ, WASI_FLAG_APPEND, &fd) == 0);
}

static void truncating_needs_the_right(struct guest *g)
{
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0 && make_file(g, "d/f", "data") == 0);
    uint32_t dir = dir_without(g, WASI_R_PATH_FILESTAT_SET_SIZE, 0);
    CHECK(open_in(g, dir, "f", 0, WASI_O_TRUNC, FILE_RIGHTS, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, dir, "f", 0, WASI_O_TRUNC | WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(host_has(g, "root/d/f", "data"));
    dir = dir_without(g, 0, WASI_R_FD_FILESTAT_SET_SIZE | WASI_R_FD_WRITE);
    CHECK(open_in(g, dir, "f", 0, WASI_O_TRUNC, 0, 0, &fd) == 0 && host_has(g, "root/d/f", ""));
}

static void kinds_have_only_their_rights(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0 && make_file(g, "f", "") == 0);
    CHECK(open_in(g, ROOT_FD, "d", 0, WASI_O_DIRECTORY, WASI_R_FD_SEEK | WASI_R_FD_READDIR, 0,
                  &fd) == 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && r64(g, st + 8) == WASI_R_FD_READDIR);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, UINT64_MAX, 0, &fd) == 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && r64(g, st + 8) == FILE_RIGHTS);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, FILE_RIGHTS | WASI_R_PATH_OPEN | WASI_R_SOCK_SHUTDOWN, 0,
                  &fd) == 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0);
    CHECK(r64(g, st + 8) == FILE_RIGHTS && r64(g, st + 16) == 0);
}

/* ---- ways out ------------------------------------------------------------- */

static void out_by_dotdot(struct guest *g)
{
    static const char *const paths[] = {
        "..",
        "../",
        "../outside/secret",
        "./../outside/secret",
        "d/../../outside/secret",
        "d/e/../../../outside/secret",
        "d//..//..//outside//secret",
        "../root/d",
        "d/../..",
        "d/e/../../../root/d/e/f",
    };
    uint32_t st = room(g, 64);
    char buf[64];
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0 && make_file(g, "d/e/f", "") == 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CHECK(open_plain(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(stat_path(g, paths[i], 0, st) == WASI_ENOTCAPABLE);
        CHECK(stat_path(g, paths[i], 1, st) == WASI_ENOTCAPABLE);
        CHECK(times_path(g, paths[i], 1, 1) == WASI_ENOTCAPABLE);
        CHECK(readlink_path(g, paths[i], buf, 64) == WASI_ENOTCAPABLE);
        CHECK(make_dir(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(rmdir_path(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(unlink_path(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(make_symlink(g, "x", paths[i]) == WASI_ENOTCAPABLE);
        CHECK(rename_path(g, paths[i], "x") == WASI_ENOTCAPABLE);
        CHECK(rename_path(g, "d", paths[i]) == WASI_ENOTCAPABLE);
        CHECK(link_path(g, paths[i], "x") == WASI_ENOTCAPABLE);
        CHECK(link_path(g, "d/e/f", paths[i]) == WASI_ENOTCAPABLE);
    }
    CHECK(outside_untouched(g));
}

static void out_by_absolute_path(struct guest *g)
{
    char absolute[256];
    uint32_t st = room(g, 64);
    char buf[64];
    host_path(g, "outside/secret", absolute, sizeof absolute);
    const char *const paths[] = {absolute, "/", "//", "/.", "/etc/passwd", "/d"};
    CHECK(make_dir(g, "d") == 0 && make_file(g, "f", "") == 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CHECK(open_plain(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(open_in(g, ROOT_FD, paths[i], 0, WASI_O_CREAT | WASI_O_TRUNC, WASI_R_FD_WRITE, 0,
                      NULL) == WASI_ENOTCAPABLE);
        CHECK(stat_path(g, paths[i], 1, st) == WASI_ENOTCAPABLE);
        CHECK(times_path(g, paths[i], 1, 1) == WASI_ENOTCAPABLE);
        CHECK(readlink_path(g, paths[i], buf, 64) == WASI_ENOTCAPABLE);
        CHECK(make_dir(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(rmdir_path(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(unlink_path(g, paths[i]) == WASI_ENOTCAPABLE);
        CHECK(make_symlink(g, "x", paths[i]) == WASI_ENOTCAPABLE);
        CHECK(rename_path(g, paths[i], "x") == WASI_ENOTCAPABLE);
        CHECK(rename_path(g, "f", paths[i]) == WASI_ENOTCAPABLE);
        CHECK(link_path(g, paths[i], "x") == WASI_ENOTCAPABLE);
        CHECK(link_path(g, "f", paths[i]) == WASI_ENOTCAPABLE);
    }
    CHECK(outside_untouched(g) && host_exists(g, "root/f"));
}

static void out_by_absolute_symlink(struct guest *g)
{
    char absolute[256];
    uint32_t fd = 0;
    host_path(g, "outside", absolute, sizeof absolute);
    host_symlink(g, absolute, "root/link");
    host_path(g, "outside/secret", absolute, sizeof absolute);
    host_symlink(g, absolute, "root/file");
    host_path(g, "root", absolute, sizeof absolute);
    host_symlink(g, absolute, "root/home"); /* even if it leads back in */
    CHECK(open_plain(g, "link") == WASI_ENOTCAPABLE && open_plain(g, "file") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "link/secret") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "home/link") == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "file", 1, WASI_O_TRUNC | WASI_O_CREAT, FILE_RIGHTS, 0, &fd) ==
          WASI_ENOTCAPABLE);
    CHECK(outside_untouched(g));
}

/* Everything through a symlink, made by the guest itself, that leads out. */
static void out_by_relative_symlink(struct guest *g)
{
    uint32_t st = room(g, 64);
    uint32_t fd = 0;
    char buf[64];
    CHECK(make_symlink(g, "../outside", "link") == 0);
    CHECK(make_symlink(g, "../outside/secret", "file") == 0);
    CHECK(make_symlink(g, "../outside/new", "dangling") == 0);
    CHECK(make_file(g, "mine", "") == 0);
    CHECK(open_plain(g, "link") == WASI_ENOTCAPABLE && open_plain(g, "link/") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "link/secret") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "file") == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "file", 1, WASI_O_TRUNC, FILE_RIGHTS, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "dangling", 1, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "link/new", 1, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(stat_path(g, "link", 1, st) == WASI_ENOTCAPABLE);
    CHECK(stat_path(g, "link/secret", 0, st) == WASI_ENOTCAPABLE);
    CHECK(stat_path(g, "file", 1, st) == WASI_ENOTCAPABLE && stat_path(g, "file", 0, st) == 0);
    CHECK(times_path(g, "file", 1, 1) == WASI_ENOTCAPABLE);
    CHECK(times_path(g, "link/secret", 0, 1) == WASI_ENOTCAPABLE);
    CHECK(make_dir(g, "link/d") == WASI_ENOTCAPABLE && make_dir(g, "link") == WASI_EEXIST);
    CHECK(unlink_path(g, "link/secret") == WASI_ENOTCAPABLE);
    CHECK(rename_path(g, "link/secret", "x") == WASI_ENOTCAPABLE);
    CHECK(rename_path(g, "mine", "link/x") == WASI_ENOTCAPABLE);
    CHECK(link_path(g, "link/secret", "x") == WASI_ENOTCAPABLE);
    CHECK(link_path(g, "mine", "link/x") == WASI_ENOTCAPABLE);
    CHECK(make_symlink(g, "x", "link/x") == WASI_ENOTCAPABLE);
    CHECK(readlink_path(g, "link/secret", buf, 64) == WASI_ENOTCAPABLE);
    CHECK(outside_untouched(g));
}

/* A trailing slash makes the system follow a last symlink even where it would not. */
static void out_by_trailing_slash(struct guest *g)
{
    uint32_t st = room(g, 64);
    char buf[64];
    CHECK(make_symlink(g, "../outside", "link") == 0 && make_file(g, "f", "") == 0);
    CHECK(stat_path(g, "link/", 0, st) == WASI_ENOTCAPABLE);
    CHECK(stat_path(g, "link/.", 0, st) == WASI_ENOTCAPABLE);
    CHECK(times_path(g, "link/", 0, 1) == WASI_ENOTCAPABLE);
    CHECK(readlink_path(g, "link/", buf, 64) == WASI_ENOTCAPABLE);
    CHECK(link_path(g, "link/", "x") == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "link/", 0, WASI_O_DIRECTORY, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(rmdir_path(g, "link/") == WASI_ENOTDIR && unlink_path(g, "link/") == WASI_ENOTDIR);
    CHECK(rename_path(g, "link/", "y") == WASI_ENOTDIR);
    int rc = rename_path(g, "f", "link/");
    CHECK(rc == WASI_ENOTDIR || rc == WASI_EISDIR);
    CHECK(make_dir(g, "link/") == WASI_EEXIST);
    CHECK(outside_untouched(g));
}

static void out_by_symlink_chain(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0);
    CHECK(make_symlink(g, "..", "d/up") == 0 && make_symlink(g, "../..", "d/e/top") == 0);
    CHECK(make_symlink(g, "d/up/..", "over") == 0);
    CHECK(make_symlink(g, "over/outside/secret", "chain") == 0);
    CHECK(open_plain(g, "d/up") == 0 && open_plain(g, "d/up/d/up/d/e/top/d") == 0);
    CHECK(open_plain(g, "d/up/..") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "d/up/../outside/secret") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "d/e/top/..") == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "over") == WASI_ENOTCAPABLE && open_plain(g, "chain") == WASI_ENOTCAPABLE);
}

static void absolute_symlinks_are_not_made(struct guest *g)
{
    CHECK(make_symlink(g, "/", "s") == WASI_ENOTCAPABLE);
    CHECK(make_symlink(g, "/etc/passwd", "s") == WASI_ENOTCAPABLE);
    CHECK(make_symlink(g, "//x", "s") == WASI_ENOTCAPABLE);
    CHECK(!host_exists(g, "root/s"));
}

/* A directory fd is a root of its own: what is above it is outside. */
static void out_of_a_subdirectory(struct guest *g)
{
    uint32_t st = room(g, 64);
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0 && make_file(g, "f", "") == 0);
    CHECK(make_symlink(g, "../f", "d/s") == 0);
    uint32_t d = open_dir(g, "d");
    CHECK(open_in(g, d, "..", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, d, "../f", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, d, "s", 1, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, d, "e/../..", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "path_filestat_get", d, 1, TEXT(g, "s"), st) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "path_unlink_file", d, TEXT(g, "../f")) == WASI_ENOTCAPABLE);
    CHECK(open_plain(g, "d/s") == 0); /* from the root it does not lead out */
}

/* Renumbering moves an fd with its root and its rights, and gives it nothing of the other. */
static void out_by_renumber(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0);
    uint32_t d = dir_without(g, WASI_R_PATH_CREATE_FILE, WASI_R_FD_WRITE);
    uint32_t file = 0;
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, FILE_RIGHTS, 0, &file) == 0);
    CHECK(CALL(g, "fd_renumber", d, file) == 0);
    CHECK(open_in(g, file, "../f", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, file, "x", 0, WASI_O_CREAT, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(write_all(g, file, "x") == WASI_EISDIR);
}

/* An fd to a directory that somebody moves out of the root: nothing above it is reachable. */
static void out_by_moved_directory(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0);
    uint32_t e = open_dir(g, "d/e");
    host_rename(g, "root/d/e", "outside/e");
    CHECK(open_in(g, e, "../secret", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, e, "..", 0, 0, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, e, "./x/../../secret", 0, 0, 0, 0, NULL) != 0);
    host_rename(g, "outside/e", "root/d/e");
}

/* A hard link names the symlink itself, and from a read-only tree there is none to be had. */
static void out_by_hard_link(struct guest *g)
{
    char buf[64];
    CHECK(make_symlink(g, "../outside/secret", "s") == 0);
    CHECK(link_path(g, "s", "t") == 0);
    CHECK(readlink_path(g, "t", buf, sizeof buf) == 0 && strcmp(buf, "../outside/secret") == 0);
    CHECK(open_plain(g, "t") == WASI_ENOTCAPABLE);
    CHECK(link_path(g, "s/", "u") != 0 && !host_exists(g, "root/u"));
    CHECK(outside_untouched(g));
}

/* ---- somebody else changes the tree while we look ------------------------- */

struct race {
    struct guest *g;
    _Atomic bool stop;
    _Atomic unsigned turns;
    char a[128], b[128];
    unsigned flags;
};

static void *flip(void *arg)
{
    struct race *race = arg;
    while (!race->stop) {
        if (race->flags != 0) {
            (void)renameat2(AT_FDCWD, race->a, AT_FDCWD, race->b, race->flags);
        } else {
            (void)rename(race->a, race->b);
            (void)rename(race->b, race->a);
        }
        race->turns++;
    }
    return NULL;
}

#define RACE_TRIES 3000

static void race_with_a_moving_directory(struct guest *g)
{
    struct race race = {.g = g};
    pthread_t thread;
    unsigned refused = 0;
    CHECK(make_dir(g, "x") == 0 && make_dir(g, "x/y") == 0);
    host_path(g, "root/x/y", race.a, sizeof race.a);
    host_path(g, "outside/y", race.b, sizeof race.b);
    CHECK(pthread_create(&thread, NULL, flip, &race) == 0);
    for (int i = 0; i < RACE_TRIES; i++) {
        int rc = open_plain(g, "x/y/../../outside/secret");
        CHECK(rc != 0);
        refused += rc == WASI_ENOTCAPABLE || rc == WASI_ENOENT || rc == WASI_EAGAIN;
        rc = open_plain(g, "x/y/../secret"); /* beside y, were it moved */
        CHECK(rc != 0);
    }
    CHECK(refused == RACE_TRIES && race.turns > 10);
    race.stop = true;
    CHECK(pthread_join(thread, NULL) == 0);
    (void)rename(race.b, race.a);
}

/* A name that is now a directory, now a symlink out. */
static void race_with_a_changing_name(struct guest *g)
{
    struct race race = {.g = g, .flags = 2 /* RENAME_EXCHANGE */};
    pthread_t thread;
    uint32_t fd = 0;
    char buf[32];
    unsigned mine = 0;
    CHECK(make_dir(g, "flip") == 0 && make_file(g, "flip/secret", "mine") == 0);
    CHECK(make_symlink(g, "../outside", "flop") == 0);
    host_path(g, "root/flip", race.a, sizeof race.a);
    host_path(g, "root/flop", race.b, sizeof race.b);
    CHECK(pthread_create(&thread, NULL, flip, &race) == 0);
    for (int i = 0; i < RACE_TRIES; i++) {
        if (open_in(g, ROOT_FD, "flip/secret", 1, 0, WASI_R_FD_READ, 0, &fd) == 0) {
            CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "mine") == 0);
            CHECK(CALL(g, "fd_close", fd) == 0);
            mine++;
        }
        if (open_in(g, ROOT_FD, "flip/new", 1, WASI_O_CREAT, 0, 0, &fd) == 0)
            CHECK(CALL(g, "fd_close", fd) == 0);
        (void)unlink_path(g, "flip/secret2");
        (void)make_dir(g, "flip/dir");
    }
    race.stop = true;
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(mine > 0 && race.turns > 10);
    CHECK(outside_untouched(g) && !host_exists(g, "outside/new") && !host_exists(g, "outside/dir"));
}

/* The last component is now a file, now a symlink out. */
static void race_with_a_changing_file(struct guest *g)
{
    struct race race = {.g = g, .flags = 2 /* RENAME_EXCHANGE */};
    pthread_t thread;
    uint32_t fd = 0;
    char buf[32];
    unsigned mine = 0;
    CHECK(make_file(g, "flip", "mine") == 0);
    CHECK(make_symlink(g, "../outside/secret", "flop") == 0);
    host_path(g, "root/flip", race.a, sizeof race.a);
    host_path(g, "root/flop", race.b, sizeof race.b);
    CHECK(pthread_create(&thread, NULL, flip, &race) == 0);
    for (int i = 0; i < 4 * RACE_TRIES; i++) {
        if (open_in(g, ROOT_FD, "flip", 1, 0, WASI_R_FD_READ, 0, &fd) != 0)
            continue;
        CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "mine") == 0);
        CHECK(CALL(g, "fd_close", fd) == 0);
        mine++;
    }
    race.stop = true;
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(mine > 0 && race.turns > 10 && outside_untouched(g));
}

static const struct test_case cases[] = {
    CASE(create_directory),
    CASE(remove_directory),
    CASE(unlink_file),
    CASE(rename_files),
    CASE(rename_between_directories),
    CASE(link_files),
    CASE(symlink_and_readlink),
    CASE(filestat_follows_or_not),
    CASE(set_times_follows_or_not),
    CASE(open_flags),
    CASE(open_symlinks),
    CASE(symlink_loops),
    CASE(path_arguments),
    CASE(dots_and_slashes),
    CASE(deep_paths),
    CASE(depth_at_the_limit),
    CASE(each_path_call_needs_its_right),
    CASE(rename_and_link_need_both_rights),
    CASE(rights_are_passed_on_or_not),
    CASE(truncating_needs_the_right),
    CASE(kinds_have_only_their_rights),
    CASE(out_by_dotdot),
    CASE(out_by_absolute_path),
    CASE(out_by_absolute_symlink),
    CASE(out_by_relative_symlink),
    CASE(out_by_trailing_slash),
    CASE(out_by_symlink_chain),
    CASE(absolute_symlinks_are_not_made),
    CASE(out_of_a_subdirectory),
    CASE(out_by_renumber),
    CASE(out_by_moved_directory),
    CASE(out_by_hard_link),
    CASE(race_with_a_moving_directory),
    CASE(race_with_a_changing_name),
    CASE(race_with_a_changing_file),
};

/* ---- a read-only pre-open ------------------------------------------------- */

static void read_only_refuses_changes(struct guest *g)
{
    uint32_t fd = 0;
    uint32_t at = room(g, 512);
    char buf[8];
    host_write(g, "root/f", "data");
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, WASI_R_FD_READ | WASI_R_FD_SEEK, 0, &fd) == 0);
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "data") == 0);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, WASI_R_FD_WRITE, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_TRUNC, WASI_R_FD_READ, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "n", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(make_dir(g, "d") == WASI_ENOTCAPABLE && make_symlink(g, "x", "s") == WASI_ENOTCAPABLE);
    CHECK(unlink_path(g, "f") == WASI_ENOTCAPABLE && rmdir_path(g, "f") == WASI_ENOTCAPABLE);
    CHECK(rename_path(g, "f", "g") == WASI_ENOTCAPABLE);
    CHECK(link_path(g, "f", "g") == WASI_ENOTCAPABLE);
    CHECK(times_path(g, "f", 0, 1) == WASI_ENOTCAPABLE);
    CHECK(stat_path(g, "f", 0, at) == 0);
    CHECK(CALL(g, "fd_readdir", ROOT_FD, at, 512, 0, at) == 0);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, FILE_RIGHTS & ~WASI_R_FD_WRITE, 0, &fd) == 0);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 0) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_allocate", fd, 0, 100) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, 0, 1) == WASI_ENOTCAPABLE);
    CHECK(host_has(g, "root/f", "data"));
}

/* Not even through a directory fd that was opened with everything. */
static void read_only_is_passed_on(struct guest *g)
{
    uint32_t dir = open_dir(g, ".");
    uint32_t fd = 0;
    host_write(g, "root/f", "data");
    CHECK(open_in(g, dir, "f", 0, 0, WASI_R_FD_WRITE, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, dir, "n", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "path_unlink_file", dir, TEXT(g, "f")) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "path_link", dir, 0, TEXT(g, "f"), dir, TEXT(g, "g")) == WASI_ENOTCAPABLE);
}

static const struct test_case read_only[] = {
    CASE(read_only_refuses_changes),
    CASE(read_only_is_passed_on),
};

/* ---- magic links ---------------------------------------------------------- */

static void magic_links(bool walk_only)
{
    static const char *const paths[] = {"root", "root/etc", "cwd",    "exe",
                                        "fd/0", "fd/1",     "root/.."};
    struct wasi *w = NULL;
    struct wasi_preopen proc = {.guest = "p", .host = "/proc/self"};
    struct wasi_config config = {.preopens = &proc, .npreopens = 1, .stdio = {-1, -1, -1}};
    struct csk_error err = {0};
    if (!CHECK(wasi_new(&config, &w, &err) == 0))
        return;
    w->walk_only |= walk_only;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = -1;
        CHECK(wasi_open_beneath(w, w->roots[0].host, paths[i], O_RDONLY, 0, &fd) != 0 && fd == -1);
    }
    wasi_free(w);
    cases_run++;
    printf("ok   %3u %s magic_links\n", cases_run, walk_only ? "walk" : "system");
}

int main(void)
{
    for (int walk = 0; walk < 2; walk++) {
        const char *label = walk ? "walk" : "system";
        const struct world world = {.walk_only = walk != 0};
        const struct world ro = {.walk_only = walk != 0, .read_only = true};
        run_cases(cases, sizeof cases / sizeof *cases, &world, label);
        run_cases(read_only, 2, &ro, label);
        magic_links(walk != 0);
    }
    printf("openat2 on this system: %s\n", wasi_have_openat2() ? "yes" : "no, both runs walked");
    return report("wasi paths");
}
