/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "test/wasi/driver.h"

/* Freezing and thawing: every kind of fd, files that changed meanwhile, and states that lie. */

/* ---- helpers -------------------------------------------------------------- */

static const struct wasi_listener *the_listener;

static int thaw_with(struct guest *g, const struct wasi_state *state, const char *root,
                     const struct wasi_config *like, struct wasi **ret_w, struct csk_error *err)
{
    char path[256];
    struct wasi_preopen preopen = {.guest = "/", .host = path};
    struct wasi_config config = {.stdio = {-1, -1, -1}};
    host_path(g, root, path, sizeof path);
    if (like != NULL)
        config = *like;
    if (like != NULL && like->npreopens != 0)
        preopen.read_only = like->preopens[0].read_only;
    config.preopens = &preopen;
    config.npreopens = 1;
    config.listeners = the_listener;
    config.nlisteners = the_listener != NULL ? 1 : 0;
    return wasi_thaw(state, &config, ret_w, err);
}

static int thaw(struct guest *g, const struct wasi_state *state, const char *root,
                struct wasi **ret_w)
{
    struct csk_error err = {0};
    int rc = thaw_with(g, state, root, NULL, ret_w, &err);
    CHECK((rc == 0) == (err.text[0] == '\0'));
    return rc;
}

static bool fds_equal(const struct wasi_fd_state *a, const struct wasi_fd_state *b)
{
    return a->fd == b->fd && a->kind == b->kind && a->stdio == b->stdio &&
           a->filetype == b->filetype && a->eof == b->eof && a->fdflags == b->fdflags &&
           a->rights_base == b->rights_base && a->rights_inheriting == b->rights_inheriting &&
           a->offset == b->offset && a->preopen == b->preopen && a->content == b->content &&
           strcmp(a->path, b->path) == 0;
}

/* All of it but the host fds; that is what an image of the one and the other would hold. */
static bool states_equal(const struct wasi_state *a, const struct wasi_state *b)
{
    bool same = a->nfds == b->nfds && a->ncontents == b->ncontents && a->nargs == b->nargs &&
                a->nenv == b->nenv && a->npreopens == b->npreopens &&
                a->monotonic_ns == b->monotonic_ns && a->cpu_ns == b->cpu_ns &&
                a->poll_deadline_set == b->poll_deadline_set &&
                a->poll_deadline_ns == b->poll_deadline_ns;
    for (uint32_t i = 0; same && i < a->nargs; i++)
        same = strcmp(a->args[i], b->args[i]) == 0;
    for (uint32_t i = 0; same && i < a->nenv; i++)
        same = strcmp(a->env[i], b->env[i]) == 0;
    for (uint32_t i = 0; same && i < a->npreopens; i++)
        same = strcmp(a->preopens[i], b->preopens[i]) == 0;
    for (uint32_t i = 0; same && i < a->nfds; i++)
        same = fds_equal(&a->fds[i], &b->fds[i]);
    for (uint32_t i = 0; same && i < a->ncontents; i++)
        same = a->contents[i].size == b->contents[i].size &&
               a->contents[i].mode == b->contents[i].mode &&
               a->contents[i].preopen == b->contents[i].preopen &&
               strcmp(a->contents[i].path, b->contents[i].path) == 0;
    return same;
}

/* Freeze, thaw in `root`, check that the thawed one freezes to the same, go on with it. */
static void move_to(struct guest *g, const char *root)
{
    struct wasi_state before = {0};
    struct wasi_state after = {0};
    struct wasi *w = NULL;
    struct csk_error err = {0};
    bool walk_only = g->w->walk_only;
    wasi_pause(g->w);
    CHECK(wasi_freeze(g->w, false, &before, &err) == 0);
    if (CHECK(thaw(g, &before, root, &w) == 0)) {
        w->walk_only = walk_only;
        CHECK(wasi_freeze(w, false, &after, &err) == 0);
        CHECK(states_equal(&before, &after));
        wasi_state_fini(&after);
        wasi_free(g->w);
        guest_swap(g, w);
    }
    wasi_state_fini(&before);
}

static const struct wasi_fd_state *find(const struct wasi_state *state, uint32_t fd)
{
    for (uint32_t i = 0; i < state->nfds; i++)
        if (state->fds[i].fd == fd)
            return &state->fds[i];
    return NULL;
}

static uint8_t kind_of(struct guest *g, uint32_t fd)
{
    struct wasi_state state = {0};
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0);
    const struct wasi_fd_state *s = find(&state, fd);
    uint8_t kind = s != NULL ? s->kind : 255;
    wasi_state_fini(&state);
    return kind;
}

static bool path_is(struct guest *g, uint32_t fd, const char *path)
{
    struct wasi_state state = {0};
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0);
    const struct wasi_fd_state *s = find(&state, fd);
    bool same = s != NULL && strcmp(s->path, path) == 0;
    wasi_state_fini(&state);
    return same;
}

static uint32_t opened(struct guest *g, const char *path, uint32_t oflags, uint64_t rights,
                       uint32_t fdflags)
{
    uint32_t fd = 999;
    CHECK(open_in(g, ROOT_FD, path, WASI_LOOKUP_FOLLOW, oflags, rights, fdflags, &fd) == 0);
    return fd;
}

static void seek_to(struct guest *g, uint32_t fd, uint64_t to)
{
    CHECK(CALL(g, "fd_seek", fd, to, WASI_WHENCE_SET, room(g, 8)) == 0);
}

static bool reads(struct guest *g, uint32_t fd, const char *expected)
{
    char buf[512];
    return read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, expected) == 0;
}

static void host_mkdir(struct guest *g, const char *name)
{
    char path[256];
    host_path(g, name, path, sizeof path);
    CHECK(mkdir(path, 0777) == 0);
}

static void host_rename(struct guest *g, const char *from, const char *to)
{
    char a[256], b[256];
    host_path(g, from, a, sizeof a);
    host_path(g, to, b, sizeof b);
    CHECK(rename(a, b) == 0);
}

static unsigned host_fds(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        (void)closedir(dir);
    return n;
}

/* ---- every kind of fd ----------------------------------------------------- */

static void file_with_offset(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(write_all(g, fd, "0123456789") == 0);
    seek_to(g, fd, 3);
    move_to(g, "root");
    CHECK(reads(g, fd, "3456789"));
    CHECK(write_all(g, fd, "ab") == 0 && host_has(g, "root/f", "0123456789ab"));
    seek_to(g, fd, 100); /* beyond the end */
    move_to(g, "root");
    CHECK(CALL(g, "fd_tell", fd, 64) == 0 && r64(g, 64) == 100);
}

