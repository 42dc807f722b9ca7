/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "test/wasi/driver.h"

/* The fd_* calls, the process's own things, and the table of functions. */

static uint32_t opened(struct guest *g, const char *path, uint64_t rights, uint32_t fdflags)
{
    uint32_t fd = 999;
    CHECK(open_in(g, ROOT_FD, path, 0, WASI_O_CREAT, rights, fdflags, &fd) == 0);
    return fd;
}

static uint64_t seek_to(struct guest *g, uint32_t fd, int64_t delta, uint32_t whence)
{
    uint32_t out = room(g, 8);
    CHECK(CALL(g, "fd_seek", fd, (uint64_t)delta, whence, out) == 0);
    return r64(g, out);
}

static uint64_t size_of(struct guest *g, uint32_t fd)
{
    uint32_t out = room(g, WASI_FILESTAT_SIZE);
    CHECK(CALL(g, "fd_filestat_get", fd, out) == 0);
    return r64(g, out + 32);
}

/* ---- lookup --------------------------------------------------------------- */

static int look(const char *module, const char *field, const uint8_t *params, uint32_t n,
                uint32_t nresults)
{
    static const uint8_t i32[] = {CSK_I32};
    struct wasm_functype type = {
        .params = params, .nparams = n, .results = i32, .nresults = nresults};
    wasm_host_fn *fn = NULL;
    struct csk_error err = {0};
    int rc = wasi_lookup((struct wasm_name){module, (uint32_t)strlen(module)},
                         (struct wasm_name){field, (uint32_t)strlen(field)}, &type, &fn, &err);
    CHECK((rc == 0) == (fn != NULL));
    CHECK(rc == 0 || err.text[0] != '\0');
    return rc;
}

static void lookup_unknown_name(struct guest *g)
{
    static const uint8_t i32[] = {CSK_I32};
    (void)g;
    CHECK(look("wasi_snapshot_preview1", "fd_closes", i32, 1, 1) == CSK_E_NOT_FOUND);
    CHECK(look("wasi_snapshot_preview1", "fd_clos", i32, 1, 1) == CSK_E_NOT_FOUND);
    CHECK(look("wasi_snapshot_preview2", "fd_close", i32, 1, 1) == CSK_E_NOT_FOUND);
    CHECK(look("env", "fd_close", i32, 1, 1) == CSK_E_NOT_FOUND);
    CHECK(look("", "", i32, 1, 1) == CSK_E_NOT_FOUND);
}

static void lookup_checks_types(struct guest *g)
{
    static const uint8_t i32[] = {CSK_I32, CSK_I32};
    static const uint8_t i64[] = {CSK_I64};
    (void)g;
    CHECK(look("wasi_snapshot_preview1", "fd_close", i32, 1, 1) == 0);
    CHECK(look("wasi_snapshot_preview1", "fd_close", i32, 2, 1) == CSK_E_LINK);
    CHECK(look("wasi_snapshot_preview1", "fd_close", i64, 1, 1) == CSK_E_LINK);
    CHECK(look("wasi_snapshot_preview1", "fd_close", i32, 1, 0) == CSK_E_LINK);
    CHECK(look("wasi_snapshot_preview1", "proc_exit", i32, 1, 0) == 0);
    CHECK(look("wasi_snapshot_preview1", "proc_exit", i32, 1, 1) == CSK_E_LINK);
    CHECK(look("wasi_snapshot_preview1", "sched_yield", NULL, 0, 1) == 0);
}

static void lookup_old_version(struct guest *g)
{
    static const uint8_t i32[] = {CSK_I32, CSK_I32, CSK_I32};
    (void)g;
    CHECK(look("wasi_unstable", "fd_close", i32, 1, 1) == 0);
    CHECK(look("wasi_unstable", "sock_accept", i32, 3, 1) == CSK_E_NOT_FOUND);
}

/* Old layouts: filestat of 56 bytes, whence in another order, clock 8 bytes further in. */
static void old_filestat_and_seek(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t st = room(g, 64);
    uint32_t at = room(g, 8);
    CHECK(write_all(g, fd, "0123456789") == 0);
    g->version = "wasi_unstable";
    memset(g->memory.base + st, 0xee, 64);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(g->memory.base[st + 16] == WASI_TYPE_REGULAR);
    CHECK(r32(g, st + 20) == 1 && r64(g, st + 24) == 10);
    CHECK(r64(g, st + 56) == UINT64_C(0xeeeeeeeeeeeeeeee));
    CHECK(CALL(g, "path_filestat_get", ROOT_FD, 0, TEXT(g, "f"), st) == 0 && r64(g, st + 24) == 10);
    CHECK(CALL(g, "fd_seek", fd, 4, 2, at) == 0 && r64(g, at) == 4);            /* SET */
    CHECK(CALL(g, "fd_seek", fd, 1, 0, at) == 0 && r64(g, at) == 5);            /* CUR */
    CHECK(CALL(g, "fd_seek", fd, (uint64_t)-1, 1, at) == 0 && r64(g, at) == 9); /* END */
}

static void old_poll(struct guest *g)
{
    uint32_t in = room(g, 56);
    uint32_t out = room(g, 32);
    uint32_t n = room(g, 4);
    g->version = "wasi_unstable";
    put_le64(g->memory.base + in, 77);
    put_le64(g->memory.base + in + 16, UINT64_MAX); /* identifier, without meaning */
    put_le32(g->memory.base + in + 24, WASI_CLOCK_MONOTONIC);
    put_le64(g->memory.base + in + 32, 1000);
    CHECK(CALL(g, "poll_oneoff", in, out, 1, n) == 0);
    CHECK(r32(g, n) == 1 && r64(g, out) == 77 && g->memory.base[out + 10] == WASI_EVENT_CLOCK);
}

/* ---- the process ---------------------------------------------------------- */

