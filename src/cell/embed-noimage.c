/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cell/embed.h"

/* A build without images keeps the calls, so that programs link, and refuses them. */

int csk_snapshot(struct csk_instance *instance, bool with_module, csk_write_fn *write, void *user,
                 struct csk_error *err)
{
    (void)instance;
    (void)with_module;
    (void)write;
    (void)user;
    error_clear(err);
    return error_set(err, CSK_E_UNSUPPORTED, "this build cannot write images");
}

int csk_restore(struct csk_engine *engine, struct csk_module *module, csk_read_fn *read,
                void *read_user, const struct csk_host_func *funcs, size_t nfuncs,
                struct csk_instance **ret_instance, struct csk_error *err)
{
    (void)engine;
    (void)module;
    (void)read;
    (void)read_user;
    (void)funcs;
    (void)nfuncs;
    (void)ret_instance;
    error_clear(err);
    return error_set(err, CSK_E_UNSUPPORTED, "this build cannot read images");
}
