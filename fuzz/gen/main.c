/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen-drive pieces FROM COUNT        run seeds, and again in pieces: must be alike
 * gen-drive fresh SECONDS [FROM]     the same with new seeds for that long
 * gen-drive list FROM COUNT          print a hash of what each seed does
 * gen-drive golden FILE              compare with such a list
 * gen-drive batch FILE FROM COUNT    write modules for v8.mjs, with what they should do
 * gen-drive module FILE SEED         write one module
 * gen-drive shrink FILE SEED [V8.MJS]  leave out statements of a failing seed; with the
 *                                    script, of one that does something else in V8
 * gen-drive check FILE...            run modules that check themselves
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "csk-config.h"
#include "drive.h"

#define RESTORES_MAX     400u /* a call */
#define SHRINK_SECONDS   20u  /* for one attempt */
#define ONE_MODULE_BYTES (16u << 20)

static struct drive drive = {.restores_max = RESTORES_MAX, .image_percent = CSK_HAVE_IMAGE ? 4 : 0};

static int complain(const char *what, const struct csk_error *err)
{
    fprintf(stderr, "seed %" PRIu64 ": %s: %s\n", drive.seed, what, err->text);
    return 1;
}

static struct gen_options options_of(uint64_t seed)
{
    return (struct gen_options){.seed = seed, .simd = CSK_HAVE_SIMD};
}

static uint64_t hash_text(const struct buf *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text->size; i++)
        h = (h ^ text->data[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* ---- one seed ---------------------------------------------------------------------------- */

static int run_plain(const struct gen_options *options, struct buf *wasm, struct buf *text)
{
    struct csk_error err = {0};
    buf_clear(wasm);
    buf_clear(text);
    if (gen_module(options, wasm, NULL) != 0)
        return complain("generator", &err);
    if (drive_open(&drive, options->seed, wasm->data, wasm->size, &err) != 0)
        return complain("module refused", &err);
    if (drive_plain(&drive, text, &err) != 0)
        return complain("plain run", &err);
    return 0;
}

static int run_pieces(const struct buf *text)
{
    struct csk_error err = {0};
    struct buf pieces = {0};
    int rc = drive_pieces(&drive, &pieces, &err);
    if (rc < 0)
        rc = complain("run in pieces", &err);
    else if (rc > 0)
        fprintf(stderr, "seed %" PRIu64 ": %s\n", drive.seed, drive.problem);
    else if (pieces.size != text->size || memcmp(pieces.data, text->data, text->size) != 0)
        rc = fprintf(stderr, "seed %" PRIu64 ": plain run:\n%.*sin pieces:\n%.*s", drive.seed,
                     (int)text->size, (const char *)text->data, (int)pieces.size,
                     (const char *)pieces.data) > 0;
    buf_fini(&pieces);
    return rc;
}

/* 0 when the seed's runs agree. */
static int one_seed(const struct gen_options *options, uint64_t *ret_hash)
{
    struct buf wasm = {0}, text = {0};
    int rc = run_plain(options, &wasm, &text);
    if (rc == 0)
        rc = run_pieces(&text);
    if (rc == 0 && ret_hash != NULL)
        *ret_hash = hash_text(&text);
    drive_close(&drive);
    buf_fini(&wasm);
    buf_fini(&text);
    return rc;
}

static int summary(uint64_t modules, uint64_t failed)
{
    printf("%" PRIu64 " modules, %" PRIu64 " safepoints, %" PRIu64 " restores (%" PRIu64
           " through an image), %" PRIu64 " modules differ\n",
           modules, drive.safepoints, drive.restores, drive.images, failed);
    static const char *const kinds[] = {"entry", "loop", "return", "host", "bulk"};
    for (int i = 0; i < 5; i++)
        printf("%s %" PRIu64 "%s", kinds[i], drive.stops[i], i < 4 ? ", " : "\n");
    return failed != 0 || modules == 0;
}

/* ---- commands ------------------------------------------------------------------------------- */

static int pieces(uint64_t from, uint64_t count)
{
    uint64_t failed = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct gen_options options = options_of(from + i);
        failed += one_seed(&options, NULL) != 0;
    }
    return summary(count, failed);
}

static int fresh(uint64_t seconds, uint64_t from)
{
    uint64_t modules = 0, failed = 0;
    time_t end = time(NULL) + (time_t)seconds;
    printf("fresh seeds from %" PRIu64 "\n", from);
    fflush(stdout);
    while (time(NULL) < end) {
        struct gen_options options = options_of(from + modules++);
        failed += one_seed(&options, NULL) != 0;
    }
    return summary(modules, failed);
}

static int list(uint64_t from, uint64_t count)
{
    struct buf wasm = {0}, text = {0};
    int failed = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct gen_options options = options_of(from + i);
        if (run_plain(&options, &wasm, &text) == 0)
            printf("%" PRIu64 " %016" PRIx64 "\n", from + i, hash_text(&text));
        else
            failed = 1;
        drive_close(&drive);
    }
    buf_fini(&wasm);
    buf_fini(&text);
    return failed;
}