static void args_and_environ(struct guest *g)
{
    uint32_t out = room(g, 8);
    uint32_t pointers = room(g, 12);
    uint32_t bytes = room(g, 64);
    CHECK(CALL(g, "args_sizes_get", out, out + 4) == 0);
    CHECK(r32(g, out) == 3 && r32(g, out + 4) == sizeof "prog" + sizeof "" + sizeof "a b");
    CHECK(CALL(g, "args_get", pointers, bytes) == 0);
    CHECK(strcmp((char *)g->memory.base + r32(g, pointers), "prog") == 0);
    CHECK(strcmp((char *)g->memory.base + r32(g, pointers + 4), "") == 0);
    CHECK(strcmp((char *)g->memory.base + r32(g, pointers + 8), "a b") == 0);
    CHECK(CALL(g, "environ_sizes_get", out, out + 4) == 0);
    CHECK(r32(g, out) == 1 && r32(g, out + 4) == sizeof "K=V");
    CHECK(CALL(g, "environ_get", pointers, bytes) == 0);
    CHECK(strcmp((char *)g->memory.base + r32(g, pointers), "K=V") == 0);
}

static void args_faults(struct guest *g)
{
    uint32_t out = room(g, 64);
    CHECK(CALL(g, "args_sizes_get", MEM_SIZE - 3, out) == WASI_EFAULT);
    CHECK(CALL(g, "args_sizes_get", out, MEM_SIZE) == WASI_EFAULT);
    CHECK(CALL(g, "args_get", MEM_SIZE - 11, out) == WASI_EFAULT);
    CHECK(CALL(g, "args_get", MEM_SIZE - 12, out) == 0);
    CHECK(CALL(g, "args_get", out, MEM_SIZE - 9) == WASI_EFAULT);
    CHECK(CALL(g, "args_get", out, MEM_SIZE - 10) == 0);
    CHECK(CALL(g, "environ_get", 0xfffffffc, out) == WASI_EFAULT);
}

static void clocks(struct guest *g)
{
    uint32_t out = room(g, 8);
    uint64_t last = 0;
    for (uint32_t id = 0; id < 4; id++) {
        CHECK(CALL(g, "clock_res_get", id, out) == 0 && r64(g, out) != 0);
        CHECK(CALL(g, "clock_time_get", id, 0, out) == 0);
    }
    for (int i = 0; i < 100; i++) {
        CHECK(CALL(g, "clock_time_get", WASI_CLOCK_MONOTONIC, 0, out) == 0);
        CHECK(r64(g, out) >= last);
        last = r64(g, out);
    }
    CHECK(CALL(g, "clock_res_get", 4, out) == WASI_EINVAL);
    CHECK(CALL(g, "clock_time_get", 4, 0, out) == WASI_EINVAL);
    CHECK(CALL(g, "clock_time_get", 0, 0, MEM_SIZE - 7) == WASI_EFAULT);
    CHECK(CALL(g, "clock_res_get", 0, MEM_SIZE - 7) == WASI_EFAULT);
}

/* Between pause and resume no time passes for the guest. */
static void clocks_stand_still(struct guest *g)
{
    uint64_t before[2], after[2];
    wasi_pause(g->w);
    before[0] = wasi_monotonic_ns(g->w);
    (void)wasi_clock_ns(g->w, WASI_CLOCK_PROCESS_CPU, &before[1]);
    (void)usleep(3000);
    for (volatile int i = 0; i < 1000000; i++)
        continue;
    after[0] = wasi_monotonic_ns(g->w);
    (void)wasi_clock_ns(g->w, WASI_CLOCK_THREAD_CPU, &after[1]);
    CHECK(before[0] == after[0] && before[1] == after[1]);
    wasi_resume(g->w);
    wasi_resume(g->w); /* twice is once */
    (void)usleep(1000);
    CHECK(wasi_monotonic_ns(g->w) >= after[0] + 1000000);
    CHECK(wasi_monotonic_ns(g->w) < after[0] + 2000000000);
}

static void cpu_time_counts_work(struct guest *g)
{
    uint64_t before, slept, worked;
    (void)wasi_clock_ns(g->w, WASI_CLOCK_PROCESS_CPU, &before);
    (void)usleep(20000);
    (void)wasi_clock_ns(g->w, WASI_CLOCK_PROCESS_CPU, &slept);
    do
        (void)wasi_clock_ns(g->w, WASI_CLOCK_PROCESS_CPU, &worked);
    while (worked < slept + 5000000);
    CHECK(slept - before < 15000000);
}

static void random_bytes(struct guest *g)
{
    uint32_t at = room(g, 64);
    uint8_t zero[64] = {0};
    CHECK(CALL(g, "random_get", at, 32) == 0);
    CHECK(memcmp(g->memory.base + at, zero, 32) != 0);
    CHECK(memcmp(g->memory.base + at + 32, zero, 32) == 0);
    CHECK(CALL(g, "random_get", at, 0) == 0);
    CHECK(CALL(g, "random_get", MEM_SIZE, 0) == 0);
    CHECK(CALL(g, "random_get", MEM_SIZE - 8, 9) == WASI_EFAULT);
    CHECK(CALL(g, "random_get", 0xffffffff, 0xffffffff) == WASI_EFAULT);
}

static void process_end(struct guest *g)
{
    CHECK(CALL(g, "proc_exit", 33) == EXITED && g->exec.exit_code == 33);
    CHECK(CALL(g, "proc_exit", 0xffffffff) == EXITED && g->exec.exit_code == 0xffffffff);
    CHECK(guest_call(g, "sched_yield", NULL, 0) == 0);
}

static void process_raise(struct guest *g)
{
    CHECK(CALL(g, "proc_raise", 0) == 0);
    CHECK(CALL(g, "proc_raise", 6) == EXITED && g->exec.exit_code == 134);
    CHECK(CALL(g, "proc_raise", 15) == EXITED && g->exec.exit_code == 143);
    CHECK(CALL(g, "proc_raise", 16) == 0);                                       /* chld */
    CHECK(CALL(g, "proc_raise", 18) == WASI_ENOTSUP);                            /* stop */
    CHECK(CALL(g, "proc_raise", 30) == EXITED && g->exec.exit_code == 128 + 31); /* sys */
    CHECK(CALL(g, "proc_raise", 31) == WASI_EINVAL);
}

/* ---- reading, writing, positions ------------------------------------------ */

