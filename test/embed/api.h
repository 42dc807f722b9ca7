/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_EMBED_API_H
#define TEST_EMBED_API_H

#include <cloudskin/cloudskin.h>

#include "check.h"
#include "csk-config.h"

/* What the tests of the embedding API share: the module api.wat and its host functions. */

extern const unsigned char api_module[];
extern const unsigned api_module_size;

/* A build without SIMD gets the module with i64 in place of v128. */
#define API_WIDE      (CSK_HAVE_SIMD ? CSK_V128 : CSK_I64)
#define API_MIXED     (CSK_HAVE_SIMD ? "fFvrx:xrvFf" : "fFIrx:xrIFf")
#define API_WIDE_SIZE (CSK_HAVE_SIMD ? 16u : 8u)

/* What the host function "stop" does next. */
struct api_host {
    enum csk_host_result stop;
    unsigned calls;
};

/* The three functions that api.wat imports, with `host` behind "stop". */
void api_funcs(struct api_host *host, struct csk_host_func ret_funcs[3]);

struct api {
    struct csk_engine *engine;
    struct csk_module *module;
    struct csk_instance *instance;
    struct api_host host;
};

int api_init(struct api *api);
void api_fini(struct api *api);

/* Call an export with i32 arguments and run it to an outcome of this kind. */
int api_call(struct csk_instance *instance, const char *name, const uint32_t *args, size_t nargs);
int api_run(struct csk_instance *instance, uint64_t safepoints, struct csk_outcome *ret_outcome);
/* The first result, an i32; ~0 when there is none. */
uint32_t api_i32(const struct csk_instance *instance);

#endif
