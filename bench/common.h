/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cloudskin/cloudskin.h>

/* What the C benchmarks share. A failure ends them: they are programs of the project's own. */

#define MODULE_BYTES_MAX (1u << 20)

static inline uint64_t bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void bench_need(int rc, const char *what, const struct csk_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, err && err->text[0] ? err->text : csk_strerror(rc));
    exit(1);
}

static inline int bench_compare_u64(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorts, and returns the value below which `per_mille` of them lie. */
static inline uint64_t bench_quantile(uint64_t *values, size_t n, unsigned per_mille)
{
    qsort(values, n, sizeof(*values), bench_compare_u64);
    return values[n * per_mille / 1000];
}

static inline struct csk_module *bench_load(struct csk_engine *engine, const char *path)
{
    static uint8_t bytes[MODULE_BYTES_MAX];
    struct csk_error err = {0};
    struct csk_module *module;
    FILE *file = fopen(path, "rb");
    bench_need(file ? 0 : CSK_E_NOT_FOUND, path, NULL);
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    bench_need(csk_module_load(engine, bytes, size, &module, &err), path, &err);
    return module;
}

#endif