static void rights_and_flags(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t fd = opened(g, "f", WASI_O_CREAT, WASI_R_FD_READ | WASI_R_FD_WRITE,
                         WASI_FLAG_APPEND | WASI_FLAG_NONBLOCK | WASI_FLAG_DSYNC);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, WASI_R_FD_WRITE, 0) == 0);
    CHECK(write_all(g, fd, "one") == 0);
    move_to(g, "root");
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && r64(g, st + 8) == WASI_R_FD_WRITE);
    CHECK(get_le16(g->memory.base + st + 2) ==
          (WASI_FLAG_APPEND | WASI_FLAG_NONBLOCK | WASI_FLAG_DSYNC));
    host_write(g, "root/f", "longer than before");
    CHECK(write_all(g, fd, "!") == 0 && host_has(g, "root/f", "longer than before!"));
    CHECK(CALL(g, "fd_read", fd, iov(g, st, 1), 1, st) == WASI_ENOTCAPABLE);
}

static void exact_numbers(struct guest *g)
{
    uint32_t fds[6];
    char name[16];
    for (int i = 0; i < 6; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        fds[i] = opened(g, name, WASI_O_CREAT, FILE_RIGHTS, 0);
        CHECK(write_all(g, fds[i], name) == 0);
        seek_to(g, fds[i], 0);
    }
    CHECK(CALL(g, "fd_close", fds[1]) == 0 && CALL(g, "fd_renumber", fds[5], fds[0]) == 0);
    move_to(g, "root");
    CHECK(reads(g, fds[0], "f5") && reads(g, fds[2], "f2") && reads(g, fds[4], "f4"));
    CHECK(CALL(g, "fd_close", fds[1]) == WASI_EBADF && CALL(g, "fd_close", fds[5]) == WASI_EBADF);
    CHECK(opened(g, "new", WASI_O_CREAT, 0, 0) == fds[1]);
}

static void directories(struct guest *g)
{
    uint32_t fd = 0;
    uint32_t st = room(g, 24);
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0);
    uint32_t dir = opened(g, "d/./e/", WASI_O_DIRECTORY, UINT64_MAX & ~WASI_R_FD_WRITE, 0);
    CHECK(path_is(g, dir, "d/e"));
    move_to(g, "root");
    CHECK(open_in(g, dir, "x", 0, WASI_O_CREAT, 0, 0, &fd) == 0 && host_exists(g, "root/d/e/x"));
    CHECK(open_in(g, dir, "../x", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOTCAPABLE);
    CHECK(path_is(g, fd, "d/e/x"));
    CHECK(CALL(g, "fd_prestat_get", dir, st) == WASI_EBADF);
    CHECK(CALL(g, "fd_prestat_get", ROOT_FD, st) == 0);
    move_to(g, "root");
    CHECK(kind_of(g, fd) == WASI_FD_FILE && kind_of(g, ROOT_FD) == WASI_FD_PREOPEN);
}

static void preopen_moved_and_closed(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t other = opened(g, "g", WASI_O_CREAT, 0, 0);
    uint32_t st = room(g, 8);
    CHECK(write_all(g, fd, "x") == 0);
    CHECK(CALL(g, "fd_renumber", ROOT_FD, other) == 0);
    move_to(g, "root");
    CHECK(CALL(g, "fd_prestat_get", other, st) == 0 && r32(g, st + 4) == 1);
    CHECK(CALL(g, "fd_prestat_get", ROOT_FD, st) == WASI_EBADF);
    CHECK(CALL(g, "fd_close", other) == 0);
    move_to(g, "root"); /* the file is still found beneath it */
    CHECK(write_all(g, fd, "y") == 0 && host_has(g, "root/f", "xy"));
}

static void preopen_rights_stay_dropped(struct guest *g)
{
    uint32_t st = room(g, 24);
    CHECK(CALL(g, "fd_fdstat_get", ROOT_FD, st) == 0);
    uint64_t base = r64(g, st + 8) & ~WASI_R_PATH_CREATE_FILE;
    CHECK(CALL(g, "fd_fdstat_set_rights", ROOT_FD, base, WASI_R_FD_READ) == 0);
    move_to(g, "root");
    CHECK(CALL(g, "fd_fdstat_get", ROOT_FD, st) == 0);
    CHECK(r64(g, st + 8) == base && r64(g, st + 16) == WASI_R_FD_READ);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, 0, 0, NULL) == WASI_ENOTCAPABLE);
}

static void args_env_clocks(struct guest *g)
{
    uint32_t out = room(g, 8);
    (void)usleep(2000);
    uint64_t now = wasi_monotonic_ns(g->w);
    g->w->poll_deadline_set = true;
    g->w->poll_deadline_ns = now + 5;
    move_to(g, "root");
    CHECK(wasi_monotonic_ns(g->w) >= now && g->w->poll_deadline_set);
    CHECK(g->w->poll_deadline_ns == now + 5);
    CHECK(CALL(g, "args_sizes_get", out, out + 4) == 0 && r32(g, out) == 2);
    CHECK(CALL(g, "environ_sizes_get", out, out + 4) == 0 && r32(g, out) == 1);
}

/* ---- files without a name ------------------------------------------------- */

static void unlinked_file(struct guest *g)
{
    uint32_t a = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t b = opened(g, "f", 0, FILE_RIGHTS, 0);
    CHECK(write_all(g, a, "0123456789") == 0);
    seek_to(g, b, 4);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "f")) == 0);
    CHECK(kind_of(g, a) == WASI_FD_UNLINKED);
    host_mkdir(g, "other");
    move_to(g, "other");
    CHECK(reads(g, b, "456789"));
    CHECK(write_all(g, a, "ab") == 0 && reads(g, b, "ab")); /* still one file */
    CHECK(!host_exists(g, "other/f"));
    move_to(g, "other"); /* and again */
    seek_to(g, a, 8);
    CHECK(reads(g, a, "89ab") && kind_of(g, a) == WASI_FD_UNLINKED);
    uint32_t st = room(g, 64);
    CHECK(CALL(g, "fd_filestat_get", a, st) == 0 && r64(g, st + 24) == 0 && r64(g, st + 32) == 12);
}

