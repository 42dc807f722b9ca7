/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_INTERNAL_H
#define WASI_INTERNAL_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "wasi/abi.h"
#include "wasi/wasi.h"
#include "wasm/exec.h"

/*
 * Inside the folder, a function that can fail for the guest returns an enum wasi_errno
 * (0 is success), or one of these two, which are not errors.
 */
#define WASI_SUSPEND (-1) /* rolled back: nothing happened, the call is issued again */
#define WASI_EXIT    (-2) /* the guest ended itself */

#define WASI_FDS_LIMIT       (1u << 20)  /* what fds_max may be at most */
#define WASI_GUEST_NAME_MAX  4096u       /* bytes of a pre-open's guest name or an address */
#define WASI_TRANSFER_MAX    0x7ffff000u /* bytes of one read or write, as Linux has it */
#define WASI_NAME_MAX        255u        /* bytes of one path component */
#define WASI_SYMLINK_HOPS    40u
#define WASI_WALK_DEPTH      256u         /* directories below the root that the walk can be in */
#define WASI_OPEN_TRIES      64u          /* a resolution raced with renames this often */
#define WASI_DIR_CHUNK       16384u       /* names of one directory kept at most */
#define WASI_DIR_NAMES_MAX   65536u       /* names of all directories kept at most */
#define WASI_RANDOM_CHUNK    (256u << 10) /* bytes between two looks at the request word */
#define WASI_MONOTONIC_START UINT64_C(1000000000) /* a clock that reads 0 looks unset */

/* A pre-opened directory. It outlives the guest's fd for it, because files opened
 * beneath it are remembered by their path from it. */
struct wasi_root {
    char *guest;
    int host;
    bool read_only;
};

struct wasi_ops;
struct wasi_dir_cache;

/* One open fd of the guest. */
struct wasi_fd {
    const struct wasi_ops *ops;
    int host;         /* -1: dead socket */
    bool owns_host;   /* stdio and pre-opens borrow it */
    uint8_t kind;     /* enum wasi_fd_kind, never UNLINKED */
    uint8_t filetype; /* enum wasi_filetype */
    uint8_t stdio;
    uint16_t flags; /* enum wasi_fdflags */
    uint64_t rights_base;
    uint64_t rights_inheriting;
    uint64_t count; /* stdio: bytes so far */
    uint32_t root;  /* DIR, FILE, PREOPEN: index of its root */
    char *path;     /* DIR, FILE: from the root as it was opened, NULL when unknown;
                       LISTENER: its address */
    struct wasi_dir_cache *cache;
};

/* The small virtual file system: what differs between kinds of fds. `read`, `write` move
 * the position; a NULL operation is not possible on that kind. */
struct wasi_ops {
    int (*read)(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n, size_t *ret_n);
    int (*write)(struct wasi *w, struct wasi_fd *f, const struct iovec *iov, int n, size_t *ret_n);
    int (*seek)(struct wasi_fd *f, int64_t delta, int whence, uint64_t *ret_position);
    int (*set_flags)(struct wasi_fd *f, uint16_t flags);
    /* Bytes that can be read without waiting, or 0 when that is not known. */
    uint64_t (*readable)(struct wasi_fd *f);
    bool always_ready; /* for poll: never waits */
    bool is_socket;
};

extern const struct wasi_ops wasi_file_ops;
extern const struct wasi_ops wasi_dir_ops;
extern const struct wasi_ops wasi_stdio_ops;
extern const struct wasi_ops wasi_listener_ops;
extern const struct wasi_ops wasi_socket_ops;

struct wasi {
    struct wasi_fd **fds; /* by guest number; NULL: free */
    size_t fds_cap;
    uint32_t fds_max;
    struct wasi_root *roots;
    uint32_t nroots;
    char **args;
    uint32_t nargs;
    char **env;
    uint32_t nenv;
    const _Atomic uint32_t *request;
    bool walk_only;     /* no openat2 here: walk by hand */
    uint32_t dir_chunk; /* WASI_DIR_CHUNK */

