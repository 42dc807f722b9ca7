/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "base/mem.h"

static void calls(struct api *a)
{
    struct csk_outcome outcome;
    const struct csk_value args[2] = {{.type = CSK_I32, .of.i32 = 0xffffffff},
                                      {.type = CSK_I64, .of.i64 = UINT64_C(0x100000000)}};
    struct csk_value value;
    CHECK(csk_call(a->instance, "add", args, 2, NULL) == 0);
    CHECK(csk_result_count(a->instance) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(csk_result_count(a->instance) == 1);
    CHECK(csk_result(a->instance, 0, &value) == 0 && value.type == CSK_I64);
    CHECK(value.of.i64 == UINT64_C(0x1ffffffff));
    CHECK(csk_result(a->instance, 1, &value) == CSK_E_STATE);
    CHECK(csk_run(a->instance, NULL, &outcome) == CSK_E_STATE);
    CHECK(api_call(a->instance, "starts", NULL, 0) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && api_i32(a->instance) == 1);
    CHECK(api_call(a->instance, "nothing", NULL, 0) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(csk_result_count(a->instance) == 0);
}

static void values_of_every_type(struct api *a)
{
    struct csk_outcome outcome;
    struct csk_value args[5] = {{.type = CSK_F32, .of.f32_bits = 0x7fa00001},
                                {.type = CSK_F64, .of.f64 = -0.5},
                                {.type = API_WIDE},
                                {.type = CSK_FUNCREF, .of.ref = 4 + 1},
                                {.type = CSK_EXTERNREF, .of.ref = 12345}};
    struct csk_value r[5];
    for (unsigned i = 0; i < API_WIDE_SIZE; i++)
        args[2].of.v128[i] = (uint8_t)(i * 17);
    CHECK(csk_call(a->instance, "mixed", args, 5, NULL) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(csk_result_count(a->instance) == 5);
    for (size_t i = 0; i < 5; i++)
        CHECK(csk_result(a->instance, i, &r[i]) == 0 && r[i].type == args[4 - i].type);
    CHECK(r[0].of.ref == 12345 && r[1].of.ref == 4 + 1);
    CHECK(memcmp(r[2].of.v128, args[2].of.v128, API_WIDE_SIZE) == 0);
    CHECK(r[3].of.f64_bits == args[1].of.f64_bits && r[4].of.f32_bits == 0x7fa00001);
    args[3].of.ref = 0;
    args[4].of.ref = 0;
    CHECK(csk_call(a->instance, "mixed", args, 5, NULL) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(csk_result(a->instance, 1, &r[1]) == 0 && r[1].of.ref == 0);
    args[3].of.ref = 1000; /* no such function */
    CHECK(csk_call(a->instance, "mixed", args, 5, NULL) == CSK_E_ARGUMENT);
}

static void wrong_calls(struct api *a)
{
    struct csk_error err;
    struct csk_value v = {.type = CSK_F32};
    CHECK(csk_call(a->instance, "none", NULL, 0, &err) == CSK_E_NOT_FOUND);
    CHECK(strstr(err.text, "none") != NULL);
    CHECK(csk_call(a->instance, "memory", NULL, 0, &err) == CSK_E_NOT_FOUND);
    CHECK(csk_call(a->instance, "spin", NULL, 0, &err) == CSK_E_ARGUMENT);
    CHECK(csk_call(a->instance, "spin", &v, 1, &err) == CSK_E_ARGUMENT);
    v.type = CSK_I32;
    v.of.i32 = 50;
    CHECK(csk_call(a->instance, "spin", &v, 1, &err) == 0);
    struct csk_outcome outcome;
    CHECK(api_run(a->instance, 10, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(csk_call(a->instance, "spin", &v, 1, &err) == CSK_E_STATE);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(api_i32(a->instance) == 77);
}

static void limits(struct api *a)
{
    struct csk_outcome outcome;
    struct csk_until until = {.fuel = 100};
    const uint32_t n = 250;
    CHECK(api_call(a->instance, "spin", &n, 1) == 0);
    CHECK(csk_run(a->instance, &until, &outcome) == 0 && outcome.kind == CSK_OUT_OF_FUEL);
    CHECK(csk_run(a->instance, &until, &outcome) == 0 && outcome.kind == CSK_OUT_OF_FUEL);
    CHECK(csk_run(a->instance, &until, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(api_i32(a->instance) == 77);
    unsigned stops = 0;
    CHECK(api_call(a->instance, "spin", &n, 1) == 0);
    while (api_run(a->instance, 1, &outcome) == 0 && outcome.kind == CSK_SUSPENDED)
        stops++;
    CHECK(outcome.kind == CSK_DONE && stops >= n && stops < n + 4);
}

static void host_outcomes(struct api *a)
{
    struct csk_outcome outcome;
    const uint32_t n = 41;
    a->host = (struct api_host){.stop = CSK_HOST_SUSPEND};
    CHECK(api_call(a->instance, "call_stop", &n, 1) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    a->host.stop = CSK_HOST_RETURN;
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_DONE);
    CHECK(a->host.calls == 3 && api_i32(a->instance) == 84);
    a->host.stop = CSK_HOST_EXIT;
    CHECK(api_call(a->instance, "call_stop", &n, 1) == 0);
    CHECK(csk_run(a->instance, NULL, &outcome) == 0 && outcome.kind == CSK_EXITED);
    CHECK(outcome.exit_code == 41);
}

static void traps(void)
{
    struct csk_outcome outcome;
    struct api a;
    const uint32_t far = 65536;
    if (!CHECK(api_init(&a) == 0))
        return;
    CHECK(api_call(a.instance, "trap", NULL, 0) == 0);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.kind == CSK_TRAPPED);
    CHECK(outcome.trap == CSK_TRAP_UNREACHABLE);
    CHECK(strcmp(csk_trap_text(outcome.trap), "unreachable executed") == 0);
    api_fini(&a);
    CHECK(api_init(&a) == 0 && api_call(a.instance, "load", &far, 1) == 0);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.trap == CSK_TRAP_MEMORY_BOUNDS);
    api_fini(&a);
    CHECK(api_init(&a) == 0);
    a.host.stop = CSK_HOST_TRAP;
    CHECK(api_call(a.instance, "call_stop", &far, 1) == 0);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.trap == CSK_TRAP_HOST);
    api_fini(&a);
    CHECK(csk_trap_text((enum csk_trap)1000) != NULL);
}

static void memory(struct api *a)
{
    uint8_t *p = csk_memory(a->instance, 8, 4);
    CHECK(p != NULL && memcmp(p, "data", 4) == 0);
    CHECK(csk_memory(a->instance, 65536, 0) != NULL);
    CHECK(csk_memory(a->instance, 65536, 1) == NULL);
    CHECK(csk_memory(a->instance, 65535, 2) == NULL);
    CHECK(csk_memory(a->instance, UINT64_MAX, 2) == NULL);
    CHECK(csk_memory(a->instance, 2, UINT64_MAX) == NULL);
}

static void *interrupter(void *user)
{
    const struct timespec wait = {.tv_nsec = 20000000};
    (void)nanosleep(&wait, NULL);
    csk_interrupt(user, true);
    return NULL;
}

static void interrupts(void)
{
    struct csk_outcome outcome;
    pthread_t thread;
    struct api a;
    if (!CHECK(api_init(&a) == 0))
        return;
    CHECK(api_call(a.instance, "forever", NULL, 0) == 0);
    CHECK(pthread_create(&thread, NULL, interrupter, a.instance) == 0);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.kind == CSK_CANCELLED);
    (void)pthread_join(thread, NULL);
    csk_interrupt(a.instance, false);
    CHECK(csk_run(a.instance, NULL, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    CHECK(api_run(a.instance, 1000, &outcome) == 0 && outcome.kind == CSK_SUSPENDED);
    api_fini(&a);
}

static void link_errors(struct api *a)
{
    struct csk_instance *instance = NULL;
    struct csk_host_func funcs[3];
    struct csk_error err;
    api_funcs(&a->host, funcs);
    CHECK(csk_instance_new(a->module, funcs, 2, &instance, &err) == CSK_E_LINK);
    CHECK(strstr(err.text, "host.stop") != NULL && instance == NULL);
    static const char *const wrong[] = {"i:I", "i:", "i", ":i", "ii:i", "i:ii", "q:i", "i:i:", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        funcs[2].signature = wrong[i];
        CHECK(csk_instance_new(a->module, funcs, 3, &instance, &err) == CSK_E_LINK);
        CHECK(strstr(err.text, "host.stop") != NULL);
    }
    CHECK(instance == NULL);
}

static void bad_modules(struct api *a)
{
    struct csk_module *module = NULL;
    struct csk_error err;
    CHECK(csk_module_load(a->engine, "", 0, &module, &err) == CSK_E_MALFORMED);
    CHECK(csk_module_load(a->engine, api_module, api_module_size - 1, &module, &err) != 0);
    CHECK(err.text[0] != '\0' && module == NULL);
    const struct csk_limits small = {.module_bytes_max = 16};
    struct csk_engine *engine;
    if (CHECK(csk_engine_new(&small, &engine) == 0)) {
        CHECK(csk_module_load(engine, api_module, api_module_size, &module, &err) == CSK_E_LIMIT);
        csk_engine_free(engine);
    }
    csk_module_free(NULL);
    csk_instance_free(NULL);
    csk_engine_free(NULL);
}

/* Every allocation of a load, a call and a run fails once: an error, and nothing is lost. */
static void allocation_failures(void)
{
    struct csk_outcome outcome;
    unsigned failures = 0;
    for (uint64_t n = 1; n < 1000; n++) {
        struct api a;
        const uint32_t count = 5;
        (void)mem_fail_at(0, 0);
        int64_t before = mem_live_blocks();
        (void)mem_fail_at(n, 0);
        int rc = api_init(&a);
        if (rc == 0)
            rc = api_call(a.instance, "spin", &count, 1);
        if (rc == 0)
            rc = csk_run(a.instance, NULL, &outcome);
        bool reached = mem_fail_at(0, 0) >= n;
        CHECK(rc == 0 || rc == CSK_E_NOMEM);
        CHECK(rc != 0 || (outcome.kind == CSK_DONE && api_i32(a.instance) == 77));
        api_fini(&a);
        CHECK(mem_live_blocks() == before);
        if (!reached)
            break;
        failures += rc != 0;
    }
    CHECK(failures > 5);
}

int main(void)
{
    struct api a;
    if (CHECK(api_init(&a) == 0)) {
        calls(&a);
        values_of_every_type(&a);
        wrong_calls(&a);
        limits(&a);
        memory(&a);
        link_errors(&a);
        bad_modules(&a);
        host_outcomes(&a);
    }
    api_fini(&a);
    traps();
    interrupts();
    allocation_failures();
    return check_report("embed-api");
}