static void unlinked_write_only(struct guest *g)
{
    uint32_t fd =
        opened(g, "f", WASI_O_CREAT, WASI_R_FD_WRITE | WASI_R_FD_FILESTAT_GET, WASI_FLAG_APPEND);
    uint32_t st = room(g, 64);
    CHECK(write_all(g, fd, "abc") == 0);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "f")) == 0);
    move_to(g, "root");
    CHECK(write_all(g, fd, "def") == 0 && CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(r64(g, st + 32) == 6);
    char buf[8];
    CHECK(read_text(g, fd, buf, sizeof buf) == WASI_ENOTCAPABLE);
}

static void unlinked_large_and_sparse(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 5000000) == 0);
    seek_to(g, fd, 3000000);
    CHECK(write_all(g, fd, "in the middle") == 0);
    seek_to(g, fd, 3000000);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "f")) == 0);
    move_to(g, "root");
    char buf[14];
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "in the middle") == 0);
    uint32_t st = room(g, 64);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0 && r64(g, st + 32) == 5000000);
}

static void removed_directory(struct guest *g)
{
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0);
    uint32_t dir = opened(g, "d", WASI_O_DIRECTORY, UINT64_MAX & ~WASI_R_FD_WRITE, 0);
    CHECK(CALL(g, "path_remove_directory", ROOT_FD, TEXT(g, "d")) == 0);
    move_to(g, "root");
    CHECK(open_in(g, dir, "x", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_ENOENT);
    CHECK(kind_of(g, dir) == WASI_FD_UNLINKED);
    CHECK(open_in(g, dir, "..", 0, 0, 0, 0, &fd) == WASI_ENOTCAPABLE);
}

/* ---- names that changed meanwhile ----------------------------------------- */

static void renamed_by_the_guest(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(write_all(g, fd, "x") == 0 && make_dir(g, "d") == 0);
    CHECK(CALL(g, "path_rename", ROOT_FD, TEXT(g, "f"), ROOT_FD, TEXT(g, "d/g")) == 0);
    CHECK(path_is(g, fd, "d/g"));
    CHECK(make_file(g, "f", "another") == 0); /* the old name is taken by another file */
    CHECK(path_is(g, fd, "d/g"));
    move_to(g, "root");
    CHECK(write_all(g, fd, "y") == 0 && host_has(g, "root/d/g", "xy"));
    CHECK(host_has(g, "root/f", "another"));
}

static void renamed_directory_above(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0);
    uint32_t fd = opened(g, "d/e/f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t dir = opened(g, "d/e", WASI_O_DIRECTORY, WASI_R_PATH_OPEN, 0);
    host_rename(g, "root/d", "root/moved");
    CHECK(path_is(g, fd, "moved/e/f") && path_is(g, dir, "moved/e"));
    move_to(g, "root");
    CHECK(write_all(g, fd, "z") == 0 && host_has(g, "root/moved/e/f", "z"));
}

static void symlink_pointed_elsewhere(struct guest *g)
{
    CHECK(make_file(g, "a", "A") == 0 && make_file(g, "b", "B") == 0);
    CHECK(make_symlink(g, "a", "s") == 0);
    uint32_t fd = opened(g, "s", 0, FILE_RIGHTS, 0);
    CHECK(path_is(g, fd, "s"));
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "s")) == 0);
    CHECK(make_symlink(g, "b", "s") == 0);
    CHECK(path_is(g, fd, "a"));
    move_to(g, "root");
    CHECK(reads(g, fd, "A"));
}

static void moved_out_of_the_root(struct guest *g)
{
    struct wasi_state state = {0};
    struct csk_error err = {0};
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(write_all(g, fd, "mine") == 0);
    seek_to(g, fd, 0);
    host_rename(g, "root/f", "outside/f");
    CHECK(kind_of(g, fd) == WASI_FD_UNLINKED); /* no path leads to it: its bytes travel */
    move_to(g, "root");
    CHECK(reads(g, fd, "mine") && write_all(g, fd, "!") == 0);
    CHECK(host_has(g, "outside/f", "mine"));
    CHECK(make_dir(g, "d") == 0);
    (void)opened(g, "d", WASI_O_DIRECTORY, 0, 0);
    host_rename(g, "root/d", "outside/d");
    CHECK(wasi_freeze(g->w, false, &state, &err) == CSK_E_STATE && err.text[0] != '\0');
    CHECK(state.fds == NULL);
}

static void hard_link_remains(struct guest *g)
{
    uint32_t a = opened(g, "a", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(write_all(g, a, "x") == 0);
    CHECK(CALL(g, "path_link", ROOT_FD, 0, TEXT(g, "a"), ROOT_FD, TEXT(g, "b")) == 0);
    uint32_t b = opened(g, "b", 0, FILE_RIGHTS, 0);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "a")) == 0);
    CHECK(path_is(g, a, "b") && path_is(g, b, "b"));
    move_to(g, "root");
    CHECK(reads(g, b, "x") && write_all(g, a, "y") == 0 && host_has(g, "root/b", "xy"));
}

/* ---- listing goes on ------------------------------------------------------ */

/* Cookies work in another directory with the same names, made in another order. */
static void readdir_goes_on_elsewhere(struct guest *g)
{
    uint32_t buf = room(g, 128);
    uint32_t out = room(g, 4);
    uint64_t cookie = 0;
    char name[32];
    int seen[20] = {0};
    host_mkdir(g, "other");
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "root/n%d", i);
        host_write(g, name, "");
        (void)snprintf(name, sizeof name, "other/n%d", 19 - i);
        host_write(g, name, "");
    }
    for (int round = 0; round < 100; round++) {
        CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 128, cookie, out) == 0);
        uint32_t used = r32(g, out);
        for (uint32_t at = 0; used - at >= 24 && used - at - 24 >= r32(g, buf + at + 16);) {
            int index;
            (void)snprintf(name, sizeof name, "%.*s", (int)r32(g, buf + at + 16),
                           (char *)g->memory.base + buf + at + 24);
            if (sscanf(name, "n%d", &index) == 1 && index < 20)
                seen[index]++;
            cookie = r64(g, buf + at);
            at += 24 + r32(g, buf + at + 16);
        }
        if (used < 128)
            break;
        move_to(g, round % 2 ? "root" : "other");
    }
    for (int i = 0; i < 20; i++)
        CHECK(seen[i] == 1);
}

/* ---- files that travel ---------------------------------------------------- */