    bool running;
    uint64_t monotonic_ns; /* at the last pause, or resume */
    uint64_t cpu_ns;
    uint64_t host_monotonic_ns; /* at the last resume */
    uint64_t host_cpu_ns;
    bool poll_deadline_set;
    uint64_t poll_deadline_ns;

    int *lent; /* host fds that a state borrows, closed by the next freeze */
    size_t nlent;
    size_t lent_cap;
};

/* ---- guest memory --------------------------------------------------------- */

static inline uint32_t wasi_arg32(const struct wasm_host_call *call, unsigned i)
{
    return (uint32_t)call->slots[i];
}

static inline uint64_t wasi_arg64(const struct wasm_host_call *call, unsigned i)
{
    return call->slots[i];
}

/* NULL unless all of [offset, offset+size) is inside; a NULL is WASI_EFAULT. */
static inline uint8_t *wasi_guest(const struct wasm_host_call *call, uint32_t offset, uint64_t size)
{
    return wasm_instance_memory(call->inst, offset, size);
}

/* Has somebody asked the guest to stop? Counting alone is not asking. */
static inline bool wasi_requested(const struct wasi *w)
{
    return w->request != NULL && (atomic_load_explicit(w->request, memory_order_acquire) &
                                  (WASM_REQ_SUSPEND | WASM_REQ_CANCEL)) != 0;
}

/* The guest's array of {pointer, length} as host vectors, every one checked, the total cut
 * to WASI_TRANSFER_MAX. `iov` has room for WASI_IOVS_MAX. */
int wasi_iovs(const struct wasm_host_call *call, uint32_t at, uint32_t count, struct iovec *iov,
              int *ret_n);

/* A path argument, NUL-terminated. `path` has room for WASI_PATH_MAX + 1. */
int wasi_path_arg(const struct wasm_host_call *call, uint32_t at, uint32_t len, char *path);

/* ---- errors --------------------------------------------------------------- */

int wasi_errno(int host_errno);

/* ---- fd table ------------------------------------------------------------- */

struct wasi_fd *wasi_fd_new(uint8_t kind, const struct wasi_ops *ops, int host);
void wasi_fd_free(struct wasi_fd *f); /* closes the host fd it owns */

/* WASI_EBADF when closed, WASI_ENOTCAPABLE when a right is missing. */
int wasi_fd_get(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd);
/* The same for a directory: WASI_ENOTDIR for anything else. */
int wasi_dir_get(const struct wasi *w, uint32_t fd, uint64_t rights, struct wasi_fd **ret_fd);
/* Make room so that one wasi_fd_add() cannot fail, or WASI_EMFILE, WASI_ENOMEM. */
int wasi_fd_reserve(struct wasi *w);
uint32_t wasi_fd_add(struct wasi *w, struct wasi_fd *f);         /* lowest free number */
int wasi_fd_put(struct wasi *w, uint32_t fd, struct wasi_fd *f); /* at a free number */

uint8_t wasi_filetype_of(int host, const struct stat *st);
/* What an fd of this kind and type may be allowed at most. */
void wasi_rights_max(uint8_t kind, uint8_t filetype, bool read_only, uint64_t *ret_base,
                     uint64_t *ret_inheriting);
uint64_t wasi_stdio_rights(uint8_t stdio, uint8_t filetype);

/* ---- building (new.c), shared by wasi_new and wasi_thaw ------------------- */

int wasi_alloc(uint32_t fds_max, struct wasi **ret_wasi, struct csk_error *err);
int wasi_copy_strings(const char *const *from, size_t n, const char *what, char ***ret_to,
                      uint32_t *ret_n, struct csk_error *err);
void wasi_free_strings(char **strings, uint32_t n);
int wasi_add_root(struct wasi *w, const struct wasi_preopen *preopen, struct csk_error *err);
struct wasi_fd *wasi_make_preopen(const struct wasi *w, uint32_t root);
struct wasi_fd *wasi_make_stdio(int host, uint8_t stdio);
struct wasi_fd *wasi_make_listener(int host, const char *address);

