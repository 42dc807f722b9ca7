/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_HOST_H
#define SPEC_HOST_H

#include "wasm/instance.h"

/* The module "spectest" that the suite imports from. */
struct spec_host;

int spec_host_new(struct wasm_engine *engine, struct spec_host **ret_host);
void spec_host_free(struct spec_host *host);

/* False when it exports nothing of that name and kind. */
bool spec_host_find(struct spec_host *host, const char *name, enum wasm_kind kind,
                    struct wasm_extern *ret_extern);

#endif
