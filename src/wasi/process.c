/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>

#include "base/bits.h"
#include "wasi/internal.h"

/* Arguments, environment, randomness and the end of the program. */

static uint32_t strings_size(char *const *strings, uint32_t n)
{
    size_t size = 0;
    for (uint32_t i = 0; i < n; i++)
        size += strlen(strings[i]) + 1;
    return (uint32_t)size; /* bounded by WASI_ARGS_BYTES_MAX */
}

static int sizes_get(const struct wasm_host_call *call, char *const *strings, uint32_t n)
{
    uint8_t *out_n = wasi_guest(call, wasi_arg32(call, 0), 4);
    uint8_t *out_size = wasi_guest(call, wasi_arg32(call, 1), 4);
    if (out_n == NULL || out_size == NULL)
        return WASI_EFAULT;
    put_le32(out_n, n);
    put_le32(out_size, strings_size(strings, n));
    return 0;
}

static int strings_get(const struct wasm_host_call *call, char *const *strings, uint32_t n)
{
    uint32_t at = wasi_arg32(call, 1);
    uint8_t *pointers = wasi_guest(call, wasi_arg32(call, 0), (uint64_t)n * 4);
    uint8_t *bytes = wasi_guest(call, at, strings_size(strings, n));
    if (pointers == NULL || bytes == NULL)
        return WASI_EFAULT;
    for (uint32_t i = 0; i < n; i++) {
        size_t size = strlen(strings[i]) + 1;
        put_le32(pointers + (size_t)i * 4, at);
        memcpy(bytes, strings[i], size);
        bytes += size;
        at += (uint32_t)size;
    }
    return 0;
}

int wasi_args_sizes_get(struct wasi *w, struct wasm_host_call *call)
{
    return sizes_get(call, w->args, w->nargs);
}

int wasi_args_get(struct wasi *w, struct wasm_host_call *call)
{
    return strings_get(call, w->args, w->nargs);
}

int wasi_environ_sizes_get(struct wasi *w, struct wasm_host_call *call)
{
    return sizes_get(call, w->env, w->nenv);
}

int wasi_environ_get(struct wasi *w, struct wasm_host_call *call)
{
    return strings_get(call, w->env, w->nenv);
}

int wasi_random_get(struct wasi *w, struct wasm_host_call *call)
{
    size_t size = wasi_arg32(call, 1);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 0), size);
    if (out == NULL)
        return WASI_EFAULT;
    for (size_t done = 0; done < size;) {
        if (done != 0 && wasi_requested(w))
            return WASI_SUSPEND; /* random bytes may be overwritten with others */
        size_t piece = size - done < WASI_RANDOM_CHUNK ? size - done : WASI_RANDOM_CHUNK;
        ssize_t n = getrandom(out + done, piece, 0);
        if (n < 0 && errno != EINTR)
            return wasi_errno(errno);
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int wasi_sched_yield(struct wasi *w, struct wasm_host_call *call)
{
    (void)w;
    (void)call;
    (void)sched_yield();
    return 0;
}

int wasi_proc_exit(struct wasi *w, struct wasm_host_call *call)
{
    (void)w;
    call->exec->exit_code = wasi_arg32(call, 0);
    return WASI_EXIT;
}

/* The guest has no handlers here, so a signal has its default effect: it is ignored, or
 * ends the program with the status a shell would report. WASI numbers them as Linux does up
 * to 15, and then without Linux's 16. */
#define SIGNAL_IGNORED 0u
#define SIGNAL_STOPS   255u
#define SIGNAL_LAST    30u

static uint32_t signal_effect(uint32_t number)
{
    switch (number) {
    case 16: /* chld */
    case 17: /* cont */
    case 22: /* urg */
    case 27: /* winch */
        return SIGNAL_IGNORED;
    case 18: /* stop */
    case 19: /* tstp */
    case 20: /* ttin */
    case 21: /* ttou */
        return SIGNAL_STOPS;
    default:
        return number <= 15 ? number : number + 1;
    }
}

int wasi_proc_raise(struct wasi *w, struct wasm_host_call *call)
{
    uint32_t number = wasi_arg32(call, 0);
    (void)w;
    if (number > SIGNAL_LAST)
        return WASI_EINVAL;
    uint32_t effect = signal_effect(number);
    if (effect == SIGNAL_STOPS)
        return WASI_ENOTSUP;
    if (effect == SIGNAL_IGNORED)
        return 0;
    call->exec->exit_code = 128u + effect;
    return WASI_EXIT;
}