/* ---- paths (path.c) ------------------------------------------------------- */

/* Does this system resolve beneath a directory by itself? */
bool wasi_have_openat2(void);

/* Open `path` without ever leaving `root`; a symlink at the end is followed unless
 * O_NOFOLLOW. WASI_ENOTCAPABLE when the path leads out. */
int wasi_open_beneath(const struct wasi *w, int root, const char *path, int oflags, mode_t mode,
                      int *ret_host);

/* The directory that the last component of `path` is in, and that component (with its
 * trailing slashes) for an *at call that does not follow. */
struct wasi_parent {
    int dir; /* to be closed when `owned` */
    bool owned;
    char name[WASI_PATH_MAX + 1];
};
int wasi_parent_open(const struct wasi *w, int root, const char *path,
                     struct wasi_parent *ret_parent);
void wasi_parent_close(struct wasi_parent *parent);

/* `dir_path`/`path`, tidied, as a new string; NULL when too long or out of memory. */
char *wasi_path_join(const char *dir_path, const char *path);

/* ---- waiting -------------------------------------------------------------- */

/* Until `host` is ready for `events` of poll(2), a request is made (WASI_SUSPEND), or for
 * `nonblock` at once: WASI_EAGAIN when it is not ready. */
int wasi_wait(const struct wasi *w, int host, short events, bool nonblock);

/* readv or writev where the other end may keep us waiting. */
int wasi_stream_read(const struct wasi *w, int host, bool nonblock, const struct iovec *iov, int n,
                     size_t *ret_n);
int wasi_stream_write(const struct wasi *w, int host, bool nonblock, const struct iovec *iov, int n,
                      size_t *ret_n);

/* ---- clocks --------------------------------------------------------------- */

uint64_t wasi_monotonic_ns(const struct wasi *w);
/* 0, or WASI_EINVAL for an unknown clock. */
int wasi_clock_ns(const struct wasi *w, uint32_t id, uint64_t *ret_ns);

/* What the SYNC flags of a file ask for after a write. */
int wasi_sync_after_write(const struct wasi_fd *f);

/* ---- directories ---------------------------------------------------------- */

/* List `f` from `cookie` on into `buf` in the guest's layout. */
int wasi_dir_list(const struct wasi *w, struct wasi_fd *f, uint64_t cookie, uint8_t *buf,
                  uint32_t size, uint32_t *ret_used);
void wasi_dir_cache_free(struct wasi_dir_cache *cache);

/* ---- state ---------------------------------------------------------------- */

void wasi_lent_close(struct wasi *w);
/* A second, independent open of the same file. Host errno on failure. */
int wasi_reopen(int host, int oflags, int *ret_host);

/* ---- host functions ------------------------------------------------------- */

#define WASI_P1   1 /* wasi_snapshot_preview1 */
#define WASI_OLD  2 /* wasi_unstable */
#define WASI_BOTH 3

/* name in the module, name of the C function, parameter types (all return an errno but
 * proc_exit), versions */
