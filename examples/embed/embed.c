/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that embeds CLOUDSKIN: loads a module, gives it a host function, calls it,
 * stops it from another thread, writes it to a file, and continues the file.
 *
 *     cc embed.c $(pkg-config --cflags --libs cloudskin) -o embed
 *     ./embed counter.wasm counter.cell
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cloudskin/cloudskin.h>

#define MODULE_BYTES_MAX (1u << 20)
#define ROUNDS           30000000u

static int fail(const char *what, const struct csk_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->text);
    return 1;
}

/* The guest calls this once in so many rounds. */
static enum csk_host_result progress(struct csk_instance *instance, void *user,
                                     const struct csk_value *args, struct csk_value *results)
{
    uint32_t *calls = user;
    (void)instance;
    (void)results;
    (*calls)++;
    printf("  round %u\n", (unsigned)args[0].of.i32);
    return CSK_HOST_RETURN;
}

static int write_file(void *user, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, user) == size ? 0 : CSK_E_IO;
}

static int64_t read_file(void *user, void *bytes, size_t size)
{
    size_t n = fread(bytes, 1, size, user);
    return n == 0 && ferror((FILE *)user) ? CSK_E_IO : (int64_t)n;
}

static void *interrupt(void *instance)
{
    csk_interrupt(instance, false); /* stop at the next safepoint */
    return NULL;
}

/* Run until the other thread's request arrives; whatever was computed stays in the cell. */
static int run_a_while(struct csk_instance *instance)
{
    struct csk_outcome outcome;
    struct csk_until until = {.safepoints = 1000};
    pthread_t thread;
    if (csk_run(instance, &until, &outcome) != 0 || outcome.kind != CSK_SUSPENDED)
        return 1; /* it did not even begin */
    if (pthread_create(&thread, NULL, interrupt, instance) != 0)
        return 1;
    int rc = csk_run(instance, NULL, &outcome);
    (void)pthread_join(thread, NULL);
    return rc != 0 || outcome.kind != CSK_SUSPENDED;
}

static int save(struct csk_instance *instance, const char *path, struct csk_error *err)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return 1;
    int rc = csk_snapshot(instance, true, write_file, f, err);
    return (fclose(f) != 0) | (rc != 0);
}

static int finish(struct csk_instance *instance, uint32_t *ret_sum)
{
    struct csk_outcome outcome;
    struct csk_value sum;
    if (csk_run(instance, NULL, &outcome) != 0 || outcome.kind != CSK_DONE)
        return 1;
    if (csk_result_count(instance) != 1 || csk_result(instance, 0, &sum) != 0)
        return 1;
    *ret_sum = sum.of.i32;
    return 0;
}

/* Another engine, as another process or machine would have it, and the same cell. */
static int continue_from(const char *path, const struct csk_host_func *funcs, uint32_t *ret_sum)
{
    struct csk_engine *engine = NULL;
    struct csk_instance *instance = NULL;
    struct csk_error err;
    FILE *f = fopen(path, "rb");
    int rc = 1;
    if (f == NULL || csk_engine_new(NULL, &engine) != 0)
        goto out;
    if (csk_restore(engine, NULL, read_file, f, funcs, 1, &instance, &err) != 0)
        rc = fail(path, &err);
    else
        rc = finish(instance, ret_sum);
out:
    csk_instance_free(instance);
    csk_engine_free(engine);
    if (f != NULL)
        (void)fclose(f);
    return rc;
}

static size_t load(const char *path, uint8_t *bytes)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0;
    if (f != NULL) {
        n = fread(bytes, 1, MODULE_BYTES_MAX, f);
        (void)fclose(f);
    }
    return n;
}

/* Start `count`, stop it on the way, save it, let both the original and the copy finish. */
static int demonstrate(struct csk_instance *instance, const struct csk_host_func *funcs,
                       const char *cell_path)
{
    const struct csk_value rounds = {.type = CSK_I32, .of.i32 = ROUNDS};
    struct csk_error err = {0};
    uint32_t here;
    uint32_t there;
    if (csk_call(instance, "count", &rounds, 1, &err) != 0)
        return fail("count", &err);
    if (run_a_while(instance) != 0 || save(instance, cell_path, &err) != 0)
        return fail("stopping", &err);
    printf("stopped, saved as %s\n", cell_path);
    if (finish(instance, &here) != 0 || continue_from(cell_path, funcs, &there) != 0)
        return fail("continuing", &err);
    printf("the original says %u, its copy %u\n", (unsigned)here, (unsigned)there);
    return here != there;
}

int main(int argc, char **argv)
{
    struct csk_engine *engine = NULL;
    struct csk_module *module = NULL;
    struct csk_instance *instance = NULL;
    struct csk_error err = {0};
    uint32_t calls = 0;
    const struct csk_host_func funcs[] = {{"host", "progress", "i:", progress, &calls}};
    uint8_t *bytes = malloc(MODULE_BYTES_MAX);
    int rc = 1;
    if (argc != 3 || bytes == NULL) {
        fprintf(stderr, "usage: embed counter.wasm counter.cell\n");
        goto out;
    }
    size_t size = load(argv[1], bytes);
    if (csk_engine_new(NULL, &engine) != 0)
        goto out;
    if (csk_module_load(engine, bytes, size, &module, &err) != 0 ||
        csk_instance_new(module, funcs, 1, &instance, &err) != 0)
        rc = fail(argv[1], &err);
    else
        rc = demonstrate(instance, funcs, argv[2]) || calls == 0;
out:
    csk_instance_free(instance);
    csk_module_free(module);
    csk_engine_free(engine);
    free(bytes);
    return rc;
}
