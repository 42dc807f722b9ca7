/* SPDX-License-Identifier: Apache-2.0 */
#include "test/wasi/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"

#undef CHECK
#include "test/check.h"

unsigned cases_run;

int check_here(int ok, const char *file, int line, const char *what)
{
    return check_at(ok, file, line, what);
}

unsigned long checks_failed(void)
{
    return check_failed;
}

int report(const char *name)
{
    printf("%s: %u cases\n", name, cases_run);
    return check_report(name);
}

/* The types as the specification has them, independent of the table under test. */
static const char *const signatures[][2] = {
    {"args_get", "ii"},
    {"args_sizes_get", "ii"},
    {"environ_get", "ii"},
    {"environ_sizes_get", "ii"},
    {"clock_res_get", "ii"},
    {"clock_time_get", "iIi"},
    {"fd_advise", "iIIi"},
    {"fd_allocate", "iII"},
    {"fd_close", "i"},
    {"fd_datasync", "i"},
    {"fd_fdstat_get", "ii"},
    {"fd_fdstat_set_flags", "ii"},
    {"fd_fdstat_set_rights", "iII"},
    {"fd_filestat_get", "ii"},
    {"fd_filestat_set_size", "iI"},
    {"fd_filestat_set_times", "iIIi"},
    {"fd_pread", "iiiIi"},
    {"fd_prestat_get", "ii"},
    {"fd_prestat_dir_name", "iii"},
    {"fd_pwrite", "iiiIi"},
    {"fd_read", "iiii"},
    {"fd_readdir", "iiiIi"},
    {"fd_renumber", "ii"},
    {"fd_seek", "iIii"},
    {"fd_sync", "i"},
    {"fd_tell", "ii"},
    {"fd_write", "iiii"},
    {"path_create_directory", "iii"},
    {"path_filestat_get", "iiiii"},
    {"path_filestat_set_times", "iiiiIIi"},
    {"path_link", "iiiiiii"},
    {"path_open", "iiiiiIIii"},
    {"path_readlink", "iiiiii"},
    {"path_remove_directory", "iii"},
    {"path_rename", "iiiiii"},
    {"path_symlink", "iiiii"},
    {"path_unlink_file", "iii"},
    {"poll_oneoff", "iiii"},
    {"proc_exit", "i"},
    {"proc_raise", "i"},
    {"sched_yield", ""},
    {"random_get", "ii"},
    {"sock_accept", "iii"},
    {"sock_recv", "iiiiii"},
    {"sock_send", "iiiii"},
    {"sock_shutdown", "ii"},
};

static void host_mkdir(const struct guest *g, const char *name)
{
    char path[256];
    host_path(g, name, path, sizeof path);
    CHECK(mkdir(path, 0777) == 0);
}

static void make_wasi(struct guest *g, const struct world *world)
{
    char root[128];
    struct csk_error err = {0};
    (void)snprintf(root, sizeof root, "%s/root", g->tmp);
    struct wasi_preopen preopen = {.guest = "/", .host = root, .read_only = world->read_only};
    struct wasi_listener listener = {.host_fd = world->listener - 1, .address = "the:address"};
    struct wasi_config config = {
        .args = world->args,
        .nargs = world->nargs,
        .env = world->env,
        .nenv = world->nenv,
        .preopens = &preopen,
        .npreopens = 1,
        .listeners = &listener,
        .nlisteners = world->listener != 0 ? 1 : 0,
        .stdio = {world->stdio[0] - 1, world->stdio[1] - 1, world->stdio[2] - 1},
        .fds_max = world->fds_max,
    };
    if (wasi_new(&config, &g->w, &err) != 0) {
        (void)fprintf(stderr, "wasi_new: %s\n", err.text);
        exit(1);
    }
    if (world->walk_only)
        g->w->walk_only = true;
    guest_swap(g, g->w);
}

void guest_swap(struct guest *g, struct wasi *w)
{
    g->w = w;
    wasi_set_request(w, &g->exec.request);
    wasi_resume(w);
}

