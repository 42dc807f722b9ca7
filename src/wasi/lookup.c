/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "wasi/internal.h"

/*
 * From an import's name to its host function.
 *
 * wasi_unstable is preview 1 but for the layout of filestat and of a clock subscription, and
 * for the order of `whence`; the table has its own entries for the calls that these concern,
 * and sock_accept, which is younger, is not in it.
 */

static int finish(struct wasm_host_call *call, int rc)
{
    if (rc == WASI_SUSPEND)
        return CSK_HOST_SUSPEND;
    if (rc == WASI_EXIT)
        return CSK_HOST_EXIT;
    call->slots[0] = (uint64_t)(uint32_t)rc;
    return CSK_HOST_RETURN;
}

/* `user` is a void pointer so that any host may register functions; ours is the struct wasi. */
#define X(name, function, params, versions)                                                        \
    static int host_##function(struct wasm_host_call *call, void *user)                            \
    {                                                                                              \
        return finish(call, wasi_##function(user, call));                                          \
    }
WASI_FUNCTIONS(X)
#undef X

static const struct {
    const char *name;
    const char *params; /* i: i32, I: i64 */
    wasm_host_fn *fn;
    int versions;
} functions[] = {
#define X(name, function, params, versions) {#name, params, host_##function, versions},
    WASI_FUNCTIONS(X)
#undef X
};

static bool name_is(struct wasm_name name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.p, text, name.len) == 0;
}

static bool type_matches(const struct wasm_functype *type, const char *params, bool returns)
{
    if (type->nparams != strlen(params) || type->nresults != (returns ? 1 : 0))
        return false;
    for (uint32_t i = 0; i < type->nparams; i++)
        if (type->params[i] != (params[i] == 'i' ? CSK_I32 : CSK_I64))
            return false;
    return !returns || type->results[0] == CSK_I32;
}

static int type_error(const char *params, bool returns, struct csk_error *err)
{
    char text[64] = "";
    size_t used = 0;
    for (const char *p = params; *p != '\0' && used + 5 < sizeof text; p++) {
        memcpy(text + used, *p == 'i' ? " i32" : " i64", 4);
        used += 4;
    }
    return error_set(err, CSK_E_LINK, "(%s) -> (%s)", text[0] != '\0' ? text + 1 : "",
                     returns ? "i32" : "");
}

int wasi_lookup(struct wasm_name module, struct wasm_name field, const struct wasm_functype *type,
                wasm_host_fn **ret_fn, struct csk_error *err)
{
    int version = name_is(module, "wasi_snapshot_preview1") ? WASI_P1
                  : name_is(module, "wasi_unstable")        ? WASI_OLD
                                                            : 0;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if ((functions[i].versions & version) == 0 || !name_is(field, functions[i].name))
            continue;
        bool returns = strcmp(functions[i].name, "proc_exit") != 0;
        if (!type_matches(type, functions[i].params, returns))
            return type_error(functions[i].params, returns, err);
        *ret_fn = functions[i].fn;
        return 0;
    }
    return error_set(err, CSK_E_NOT_FOUND, "WASI has no function %.*s.%.*s",
                     (int)(module.len < 80 ? module.len : 80), module.p,
                     (int)(field.len < 80 ? field.len : 80), field.p);
}
