/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm/translate.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "wasm/pass.h"

const uint32_t wasm_ir_stub[] = {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    (uint32_t)IR_translate << 16,
#else
    IR_translate,
#endif
};

/* One emitting pass. On success the emitter holds the code. */
static int run_pass(struct wasm_code *code, struct emit *e, wasm_point_fn *fn, void *user)
{
    struct pass p = {
        .module = code->module,
        .code = code,
        .start = code->module->bytes,
        .e = e,
        .point = fn,
        .point_user = user,
    };
    int rc = emit_init(e, code->module, code);
    if (rc == 0)
        rc = pass_run(&p);
    pass_fini(&p);
    return rc;
}

static int translate_locked(struct wasm_code *code)
{
    if (atomic_load_explicit(&code->ir, memory_order_relaxed) != wasm_ir_stub)
        return 0;
    struct emit e;
    int rc = run_pass(code, &e, NULL, NULL);
    if (rc == 0) {
        uint32_t *fit = mem_realloc(e.units, e.size * sizeof *e.units);
        if (fit == NULL)
            fit = e.units;
        e.units = NULL;
        code->ir_size = (uint32_t)e.size;
        atomic_store_explicit(&code->ir, fit, memory_order_release);
    }
    emit_fini(&e);
    return rc;
}

int wasm_translate(struct wasm_code *code)
{
    if (atomic_load_explicit(&code->ir, memory_order_acquire) != wasm_ir_stub)
        return 0;
    pthread_mutex_lock(&code->module->lock);
    int rc = translate_locked(code);
    pthread_mutex_unlock(&code->module->lock);
    return rc;
}

int wasm_walk_points(struct wasm_code *code, wasm_point_fn *fn, void *user)
{
    struct emit e;
    int rc = run_pass(code, &e, fn, user);
    emit_fini(&e);
    return rc;
}
