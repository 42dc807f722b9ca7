/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/mem.h"
#include "wasi/internal.h"

/*
 * poll_oneoff.
 *
 * It can sleep for long, so it must be able to stop at any moment and be issued again,
 * perhaps on another machine. What makes that right is one number: the guest-monotonic time
 * at which the earliest relative timeout ends. It is kept when a poll is rolled back, and
 * the poll that is issued next measures its relative timeouts from where the first began.
 */

#define NS_PER_S       UINT64_C(1000000000)
#define SLICE_NS       (60 * NS_PER_S) /* look at the wall clock again after so long */
#define NEVER          UINT64_MAX
#define NOT_POLLED     (-1)
#define SUB_TAG        8u /* offsets in a subscription */
#define SUB_UNION      16u
#define OLD_CLOCK_SKIP 8u /* the identifier that wasi_unstable had in front */

struct sub {
    uint64_t userdata;
    uint64_t timeout; /* clock: ns, relative or not */
    uint32_t clock;
    int pollfd; /* index, or NOT_POLLED */
    uint16_t error;
    uint8_t type;
    bool absolute;
    bool ready; /* fd: without asking */
    struct wasi_fd *f;
};

struct set {
    struct sub *subs;
    struct pollfd *fds;
    uint32_t nsubs;
    nfds_t nfds;
    uint64_t started; /* guest-monotonic: relative timeouts count from here */
    bool some_ready;
};

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    return a > NEVER - b ? NEVER : a + b;
}

static void read_clock(struct sub *s, const uint8_t *at)
{
    s->clock = get_le32(at);
    s->timeout = get_le64(at + 8);
    s->absolute = (get_le16(at + 24) & WASI_CLOCK_ABSTIME) != 0;
    if (s->clock > WASI_CLOCK_THREAD_CPU)
        s->error = WASI_EINVAL;
    else if (s->clock > WASI_CLOCK_MONOTONIC)
        s->error = WASI_ENOTSUP; /* waiting does not use CPU time */
}

static void read_fd(const struct wasi *w, struct set *set, struct sub *s, uint32_t fd)
{
    bool write = s->type == WASI_EVENT_FD_WRITE;
    uint64_t rights = WASI_R_POLL_FD_READWRITE | (write ? WASI_R_FD_WRITE : WASI_R_FD_READ);
    s->error = (uint16_t)wasi_fd_get(w, fd, rights, &s->f);
    if (s->error != 0)
        return;
    s->ready = s->f->ops->always_ready || s->f->host < 0;
    if (s->ready)
        return;
    s->pollfd = (int)set->nfds;
    set->fds[set->nfds++] = (struct pollfd){.fd = s->f->host, .events = write ? POLLOUT : POLLIN};
}

static int read_subs(const struct wasi *w, struct set *set, const uint8_t *in, bool old)
{
    uint32_t size = old ? WASI_OLD_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
    for (uint32_t i = 0; i < set->nsubs; i++, in += size) {
        struct sub *s = &set->subs[i];
        *s = (struct sub){.userdata = get_le64(in), .type = in[SUB_TAG], .pollfd = NOT_POLLED};
        if (s->type == WASI_EVENT_CLOCK)
            read_clock(s, in + SUB_UNION + (old ? OLD_CLOCK_SKIP : 0));
        else if (s->type <= WASI_EVENT_FD_WRITE)
            read_fd(w, set, s, get_le32(in + SUB_UNION));
        else
            return WASI_EINVAL;
        set->some_ready |= s->error != 0 || s->ready;
    }
    return 0;
}

/* How long until this clock subscription is due, from now on. */
static uint64_t due_in(const struct wasi *w, const struct set *set, const struct sub *s)
{
    uint64_t now = 0;
    uint64_t at = s->timeout;
    if (s->type != WASI_EVENT_CLOCK || s->error != 0)
        return NEVER;
    if (s->absolute) {
        (void)wasi_clock_ns(w, s->clock, &now);
    } else {
        now = wasi_monotonic_ns(w);
        at = add_saturating(set->started, s->timeout);
    }
    return at > now ? at - now : 0;
}

static uint64_t shortest_relative(const struct set *set)
{
    uint64_t shortest = NEVER;
    for (uint32_t i = 0; i < set->nsubs; i++) {
        const struct sub *s = &set->subs[i];
        if (s->type == WASI_EVENT_CLOCK && s->error == 0 && !s->absolute && s->timeout < shortest)
            shortest = s->timeout;
    }
    return shortest;
}

static void start(const struct wasi *w, struct set *set)
{
    uint64_t shortest = shortest_relative(set);
    set->started = wasi_monotonic_ns(w);
    if (!w->poll_deadline_set || shortest == NEVER)
        return;
    uint64_t then = w->poll_deadline_ns > shortest ? w->poll_deadline_ns - shortest : 0;
    if (then < set->started)
        set->started = then;
}

static int roll_back(struct wasi *w, const struct set *set)
{
    uint64_t shortest = shortest_relative(set);
    w->poll_deadline_set = shortest != NEVER;
    w->poll_deadline_ns = w->poll_deadline_set ? add_saturating(set->started, shortest) : 0;
    return WASI_SUSPEND;
}

