/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/bits.h"
#include "wasi/internal.h"

/*
 * The guest's monotonic clock and its CPU time run only while the guest does, so neither
 * sees the time between a freeze and a thaw. The wall clock is the host's.
 */

#define NS_PER_S UINT64_C(1000000000)

static uint64_t host_ns(clockid_t id)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* How far a host clock has come since `then`; a clock that was set back has not moved. */
static uint64_t since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

uint64_t wasi_monotonic_ns(const struct wasi *w)
{
    if (!w->running)
        return w->monotonic_ns;
    return w->monotonic_ns + since(host_ns(CLOCK_MONOTONIC), w->host_monotonic_ns);
}

static uint64_t cpu_ns(const struct wasi *w)
{
    if (!w->running)
        return w->cpu_ns;
    return w->cpu_ns + since(host_ns(CLOCK_THREAD_CPUTIME_ID), w->host_cpu_ns);
}

void wasi_resume(struct wasi *w)
{
    if (w->running)
        return;
    w->host_monotonic_ns = host_ns(CLOCK_MONOTONIC);
    w->host_cpu_ns = host_ns(CLOCK_THREAD_CPUTIME_ID);
    w->running = true;
}

void wasi_pause(struct wasi *w)
{
    w->monotonic_ns = wasi_monotonic_ns(w);
    w->cpu_ns = cpu_ns(w);
    w->running = false;
}

int wasi_clock_ns(const struct wasi *w, uint32_t id, uint64_t *ret_ns)
{
    switch (id) {
    case WASI_CLOCK_REALTIME:
        *ret_ns = host_ns(CLOCK_REALTIME);
        return 0;
    case WASI_CLOCK_MONOTONIC:
        *ret_ns = wasi_monotonic_ns(w);
        return 0;
    case WASI_CLOCK_PROCESS_CPU:
    case WASI_CLOCK_THREAD_CPU:
        *ret_ns = cpu_ns(w);
        return 0;
    default:
        return WASI_EINVAL;
    }
}

int wasi_clock_time_get(struct wasi *w, struct wasm_host_call *call)
{
    uint64_t now;
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 2), sizeof now);
    int rc = wasi_clock_ns(w, wasi_arg32(call, 0), &now);
    if (rc != 0)
        return rc;
    if (out == NULL)
        return WASI_EFAULT;
    put_le64(out, now);
    return 0;
}

/* One nanosecond on every machine: the clocks count in it, and a cell that asks must not
 * get another answer after it has moved. */
int wasi_clock_res_get(struct wasi *w, struct wasm_host_call *call)
{
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), sizeof(uint64_t));
    (void)w;
    if (wasi_arg32(call, 0) > WASI_CLOCK_THREAD_CPU)
        return WASI_EINVAL;
    if (out == NULL)
        return WASI_EFAULT;
    put_le64(out, 1);
    return 0;
}
