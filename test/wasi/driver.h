/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_WASI_DRIVER_H
#define TEST_WASI_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "wasi/abi.h"
#include "wasi/internal.h"
#include "wasi/wasi.h"

/*
 * A guest without an engine: an instance made by hand, with one memory, that calls host
 * functions by name as a module would.
 *
 * Each case gets a fresh world:  <tmp>/root     pre-opened as "/", fd 3
 *                                <tmp>/outside  beside it, with the file "secret"
 */

/* As in test/check.h, counted in one place for all files of a program. */
int check_here(int ok, const char *file, int line, const char *what);
unsigned long checks_failed(void);
int report(const char *name); /* the exit status */
#define CHECK(cond) check_here(!!(cond), __FILE__, __LINE__, #cond)

#define MEM_SIZE  (4u * 65536u)
#define SUSPENDED (-1)
#define EXITED    (-2)
#define ROOT_FD   3u

struct guest {
    struct wasm_module module;
    struct wasm_memory memory;
    struct wasm_memory *memories[1];
    struct wasm_instance inst;
    struct wasm_exec exec;
    struct wasi *w;
    const char *version; /* of the imports, e.g. "wasi_snapshot_preview1" */
    uint32_t used;       /* bump allocation in guest memory */
    char tmp[64];
    int stdio[3];
};

/* What a case may ask for before its world is made. */
struct world {
    bool walk_only;
    bool read_only;
    uint32_t fds_max;
    const char *const *args;
    size_t nargs;
    const char *const *env;
    size_t nenv;
    int listener; /* host fd + 1; 0: none */
    int stdio[3]; /* host fd + 1; 0: none */
};

void guest_init(struct guest *g, const struct world *world);
void guest_fini(struct guest *g);
/* The same guest with another wasi, as after a thaw. */
void guest_swap(struct guest *g, struct wasi *w);

/* Call by name; the errno, SUSPENDED or EXITED. CALL(g, "fd_close", 3) */
int guest_call(struct guest *g, const char *name, const uint64_t *args, size_t nargs);
#define CALL(g, name, ...)                                                                         \
    guest_call(g, name, (const uint64_t[]){__VA_ARGS__},                                           \
               sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Guest memory: room, text, and values. */
uint32_t room(struct guest *g, uint32_t size);
uint32_t text(struct guest *g, const char *s);
uint32_t iov(struct guest *g, uint32_t at, uint32_t len); /* one vector */
uint32_t r32(const struct guest *g, uint32_t at);
uint64_t r64(const struct guest *g, uint32_t at);
#define TEXT(g, s) text(g, s), strlen(s) /* the two arguments that a path is */

/* Shorthands for what most cases do; they return errnos. */
int open_in(struct guest *g, uint32_t dir, const char *path, uint32_t lookup, uint32_t oflags,
            uint64_t rights, uint32_t fdflags, uint32_t *ret_fd);
int write_all(struct guest *g, uint32_t fd, const char *s);
int read_text(struct guest *g, uint32_t fd, char *buf, uint32_t size); /* NUL-terminated */
int make_file(struct guest *g, const char *path, const char *content);
int make_dir(struct guest *g, const char *path);
int make_symlink(struct guest *g, const char *target, const char *path);

#define FILE_RIGHTS                                                                                \
    (WASI_R_FD_READ | WASI_R_FD_WRITE | WASI_R_FD_SEEK | WASI_R_FD_TELL | WASI_R_FD_SYNC |         \
     WASI_R_FD_DATASYNC | WASI_R_FD_ADVISE | WASI_R_FD_ALLOCATE | WASI_R_FD_FILESTAT_GET |         \
     WASI_R_FD_FILESTAT_SET_SIZE | WASI_R_FD_FILESTAT_SET_TIMES | WASI_R_FD_FDSTAT_SET_FLAGS |     \
     WASI_R_POLL_FD_READWRITE)

/* On the host, relative to <tmp>. */
void host_path(const struct guest *g, const char *name, char *path, size_t size);
void host_write(const struct guest *g, const char *name, const char *content);
bool host_has(const struct guest *g, const char *name, const char *content);
bool host_exists(const struct guest *g, const char *name);

/* Cases, counted and listed. */
typedef void case_fn(struct guest *g);
struct test_case {
    const char *name;
    case_fn *fn;
};
#define CASE(fn) {#fn, fn}
void run_cases(const struct test_case *cases, size_t n, const struct world *world,
               const char *label);
extern unsigned cases_run;

#endif