static void read_write_seek(struct guest *g)
{
    char buf[32];
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t out = room(g, 8);
    CHECK(write_all(g, fd, "hello world") == 0);
    CHECK(CALL(g, "fd_tell", fd, out) == 0 && r64(g, out) == 11);
    CHECK(seek_to(g, fd, 6, WASI_WHENCE_SET) == 6);
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "world") == 0);
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && buf[0] == '\0');
    CHECK(seek_to(g, fd, -5, WASI_WHENCE_END) == 6);
    CHECK(seek_to(g, fd, 1, WASI_WHENCE_CUR) == 7);
    CHECK(CALL(g, "fd_seek", fd, (uint64_t)-8, WASI_WHENCE_CUR, out) == WASI_EINVAL);
    CHECK(CALL(g, "fd_seek", fd, 0, 3, out) == WASI_EINVAL);
    CHECK(CALL(g, "fd_seek", fd, 0, 0, MEM_SIZE - 4) == WASI_EFAULT);
    CHECK(CALL(g, "fd_tell", fd, out) == 0 && r64(g, out) == 7);
    CHECK(host_has(g, "root/f", "hello world"));
}

static void vectors(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t v = room(g, 8 * 4);
    uint32_t out = room(g, 4);
    uint32_t a = text(g, "abc");
    uint8_t *m = g->memory.base;
    put_le32(m + v, a), put_le32(m + v + 4, 3);
    put_le32(m + v + 8, 0), put_le32(m + v + 12, 0); /* empty ones are fine */
    put_le32(m + v + 16, a), put_le32(m + v + 20, 2);
    CHECK(CALL(g, "fd_write", fd, v, 3, out) == 0 && r32(g, out) == 5);
    CHECK(host_has(g, "root/f", "abcab"));
    CHECK(seek_to(g, fd, 0, WASI_WHENCE_SET) == 0);
    uint32_t to = room(g, 16);
    put_le32(m + v, to), put_le32(m + v + 4, 1);
    put_le32(m + v + 16, to + 8), put_le32(m + v + 20, 8);
    CHECK(CALL(g, "fd_read", fd, v, 3, out) == 0 && r32(g, out) == 5);
    CHECK(memcmp(m + to, "a", 2) == 0 && memcmp(m + to + 8, "bcab", 5) == 0);
    CHECK(CALL(g, "fd_write", fd, v, 0, out) == 0 && r32(g, out) == 0);
}

/* A vector that faults anywhere has no effect at all, also when others before it are good. */
static void vectors_fault_without_effect(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t v = room(g, 16);
    uint32_t out = room(g, 4);
    uint8_t *m = g->memory.base;
    put_le32(m + v, text(g, "abc")), put_le32(m + v + 4, 3);
    put_le32(m + v + 8, MEM_SIZE - 2), put_le32(m + v + 12, 3);
    CHECK(CALL(g, "fd_write", fd, v, 2, out) == WASI_EFAULT);
    CHECK(CALL(g, "fd_pwrite", fd, v, 2, 0, out) == WASI_EFAULT);
    CHECK(CALL(g, "fd_write", fd, v, 1, MEM_SIZE - 3) == WASI_EFAULT);
    CHECK(CALL(g, "fd_pwrite", fd, v, 1, 0, MEM_SIZE - 3) == WASI_EFAULT);
    CHECK(CALL(g, "fd_write", fd, MEM_SIZE - 8, 2, out) == WASI_EFAULT);
    put_le32(m + v + 8, 0xffffffff), put_le32(m + v + 12, 0xffffffff);
    CHECK(CALL(g, "fd_write", fd, v, 2, out) == WASI_EFAULT);
    CHECK(size_of(g, fd) == 0);
    CHECK(write_all(g, fd, "xyz") == 0);
    CHECK(seek_to(g, fd, 0, WASI_WHENCE_SET) == 0);
    CHECK(CALL(g, "fd_read", fd, v, 2, out) == WASI_EFAULT);
    CHECK(CALL(g, "fd_read", fd, v, 1, MEM_SIZE - 3) == WASI_EFAULT);
    CHECK(seek_to(g, fd, 0, WASI_WHENCE_CUR) == 0);
    CHECK(memcmp(m + r32(g, v), "abc", 3) == 0);
}

static void vectors_at_the_limit(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t out = room(g, 4);
    uint32_t one = text(g, "x");
    uint32_t v = room(g, (WASI_IOVS_MAX + 1) * 8);
    for (uint32_t i = 0; i <= WASI_IOVS_MAX; i++) {
        put_le32(g->memory.base + v + i * 8, one);
        put_le32(g->memory.base + v + i * 8 + 4, 1);
    }
    CHECK(CALL(g, "fd_write", fd, v, WASI_IOVS_MAX + 1, out) == WASI_EINVAL);
    CHECK(size_of(g, fd) == 0);
    CHECK(CALL(g, "fd_write", fd, v, WASI_IOVS_MAX, out) == 0 && r32(g, out) == WASI_IOVS_MAX);
    CHECK(CALL(g, "fd_write", fd, v, WASI_IOVS_MAX - 1, out) == 0);
    CHECK(CALL(g, "fd_read", fd, v, 0xffffffff, out) == WASI_EINVAL);
}

static void pread_pwrite(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t out = room(g, 8);
    uint32_t buf = room(g, 8);
    CHECK(CALL(g, "fd_pwrite", fd, iov(g, text(g, "abcdef"), 6), 1, 2, out) == 0);
    CHECK(r32(g, out) == 6 && size_of(g, fd) == 8);
    CHECK(CALL(g, "fd_pread", fd, iov(g, buf, 8), 1, 4, out) == 0 && r32(g, out) == 4);
    CHECK(memcmp(g->memory.base + buf, "cdef", 5) == 0);
    CHECK(CALL(g, "fd_tell", fd, out) == 0 && r64(g, out) == 0);
    CHECK(CALL(g, "fd_pread", fd, iov(g, buf, 8), 1, (uint64_t)-1, out) == WASI_EINVAL);
    CHECK(CALL(g, "fd_pwrite", fd, iov(g, buf, 8), 1, UINT64_C(1) << 63, out) == WASI_EINVAL);
    CHECK(CALL(g, "fd_pread", fd, iov(g, buf, 8), 1, 100, out) == 0 && r32(g, out) == 0);
}

static void append_mode(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, WASI_FLAG_APPEND);
    CHECK(write_all(g, fd, "one") == 0);
    CHECK(seek_to(g, fd, 0, WASI_WHENCE_SET) == 0);
    CHECK(write_all(g, fd, "two") == 0 && host_has(g, "root/f", "onetwo"));
    CHECK(CALL(g, "fd_fdstat_set_flags", fd, 0) == 0);
    CHECK(seek_to(g, fd, 0, WASI_WHENCE_SET) == 0);
    CHECK(write_all(g, fd, "six") == 0 && host_has(g, "root/f", "sixtwo"));
    CHECK(CALL(g, "fd_fdstat_set_flags", fd, WASI_FLAG_APPEND) == 0);
    CHECK(write_all(g, fd, "!") == 0 && host_has(g, "root/f", "sixtwo!"));
}