/* Freeze with files, and thaw in `root`; the result code. */
static int travel_to(struct guest *g, const char *root, bool read_only, struct csk_error *err)
{
    struct wasi_state state = {0};
    struct wasi *w = NULL;
    struct wasi_preopen like_preopen = {.read_only = read_only};
    struct wasi_config like = {.stdio = {-1, -1, -1}, .preopens = &like_preopen, .npreopens = 1};
    CHECK(wasi_freeze(g->w, true, &state, NULL) == 0);
    int rc = thaw_with(g, &state, root, &like, &w, err);
    wasi_state_fini(&state);
    if (rc == 0) {
        wasi_free(g->w);
        guest_swap(g, w);
    }
    return rc;
}

static void travelling_files_are_made(struct guest *g)
{
    struct stat st;
    char path[256];
    CHECK(make_dir(g, "d") == 0 && make_dir(g, "d/e") == 0);
    uint32_t a = opened(g, "d/e/f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t b = opened(g, "d/e/f", 0, FILE_RIGHTS, 0);
    CHECK(write_all(g, a, "content") == 0);
    host_path(g, "root/d/e/f", path, sizeof path);
    CHECK(chmod(path, 0640) == 0);
    host_mkdir(g, "other");
    CHECK(travel_to(g, "other", false, NULL) == 0);
    CHECK(host_has(g, "other/d/e/f", "content") && reads(g, b, "content"));
    host_path(g, "other/d/e/f", path, sizeof path);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
    CHECK(write_all(g, a, "!") == 0 && host_has(g, "other/d/e/f", "content!"));
    CHECK(host_has(g, "root/d/e/f", "content"));
}

static void travelling_files_that_are_there(struct guest *g)
{
    struct csk_error err = {0};
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t first = opened(g, "a", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(write_all(g, fd, "content") == 0 && write_all(g, first, "first") == 0);
    CHECK(CALL(g, "fd_renumber", first, opened(g, "x", WASI_O_CREAT, 0, 0)) == 0);
    host_mkdir(g, "other");
    static const char *const differing[] = {"Content", "content!", "conten", ""};
    for (size_t i = 0; i < 4; i++) {
        host_write(g, "other/f", differing[i]);
        CHECK(travel_to(g, "other", false, &err) == CSK_E_EXISTS && strstr(err.text, "f in /"));
        CHECK(host_has(g, "other/f", differing[i]));
        CHECK(!host_exists(g, "other/a")); /* made before, and taken back */
    }
    host_write(g, "other/f", "content"); /* equal: left alone */
    CHECK(travel_to(g, "other", false, NULL) == 0);
    CHECK(host_has(g, "other/a", "first") && write_all(g, fd, "!") == 0);
    CHECK(host_has(g, "other/f", "content!"));
}

static void travelling_to_odd_places(struct guest *g)
{
    char path[256];
    (void)opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    host_mkdir(g, "ro");
    CHECK(travel_to(g, "ro", true, NULL) == CSK_E_DENIED && !host_exists(g, "ro/f"));
    host_mkdir(g, "dir");
    host_mkdir(g, "dir/f");
    CHECK(travel_to(g, "dir", false, NULL) == CSK_E_EXISTS);
    host_mkdir(g, "link");
    host_path(g, "link/f", path, sizeof path);
    CHECK(symlink("../outside/new", path) == 0);
    CHECK(travel_to(g, "link", false, NULL) == CSK_E_DENIED && !host_exists(g, "outside/new"));
    CHECK(unlink(path) == 0 && symlink("dangling", path) == 0);
    CHECK(travel_to(g, "link", false, NULL) != 0 && !host_exists(g, "link/dangling"));
}

static void files_that_stay_must_be_there(struct guest *g)
{
    struct wasi_state state = {0};
    struct wasi *w = NULL;
    struct csk_error err = {0};
    (void)opened(g, "file", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0 && state.ncontents == 0);
    host_mkdir(g, "other");
    CHECK(thaw_with(g, &state, "other", NULL, &w, &err) == CSK_E_NOT_FOUND);
    CHECK(strstr(err.text, "file") != NULL);
    host_mkdir(g, "other/file");
    CHECK(thaw(g, &state, "other", &w) != 0);
    wasi_state_fini(&state);
}

static void a_read_only_destination_cuts_rights(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t st = room(g, 24);
    CHECK(travel_to(g, "root", true, NULL) == 0);
    CHECK(write_all(g, fd, "x") == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 0) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_fdstat_get", ROOT_FD, st) == 0);
    CHECK((r64(g, st + 8) & WASI_R_PATH_CREATE_FILE) == 0);
    CHECK((r64(g, st + 16) & WASI_R_FD_WRITE) == 0);
}

static void missing_directory_is_named(struct guest *g)
{
    struct wasi_state state = {0};
    struct wasi *w = NULL;
    struct csk_error err = {0};
    struct wasi_preopen preopen = {.guest = "/else", .host = g->tmp};
    struct wasi_config config = {.preopens = &preopen, .npreopens = 1, .stdio = {-1, -1, -1}};
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0);
    CHECK(wasi_thaw(&state, &config, &w, &err) == CSK_E_NOT_FOUND && strstr(err.text, "/,"));
    wasi_state_fini(&state);
}

/* ---- states that lie ------------------------------------------------------ */

static struct wasi_state lie;
static struct wasi_fd_state lie_fds[2];
static struct wasi_content lie_content;
static char *lie_preopens[] = {(char *)"/"};

/* One file and nothing else; each case then spoils one thing. */
static void start_lying(void)
{
    lie_fds[0] = (struct wasi_fd_state){.fd = 5,
                                        .kind = WASI_FD_FILE,
                                        .filetype = WASI_TYPE_REGULAR,
                                        .rights_base = UINT64_MAX,
                                        .rights_inheriting = UINT64_MAX,
                                        .content = WASI_NO_CONTENT,
                                        .path = (char *)"f"};
    lie_fds[1] = lie_fds[0];
    lie_fds[1].fd = 6;
    lie_content = (struct wasi_content){
        .host_fd = -1, .temp_fd = -1, .preopen = WASI_NO_CONTENT, .path = (char *)""};
    lie = (struct wasi_state){.preopens = lie_preopens,
                              .npreopens = 1,
                              .fds = lie_fds,
                              .nfds = 1,
                              .contents = &lie_content};
}

static int lie_thaws(struct guest *g)
{
    struct wasi *w = NULL;
    int rc = thaw(g, &lie, "root", &w);
    if (rc == 0) {
        wasi_free(g->w);
        guest_swap(g, w);
    } else {
        CHECK(w == NULL);
    }
    return rc;
}

static void lies_about_numbers(struct guest *g)
{
    host_write(g, "root/f", "x");
    start_lying(), CHECK(lie_thaws(g) == 0);
    start_lying(), lie_fds[0].fd = WASI_FDS_MAX - 1, CHECK(lie_thaws(g) == 0);
    start_lying(), lie_fds[0].fd = WASI_FDS_MAX, CHECK(lie_thaws(g) == CSK_E_LIMIT);
    start_lying(), lie_fds[0].fd = UINT32_MAX, CHECK(lie_thaws(g) == CSK_E_LIMIT);
    start_lying(), lie.nfds = 2, CHECK(lie_thaws(g) == 0);
    start_lying(), lie.nfds = 2, lie_fds[1].fd = 5, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie.nfds = 2, lie_fds[1].fd = 4, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].offset = (uint64_t)INT64_MAX + 1;
    CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie.monotonic_ns = UINT64_MAX, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie.cpu_ns = UINT64_MAX, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie.monotonic_ns = INT64_MAX, CHECK(lie_thaws(g) == 0);
    CHECK(wasi_monotonic_ns(g->w) >= INT64_MAX);
    start_lying(), lie.poll_deadline_set = true, lie.poll_deadline_ns = UINT64_MAX;
    CHECK(lie_thaws(g) == 0);
}