static int golden(const char *path)
{
    FILE *f = fopen(path, "r");
    uint64_t seed, want, modules = 0, failed = 0;
    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    while (fscanf(f, "%" SCNu64 " %" SCNx64, &seed, &want) == 2) {
        struct gen_options options = options_of(seed);
        uint64_t hash = 0;
        int rc = one_seed(&options, &hash);
        if (rc == 0 && hash != want)
            rc = fprintf(stderr, "seed %" PRIu64 " does not do what it did elsewhere\n", seed) > 0;
        failed += rc != 0;
        modules++;
    }
    (void)fclose(f);
    return summary(modules, failed);
}

static int write_file(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "wb");
    size_t written = f != NULL ? fwrite(b->data, 1, b->size, f) : 0;
    if (f == NULL || fclose(f) != 0 || written != b->size) {
        fprintf(stderr, "%s: cannot write\n", path);
        return 1;
    }
    return 0;
}

/* For each seed: its number and arguments, the canonical module, what the plain one does. */
static int add_to_batch(struct gen_options options, struct buf *batch)
{
    struct buf wasm = {0}, text = {0};
    uint64_t seed = options.seed;
    options.one_memory = true;
    int rc = run_plain(&options, &wasm, &text);
    drive_close(&drive);
    buf_clear(&wasm);
    options.canonical = true;
    if (rc == 0)
        rc = gen_module(&options, &wasm, NULL);
    buf_put_u64(batch, seed);
    for (uint32_t i = 0; i < GEN_ARG_SETS * GEN_RUN_PARAMS; i++)
        buf_put_u64(batch, gen_arg(seed, i / GEN_RUN_PARAMS, i % GEN_RUN_PARAMS));
    buf_put_u32(batch, (uint32_t)wasm.size);
    buf_put(batch, wasm.data, wasm.size);
    buf_put_u32(batch, (uint32_t)text.size);
    buf_put(batch, text.data, text.size);
    buf_fini(&wasm);
    buf_fini(&text);
    return rc;
}

static int batch(const char *path, uint64_t from, uint64_t count)
{
    struct buf b = {0};
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < count; i++)
        rc = add_to_batch(options_of(from + i), &b);
    if (rc == 0)
        rc = write_file(path, &b);
    buf_fini(&b);
    return rc;
}

static int module(const char *path, const struct gen_options *options, uint32_t *ret_n)
{
    struct buf wasm = {0};
    int rc = gen_module(options, &wasm, ret_n);
    if (rc == 0)
        rc = write_file(path, &wasm);
    buf_fini(&wasm);
    return rc;
}

/* ---- shrinking ------------------------------------------------------------------------------- */

/* In a process of its own, for a bug may crash or hang. */
static bool still_fails(const char *path, const struct gen_options *options, const char *script)
{
    pid_t pid = fork();
    if (pid == 0) {
        alarm(SHRINK_SECONDS);
        if (script == NULL) {
            if (freopen("/dev/null", "w", stderr) == NULL)
                _exit(0);
            _exit(one_seed(options, NULL) != 0);
        }
        struct buf b = {0};
        if (add_to_batch(*options, &b) != 0 || write_file(path, &b) != 0 ||
            freopen("/dev/null", "w", stdout) == NULL)
            _exit(0);
        execlp("node", "node", "--stack-size=4000", script, path, (char *)NULL);
        _exit(0);
    }
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status != 0;
}