static void sync_flags(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t fd = opened(g, "f", FILE_RIGHTS, WASI_FLAG_SYNC | WASI_FLAG_DSYNC | WASI_FLAG_RSYNC);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0);
    CHECK(get_le16(g->memory.base + st + 2) ==
          (WASI_FLAG_SYNC | WASI_FLAG_DSYNC | WASI_FLAG_RSYNC));
    CHECK(write_all(g, fd, "x") == 0);
    CHECK(CALL(g, "fd_fdstat_set_flags", fd, WASI_FLAG_DSYNC) == 0);
    CHECK(write_all(g, fd, "y") == 0 && host_has(g, "root/f", "xy"));
    CHECK(CALL(g, "fd_fdstat_set_flags", fd, 32) == WASI_EINVAL);
    CHECK(CALL(g, "fd_sync", fd) == 0 && CALL(g, "fd_datasync", fd) == 0);
    CHECK(CALL(g, "fd_sync", ROOT_FD) == 0);
    CHECK(CALL(g, "fd_sync", 99) == WASI_EBADF && CALL(g, "fd_datasync", 99) == WASI_EBADF);
}

static void set_size(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 100) == 0 && size_of(g, fd) == 100);
    CHECK(CALL(g, "fd_filestat_set_size", fd, 0) == 0 && size_of(g, fd) == 0);
    CHECK(CALL(g, "fd_filestat_set_size", fd, (uint64_t)-1) == WASI_EINVAL);
    CHECK(CALL(g, "fd_filestat_set_size", ROOT_FD, 0) == WASI_EISDIR);
}

static void allocate(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    CHECK(CALL(g, "fd_allocate", fd, 0, 100) == 0 && size_of(g, fd) == 100);
    CHECK(CALL(g, "fd_allocate", fd, 10, 10) == 0 && size_of(g, fd) == 100);
    CHECK(CALL(g, "fd_allocate", fd, 90, 20) == 0 && size_of(g, fd) == 110);
    CHECK(CALL(g, "fd_allocate", fd, 0, 0) == WASI_EINVAL);
    CHECK(CALL(g, "fd_allocate", fd, (uint64_t)-1, 1) == WASI_EINVAL);
    CHECK(CALL(g, "fd_allocate", fd, INT64_MAX, 1) == WASI_EFBIG);
    CHECK(CALL(g, "fd_allocate", ROOT_FD, 0, 1) == WASI_EISDIR);
}

static void advise(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    for (uint32_t advice = 0; advice <= 5; advice++)
        CHECK(CALL(g, "fd_advise", fd, 0, 10, advice) == 0);
    CHECK(CALL(g, "fd_advise", fd, 0, 10, 6) == WASI_EINVAL);
    CHECK(CALL(g, "fd_advise", fd, (uint64_t)-1, 10, 0) == WASI_EINVAL);
    CHECK(CALL(g, "fd_advise", fd, 0, (uint64_t)-1, 0) == WASI_EINVAL);
}

static void set_times(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t st = room(g, 64);
    const uint64_t t = UINT64_C(1234567890123456789);
    CHECK(CALL(g, "fd_filestat_set_times", fd, t, t + 1, WASI_FST_ATIM | WASI_FST_MTIM) == 0);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(r64(g, st + 40) == t && r64(g, st + 48) == t + 1);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, t + 2, WASI_FST_MTIM) == 0);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(r64(g, st + 40) == t && r64(g, st + 48) == t + 2);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, 0, WASI_FST_ATIM_NOW | WASI_FST_MTIM_NOW) == 0);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(r64(g, st + 40) > t + 2 && r64(g, st + 48) > t + 2);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, 0, WASI_FST_ATIM | WASI_FST_ATIM_NOW) ==
          WASI_EINVAL);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, 0, WASI_FST_MTIM | WASI_FST_MTIM_NOW) ==
          WASI_EINVAL);
    CHECK(CALL(g, "fd_filestat_set_times", fd, 0, 0, 16) == WASI_EINVAL);
}

static void filestat(struct guest *g)
{
    uint32_t fd = opened(g, "f", FILE_RIGHTS, 0);
    uint32_t st = room(g, 64);
    CHECK(write_all(g, fd, "12345") == 0);
    CHECK(CALL(g, "fd_filestat_get", fd, st) == 0);
    CHECK(r64(g, st + 8) != 0 && g->memory.base[st + 16] == WASI_TYPE_REGULAR);
    CHECK(r64(g, st + 24) == 1 && r64(g, st + 32) == 5);
    CHECK(CALL(g, "fd_filestat_get", ROOT_FD, st) == 0);
    CHECK(g->memory.base[st + 16] == WASI_TYPE_DIR);
    CHECK(CALL(g, "fd_filestat_get", fd, MEM_SIZE - 63) == WASI_EFAULT);
    CHECK(CALL(g, "fd_filestat_get", 99, st) == WASI_EBADF);
}

/* ---- the fd table --------------------------------------------------------- */

static void close_and_reuse(struct guest *g)
{
    uint32_t a = opened(g, "a", FILE_RIGHTS, 0);
    uint32_t b = opened(g, "b", FILE_RIGHTS, 0);
    CHECK(a == 0 && b == 1); /* there is no stdio here */
    CHECK(CALL(g, "fd_close", a) == 0 && CALL(g, "fd_close", a) == WASI_EBADF);
    CHECK(opened(g, "c", FILE_RIGHTS, 0) == a); /* the lowest free one */
    CHECK(CALL(g, "fd_close", 0xffffffff) == WASI_EBADF);
    CHECK(CALL(g, "fd_close", 1u << 30) == WASI_EBADF);
    CHECK(CALL(g, "fd_close", ROOT_FD) == 0);
    CHECK(open_in(g, ROOT_FD, "a", 0, 0, 0, 0, NULL) == WASI_EBADF);
    CHECK(write_all(g, b, "still") == 0);
}