static void lies_about_kinds(struct guest *g)
{
    host_write(g, "root/f", "x");
    host_mkdir(g, "root/d");
    start_lying(), lie_fds[0].kind = 7, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].kind = WASI_FD_STDIO, lie_fds[0].stdio = 3;
    CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].filetype = 200, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].filetype = WASI_TYPE_DIR, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].filetype = WASI_TYPE_CHAR, CHECK(lie_thaws(g) == CSK_E_STATE);
    start_lying(), lie_fds[0].path = (char *)"d", CHECK(lie_thaws(g) != 0);
    start_lying(), lie_fds[0].kind = WASI_FD_DIR, lie_fds[0].filetype = WASI_TYPE_DIR;
    CHECK(lie_thaws(g) == CSK_E_NOT_FOUND); /* f is a file */
    start_lying(), lie_fds[0].preopen = 1, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].fdflags = 0x20, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].path = NULL, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].content = 0, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].kind = WASI_FD_LISTENER, CHECK(lie_thaws(g) == CSK_E_NOT_FOUND);
    start_lying(), lie_fds[0].kind = WASI_FD_PREOPEN, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].kind = WASI_FD_UNLINKED, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    start_lying(), lie_fds[0].kind = WASI_FD_UNLINKED, lie_fds[0].content = 0, lie.ncontents = 1;
    CHECK(lie_thaws(g) == CSK_E_CORRUPT); /* a content without bytes */
    start_lying(), lie_fds[0].kind = WASI_FD_UNLINKED, lie_fds[0].filetype = WASI_TYPE_DIR;
    lie_fds[0].preopen = 9;
    CHECK(lie_thaws(g) == CSK_E_CORRUPT);
}

static void lies_about_paths(struct guest *g)
{
    static char too_long[WASI_PATH_MAX + 2];
    static const char *const paths[] = {"../outside/secret",
                                        "/etc/passwd",
                                        "d/../../outside/secret",
                                        "link/secret",
                                        "..",
                                        "",
                                        "link",
                                        "absolute"};
    char absolute[256];
    char link[256];
    host_mkdir(g, "root/d");
    host_path(g, "root/link", link, sizeof link);
    CHECK(symlink("../outside", link) == 0);
    host_path(g, "outside/secret", absolute, sizeof absolute);
    host_path(g, "root/absolute", link, sizeof link);
    CHECK(symlink(absolute, link) == 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        start_lying(), lie_fds[0].path = (char *)paths[i], CHECK(lie_thaws(g) != 0);
        start_lying(), lie_fds[0].path = (char *)paths[i], lie_fds[0].kind = WASI_FD_DIR;
        lie_fds[0].filetype = WASI_TYPE_DIR;
        CHECK(lie_thaws(g) != 0);
    }
    memset(too_long, 'x', sizeof too_long - 1);
    start_lying(), lie_fds[0].path = too_long, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    CHECK(host_has(g, "outside/secret", "secret"));
}

static void lies_about_rights(struct guest *g)
{
    uint32_t st = room(g, 24);
    host_write(g, "root/f", "x");
    start_lying(), CHECK(lie_thaws(g) == 0);
    CHECK(CALL(g, "fd_fdstat_get", 5, st) == 0);
    CHECK(r64(g, st + 8) == FILE_RIGHTS && r64(g, st + 16) == 0);
    start_lying(), lie_fds[0].kind = WASI_FD_SOCKET, lie_fds[0].filetype = 6;
    CHECK(lie_thaws(g) == 0 && CALL(g, "fd_fdstat_get", 5, st) == 0);
    CHECK((r64(g, st + 8) & (WASI_R_PATH_OPEN | WASI_R_SOCK_ACCEPT)) == 0);
    start_lying(), lie_fds[0].kind = WASI_FD_PREOPEN, lie_fds[0].filetype = WASI_TYPE_DIR;
    CHECK(lie_thaws(g) == 0 && CALL(g, "fd_fdstat_get", 5, st) == 0);
    CHECK((r64(g, st + 8) & (WASI_R_FD_WRITE | WASI_R_SOCK_ACCEPT)) == 0);
    struct wasi *w = NULL;
    int out = open("/dev/null", O_RDWR);
    struct wasi_config like = {.stdio = {out, out, out}};
    start_lying(), lie_fds[0].kind = WASI_FD_STDIO, lie_fds[0].stdio = 1;
    CHECK(thaw_with(g, &lie, "root", &like, &w, NULL) == 0);
    CHECK((w->fds[5]->rights_base & (WASI_R_FD_READ | WASI_R_FD_SEEK | WASI_R_PATH_OPEN)) == 0);
    wasi_free(w);
    (void)close(out);
}

