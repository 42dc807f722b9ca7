/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUEST_H
#define GUEST_H

/* The little that the small guest programs share: WASI's functions and types, and output
 * without a library, so that a program has few safepoints and all of them are its own. */

#include <stddef.h>
#include <stdint.h>

#define IMPORT(name)                                                                               \
    __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) extern

struct iov {
    const void *p;
    uint32_t size;
};

struct fdstat {
    uint8_t filetype;
    uint16_t flags;
    uint64_t rights;
    uint64_t inheriting;
};

struct filestat {
    uint64_t dev, ino;
    uint8_t filetype;
    uint64_t nlink, size, atim, mtim, ctim;
};

struct subscription {
    uint64_t userdata;
    uint8_t tag; /* 0 clock, 1 fd_read, 2 fd_write */
    union {
        struct {
            uint32_t id;
            uint64_t timeout, precision;
            uint16_t flags;
        } clock;
        uint32_t fd;
    } u;
};

struct event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint64_t nbytes;
    uint16_t flags;
};

IMPORT(args_get) int args_get(char **argv, char *buf);
IMPORT(args_sizes_get) int args_sizes_get(uint32_t *n, uint32_t *bytes);
IMPORT(environ_get) int environ_get(char **env, char *buf);
IMPORT(environ_sizes_get) int environ_sizes_get(uint32_t *n, uint32_t *bytes);
IMPORT(clock_time_get) int clock_time_get(uint32_t id, uint64_t precision, uint64_t *time);
IMPORT(clock_res_get) int clock_res_get(uint32_t id, uint64_t *resolution);
IMPORT(random_get) int random_get(void *p, uint32_t size);
IMPORT(sched_yield) int sched_yield(void);
IMPORT(proc_exit) _Noreturn void proc_exit(uint32_t code);
IMPORT(poll_oneoff)
int poll_oneoff(const struct subscription *in, struct event *out, uint32_t n, uint32_t *nevents);
IMPORT(fd_read) int fd_read(int fd, const struct iov *iovs, uint32_t n, uint32_t *nread);
IMPORT(fd_write) int fd_write(int fd, const struct iov *iovs, uint32_t n, uint32_t *nwritten);
IMPORT(fd_pread)
int fd_pread(int fd, const struct iov *iovs, uint32_t n, uint64_t offset, uint32_t *nread);
IMPORT(fd_pwrite)
int fd_pwrite(int fd, const struct iov *iovs, uint32_t n, uint64_t offset, uint32_t *nwritten);
IMPORT(fd_seek) int fd_seek(int fd, int64_t offset, uint8_t whence, uint64_t *pos);
IMPORT(fd_tell) int fd_tell(int fd, uint64_t *pos);
IMPORT(fd_close) int fd_close(int fd);
IMPORT(fd_sync) int fd_sync(int fd);
IMPORT(fd_renumber) int fd_renumber(int from, int to);
IMPORT(fd_fdstat_get) int fd_fdstat_get(int fd, struct fdstat *st);
IMPORT(fd_fdstat_set_flags) int fd_fdstat_set_flags(int fd, uint16_t flags);
IMPORT(fd_fdstat_set_rights)
int fd_fdstat_set_rights(int fd, uint64_t rights, uint64_t inheriting);
IMPORT(fd_filestat_get) int fd_filestat_get(int fd, struct filestat *st);
IMPORT(fd_filestat_set_size) int fd_filestat_set_size(int fd, uint64_t size);
IMPORT(fd_allocate) int fd_allocate(int fd, uint64_t offset, uint64_t size);
IMPORT(fd_prestat_get) int fd_prestat_get(int fd, uint32_t prestat[2]);
IMPORT(fd_prestat_dir_name) int fd_prestat_dir_name(int fd, char *name, uint32_t size);
IMPORT(fd_readdir)
int fd_readdir(int fd, void *buf, uint32_t size, uint64_t cookie, uint32_t *used);
IMPORT(path_open)
int path_open(int dir, uint32_t lookup, const char *path, uint32_t len, uint16_t oflags,
              uint64_t rights, uint64_t inheriting, uint16_t flags, int *fd);
IMPORT(path_unlink_file) int path_unlink_file(int dir, const char *path, uint32_t len);
IMPORT(path_create_directory) int path_create_directory(int dir, const char *path, uint32_t len);
IMPORT(path_remove_directory) int path_remove_directory(int dir, const char *path, uint32_t len);
IMPORT(path_rename)
int path_rename(int dir, const char *from, uint32_t len, int to_dir, const char *to,
                uint32_t to_len);
IMPORT(path_link)
int path_link(int dir, uint32_t lookup, const char *from, uint32_t len, int to_dir, const char *to,
              uint32_t to_len);
IMPORT(path_symlink)
int path_symlink(const char *target, uint32_t target_len, int dir, const char *path, uint32_t len);
IMPORT(path_readlink)
int path_readlink(int dir, const char *path, uint32_t len, char *buf, uint32_t size,
                  uint32_t *used);
IMPORT(sock_accept) int sock_accept(int fd, uint16_t flags, int *ret_fd);
IMPORT(sock_shutdown) int sock_shutdown(int fd, uint8_t how);

enum {
    O_CREAT = 1,
    O_DIRECTORY = 2,
    O_EXCL = 4,
    O_TRUNC = 8
};
enum {
    F_APPEND = 1,
    F_NONBLOCK = 4
};
#define RIGHTS_FILE UINT64_C(0x08e001ff)
#define RIGHTS_READ UINT64_C(0x00200026) /* read, seek, tell, stat */
#define RIGHTS_DIR  UINT64_C(0x0ffffe98) /* what makes no sense for a directory left out */

#define PATH(text) (text), (sizeof(text) - 1)

static inline __attribute__((noinline)) void put(int fd, const void *p, uint32_t size)
{
    struct iov iov = {p, size};
    uint32_t n;
    if (fd_write(fd, &iov, 1, &n) != 0 || n != size)
        proc_exit(99);
}

#define SAY(text) put(1, (text), sizeof(text) - 1)

/* "label hex\n"; unrolled, so that it has no loop headers of its own. */
static inline __attribute__((noinline)) void say_hex(const char label[4], uint32_t v)
{
    static const char digits[] = "0123456789abcdef";
    char line[14];
    __builtin_memcpy(line, label, 4);
    line[4] = ' ';
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++)
        line[5 + i] = digits[v >> (28 - 4 * i) & 15];
    line[13] = '\n';
    put(1, line, sizeof line);
}

/* End unless `cond`: with a status that says which check it was. */
static inline void need(int cond, uint32_t code)
{
    if (!cond)
        proc_exit(code);
}

static inline int open_with(int dir, const char *path, uint32_t len, uint16_t oflags,
                            uint16_t flags, uint64_t rights)
{
    int fd;
    uint64_t inheriting = rights == RIGHTS_DIR ? RIGHTS_DIR | RIGHTS_FILE : 0;
    int rc = path_open(dir, 0, path, len, oflags, rights, inheriting, flags, &fd);
    return rc == 0 ? fd : -rc;
}

static inline int open_at(int dir, const char *path, uint32_t len, uint16_t oflags, uint16_t flags)
{
    return open_with(dir, path, len, oflags, flags,
                     (oflags & O_DIRECTORY) != 0 ? RIGHTS_DIR : RIGHTS_FILE);
}

#define DIR_FD 3 /* the first pre-opened directory */

#endif