static void renumber(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t a = opened(g, "a", WASI_R_FD_READ | WASI_R_FD_WRITE, 0);
    uint32_t b = opened(g, "b", WASI_R_FD_READ, 0);
    CHECK(CALL(g, "fd_renumber", a, b) == 0);
    CHECK(CALL(g, "fd_fdstat_get", a, st) == WASI_EBADF);
    CHECK(CALL(g, "fd_fdstat_get", b, st) == 0);
    CHECK(r64(g, st + 8) == (WASI_R_FD_READ | WASI_R_FD_WRITE)); /* its own rights came along */
    CHECK(write_all(g, b, "a") == 0 && host_has(g, "root/a", "a") && host_has(g, "root/b", ""));
    CHECK(CALL(g, "fd_renumber", b, a) == WASI_EBADF);
    CHECK(CALL(g, "fd_renumber", b, 0xfffffff0) == WASI_EBADF);
    CHECK(CALL(g, "fd_renumber", a, b) == WASI_EBADF);
    CHECK(CALL(g, "fd_renumber", b, b) == 0 && write_all(g, b, "b") == 0);
}

static void renumber_over_preopen(struct guest *g)
{
    uint32_t st = room(g, 64);
    uint32_t fd = 0;
    CHECK(make_dir(g, "d") == 0);
    CHECK(open_in(g, ROOT_FD, "d", 0, WASI_O_DIRECTORY, UINT64_MAX & ~WASI_R_FD_WRITE, 0, &fd) ==
          0);
    CHECK(CALL(g, "fd_renumber", fd, ROOT_FD) == 0);
    CHECK(CALL(g, "fd_prestat_get", ROOT_FD, st) == WASI_EBADF);
    CHECK(open_in(g, ROOT_FD, "../f", 0, WASI_O_CREAT, 0, 0, NULL) == WASI_ENOTCAPABLE);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, 0, 0, NULL) == 0);
    CHECK(host_exists(g, "root/d/f"));
}

static void fd_numbers_at_the_limit(struct guest *g)
{
    uint32_t fd = 0;
    uint32_t n = 1;
    int rc = 0;
    while (n < 100 && (rc = open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, 0, 0, &fd)) == 0)
        n++;
    CHECK(rc == WASI_EMFILE && n == 16);
    CHECK(CALL(g, "fd_close", 7) == 0);
    CHECK(open_in(g, ROOT_FD, "f", 0, 0, 0, 0, &fd) == 0 && fd == 7);
    CHECK(open_in(g, ROOT_FD, "new", 0, WASI_O_CREAT, 0, 0, &fd) == WASI_EMFILE);
    CHECK(!host_exists(g, "root/new")); /* no effect */
}

static void fdstat(struct guest *g)
{
    uint32_t st = room(g, 24);
    uint32_t fd = opened(g, "f", WASI_R_FD_READ, WASI_FLAG_APPEND);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0);
    CHECK(g->memory.base[st] == WASI_TYPE_REGULAR);
    CHECK(get_le16(g->memory.base + st + 2) == WASI_FLAG_APPEND);
    CHECK(r64(g, st + 8) == WASI_R_FD_READ);
    CHECK(CALL(g, "fd_fdstat_get", ROOT_FD, st) == 0);
    CHECK(g->memory.base[st] == WASI_TYPE_DIR);
    CHECK(CALL(g, "fd_fdstat_get", ROOT_FD, MEM_SIZE - 23) == WASI_EFAULT);
    CHECK(CALL(g, "fd_fdstat_get", 99, st) == WASI_EBADF);
}

static void prestat(struct guest *g)
{
    uint32_t out = room(g, 8);
    uint32_t name = room(g, 8);
    memset(g->memory.base + out, 0xff, 8);
    CHECK(CALL(g, "fd_prestat_get", ROOT_FD, out) == 0);
    CHECK(g->memory.base[out] == 0 && r32(g, out + 4) == 1);
    CHECK(CALL(g, "fd_prestat_dir_name", ROOT_FD, name, 0) == WASI_ENAMETOOLONG);
    CHECK(CALL(g, "fd_prestat_dir_name", ROOT_FD, name, 8) == 0);
    CHECK(g->memory.base[name] == '/' && g->memory.base[name + 1] == 0);
    CHECK(CALL(g, "fd_prestat_get", 4, out) == WASI_EBADF);
    CHECK(CALL(g, "fd_prestat_dir_name", 4, name, 8) == WASI_EBADF);
    CHECK(CALL(g, "fd_prestat_get", ROOT_FD, MEM_SIZE - 7) == WASI_EFAULT);
    CHECK(CALL(g, "fd_prestat_dir_name", ROOT_FD, MEM_SIZE, 1) == WASI_EFAULT);
}

/* ---- rights --------------------------------------------------------------- */

static void rights_only_shrink(struct guest *g)
{
    uint32_t fd = opened(g, "f", WASI_R_FD_READ | WASI_R_FD_WRITE, 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, WASI_R_FD_READ, 0) == 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, WASI_R_FD_READ | WASI_R_FD_WRITE, 0) ==
          WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, WASI_R_FD_READ, 1) == WASI_ENOTCAPABLE);
    CHECK(write_all(g, fd, "x") == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, 0, 0) == 0);
    char buf[8];
    CHECK(read_text(g, fd, buf, sizeof buf) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_fdstat_set_rights", 99, 0, 0) == WASI_EBADF);
}