/* Files that travel cannot be put anywhere but beneath their directory. */
static void lies_about_contents(struct guest *g)
{
    static const char *const paths[] = {"../outside/new",
                                        "/tmp/cloudskin-new",
                                        "link/new",
                                        "d/../../outside/new",
                                        "..",
                                        ".",
                                        "d/.."};
    char path[256];
    host_mkdir(g, "root/d");
    host_path(g, "root/link", path, sizeof path);
    CHECK(symlink("../outside", path) == 0);
    host_path(g, "outside/secret", path, sizeof path);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        start_lying(), lie.ncontents = 1, lie.nfds = 0, lie_content.preopen = 0;
        lie_content.path = (char *)paths[i];
        lie_content.temp_fd = open(path, O_RDONLY);
        lie_content.size = 6;
        CHECK(lie_thaws(g) != 0);
        (void)close(lie_content.temp_fd);
        CHECK(!host_exists(g, "outside/new"));
    }
    start_lying(), lie.ncontents = 1, lie_content.preopen = 0, lie_content.path = (char *)"n";
    CHECK(lie_thaws(g) == CSK_E_CORRUPT && !host_exists(g, "root/n"));
    lie_content.temp_fd = open(path, O_RDONLY), lie_content.size = 7; /* more than there is */
    CHECK(lie_thaws(g) == CSK_E_IO && !host_exists(g, "root/n"));
    lie_content.size = UINT64_MAX, CHECK(lie_thaws(g) == CSK_E_CORRUPT);
    (void)close(lie_content.temp_fd);
    start_lying(), lie.ncontents = 1, lie_content.preopen = 1, lie_content.path = (char *)"n";
    CHECK(lie_thaws(g) == CSK_E_CORRUPT);
}

static void lies_about_strings(struct guest *g)
{
    static char *args[2];
    static char big[WASI_ARGS_BYTES_MAX + 1];
    args[0] = big;
    memset(big, 'x', sizeof big - 1);
    host_write(g, "root/f", "x");
    start_lying(), lie.args = args, lie.nargs = 1, CHECK(lie_thaws(g) == CSK_E_LIMIT);
    big[WASI_ARGS_BYTES_MAX - 5] = '\0'; /* with its NUL and its pointer: exactly the limit */
    CHECK(lie_thaws(g) == 0);
    big[WASI_ARGS_BYTES_MAX - 5] = 'x', big[WASI_ARGS_BYTES_MAX - 4] = '\0';
    CHECK(lie_thaws(g) == CSK_E_LIMIT);
    args[0] = NULL, CHECK(lie_thaws(g) == CSK_E_ARGUMENT);
    start_lying(), lie.env = args, lie.nenv = 2, CHECK(lie_thaws(g) == CSK_E_ARGUMENT);
}

/* ---- every allocation fails once ------------------------------------------ */

/* Open one of everything that allocates when frozen. */
static void open_everything(struct guest *g)
{
    CHECK(make_dir(g, "d") == 0);
    uint32_t a = opened(g, "d/a", WASI_O_CREAT, FILE_RIGHTS, 0);
    (void)opened(g, "d", WASI_O_DIRECTORY, WASI_R_PATH_OPEN | WASI_R_FD_READDIR, 0);
    uint32_t b = opened(g, "b", WASI_O_CREAT, FILE_RIGHTS, 0);
    uint32_t c = opened(g, "c", WASI_O_CREAT, WASI_R_FD_WRITE, 0);
    CHECK(write_all(g, a, "aaa") == 0 && write_all(g, b, "bbb") == 0 && write_all(g, c, "c") == 0);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "b")) == 0);
    CHECK(CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, "c")) == 0);
    (void)opened(g, "e", WASI_O_CREAT, FILE_RIGHTS, 0);
    CHECK(CALL(g, "path_rename", ROOT_FD, TEXT(g, "e"), ROOT_FD, TEXT(g, "d/g")) == 0);
}

static void allocations_fail_in_freeze(struct guest *g)
{
    open_everything(g);
    for (int with_files = 0; with_files < 2; with_files++) {
        int64_t blocks = mem_live_blocks();
        int rc = CSK_E_NOMEM;
        uint64_t n = 1;
        for (; rc != 0 && n < 1000; n++) {
            struct wasi_state state = {0};
            struct csk_error err = {0};
            (void)mem_fail_at(n, 0);
            rc = wasi_freeze(g->w, with_files != 0, &state, &err);
            (void)mem_fail_at(0, 0);
            CHECK(rc == 0 || (rc == CSK_E_NOMEM && err.code == CSK_E_NOMEM));
            CHECK(rc == 0 || state.fds == NULL);
            wasi_state_fini(&state);
            blocks += rc != 0 && g->w->lent != NULL && blocks == mem_live_blocks() - 1;
            CHECK(mem_live_blocks() == blocks);
        }
        CHECK(n > 10 && n < 1000);
    }
}

static void allocations_fail_in_thaw(struct guest *g)
{
    struct wasi_state state = {0};
    open_everything(g);
    CHECK(wasi_freeze(g->w, true, &state, NULL) == 0);
    host_mkdir(g, "other");
    for (int sticky = 0; sticky < 2; sticky++) {
        int64_t blocks = mem_live_blocks();
        unsigned fds = host_fds();
        int rc = CSK_E_NOMEM;
        uint64_t n = 1;
        for (; rc != 0 && n < 1000; n++) {
            struct wasi *w = NULL;
            struct csk_error err = {0};
            (void)mem_fail_at(n, sticky);
            rc = thaw_with(g, &state, "other", NULL, &w, &err);
            (void)mem_fail_at(0, 0);
            CHECK(rc == 0 || (rc == CSK_E_NOMEM && w == NULL));
            wasi_free(w);
            CHECK(mem_live_blocks() == blocks && host_fds() == fds);
            CHECK(host_exists(g, "other/d/a") == (rc == 0)); /* made files are taken back */
        }
        CHECK(n > 20 && n < 1000);
        host_rename(g, "other/d", sticky ? "gone2" : "gone1");
    }
    wasi_state_fini(&state);
}

static void allocations_fail_in_new(struct guest *g)
{
    static const char *const args[] = {"a", "b"};
    struct wasi_preopen preopens[] = {{.guest = "/", .host = g->tmp},
                                      {.guest = "x", .host = g->tmp, .read_only = true}};
    struct wasi_listener listener = {.host_fd = -1, .address = "here"};
    struct wasi_config config = {.args = args,
                                 .nargs = 2,
                                 .env = args,
                                 .nenv = 1,
                                 .preopens = preopens,
                                 .npreopens = 2,
                                 .listeners = &listener,
                                 .nlisteners = 1,
                                 .stdio = {0, 1, 2}};
    int64_t blocks = mem_live_blocks();
    unsigned fds = host_fds();
    int rc = CSK_E_NOMEM;
    uint64_t n = 1;
    for (; rc != 0 && n < 1000; n++) {
        struct wasi *w = NULL;
        struct csk_error err = {0};
        (void)mem_fail_at(n, 0);
        rc = wasi_new(&config, &w, &err);
        (void)mem_fail_at(0, 0);
        CHECK(rc == 0 || (rc == CSK_E_NOMEM && w == NULL));
        wasi_free(w);
        CHECK(mem_live_blocks() == blocks && host_fds() == fds);
    }
    CHECK(n > 10 && n < 1000);
}