#define WASI_FUNCTIONS(X)                                                                          \
    X(args_get, args_get, "ii", WASI_BOTH)                                                         \
    X(args_sizes_get, args_sizes_get, "ii", WASI_BOTH)                                             \
    X(environ_get, environ_get, "ii", WASI_BOTH)                                                   \
    X(environ_sizes_get, environ_sizes_get, "ii", WASI_BOTH)                                       \
    X(clock_res_get, clock_res_get, "ii", WASI_BOTH)                                               \
    X(clock_time_get, clock_time_get, "iIi", WASI_BOTH)                                            \
    X(fd_advise, fd_advise, "iIIi", WASI_BOTH)                                                     \
    X(fd_allocate, fd_allocate, "iII", WASI_BOTH)                                                  \
    X(fd_close, fd_close, "i", WASI_BOTH)                                                          \
    X(fd_datasync, fd_datasync, "i", WASI_BOTH)                                                    \
    X(fd_fdstat_get, fd_fdstat_get, "ii", WASI_BOTH)                                               \
    X(fd_fdstat_set_flags, fd_fdstat_set_flags, "ii", WASI_BOTH)                                   \
    X(fd_fdstat_set_rights, fd_fdstat_set_rights, "iII", WASI_BOTH)                                \
    X(fd_filestat_get, fd_filestat_get, "ii", WASI_P1)                                             \
    X(fd_filestat_get, old_fd_filestat_get, "ii", WASI_OLD)                                        \
    X(fd_filestat_set_size, fd_filestat_set_size, "iI", WASI_BOTH)                                 \
    X(fd_filestat_set_times, fd_filestat_set_times, "iIIi", WASI_BOTH)                             \
    X(fd_pread, fd_pread, "iiiIi", WASI_BOTH)                                                      \
    X(fd_prestat_get, fd_prestat_get, "ii", WASI_BOTH)                                             \
    X(fd_prestat_dir_name, fd_prestat_dir_name, "iii", WASI_BOTH)                                  \
    X(fd_pwrite, fd_pwrite, "iiiIi", WASI_BOTH)                                                    \
    X(fd_read, fd_read, "iiii", WASI_BOTH)                                                         \
    X(fd_readdir, fd_readdir, "iiiIi", WASI_BOTH)                                                  \
    X(fd_renumber, fd_renumber, "ii", WASI_BOTH)                                                   \
    X(fd_seek, fd_seek, "iIii", WASI_P1)                                                           \
    X(fd_seek, old_fd_seek, "iIii", WASI_OLD)                                                      \
    X(fd_sync, fd_sync, "i", WASI_BOTH)                                                            \
    X(fd_tell, fd_tell, "ii", WASI_BOTH)                                                           \
    X(fd_write, fd_write, "iiii", WASI_BOTH)                                                       \
    X(path_create_directory, path_create_directory, "iii", WASI_BOTH)                              \
    X(path_filestat_get, path_filestat_get, "iiiii", WASI_P1)                                      \
    X(path_filestat_get, old_path_filestat_get, "iiiii", WASI_OLD)                                 \
    X(path_filestat_set_times, path_filestat_set_times, "iiiiIIi", WASI_BOTH)                      \
    X(path_link, path_link, "iiiiiii", WASI_BOTH)                                                  \
    X(path_open, path_open, "iiiiiIIii", WASI_BOTH)                                                \
    X(path_readlink, path_readlink, "iiiiii", WASI_BOTH)                                           \
    X(path_remove_directory, path_remove_directory, "iii", WASI_BOTH)                              \
    X(path_rename, path_rename, "iiiiii", WASI_BOTH)                                               \
    X(path_symlink, path_symlink, "iiiii", WASI_BOTH)                                              \
    X(path_unlink_file, path_unlink_file, "iii", WASI_BOTH)                                        \
    X(poll_oneoff, poll_oneoff, "iiii", WASI_P1)                                                   \
    X(poll_oneoff, old_poll_oneoff, "iiii", WASI_OLD)                                              \
    X(proc_exit, proc_exit, "i", WASI_BOTH)                                                        \
    X(proc_raise, proc_raise, "i", WASI_BOTH)                                                      \
    X(sched_yield, sched_yield, "", WASI_BOTH)                                                     \
    X(random_get, random_get, "ii", WASI_BOTH)                                                     \
    X(sock_accept, sock_accept, "iii", WASI_P1)                                                    \
    X(sock_recv, sock_recv, "iiiiii", WASI_BOTH)                                                   \
    X(sock_send, sock_send, "iiiii", WASI_BOTH)                                                    \
    X(sock_shutdown, sock_shutdown, "ii", WASI_BOTH)

#define X(name, function, params, versions)                                                        \
    int wasi_##function(struct wasi *w, struct wasm_host_call *call);
WASI_FUNCTIONS(X)
#undef X

#endif