/* Each call refuses when exactly its right is missing and all others are there. */
static void each_fd_call_needs_its_right(struct guest *g)
{
    uint32_t at = room(g, 64);
    uint32_t v = iov(g, at, 4);
    const struct {
        const char *name;
        uint64_t right;
        uint64_t args[5];
        size_t nargs;
    } calls[] = {
        {"fd_read", WASI_R_FD_READ, {0, v, 1, at}, 4},
        {"fd_write", WASI_R_FD_WRITE, {0, v, 1, at}, 4},
        {"fd_pread", WASI_R_FD_READ, {0, v, 1, 0, at}, 5},
        {"fd_pread", WASI_R_FD_SEEK, {0, v, 1, 0, at}, 5},
        {"fd_pwrite", WASI_R_FD_WRITE, {0, v, 1, 0, at}, 5},
        {"fd_pwrite", WASI_R_FD_SEEK, {0, v, 1, 0, at}, 5},
        {"fd_seek", WASI_R_FD_SEEK, {0, 1, 0, at}, 4},
        {"fd_tell", WASI_R_FD_TELL | WASI_R_FD_SEEK, {0, at}, 2},
        {"fd_sync", WASI_R_FD_SYNC, {0}, 1},
        {"fd_datasync", WASI_R_FD_DATASYNC, {0}, 1},
        {"fd_advise", WASI_R_FD_ADVISE, {0, 0, 0, 0}, 4},
        {"fd_allocate", WASI_R_FD_ALLOCATE, {0, 0, 1}, 3},
        {"fd_filestat_get", WASI_R_FD_FILESTAT_GET, {0, at}, 2},
        {"fd_filestat_set_size", WASI_R_FD_FILESTAT_SET_SIZE, {0, 0}, 2},
        {"fd_filestat_set_times", WASI_R_FD_FILESTAT_SET_TIMES, {0, 0, 0, 1}, 4},
        {"fd_fdstat_set_flags", WASI_R_FD_FDSTAT_SET_FLAGS, {0, 0}, 2},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        uint64_t args[5];
        memcpy(args, calls[i].args, sizeof args);
        args[0] = opened(g, "f", FILE_RIGHTS, 0);
        CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == 0);
        CHECK(CALL(g, "fd_fdstat_set_rights", args[0], FILE_RIGHTS & ~calls[i].right, 0) == 0);
        if (!CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == WASI_ENOTCAPABLE))
            (void)fprintf(stderr, "  %s\n", calls[i].name);
        CHECK(CALL(g, "fd_close", args[0]) == 0);
    }
}

static void closed_fds_everywhere(struct guest *g)
{
    static const struct {
        const char *name;
        size_t nargs;
    } calls[] = {
        {"fd_advise", 4},
        {"fd_allocate", 3},
        {"fd_close", 1},
        {"fd_datasync", 1},
        {"fd_fdstat_get", 2},
        {"fd_fdstat_set_flags", 2},
        {"fd_fdstat_set_rights", 3},
        {"fd_filestat_get", 2},
        {"fd_filestat_set_size", 2},
        {"fd_filestat_set_times", 4},
        {"fd_pread", 5},
        {"fd_prestat_get", 2},
        {"fd_prestat_dir_name", 3},
        {"fd_pwrite", 5},
        {"fd_read", 4},
        {"fd_readdir", 5},
        {"fd_renumber", 2},
        {"fd_seek", 4},
        {"fd_sync", 1},
        {"fd_tell", 2},
        {"fd_write", 4},
        {"path_create_directory", 3},
        {"path_filestat_get", 5},
        {"path_filestat_set_times", 7},
        {"path_link", 7},
        {"path_open", 9},
        {"path_readlink", 6},
        {"path_remove_directory", 3},
        {"path_rename", 6},
        {"path_unlink_file", 3},
        {"sock_accept", 3},
        {"sock_recv", 6},
        {"sock_send", 5},
        {"sock_shutdown", 2},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        uint64_t args[9] = {0};
        args[0] = 77;
        if (!CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == WASI_EBADF))
            (void)fprintf(stderr, "  %s\n", calls[i].name);
        args[0] = UINT64_C(0xfffffffffffffffe);
        CHECK(guest_call(g, calls[i].name, args, calls[i].nargs) == WASI_EBADF);
    }
}

static void directories_do_not_read(struct guest *g)
{
    uint32_t at = room(g, 16);
    CHECK(CALL(g, "fd_read", ROOT_FD, iov(g, at, 4), 1, at) == WASI_EISDIR);
    CHECK(CALL(g, "fd_write", ROOT_FD, iov(g, at, 4), 1, at) == WASI_EISDIR);
    CHECK(CALL(g, "fd_pread", ROOT_FD, iov(g, at, 4), 1, 0, at) == WASI_EISDIR);
    CHECK(CALL(g, "fd_pwrite", ROOT_FD, iov(g, at, 4), 1, 0, at) == WASI_EISDIR);
    CHECK(CALL(g, "fd_seek", ROOT_FD, 0, 0, at) == WASI_EISDIR);
    CHECK(CALL(g, "fd_tell", ROOT_FD, at) == WASI_EISDIR);
}

/* ---- readdir -------------------------------------------------------------- */

/* List everything through a buffer of `size`, from `cookie`; names joined by "|". */
static int list(struct guest *g, uint32_t fd, uint32_t size, uint64_t cookie, char *names,
                size_t names_size)
{
    uint32_t buf = room(g, size);
    uint32_t out = room(g, 4);
    int n = 0;
    names[0] = '\0';
    for (;;) {
        int rc = CALL(g, "fd_readdir", fd, buf, size, cookie, out);
        if (rc != 0)
            return -rc;
        uint32_t used = r32(g, out);
        uint32_t at = 0;
        int whole = 0;
        while (used - at >= WASI_DIRENT_SIZE) {
            uint32_t len = r32(g, buf + at + 16);
            if (used - at - WASI_DIRENT_SIZE < len)
                break;
            size_t have = strlen(names);
            (void)snprintf(names + have, names_size - have, "%.*s|", (int)len,
                           (char *)g->memory.base + buf + at + WASI_DIRENT_SIZE);
            CHECK(r64(g, buf + at) > cookie);
            cookie = r64(g, buf + at);
            at += WASI_DIRENT_SIZE + len;
            whole++;
        }
        n += whole;
        if (used < size)
            return n;
        if (!CHECK(whole != 0))
            return n;
    }
}

static void readdir_order(struct guest *g)
{
    char once[512], again[512];
    CHECK(make_file(g, "one", "") == 0 && make_file(g, "two", "") == 0 &&
          make_dir(g, "three") == 0);
    CHECK(list(g, ROOT_FD, 4096, 0, once, sizeof once) == 5);
    CHECK(strncmp(once, ".|..|", 5) == 0);
    CHECK(strstr(once, "|one|") && strstr(once, "|two|") && strstr(once, "|three|"));
    for (uint32_t size = 40; size < 160; size += 7) {
        CHECK(list(g, ROOT_FD, size, 0, again, sizeof again) == 5);
        CHECK(strcmp(once, again) == 0);
    }
    CHECK(list(g, ROOT_FD, 4096, 2, again, sizeof again) == 3); /* 2 is what ".." has */
    CHECK(list(g, ROOT_FD, 4096, UINT64_MAX, again, sizeof again) == 0);
}