static void allocations_fail_in_calls(struct guest *g)
{
    uint32_t out = room(g, 4096);
    uint32_t in = room(g, 48);
    CHECK(make_dir(g, "d") == 0 && make_file(g, "d/f", "") == 0);
    for (uint64_t n = 1, done = 0; !done && CHECK(n < 100); n++) {
        uint32_t fd = 0;
        (void)mem_fail_at(n, 0);
        int rc = open_in(g, ROOT_FD, "d/new", 0, WASI_O_CREAT | WASI_O_EXCL, 0, 0, &fd);
        (void)mem_fail_at(0, 0);
        CHECK(rc == 0 || rc == WASI_ENOMEM);
        CHECK(host_exists(g, "root/d/new") == (rc == 0)); /* nothing was made in vain */
        done = rc == 0;
    }
    for (uint64_t n = 1, done = 0; !done && CHECK(n < 100); n++) {
        uint32_t dir = opened(g, "d", WASI_O_DIRECTORY, WASI_R_FD_READDIR, 0);
        (void)mem_fail_at(n, 0);
        int rc = CALL(g, "fd_readdir", dir, out, 4096, 0, in);
        (void)mem_fail_at(0, 0);
        CHECK(rc == 0 || rc == WASI_ENOMEM);
        CHECK(CALL(g, "fd_close", dir) == 0);
        done = rc == 0;
    }
    for (uint64_t n = 1, done = 0; !done && CHECK(n < 100); n++) {
        (void)mem_fail_at(n, 0);
        int rc = CALL(g, "poll_oneoff", in, out, 1, out + 32);
        (void)mem_fail_at(0, 0);
        CHECK(rc == 0 || rc == WASI_ENOMEM);
        done = rc == 0;
    }
}

/* ---- bad configurations --------------------------------------------------- */

static void configurations_that_fail(struct guest *g)
{
    char path[256];
    struct wasi *w = NULL;
    struct csk_error err = {0};
    struct wasi_preopen preopens[] = {{.guest = "/", .host = path}, {.guest = "/", .host = g->tmp}};
    struct wasi_config config = {.preopens = preopens, .npreopens = 1, .stdio = {-1, -1, -1}};
    host_path(g, "nowhere", path, sizeof path);
    CHECK(wasi_new(&config, &w, &err) == CSK_E_NOT_FOUND && strstr(err.text, "nowhere"));
    host_path(g, "outside/secret", path, sizeof path);
    CHECK(wasi_new(&config, &w, NULL) == CSK_E_ARGUMENT);
    host_path(g, "root", path, sizeof path);
    config.npreopens = 2;
    CHECK(wasi_new(&config, &w, NULL) == CSK_E_ARGUMENT); /* one name twice */
    preopens[1].guest = "x", config.fds_max = 4;
    CHECK(wasi_new(&config, &w, NULL) == CSK_E_LIMIT);
    config.fds_max = 5, CHECK(wasi_new(&config, &w, NULL) == 0), wasi_free(w);
    config.fds_max = WASI_FDS_LIMIT + 1, w = NULL,
    CHECK(wasi_new(&config, &w, NULL) == CSK_E_LIMIT);
    config.fds_max = 0, config.stdio[0] = 12345; /* closed: so for the guest */
    CHECK(wasi_new(&config, &w, NULL) == 0 && w->fds[0] == NULL);
    wasi_free(w);
}

static const struct test_case cases[] = {
    CASE(file_with_offset),
    CASE(rights_and_flags),
    CASE(exact_numbers),
    CASE(directories),
    CASE(preopen_moved_and_closed),
    CASE(preopen_rights_stay_dropped),
    CASE(args_env_clocks),
    CASE(unlinked_file),
    CASE(unlinked_write_only),
    CASE(unlinked_large_and_sparse),
    CASE(removed_directory),
    CASE(renamed_by_the_guest),
    CASE(renamed_directory_above),
    CASE(symlink_pointed_elsewhere),
    CASE(moved_out_of_the_root),
    CASE(hard_link_remains),
    CASE(readdir_goes_on_elsewhere),
    CASE(travelling_files_are_made),
    CASE(travelling_files_that_are_there),
    CASE(travelling_to_odd_places),
    CASE(files_that_stay_must_be_there),
    CASE(a_read_only_destination_cuts_rights),
    CASE(missing_directory_is_named),
    CASE(lies_about_numbers),
    CASE(lies_about_kinds),
    CASE(lies_about_paths),
    CASE(lies_about_rights),
    CASE(lies_about_contents),
    CASE(lies_about_strings),
    CASE(allocations_fail_in_freeze),
    CASE(allocations_fail_in_thaw),
    CASE(allocations_fail_in_new),
    CASE(allocations_fail_in_calls),
    CASE(configurations_that_fail),
};

/* ---- standard input and output, sockets ----------------------------------- */

static int input_file;
static int output_file;

/* Thaw with the process's three set, and go on. */
static void move_with_stdio(struct guest *g, int in, int out)
{
    struct wasi_state before = {0};
    struct wasi_state after = {0};
    struct wasi *w = NULL;
    struct wasi_config like = {.stdio = {in, out, out}};
    wasi_pause(g->w);
    CHECK(wasi_freeze(g->w, false, &before, NULL) == 0);
    (void)lseek(in, 0, SEEK_SET); /* as if it were opened anew */
    if (CHECK(thaw_with(g, &before, "root", &like, &w, NULL) == 0)) {
        CHECK(wasi_freeze(w, false, &after, NULL) == 0 && states_equal(&before, &after));
        wasi_state_fini(&after);
        wasi_free(g->w);
        guest_swap(g, w);
    }
    wasi_state_fini(&before);
}

static void input_is_continued(struct guest *g)
{
    char buf[4];
    CHECK(read_text(g, 0, buf, 4) == 0 && strcmp(buf, "012") == 0);
    CHECK(write_all(g, 1, "abc") == 0 && write_all(g, 2, "err") == 0);
    CHECK(CALL(g, "fd_renumber", 2, ROOT_FD) == 0); /* stderr under another number */
    move_with_stdio(g, input_file, output_file);
    CHECK(reads(g, 0, "3456789") && write_all(g, 1, "def") == 0 && write_all(g, 3, "!") == 0);
    CHECK(g->w->fds[1]->count == 6 && g->w->fds[3]->count == 4 && g->w->fds[3]->stdio == 2);
    CHECK(write_all(g, 2, "x") == WASI_EBADF);
}

