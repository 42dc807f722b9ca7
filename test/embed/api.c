/* SPDX-License-Identifier: Apache-2.0 */
#include "api.h"

#include <string.h>

static enum csk_host_result host_add(struct csk_instance *instance, void *user,
                                     const struct csk_value *args, struct csk_value *results)
{
    (void)instance;
    (void)user;
    results[0].of.i64 = args[0].of.i32 + args[1].of.i64;
    return CSK_HOST_RETURN;
}

/* Turns five values of five types around. */
static enum csk_host_result host_mixed(struct csk_instance *instance, void *user,
                                       const struct csk_value *args, struct csk_value *results)
{
    (void)instance;
    (void)user;
    for (size_t i = 0; i < 5; i++)
        results[i] = args[4 - i];
    return CSK_HOST_RETURN;
}

static enum csk_host_result host_stop(struct csk_instance *instance, void *user,
                                      const struct csk_value *args, struct csk_value *results)
{
    struct api_host *host = user;
    host->calls++;
    if (host->stop == CSK_HOST_EXIT)
        csk_set_exit_code(instance, args[0].of.i32);
    results[0].of.i32 = args[0].of.i32 + 1;
    return host->stop;
}

void api_funcs(struct api_host *host, struct csk_host_func ret_funcs[3])
{
    ret_funcs[0] = (struct csk_host_func){"host", "add", "iI:I", host_add, NULL};
    ret_funcs[1] = (struct csk_host_func){"host", "mixed", API_MIXED, host_mixed, NULL};
    ret_funcs[2] = (struct csk_host_func){"host", "stop", "i:i", host_stop, host};
}

int api_init(struct api *api)
{
    struct csk_host_func funcs[3];
    struct csk_error err;
    memset(api, 0, sizeof *api);
    api_funcs(&api->host, funcs);
    int rc = csk_engine_new(NULL, &api->engine);
    if (rc == 0)
        rc = csk_module_load(api->engine, api_module, api_module_size, &api->module, &err);
    if (rc == 0)
        rc = csk_instance_new(api->module, funcs, 3, &api->instance, &err);
    return rc;
}

void api_fini(struct api *api)
{
    csk_instance_free(api->instance);
    csk_module_free(api->module);
    csk_engine_free(api->engine);
}

int api_call(struct csk_instance *instance, const char *name, const uint32_t *args, size_t nargs)
{
    struct csk_value values[4];
    for (size_t i = 0; i < nargs && i < 4; i++)
        values[i] = (struct csk_value){.type = CSK_I32, .of.i32 = args[i]};
    return csk_call(instance, name, values, nargs, NULL);
}

int api_run(struct csk_instance *instance, uint64_t safepoints, struct csk_outcome *ret_outcome)
{
    const struct csk_until until = {.safepoints = safepoints};
    return csk_run(instance, &until, ret_outcome);
}

uint32_t api_i32(const struct csk_instance *instance)
{
    struct csk_value value;
    if (csk_result_count(instance) < 1 || csk_result(instance, 0, &value) != 0 ||
        value.type != CSK_I32)
        return ~0u;
    return value.of.i32;
}
