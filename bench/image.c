/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing and thawing a cell that touched so many bytes, against writing the same bytes
 * compressed with zstd -1.
 *     image touch.wasm BYTES ROUNDS DIRECTORY
 * prints CAPTURE-NS RESTORE-NS ZSTD-NS IMAGE-BYTES ZSTD-BYTES (medians) */
#include "common.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define ROUNDS_MAX 1000
#define PIECE      (128u << 10)

struct file {
    int fd;
    uint64_t bytes;
};

static int write_piece(void *user, const void *bytes, size_t size)
{
    struct file *f = user;
    const char *at = bytes;
    f->bytes += size;
    while (size > 0) {
        ssize_t n = write(f->fd, at, size);
        if (n <= 0)
            return CSK_E_IO;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int64_t read_piece(void *user, void *bytes, size_t size)
{
    struct file *f = user;
    ssize_t n = read(f->fd, bytes, size);
    return n < 0 ? CSK_E_IO : n;
}

static struct file open_file(const char *path, int flags)
{
    struct file f = {.fd = open(path, flags | O_CLOEXEC, 0600)};
    bench_need(f.fd < 0 ? CSK_E_IO : 0, path, NULL);
    return f;
}

static struct csk_instance *touch(struct csk_module *module, uint32_t bytes)
{
    struct csk_error err = {0};
    struct csk_instance *instance;
    struct csk_value arg = {.type = CSK_I32, .of.i32 = bytes};
    struct csk_until until = {.safepoints = bytes / 8 + 1000};
    struct csk_outcome outcome;
    bench_need(csk_instance_new(module, NULL, 0, &instance, &err), "instantiate", &err);
    bench_need(csk_call(instance, "run", &arg, 1, &err), "call", &err);
    bench_need(csk_run(instance, &until, &outcome), "run", NULL);
    bench_need(outcome.kind == CSK_SUSPENDED ? 0 : CSK_E_STATE, "not suspended", NULL);
    return instance;
}

static uint64_t capture(struct csk_instance *instance, const char *path, uint64_t *ret_bytes)
{
    struct csk_error err = {0};
    uint64_t begin = bench_now_ns();
    struct file f = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    bench_need(csk_snapshot(instance, false, write_piece, &f, &err), "snapshot", &err);
    close(f.fd);
    *ret_bytes = f.bytes;
    return bench_now_ns() - begin;
}

static uint64_t restore(struct csk_engine *engine, struct csk_module *module, const char *path)
{
    struct csk_error err = {0};
    struct csk_instance *instance;
    uint64_t begin = bench_now_ns();
    struct file f = open_file(path, O_RDONLY);
    bench_need(csk_restore(engine, module, read_piece, &f, NULL, 0, &instance, &err), "restore",
               &err);
    close(f.fd);
    uint64_t took = bench_now_ns() - begin;
    csk_instance_free(instance);
    return took;
}

/* The yardstick: the bytes of memory alone, compressed piece by piece, written to a file. */
static uint64_t yardstick(struct csk_instance *instance, uint32_t bytes, const char *path,
                          uint64_t *ret_bytes)
{
    static uint8_t out[PIECE + (PIECE >> 1)];
    uint64_t begin = bench_now_ns();
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    struct file f = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    const uint8_t *memory = csk_memory(instance, 0, bytes);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1);
    for (uint32_t at = 0; at < bytes;) {
        uint32_t n = bytes - at < PIECE ? bytes - at : PIECE;
        ZSTD_inBuffer in = {memory + at, n, 0};
        ZSTD_EndDirective end = at + n == bytes ? ZSTD_e_end : ZSTD_e_continue;
        size_t left;
        do {
            ZSTD_outBuffer buffer = {out, sizeof(out), 0};
            left = ZSTD_compressStream2(zstd, &buffer, &in, end);
            bench_need(ZSTD_isError(left) ? CSK_E_IO : 0, "zstd", NULL);
            bench_need(write_piece(&f, out, buffer.pos), "write", NULL);
        } while (in.pos < in.size || (end == ZSTD_e_end && left > 0));
        at += n;
    }
    close(f.fd);
    ZSTD_freeCCtx(zstd);
    *ret_bytes = f.bytes;
    return bench_now_ns() - begin;
}

int main(int argc, char **argv)
{
    static uint64_t capture_ns[ROUNDS_MAX], restore_ns[ROUNDS_MAX], zstd_ns[ROUNDS_MAX];
    uint64_t image_bytes = 0, zstd_bytes = 0;
    char image_path[4096], zstd_path[4096];
    struct csk_engine *engine;
    if (argc != 5)
        return 2;
    uint32_t bytes = (uint32_t)strtoul(argv[2], NULL, 10);
    size_t rounds = strtoul(argv[3], NULL, 10);
    if (rounds == 0 || rounds > ROUNDS_MAX)
        return 2;
    snprintf(image_path, sizeof(image_path), "%s/bench.cell", argv[4]);
    snprintf(zstd_path, sizeof(zstd_path), "%s/bench.zst", argv[4]);
    bench_need(csk_engine_new(NULL, &engine), "engine", NULL);
    struct csk_module *module = bench_load(engine, argv[1]);
    struct csk_instance *instance = touch(module, bytes);
    for (size_t i = 0; i < rounds; i++) {
        capture_ns[i] = capture(instance, image_path, &image_bytes);
        restore_ns[i] = restore(engine, module, image_path);
        zstd_ns[i] = yardstick(instance, bytes, zstd_path, &zstd_bytes);
    }
    printf("%llu %llu %llu %llu %llu\n",
           (unsigned long long)bench_quantile(capture_ns, rounds, 500),
           (unsigned long long)bench_quantile(restore_ns, rounds, 500),
           (unsigned long long)bench_quantile(zstd_ns, rounds, 500),
           (unsigned long long)image_bytes, (unsigned long long)zstd_bytes);
    csk_instance_free(instance);
    csk_module_free(module);
    csk_engine_free(engine);
    unlink(image_path);
    unlink(zstd_path);
    return 0;
}