static uint64_t shortest_wait(const struct wasi *w, const struct set *set)
{
    uint64_t wait = set->some_ready ? 0 : SLICE_NS;
    for (uint32_t i = 0; i < set->nsubs && wait != 0; i++) {
        uint64_t due = due_in(w, set, &set->subs[i]);
        wait = due < wait ? due : wait;
    }
    return wait;
}

static bool any_due(const struct wasi *w, const struct set *set)
{
    for (uint32_t i = 0; i < set->nsubs; i++)
        if (due_in(w, set, &set->subs[i]) == 0)
            return true;
    return false;
}

static int wait_for_any(struct wasi *w, struct set *set)
{
    for (;;) {
        uint64_t wait = shortest_wait(w, set);
        if (wait != 0 && wasi_requested(w))
            return roll_back(w, set);
        struct timespec ts = {.tv_sec = (time_t)(wait / NS_PER_S),
                              .tv_nsec = (long)(wait % NS_PER_S)};
        int n = ppoll(set->fds, set->nfds, &ts, NULL);
        if (n < 0 && errno != EINTR)
            return wasi_errno(errno);
        if (n > 0 || set->some_ready || any_due(w, set))
            return 0;
    }
}

/* Has it happened? Then fill in what the event says about an fd. */
static bool happened(const struct wasi *w, const struct set *set, const struct sub *s,
                     uint16_t *ret_error, uint64_t *ret_nbytes, uint16_t *ret_flags)
{
    *ret_error = s->error;
    *ret_nbytes = 0;
    *ret_flags = 0;
    if (s->error != 0)
        return true;
    if (s->type == WASI_EVENT_CLOCK)
        return due_in(w, set, s) == 0;
    short revents = s->pollfd != NOT_POLLED ? set->fds[s->pollfd].revents : 0;
    if (!s->ready && revents == 0)
        return false;
    if ((revents & POLLNVAL) != 0)
        *ret_error = WASI_EBADF;
    if ((revents & (POLLHUP | POLLERR)) != 0 || s->f->host < 0)
        *ret_flags = WASI_EVENT_HANGUP;
    if (s->type == WASI_EVENT_FD_READ && s->f->ops->readable != NULL)
        *ret_nbytes = s->f->ops->readable(s->f);
    return true;
}

static uint32_t put_events(const struct wasi *w, const struct set *set, uint8_t *out)
{
    uint32_t n = 0;
    uint64_t nbytes;
    uint16_t error;
    uint16_t flags;
    for (uint32_t i = 0; i < set->nsubs; i++) {
        const struct sub *s = &set->subs[i];
        if (!happened(w, set, s, &error, &nbytes, &flags))
            continue;
        uint8_t *event = out + (size_t)n++ * WASI_EVENT_SIZE;
        memset(event, 0, WASI_EVENT_SIZE);
        put_le64(event, s->userdata);
        put_le16(event + 8, error);
        event[10] = s->type;
        put_le64(event + 16, nbytes);
        put_le16(event + 24, flags);
    }
    return n;
}

/* Polling may sleep, and events may lie where the subscriptions were: read them all first. */
static int poll_set(struct wasi *w, struct set *set, const uint8_t *in, bool old, uint8_t *out,
                    uint8_t *out_n)
{
    int rc = read_subs(w, set, in, old);
    if (rc != 0)
        return rc;
    start(w, set);
    rc = wait_for_any(w, set);
    if (rc == WASI_SUSPEND)
        return rc;
    w->poll_deadline_set = false;
    w->poll_deadline_ns = 0;
    if (rc == 0)
        put_le32(out_n, put_events(w, set, out));
    return rc;
}

static int poll_oneoff(struct wasi *w, struct wasm_host_call *call, bool old)
{
    struct set set = {.nsubs = wasi_arg32(call, 2)};
    uint32_t size = old ? WASI_OLD_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
    if (set.nsubs == 0 || set.nsubs > WASI_SUBSCRIPTIONS_MAX)
        return WASI_EINVAL;
    uint8_t *in = wasi_guest(call, wasi_arg32(call, 0), (uint64_t)set.nsubs * size);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 1), (uint64_t)set.nsubs * WASI_EVENT_SIZE);
    uint8_t *out_n = wasi_guest(call, wasi_arg32(call, 3), 4);
    if (in == NULL || out == NULL || out_n == NULL)
        return WASI_EFAULT;
    set.subs = mem_array(set.nsubs, sizeof *set.subs);
    set.fds = mem_array(set.nsubs, sizeof *set.fds);
    int rc =
        set.subs == NULL || set.fds == NULL ? WASI_ENOMEM : poll_set(w, &set, in, old, out, out_n);
    mem_free(set.subs);
    mem_free(set.fds);
    return rc;
}

int wasi_poll_oneoff(struct wasi *w, struct wasm_host_call *call)
{
    return poll_oneoff(w, call, false);
}

int wasi_old_poll_oneoff(struct wasi *w, struct wasm_host_call *call)
{
    return poll_oneoff(w, call, true);
}
