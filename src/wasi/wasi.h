/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_WASI_H
#define WASI_WASI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wasm/instance.h"

/*
 * WASI preview 1 for one cell: wasi_snapshot_preview1, and wasi_unstable with its own
 * layouts where those differ.
 *
 * Every path is resolved beneath its pre-opened directory, every fd carries rights,
 * and everything here can be described as plain data (struct wasi_state), so that
 * it can be rebuilt in another process. Not thread-safe; one cell, one thread.
 */

#define WASI_FDS_MAX           1024u /* open fds of a cell, default */
#define WASI_PATH_MAX          4096u
#define WASI_ARGS_BYTES_MAX    (1u << 20)
#define WASI_IOVS_MAX          1024u
#define WASI_SUBSCRIPTIONS_MAX 4096u

struct wasi;

struct wasi_preopen {
    const char *guest; /* name the guest sees, e.g. "/data" or "." */
    const char *host;  /* host directory */
    bool read_only;
};

struct wasi_listener {
    int host_fd;         /* a listening socket; when wasi_new or wasi_thaw succeeds it is theirs,
                            and what a thawed cell does not use is closed */
    const char *address; /* as the user gave it, e.g. "127.0.0.1:8080" */
};

struct wasi_config {
    const char *const *args; /* args[0] is the program's name */
    size_t nargs;
    const char *const *env; /* "KEY=VALUE" */
    size_t nenv;
    const struct wasi_preopen *preopens; /* become fds 3, 4, ... in this order */
    size_t npreopens;
    const struct wasi_listener *listeners; /* then these */
    size_t nlisteners;
    int stdio[3];     /* host fds for 0, 1, 2; -1: closed. Not owned, flags never changed. */
    uint32_t fds_max; /* 0: WASI_FDS_MAX */
};

int wasi_new(const struct wasi_config *config, struct wasi **ret_wasi, struct csk_error *err);
void wasi_free(struct wasi *wasi);

/* The host function for an import, to be registered with `user` = the struct wasi.
 * CSK_E_NOT_FOUND when WASI has no such function, CSK_E_LINK when its type differs. */
int wasi_lookup(struct wasm_name module, struct wasm_name field, const struct wasm_functype *type,
                wasm_host_fn **ret_fn, struct csk_error *err);

/* The guest's clocks stand still between wasi_pause and wasi_resume. A new or thawed
 * wasi is paused; call resume before, and pause after, every run. */
void wasi_resume(struct wasi *wasi);
void wasi_pause(struct wasi *wasi);

/* A host call that may block looks at this word, before it blocks and whenever a signal ends
 * its waiting, and returns CSK_HOST_SUSPEND when somebody asks to suspend or cancel; point it
 * at the exec's request word. Whoever sets the word sends the signal, and sends it again
 * until the run has ended, because the first may come just before the blocking. The signal's
 * handler is installed without SA_RESTART. SIGPIPE is the embedder's to ignore. */
void wasi_set_request(struct wasi *wasi, const _Atomic uint32_t *request);

/* Absolute guest-monotonic deadline carried by a rolled-back poll is part of the state. */

/* ---- the state as plain data ---------------------------------------------- */

enum wasi_fd_kind {
    WASI_FD_STDIO = 0,    /* 0, 1 or 2 of the process (possibly renumbered) */
    WASI_FD_PREOPEN = 1,  /* a pre-opened directory; path is its guest name */
    WASI_FD_DIR = 2,      /* an opened directory, path relative to preopen */
    WASI_FD_FILE = 3,     /* an opened file, path relative to preopen */
    WASI_FD_UNLINKED = 4, /* an opened file that has no name any more; see content. With
                             filetype directory: one that was removed, content is empty */
    WASI_FD_LISTENER = 5, /* path is the address */
    WASI_FD_SOCKET = 6,   /* an accepted connection: ends when the cell moves (reads as
                             end of file, writes fail with ECONNRESET) */
};

#define WASI_NO_CONTENT UINT32_MAX

struct wasi_fd_state {
    uint32_t fd;      /* guest number */
    uint8_t kind;     /* enum wasi_fd_kind */
    uint8_t stdio;    /* for STDIO: which of the process's three */
    uint8_t filetype; /* __wasi_filetype_t */
    uint8_t eof;      /* for SOCKET: the peer is gone; always 1, since it ends with the move */
    uint16_t fdflags; /* __wasi_fdflags_t */
    uint64_t rights_base;
    uint64_t rights_inheriting;
    uint64_t offset;  /* files, and input that is a file: position; else of stdio: bytes so far */
    uint32_t preopen; /* PREOPEN, DIR, FILE, UNLINKED: which pre-open (index among the preopens,
                         not fd) */
    uint32_t content; /* index in contents: UNLINKED always, FILE when files travel */
    char *path;       /* owned by the state */
};

struct wasi_content { /* bytes of a file that travels with the cell */
    int host_fd;      /* while freezing: readable with pread; not in the image. -1 after decode */
    uint64_t size;
    uint32_t mode;    /* permission bits */
    uint32_t preopen; /* where it goes back to: WASI_NO_CONTENT for an unlinked one */
    char *path;
    int temp_fd; /* after decode: an anonymous file holding the bytes, owned; else -1 */
};

struct wasi_state {
    char **args;
    uint32_t nargs;
    char **env;
    uint32_t nenv;
    char **preopens; /* guest names, in order */
    uint32_t npreopens;
    struct wasi_fd_state *fds; /* ascending by fd */
    uint32_t nfds;
    struct wasi_content *contents;
    uint32_t ncontents;
    uint64_t monotonic_ns;     /* guest CLOCK_MONOTONIC at the freeze */
    uint64_t cpu_ns;           /* guest CPU time used */
    bool poll_deadline_set;    /* a poll_oneoff was rolled back ... */
    uint64_t poll_deadline_ns; /* ... and ends at this guest-monotonic time */
};

/* Describe. With `with_files`, regular files that are open become contents too. Host fds
 * in the result are borrowed from `wasi` and valid until it runs, is frozen again or is
 * freed. CSK_E_STATE for what cannot be described: a directory that was moved out of every
 * pre-open, a pipe or device that has lost its name. */
int wasi_freeze(struct wasi *wasi, bool with_files, struct wasi_state *ret_state,
                struct csk_error *err);

/* Rebuild; a state is thawed once. `config` gives host directories for the guest names in
 * state->preopens (matched by guest name; a missing one is an error that names it), listening
 * sockets by address, and stdio; its args and env are ignored. Input that is a regular file is
 * moved to where the cell was in it. Files that travelled are made where they are absent; one that
 * is there and differs is CSK_E_EXISTS, never overwritten, and on any error those already made are
 * removed. The state is hostile input: paths are resolved beneath their pre-open, counts were
 * bounded by the decoder, rights are cut to what the fd's kind and a fresh pre-open would allow. */
int wasi_thaw(const struct wasi_state *state, const struct wasi_config *config,
              struct wasi **ret_wasi, struct csk_error *err);

void wasi_state_fini(struct wasi_state *state);

#endif