/* The order and the cookies of these names are part of what a cell may remember. */
static void readdir_cookies_are_fixed(struct guest *g)
{
    uint32_t buf = room(g, 512);
    uint32_t out = room(g, 4);
    CHECK(make_file(g, "a", "") == 0 && make_file(g, "b", "") == 0);
    CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 512, 2, out) == 0);
    CHECK(r32(g, out) == 50);
    char first = (char)g->memory.base[buf + 24];
    char second = (char)g->memory.base[buf + 25 + 24];
    uint64_t a = r64(g, first == 'a' ? buf : buf + 25);
    uint64_t b = r64(g, first == 'b' ? buf : buf + 25);
    CHECK((first == 'a' && second == 'b') || (first == 'b' && second == 'a'));
    CHECK(a == UINT64_C(0x02c0bdbf481420f8));
    CHECK(b == UINT64_C(0x3e35b21bfb9b6405));
}

static void readdir_fields(struct guest *g)
{
    uint32_t buf = room(g, 512);
    uint32_t st = room(g, 64);
    uint32_t out = room(g, 4);
    CHECK(make_symlink(g, "x", "link") == 0);
    CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 512, 0, out) == 0);
    CHECK(r32(g, out) == 24 + 1 + 24 + 2 + 24 + 4);
    CHECK(CALL(g, "fd_filestat_get", ROOT_FD, st) == 0);
    CHECK(r64(g, buf) == 1 && r64(g, buf + 8) == r64(g, st + 8) && r32(g, buf + 16) == 1);
    CHECK(g->memory.base[buf + 20] == WASI_TYPE_DIR && g->memory.base[buf + 24] == '.');
    CHECK(r64(g, buf + 25 + 8) == 0); /* what is above the root is nobody's business */
    uint32_t e = buf + 25 + 26;
    CHECK(CALL(g, "path_filestat_get", ROOT_FD, 0, TEXT(g, "link"), st) == 0);
    CHECK(r64(g, e + 8) == r64(g, st + 8) && g->memory.base[e + 20] == WASI_TYPE_SYMLINK);
}

static void readdir_cut_entries(struct guest *g)
{
    uint32_t buf = room(g, 64);
    uint32_t out = room(g, 4);
    CHECK(make_file(g, "file", "") == 0);
    for (uint32_t size = 0; size < 64; size++) {
        memset(g->memory.base + buf, 0xaa, 64);
        CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, size, 0, out) == 0);
        CHECK(r32(g, out) == size);
        for (uint32_t i = size; i < 64; i++)
            CHECK(g->memory.base[buf + i] == 0xaa);
    }
    CHECK(CALL(g, "fd_readdir", ROOT_FD, MEM_SIZE - 8, 9, 0, out) == WASI_EFAULT);
    CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 64, 0, MEM_SIZE - 3) == WASI_EFAULT);
    CHECK(CALL(g, "fd_readdir", 0, buf, 64, 0, out) == WASI_EBADF);
}

static void readdir_not_a_directory(struct guest *g)
{
    uint32_t buf = room(g, 64);
    uint32_t fd = opened(g, "f", UINT64_MAX, 0);
    CHECK(CALL(g, "fd_readdir", fd, buf, 64, 0, buf) == WASI_ENOTDIR);
}

/* While names come and go, every name that stays is seen exactly once. */
static void readdir_under_change(struct guest *g)
{
    uint32_t buf = room(g, 256);
    uint32_t out = room(g, 4);
    uint64_t cookie = 0;
    char name[32];
    int seen[60] = {0};
    for (int i = 0; i < 60; i++) {
        (void)snprintf(name, sizeof name, "stay.%d", i);
        CHECK(make_file(g, name, "") == 0);
    }
    for (int round = 0;; round++) {
        CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 256, cookie, out) == 0);
        uint32_t used = r32(g, out);
        for (uint32_t at = 0; used - at >= 24 && used - at - 24 >= r32(g, buf + at + 16);) {
            int index;
            char end;
            (void)snprintf(name, sizeof name, "%.*s;", (int)r32(g, buf + at + 16),
                           (char *)g->memory.base + buf + at + 24);
            if (sscanf(name, "stay.%d%c", &index, &end) == 2 && index < 60)
                seen[index]++;
            cookie = r64(g, buf + at);
            at += 24 + r32(g, buf + at + 16);
        }
        if (used < 256)
            break;
        (void)snprintf(name, sizeof name, "new.%d", round);
        CHECK(make_file(g, name, "") == 0);
        (void)snprintf(name, sizeof name, "new.%d", round - 3);
        (void)CALL(g, "path_unlink_file", ROOT_FD, TEXT(g, name));
    }
    for (int i = 0; i < 60; i++)
        CHECK(seen[i] == 1);
}

/* Names that come within one tick of the file system's clock leave its time as it was. */
static void readdir_within_one_tick(struct guest *g)
{
    char path[256];
    char name[32];
    char all[4096], rest[4096];
    struct stat st;
    uint32_t buf = room(g, 60);
    uint32_t out = room(g, 4);
    uint32_t other = 0;
    for (int i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "old.%d", i);
        CHECK(make_file(g, name, "") == 0);
    }
    CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, 60, 0, out) == 0); /* "." and "..", and a part */
    host_path(g, "root", path, sizeof path);
    CHECK(stat(path, &st) == 0);
    for (int i = 0; i < 30; i++) {
        (void)snprintf(name, sizeof name, "new.%d", i);
        CHECK(make_file(g, name, "") == 0);
    }
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
    CHECK(list(g, ROOT_FD, 2048, 2, rest, sizeof rest) == 34);
    CHECK(open_in(g, ROOT_FD, ".", 0, WASI_O_DIRECTORY, WASI_R_FD_READDIR, 0, &other) == 0);
    CHECK(list(g, other, 2048, 2, all, sizeof all) == 34 && strcmp(all, rest) == 0);
}

/* More names than one pass over the directory keeps. */
static void count_names(struct guest *g, uint32_t size, unsigned expected)
{
    uint32_t buf = room(g, size);
    uint32_t out = room(g, 4);
    uint64_t cookie = 0;
    unsigned n = 0;
    for (uint32_t used = size; used == size;) {
        CHECK(CALL(g, "fd_readdir", ROOT_FD, buf, size, cookie, out) == 0);
        used = r32(g, out);
        for (uint32_t at = 0; used - at >= 24 && used - at - 24 >= r32(g, buf + at + 16);) {
            CHECK(r64(g, buf + at) > cookie);
            cookie = r64(g, buf + at);
            at += 24 + r32(g, buf + at + 16);
            n++;
        }
    }
    CHECK(n == expected);
}