static int shrink(const char *path, uint64_t seed, const char *script)
{
    struct gen_options options = options_of(seed);
    uint32_t n = 0, left = 0;
    options.one_memory = script != NULL;
    int rc = module(path, &options, &n);
    uint8_t *skip = mem_calloc(n, 1);
    if (rc != 0 || skip == NULL || !still_fails(path, &options, script)) {
        fprintf(stderr, "seed %" PRIu64 " does not fail\n", seed);
        mem_free(skip);
        return 1;
    }
    options.skip = skip;
    options.nskip = n;
    for (uint32_t size = n; size > 0; size /= 2) {
        for (uint32_t i = 0; i < n; i += size) {
            uint32_t end = n - i < size ? n : i + size;
            uint8_t *old = mem_dup(skip, n);
            memset(skip + i, 1, end - i);
            if (old != NULL && !still_fails(path, &options, script))
                memcpy(skip, old, n);
            mem_free(old);
        }
    }
    for (uint32_t i = 0; i < n; i++)
        left += !skip[i];
    rc = module(path, &options, NULL);
    printf("seed %" PRIu64 ": %u of %u statements left, in %s\n", seed, left, n, path);
    (void)one_seed(&options, NULL);
    mem_free(skip);
    return rc;
}

/* ---- modules that check themselves --------------------------------------------------------------
 */

static int check(const char *path)
{
    static uint8_t bytes[ONE_MODULE_BYTES];
    struct csk_error err = {0};
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    int rc = drive_open(&drive, 0, bytes, size, &err);
    if (rc == 0)
        rc = drive_check(&drive, &err);
    if (rc != 0)
        fprintf(stderr, "%s: %s\n", path, rc > 0 ? drive.problem : err.text);
    drive_close(&drive);
    return rc != 0;
}

static int check_all(char **paths, int n)
{
    uint64_t failed = 0;
    for (int i = 0; i < n; i++)
        failed += check(paths[i]) != 0;
    return summary((uint64_t)n, failed);
}

static uint64_t number(char **argv, int argc, int i, uint64_t otherwise)
{
    return i < argc ? strtoull(argv[i], NULL, 0) : otherwise;
}

static int command(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (argc > 3 && strcmp(name, "pieces") == 0)
        return pieces(number(argv, argc, 2, 0), number(argv, argc, 3, 1));
    if (argc > 2 && strcmp(name, "fresh") == 0)
        return fresh(number(argv, argc, 2, 1),
                     number(argv, argc, 3, (uint64_t)time(NULL) * 1000000));
    if (argc > 3 && strcmp(name, "list") == 0)
        return list(number(argv, argc, 2, 0), number(argv, argc, 3, 1));
    if (argc > 2 && strcmp(name, "golden") == 0)
        return golden(argv[2]);
    if (argc > 4 && strcmp(name, "batch") == 0)
        return batch(argv[2], number(argv, argc, 3, 0), number(argv, argc, 4, 1));
    if (argc > 3 && strcmp(name, "module") == 0) {
        struct gen_options options = options_of(number(argv, argc, 3, 0));
        return module(argv[2], &options, NULL);
    }
    if (argc > 3 && strcmp(name, "shrink") == 0)
        return shrink(argv[2], number(argv, argc, 3, 0), argc > 4 ? argv[4] : NULL);
    if (argc > 2 && strcmp(name, "check") == 0)
        return check_all(argv + 2, argc - 2);
    fprintf(stderr, "usage: gen-drive pieces|fresh|list|golden|batch|module|shrink|check ...\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (wasm_engine_new(NULL, &drive.engine) != 0)
        return 1;
    int rc = command(argc, argv);
    wasm_engine_free(drive.engine);
    return rc;
}