/* What the guest saw of its input and output it sees again, whatever it is connected to now. */
static void types_of_stdio_stay(struct guest *g)
{
    int ends[2];
    uint32_t st = room(g, 24);
    CHECK(CALL(g, "fd_fdstat_get", 0, st) == 0 && g->memory.base[st] == WASI_TYPE_REGULAR);
    uint64_t rights = r64(g, st + 8);
    CHECK(pipe(ends) == 0 && write(ends[1], "piped", 5) == 5);
    move_with_stdio(g, ends[0], ends[1]);
    CHECK(CALL(g, "fd_fdstat_get", 0, st) == 0 && g->memory.base[st] == WASI_TYPE_REGULAR);
    CHECK(r64(g, st + 8) == rights && reads(g, 0, "piped"));
    CHECK(CALL(g, "fd_seek", 0, 0, WASI_WHENCE_SET, st) == WASI_ESPIPE);
    move_with_stdio(g, -1, -1); /* nobody there any more */
    char buf[4];
    CHECK(read_text(g, 0, buf, 4) == WASI_EBADF && write_all(g, 1, "x") == WASI_EBADF);
    (void)close(ends[0]), (void)close(ends[1]);
}

static const struct test_case stdio_cases[] = {CASE(input_is_continued), CASE(types_of_stdio_stay)};

static void run_stdio(void)
{
    for (size_t i = 0; i < 2; i++) {
        char in[] = "/tmp/cloudskin-in-XXXXXX", out[] = "/tmp/cloudskin-out-XXXXXX";
        input_file = mkstemp(in);
        output_file = mkstemp(out);
        CHECK(unlink(in) == 0 && unlink(out) == 0);
        CHECK(write(input_file, "0123456789", 10) == 10 && lseek(input_file, 0, SEEK_SET) == 0);
        const struct world world = {.stdio = {input_file + 1, output_file + 1, output_file + 1}};
        run_cases(&stdio_cases[i], 1, &world, "stdio");
        (void)close(input_file), (void)close(output_file);
    }
}

static struct sockaddr_in address;

static int listen_at(void)
{
    socklen_t size = sizeof address;
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = address.sin_port};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    CHECK(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 8) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    return fd;
}

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void sockets_move(struct guest *g)
{
    char buf[8];
    uint32_t out = room(g, 8);
    int peer = dial();
    CHECK(CALL(g, "sock_accept", 4, 0, out) == 0);
    uint32_t fd = r32(g, out);
    CHECK(send(peer, "lost", 4, 0) == 4);
    struct wasi_state state = {0};
    struct wasi *w = NULL;
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0);
    the_listener = NULL;
    struct csk_error err = {0};
    CHECK(thaw_with(g, &state, "root", NULL, &w, &err) == CSK_E_NOT_FOUND);
    CHECK(strstr(err.text, "the:address") != NULL);
    wasi_state_fini(&state);
    int again = dup(g->w->fds[4]->host);
    const struct wasi_listener listener = {.host_fd = again, .address = "the:address"};
    the_listener = &listener;
    move_to(g, "root");
    the_listener = NULL;
    CHECK(recv(peer, buf, 1, 0) == 0 || errno == ECONNRESET); /* the peer notices */
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && buf[0] == '\0');
    CHECK(write_all(g, fd, "x") == WASI_ECONNRESET);
    CHECK(CALL(g, "sock_send", fd, iov(g, out, 1), 1, 0, out) == WASI_ECONNRESET);
    CHECK(CALL(g, "sock_recv", fd, iov(g, out, 1), 1, 0, out, out + 4) == 0 && r32(g, out) == 0);
    CHECK(CALL(g, "sock_shutdown", fd, 1) == WASI_ENOTCONN);
    CHECK(CALL(g, "fd_filestat_get", fd, room(g, 64)) == 0);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 1) == WASI_ENOTCAPABLE);
    uint32_t sub = room(g, 48);
    uint32_t event = room(g, 32);
    g->memory.base[sub + 8] = WASI_EVENT_FD_READ;
    put_le32(g->memory.base + sub + 16, fd);
    CHECK(CALL(g, "poll_oneoff", sub, event, 1, out) == 0 && r32(g, out) == 1);
    CHECK(get_le16(g->memory.base + event + 24) == WASI_EVENT_HANGUP);
    (void)close(peer);
    peer = dial(); /* the listener works on */
    CHECK(CALL(g, "sock_accept", 4, 0, out) == 0 && r32(g, out) != fd);
    CHECK(CALL(g, "fd_close", fd) == 0);
    (void)close(peer);
}

/* A failed thaw leaves the caller its listener, a successful one takes it. */
static void who_owns_the_listener(struct guest *g)
{
    struct wasi_state state = {0};
    struct wasi *w = NULL;
    CHECK(CALL(g, "fd_close", 4) == 0); /* the cell does not need it */
    CHECK(wasi_freeze(g->w, false, &state, NULL) == 0);
    int host = listen_at();
    const struct wasi_listener listener = {.host_fd = host, .address = "the:address"};
    the_listener = &listener;
    CHECK(thaw_with(g, &state, "nowhere", NULL, &w, NULL) != 0 && fcntl(host, F_GETFD) >= 0);
    CHECK(thaw_with(g, &state, "root", NULL, &w, NULL) == 0 && fcntl(host, F_GETFD) < 0);
    the_listener = NULL;
    wasi_free(w);
    wasi_state_fini(&state);
}

static const struct test_case socket_cases[] = {CASE(sockets_move), CASE(who_owns_the_listener)};

static void run_sockets(void)
{
    for (size_t i = 0; i < 2; i++) {
        address.sin_port = 0;
        const struct world world = {.listener = listen_at() + 1};
        run_cases(&socket_cases[i], 1, &world, "socket");
    }
}

int main(void)
{
    static const char *const args[] = {"prog", "arg"};
    static const char *const env[] = {"K=V"};
    for (int walk = 0; walk < 2; walk++) {
        const struct world world = {
            .walk_only = walk != 0, .args = args, .nargs = 2, .env = env, .nenv = 1};
        run_cases(cases, sizeof cases / sizeof *cases, &world, walk ? "walk" : "system");
    }
    run_stdio();
    run_sockets();
    return report("wasi state");
}
