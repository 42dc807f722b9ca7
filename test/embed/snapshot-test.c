/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "api.h"
#include "base/buf.h"
#include "base/mem.h"

#define ROUNDS 40u

static int write_buf(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

/* Hands out an image in small pieces, so that no decoder can count on large ones. */
struct source {
    const struct buf *image;
    size_t at;
};

static int64_t read_buf(void *user, void *bytes, size_t size)
{
    struct source *s = user;
    size_t left = s->image->size - s->at;
    size_t n = size < left ? size : left;
    n = n < 61 ? n : 61;
    if (n != 0)
        memcpy(bytes, s->image->data + s->at, n);
    s->at += n;
    return (int64_t)n;
}

static int restore(struct api *a, struct csk_module *module, const struct buf *image,
                   struct csk_instance **ret_instance, struct csk_error *err)
{
    struct csk_host_func funcs[3];
    struct source source = {image, 0};
    api_funcs(&a->host, funcs);
    return csk_restore(a->engine, module, read_buf, &source, funcs, 3, ret_instance, err);
}

/* Finish a restored copy: it gives what the original gives. */
static void check_copy(struct api *a, struct csk_module *module, const struct buf *image)
{
    struct csk_instance *copy = NULL;
    struct csk_outcome outcome;
    struct csk_error err;
    struct buf again = {0};
    if (!CHECK(restore(a, module, image, &copy, &err) == 0)) {
        fprintf(stderr, "%s\n", err.text);
        return;
    }
    CHECK(csk_snapshot(copy, module == NULL, write_buf, &again, &err) == 0);
    CHECK(again.size == image->size && memcmp(again.data, image->data, again.size) == 0);
    CHECK(csk_run(copy, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(api_i32(copy) == 77);
    CHECK(api_call(copy, "starts", NULL, 0) == 0);
    CHECK(csk_run(copy, NULL, &outcome) == 0 && api_i32(copy) == 1);
    csk_instance_free(copy);
    buf_fini(&again);
}

/* Stop at every safepoint, from the start function on. */
static void every_safepoint(bool with_module)
{
    const uint32_t rounds = ROUNDS;
    struct csk_outcome outcome;
    unsigned points = 0;
    unsigned too_early = 0;
    struct api a;
    if (!CHECK(api_init(&a) == 0) || !CHECK(api_call(a.instance, "spin", &rounds, 1) == 0))
        return;
    while (api_run(a.instance, 1, &outcome) == 0 && outcome.kind == CSK_SUSPENDED) {
        struct buf image = {0};
        struct csk_error err;
        points++;
        int rc = csk_snapshot(a.instance, with_module, write_buf, &image, &err);
        if (rc == CSK_E_STATE)
            too_early++; /* inside the start function, with the call's argument waiting */
        else if (CHECK(rc == 0))
            check_copy(&a, with_module ? NULL : a.module, &image);
        buf_fini(&image);
    }
    CHECK(outcome.kind == CSK_DONE && api_i32(a.instance) == 77);
    CHECK(points > ROUNDS && too_early <= 1);
    api_fini(&a);
}

static void states(void)
{
    struct csk_outcome outcome;
    struct csk_error err;
    struct buf image = {0};
    struct api a;
    if (!CHECK(api_init(&a) == 0))
        return;
    CHECK(csk_snapshot(a.instance, true, write_buf, &image, &err) == CSK_E_STATE);
    CHECK(api_call(a.instance, "nothing", NULL, 0) == 0);
    CHECK(csk_snapshot(a.instance, true, write_buf, &image, &err) == 0);
    struct csk_instance *copy = NULL;
    CHECK(restore(&a, NULL, &image, &copy, &err) == 0);
    CHECK(csk_run(copy, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    csk_instance_free(copy);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0);
    CHECK(csk_snapshot(a.instance, true, write_buf, &image, &err) == CSK_E_STATE);
    buf_fini(&image);
    api_fini(&a);
}

/* A suspended host call is issued again after a restore. */
static void host_call_again(void)
{
    const uint32_t n = 4;
    struct csk_outcome outcome;
    struct csk_error err;
    struct csk_instance *copy = NULL;
    struct buf image = {0};
    struct api a;
    if (!CHECK(api_init(&a) == 0))
        return;
    a.host.stop = CSK_HOST_SUSPEND;
    CHECK(api_call(a.instance, "call_stop", &n, 1) == 0);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(csk_snapshot(a.instance, true, write_buf, &image, &err) == 0);
    CHECK(restore(&a, NULL, &image, &copy, &err) == 0);
    a.host = (struct api_host){.stop = CSK_HOST_RETURN};
    CHECK(csk_run(copy, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(a.host.calls == 1 && api_i32(copy) == 10);
    csk_instance_free(copy);
    buf_fini(&image);
    api_fini(&a);
}

static void take_image(struct api *a, struct buf *image, bool with_module)
{
    const uint32_t rounds = ROUNDS;
    struct csk_outcome outcome;
    CHECK(api_call(a->instance, "spin", &rounds, 1) == 0);
    CHECK(api_run(a->instance, 9, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(csk_snapshot(a->instance, with_module, write_buf, image, NULL) == 0);
}

static void refusals(void)
{
    struct csk_instance *copy = NULL;
    struct csk_error err;
    struct buf image = {0};
    struct api a;
    if (!CHECK(api_init(&a) == 0))
        return;
    take_image(&a, &image, false);
    CHECK(restore(&a, NULL, &image, &copy, &err) == CSK_E_NOT_FOUND); /* no module anywhere */
    size_t size = image.size;
    for (size_t cut = 0; cut < size; cut += 7) {
        image.size = cut;
        CHECK(restore(&a, a.module, &image, &copy, &err) != 0 && err.text[0] != '\0');
    }
    image.size = size;
    for (size_t i = 0; i < size; i += 3) {
        image.data[i] ^= 0x10;
        CHECK(restore(&a, a.module, &image, &copy, &err) != 0);
        image.data[i] ^= 0x10;
    }
    CHECK(copy == NULL && restore(&a, a.module, &image, &copy, &err) == 0);
    csk_instance_free(copy);
    buf_fini(&image);
    api_fini(&a);
}

/* One restore and one snapshot with the n-th allocation failing; false when there were fewer. */
static bool fail_once(struct api *a, uint64_t n, const struct buf *image, unsigned *failures)
{
    struct csk_instance *copy = NULL;
    struct csk_engine *own = NULL;
    struct csk_error err;
    struct buf again = {0};
    (void)mem_fail_at(0, 0);
    int64_t before = mem_live_blocks();
    struct csk_engine *engine = a->engine;
    CHECK(csk_engine_new(NULL, &own) == 0);
    a->engine = own;
    (void)mem_fail_at(n, 0);
    int rc = restore(a, NULL, image, &copy, &err);
    if (rc == 0)
        rc = csk_snapshot(copy, true, write_buf, &again, &err);
    bool reached = mem_fail_at(0, 0) >= n;
    CHECK(rc == 0 || rc == CSK_E_NOMEM);
    CHECK(rc != 0 || again.size == image->size);
    *failures += rc != 0;
    csk_instance_free(copy);
    csk_engine_free(own);
    a->engine = engine;
    buf_fini(&again);
    CHECK(mem_live_blocks() == before);
    return reached;
}

/* Every allocation of a snapshot and of a restore fails once. */
static void allocation_failures(void)
{
    struct buf image = {0};
    struct api a;
    unsigned failures = 0;
    if (!CHECK(api_init(&a) == 0))
        return;
    take_image(&a, &image, true);
    for (uint64_t n = 1; n < 2000 && fail_once(&a, n, &image, &failures); n++)
        ;
    CHECK(failures > 10);
    buf_fini(&image);
    api_fini(&a);
}

int main(void)
{
    every_safepoint(true);
    every_safepoint(false);
    states();
    host_call_again();
    refusals();
    allocation_failures();
    return check_report("embed-snapshot");
}
