/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/mem.h"
#include "wasi/wasi.h"

/* Apart from everything that makes a host call, because a build without WASI still reads
 * and frees the description of one that an image holds. */

static void free_strings(char **strings, uint32_t n)
{
    for (uint32_t i = 0; strings != NULL && i < n; i++)
        mem_free(strings[i]);
    mem_free(strings);
}

void wasi_state_fini(struct wasi_state *state)
{
    free_strings(state->args, state->nargs);
    free_strings(state->env, state->nenv);
    free_strings(state->preopens, state->npreopens);
    for (uint32_t i = 0; i < state->nfds; i++)
        mem_free(state->fds[i].path);
    mem_free(state->fds);
    for (uint32_t i = 0; i < state->ncontents; i++) {
        mem_free(state->contents[i].path);
        if (state->contents[i].temp_fd >= 0)
            (void)close(state->contents[i].temp_fd);
    }
    mem_free(state->contents);
    *state = (struct wasi_state){0};
}