void guest_init(struct guest *g, const struct world *world)
{
    *g = (struct guest){.version = "wasi_snapshot_preview1", .used = 64};
    (void)snprintf(g->tmp, sizeof g->tmp, "/tmp/cloudskin-wasi-XXXXXX");
    if (mkdtemp(g->tmp) == NULL)
        exit(1);
    host_mkdir(g, "root");
    host_mkdir(g, "outside");
    host_write(g, "outside/secret", "secret");
    g->module.nmemories = 1;
    g->memory.base = mem_calloc(1, MEM_SIZE);
    g->memory.size = MEM_SIZE;
    g->memories[0] = &g->memory;
    g->inst.module = &g->module;
    g->inst.memories = g->memories;
    make_wasi(g, world);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void guest_fini(struct guest *g)
{
    wasi_free(g->w);
    mem_free(g->memory.base);
    (void)nftw(g->tmp, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *signature(const char *name)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (strcmp(signatures[i][0], name) == 0)
            return signatures[i][1];
    return NULL;
}

int guest_call(struct guest *g, const char *name, const uint64_t *args, size_t nargs)
{
    uint8_t params[16];
    static const uint8_t result[] = {CSK_I32};
    uint64_t slots[16] = {0};
    uint64_t before[16];
    wasm_host_fn *fn = NULL;
    struct csk_error err = {0};
    const char *sig = signature(name);
    if (!CHECK(sig != NULL && strlen(sig) == nargs))
        return 1000;
    for (size_t i = 0; i < nargs; i++) {
        params[i] = sig[i] == 'i' ? CSK_I32 : CSK_I64;
        slots[i] = sig[i] == 'i' ? (uint32_t)args[i] : args[i];
    }
    memcpy(before, slots, sizeof slots);
    bool exits = strcmp(name, "proc_exit") == 0;
    struct wasm_functype type = {
        .params = params, .nparams = (uint32_t)nargs, .results = result, .nresults = exits ? 0 : 1};
    struct wasm_name module = {g->version, (uint32_t)strlen(g->version)};
    struct wasm_name field = {name, (uint32_t)strlen(name)};
    if (!CHECK(wasi_lookup(module, field, &type, &fn, &err) == 0))
        return 1001;
    struct wasm_host_call call = {.exec = &g->exec, .inst = &g->inst, .slots = slots};
    int rc = fn(&call, g->w);
    if (rc == CSK_HOST_SUSPEND) {
        CHECK(memcmp(before, slots, sizeof slots) == 0);
        return SUSPENDED;
    }
    if (rc == CSK_HOST_EXIT)
        return EXITED;
    CHECK(rc == CSK_HOST_RETURN);
    return (int)slots[0];
}

uint32_t room(struct guest *g, uint32_t size)
{
    uint32_t need = (size + 7) & ~7u;
    if (g->used + need > MEM_SIZE)
        g->used = 64; /* go round; nothing that old is looked at any more */
    uint32_t at = g->used;
    g->used += need;
    memset(g->memory.base + at, 0, size);
    return at;
}

uint32_t text(struct guest *g, const char *s)
{
    uint32_t at = room(g, (uint32_t)strlen(s) + 1);
    memcpy(g->memory.base + at, s, strlen(s));
    return at;
}

uint32_t iov(struct guest *g, uint32_t at, uint32_t len)
{
    uint32_t v = room(g, 8);
    put_le32(g->memory.base + v, at);
    put_le32(g->memory.base + v + 4, len);
    return v;
}

uint32_t r32(const struct guest *g, uint32_t at)
{
    return get_le32(g->memory.base + at);
}

uint64_t r64(const struct guest *g, uint32_t at)
{
    return get_le64(g->memory.base + at);
}

int open_in(struct guest *g, uint32_t dir, const char *path, uint32_t lookup, uint32_t oflags,
            uint64_t rights, uint32_t fdflags, uint32_t *ret_fd)
{
    uint32_t out = room(g, 4);
    int rc = CALL(g, "path_open", dir, lookup, TEXT(g, path), oflags, rights, rights, fdflags, out);
    if (rc == 0 && ret_fd != NULL)
        *ret_fd = r32(g, out);
    return rc;
}

int write_all(struct guest *g, uint32_t fd, const char *s)
{
    uint32_t out = room(g, 4);
    uint32_t len = (uint32_t)strlen(s);
    int rc = CALL(g, "fd_write", fd, iov(g, text(g, s), len), 1, out);
    if (rc == 0)
        CHECK(r32(g, out) == len);
    return rc;
}

int read_text(struct guest *g, uint32_t fd, char *buf, uint32_t size)
{
    uint32_t out = room(g, 4);
    uint32_t at = room(g, size);
    int rc = CALL(g, "fd_read", fd, iov(g, at, size - 1), 1, out);
    buf[0] = '\0';
    if (rc == 0) {
        memcpy(buf, g->memory.base + at, r32(g, out));
        buf[r32(g, out)] = '\0';
    }
    return rc;
}

int make_file(struct guest *g, const char *path, const char *content)
{
    uint32_t fd = 0;
    int rc = open_in(g, ROOT_FD, path, 0, WASI_O_CREAT | WASI_O_EXCL, FILE_RIGHTS, 0, &fd);
    if (rc == 0)
        rc = write_all(g, fd, content);
    if (rc == 0)
        rc = CALL(g, "fd_close", fd);
    return rc;
}

int make_dir(struct guest *g, const char *path)
{
    return CALL(g, "path_create_directory", ROOT_FD, TEXT(g, path));
}

int make_symlink(struct guest *g, const char *target, const char *path)
{
    return CALL(g, "path_symlink", TEXT(g, target), ROOT_FD, TEXT(g, path));
}

void host_path(const struct guest *g, const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", g->tmp, name);
}

void host_write(const struct guest *g, const char *name, const char *content)
{
    char path[256];
    host_path(g, name, path, sizeof path);
    FILE *f = fopen(path, "w");
    if (!CHECK(f != NULL))
        return;
    CHECK(fputs(content, f) >= 0);
    CHECK(fclose(f) == 0);
}

bool host_has(const struct guest *g, const char *name, const char *content)
{
    char path[256];
    char buf[4096];
    host_path(g, name, path, sizeof path);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    size_t n = fread(buf, 1, sizeof buf - 1, f);
    (void)fclose(f);
    buf[n] = '\0';
    return strcmp(buf, content) == 0;
}

bool host_exists(const struct guest *g, const char *name)
{
    char path[256];
    struct stat st;
    host_path(g, name, path, sizeof path);
    return lstat(path, &st) == 0;
}

void run_cases(const struct test_case *cases, size_t n, const struct world *world,
               const char *label)
{
    for (size_t i = 0; i < n; i++) {
        struct guest g;
        unsigned long failed = check_failed;
        int64_t blocks = mem_live_blocks();
        guest_init(&g, world);
        cases[i].fn(&g);
        guest_fini(&g);
        CHECK(mem_live_blocks() == blocks);
        cases_run++;
        printf("%s %3u %s %s\n", check_failed == failed ? "ok  " : "FAIL", cases_run, label,
               cases[i].name);
    }
}