static void readdir_many(struct guest *g)
{
    char path[256];
    const unsigned total = 500;
    g->w->dir_chunk = 64;
    for (unsigned i = 0; i < total; i++) {
        (void)snprintf(path, sizeof path, "%s/root/%u", g->tmp, i);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    count_names(g, 1024, total + 2);  /* less than a pass keeps */
    count_names(g, 60000, total + 2); /* more than a pass keeps */
    (void)usleep(100000);             /* the directory has been quiet for long enough */
    count_names(g, 1024, total + 2);
    count_names(g, 60000, total + 2);
}

/* Many listings at once stay within one bound, and each still sees everything. */
static void readdir_by_turns(struct guest *g)
{
    char path[256];
    uint32_t fds[12];
    uint64_t cookies[12] = {0};
    unsigned counts[12] = {0};
    uint32_t buf = room(g, 60000);
    uint32_t out = room(g, 4);
    const unsigned total = 9000;
    for (unsigned i = 0; i < total; i++) {
        (void)snprintf(path, sizeof path, "%s/root/%u", g->tmp, i);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    for (int i = 0; i < 12; i++)
        CHECK(open_in(g, ROOT_FD, ".", 0, WASI_O_DIRECTORY, WASI_R_FD_READDIR, 0, &fds[i]) == 0);
    for (int round = 0; round < 8; round++)
        for (int i = 0; i < 12; i++) {
            CHECK(CALL(g, "fd_readdir", fds[i], buf, 60000, cookies[i], out) == 0);
            uint32_t used = r32(g, out);
            for (uint32_t at = 0; used - at >= 24 && used - at - 24 >= r32(g, buf + at + 16);) {
                cookies[i] = r64(g, buf + at);
                at += 24 + r32(g, buf + at + 16);
                counts[i]++;
            }
        }
    for (int i = 0; i < 12; i++)
        CHECK(counts[i] == total + 2);
}

static void readdir_removed_directory(struct guest *g)
{
    uint32_t fd = 0;
    char names[64];
    CHECK(make_dir(g, "d") == 0);
    CHECK(open_in(g, ROOT_FD, "d", 0, WASI_O_DIRECTORY, WASI_R_FD_READDIR, 0, &fd) == 0);
    CHECK(CALL(g, "path_remove_directory", ROOT_FD, TEXT(g, "d")) == 0);
    CHECK(list(g, fd, 512, 0, names, sizeof names) == 0);
}

/* ---- standard input and output -------------------------------------------- */

static void stdio_counts(struct guest *g)
{
    char buf[16];
    uint32_t st = room(g, 64);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && strcmp(buf, "input") == 0);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && buf[0] == '\0');
    CHECK(write_all(g, 1, "out") == 0 && write_all(g, 2, "error") == 0);
    CHECK(g->w->fds[0]->count == 5 && g->w->fds[1]->count == 3 && g->w->fds[2]->count == 5);
    CHECK(CALL(g, "fd_fdstat_get", 1, st) == 0);
    CHECK((r64(g, st + 8) & (WASI_R_FD_SEEK | WASI_R_FD_TELL)) == 0);
    CHECK(CALL(g, "fd_filestat_get", 1, st) == 0);
    CHECK(write_all(g, 0, "x") == WASI_ENOTCAPABLE);
    CHECK(read_text(g, 1, buf, sizeof buf) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_close", 1) == 0 && write_all(g, 1, "x") == WASI_EBADF);
}

static const struct test_case cases[] = {
    CASE(lookup_unknown_name),
    CASE(lookup_checks_types),
    CASE(lookup_old_version),
    CASE(old_filestat_and_seek),
    CASE(old_poll),
    CASE(args_and_environ),
    CASE(args_faults),
    CASE(clocks),
    CASE(clocks_stand_still),
    CASE(cpu_time_counts_work),
    CASE(random_bytes),
    CASE(process_end),
    CASE(process_raise),
    CASE(read_write_seek),
    CASE(vectors),
    CASE(vectors_fault_without_effect),
    CASE(vectors_at_the_limit),
    CASE(pread_pwrite),
    CASE(append_mode),
    CASE(sync_flags),
    CASE(set_size),
    CASE(allocate),
    CASE(advise),
    CASE(set_times),
    CASE(filestat),
    CASE(close_and_reuse),
    CASE(renumber),
    CASE(renumber_over_preopen),
    CASE(fdstat),
    CASE(prestat),
    CASE(rights_only_shrink),
    CASE(each_fd_call_needs_its_right),
    CASE(closed_fds_everywhere),
    CASE(directories_do_not_read),
    CASE(readdir_order),
    CASE(readdir_cookies_are_fixed),
    CASE(readdir_fields),
    CASE(readdir_cut_entries),
    CASE(readdir_not_a_directory),
    CASE(readdir_under_change),
    CASE(readdir_within_one_tick),
    CASE(readdir_many),
    CASE(readdir_by_turns),
    CASE(readdir_removed_directory),
};

static const struct test_case limited[] = {CASE(fd_numbers_at_the_limit)};
static const struct test_case with_stdio[] = {CASE(stdio_counts)};

static void run_with_stdio(void)
{
    int in[2], out[2];
    CHECK(pipe(in) == 0 && pipe(out) == 0);
    CHECK(write(in[1], "input", 5) == 5 && close(in[1]) == 0);
    const struct world world = {.stdio = {in[0] + 1, out[1] + 1, out[1] + 1}};
    run_cases(with_stdio, 1, &world, "stdio");
    CHECK(fcntl(out[1], F_GETFL) >= 0); /* not ours to close */
    char buf[16] = {0};
    CHECK(read(out[0], buf, sizeof buf) == 8 && strcmp(buf, "outerror") == 0);
    (void)close(in[0]), (void)close(out[0]), (void)close(out[1]);
}

int main(void)
{
    static const char *const args[] = {"prog", "", "a b"};
    static const char *const env[] = {"K=V"};
    const struct world world = {.args = args, .nargs = 3, .env = env, .nenv = 1};
    const struct world few = {.fds_max = 16};
    run_cases(cases, sizeof cases / sizeof *cases, &world, "fd");
    run_cases(limited, 1, &few, "fd");
    run_with_stdio();
    return report("wasi fds");
}
