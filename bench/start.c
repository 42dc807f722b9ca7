/* SPDX-License-Identifier: Apache-2.0 */
/* What one request costs: instantiate, call, drop, with the memory recycled.
 *     start one-page.wasm    prints MEDIAN-NS P99-NS */
#include "common.h"

#define ROUNDS 200000
#define WARMUP 1000

static void serve(struct csk_module *module, uint32_t number)
{
    struct csk_error err = {0};
    struct csk_instance *instance;
    struct csk_value arg = {.type = CSK_I32, .of.i32 = number}, result;
    struct csk_outcome outcome;
    bench_need(csk_instance_new(module, NULL, 0, &instance, &err), "instantiate", &err);
    bench_need(csk_call(instance, "run", &arg, 1, &err), "call", &err);
    bench_need(csk_run(instance, NULL, &outcome), "run", NULL);
    bench_need(csk_result(instance, 0, &result), "result", NULL);
    if (outcome.kind != CSK_DONE || result.of.i32 != number)
        bench_need(CSK_E_STATE, "wrong result", NULL);
    csk_instance_free(instance);
}

int main(int argc, char **argv)
{
    static uint64_t took_ns[ROUNDS];
    struct csk_engine *engine;
    if (argc != 2)
        return 2;
    bench_need(csk_engine_new(NULL, &engine), "engine", NULL);
    struct csk_module *module = bench_load(engine, argv[1]);
    for (uint32_t i = 0; i < WARMUP; i++)
        serve(module, i);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t begin = bench_now_ns();
        serve(module, i);
        took_ns[i] = bench_now_ns() - begin;
    }
    uint64_t median = bench_quantile(took_ns, ROUNDS, 500);
    printf("%llu %llu\n", (unsigned long long)median,
           (unsigned long long)bench_quantile(took_ns, ROUNDS, 990));
    csk_module_free(module);
    csk_engine_free(engine);
    return 0;
}
