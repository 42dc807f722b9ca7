/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "test/wasi/driver.h"

/* Calls that wait: polls, pipes, sockets, and stopping each of them at any moment. */

static int pipe_in[2];  /* [1] feeds the guest's stdin */
static int pipe_out[2]; /* [0] drains its stdout */

#define MS UINT64_C(1000000)

/* ---- somebody asks the guest to stop -------------------------------------- */

static void on_signal(int number)
{
    (void)number;
}

struct asker {
    struct guest *g;
    pthread_t guest_thread;
    pthread_t thread;
    uint32_t bits;
    _Atomic bool done;
    bool only_signal;
};

/* As a scheduler does: set the word, send the signal, and send it again until it is over. */
static void *ask(void *arg)
{
    struct asker *asker = arg;
    (void)usleep(20000);
    if (!asker->only_signal)
        atomic_fetch_or(&asker->g->exec.request, asker->bits);
    while (!asker->done) {
        (void)pthread_kill(asker->guest_thread, SIGUSR1);
        (void)usleep(2000);
    }
    return NULL;
}

static void start_asking(struct asker *asker, struct guest *g, uint32_t bits)
{
    *asker = (struct asker){.g = g, .bits = bits, .guest_thread = pthread_self()};
    CHECK(pthread_create(&asker->thread, NULL, ask, asker) == 0);
}

static void stop_asking(struct asker *asker)
{
    asker->done = true;
    CHECK(pthread_join(asker->thread, NULL) == 0);
    asker->g->exec.request = 0;
}

/* ---- poll_oneoff ---------------------------------------------------------- */

static void put_clock(struct guest *g, uint32_t at, uint64_t userdata, uint32_t id,
                      uint64_t timeout, uint16_t flags)
{
    uint8_t *p = g->memory.base + at;
    memset(p, 0, WASI_SUBSCRIPTION_SIZE);
    put_le64(p, userdata);
    put_le32(p + 16, id);
    put_le64(p + 24, timeout);
    put_le16(p + 40, flags);
}

static void put_fd(struct guest *g, uint32_t at, uint64_t userdata, uint8_t type, uint32_t fd)
{
    uint8_t *p = g->memory.base + at;
    memset(p, 0, WASI_SUBSCRIPTION_SIZE);
    put_le64(p, userdata);
    p[8] = type;
    put_le32(p + 16, fd);
}

struct event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint64_t nbytes;
    uint16_t flags;
};

static int poll_subs(struct guest *g, uint32_t in, uint32_t n, struct event *events)
{
    uint32_t out = room(g, n * WASI_EVENT_SIZE);
    uint32_t count = room(g, 4);
    int rc = CALL(g, "poll_oneoff", in, out, n, count);
    if (rc != 0)
        return rc > 0 ? -rc - 100 : rc;
    for (uint32_t i = 0; i < r32(g, count); i++) {
        const uint8_t *e = g->memory.base + out + (size_t)i * WASI_EVENT_SIZE;
        events[i] =
            (struct event){get_le64(e), get_le16(e + 8), e[10], get_le64(e + 16), get_le16(e + 24)};
    }
    return (int)r32(g, count);
}

static void poll_clock(struct guest *g)
{
    struct event e[2];
    uint32_t in = room(g, 2 * WASI_SUBSCRIPTION_SIZE);
    uint64_t start = wasi_monotonic_ns(g->w);
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 20000 * MS, 0);
    put_clock(g, in + 48, 2, WASI_CLOCK_REALTIME, 5 * MS, 0);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 2 && e[0].type == WASI_EVENT_CLOCK);
    CHECK(e[0].error == 0);
    uint64_t took = wasi_monotonic_ns(g->w) - start;
    CHECK(took >= 5 * MS && took < 20000 * MS);
    put_clock(g, in, 3, WASI_CLOCK_MONOTONIC, 0, 0);
    CHECK(poll_subs(g, in, 1, e) == 1 && e[0].userdata == 3);
    CHECK(!g->w->poll_deadline_set);
}

static void poll_absolute_clock(struct guest *g)
{
    struct event e[2];
    uint32_t in = room(g, 2 * WASI_SUBSCRIPTION_SIZE);
    uint64_t start = wasi_monotonic_ns(g->w);
    uint64_t wall = 0;
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, start + 10 * MS, WASI_CLOCK_ABSTIME);
    CHECK(poll_subs(g, in, 1, e) == 1 && wasi_monotonic_ns(g->w) >= start + 10 * MS);
    CHECK(poll_subs(g, in, 1, e) == 1); /* long past */
    CHECK(wasi_clock_ns(g->w, WASI_CLOCK_REALTIME, &wall) == 0);
    put_clock(g, in, 1, WASI_CLOCK_REALTIME, wall + 10 * MS, WASI_CLOCK_ABSTIME);
    CHECK(poll_subs(g, in, 1, e) == 1);
    uint64_t later = 0;
    CHECK(wasi_clock_ns(g->w, WASI_CLOCK_REALTIME, &later) == 0 && later >= wall + 10 * MS);
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, UINT64_MAX, 0);
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 1, 0);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 2); /* no overflow */
}

static void poll_bad_arguments(struct guest *g)
{
    struct event e[4];
    uint32_t in = room(g, 4 * WASI_SUBSCRIPTION_SIZE);
    uint32_t out = room(g, 128);
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 0, 0);
    CHECK(CALL(g, "poll_oneoff", in, out, 0, out) == WASI_EINVAL);
    CHECK(CALL(g, "poll_oneoff", in, out, WASI_SUBSCRIPTIONS_MAX + 1, out) == WASI_EINVAL);
    CHECK(CALL(g, "poll_oneoff", MEM_SIZE - 47, out, 1, out) == WASI_EFAULT);
    CHECK(CALL(g, "poll_oneoff", in, MEM_SIZE - 31, 1, out) == WASI_EFAULT);
    CHECK(CALL(g, "poll_oneoff", in, out, 1, MEM_SIZE - 3) == WASI_EFAULT);
    put_clock(g, in, 1, 9, 0, 0);
    put_clock(g, in + 48, 2, WASI_CLOCK_PROCESS_CPU, 0, 0);
    put_fd(g, in + 96, 3, WASI_EVENT_FD_READ, 99);
    put_fd(g, in + 144, 4, WASI_EVENT_FD_READ, 1); /* cannot be read */
    CHECK(poll_subs(g, in, 4, e) == 4);
    CHECK(e[0].error == WASI_EINVAL && e[1].error == WASI_ENOTSUP);
    CHECK(e[2].error == WASI_EBADF && e[2].type == WASI_EVENT_FD_READ);
    CHECK(e[3].error == WASI_ENOTCAPABLE);
    g->memory.base[in + 8] = 3; /* no such event type */
    CHECK(poll_subs(g, in, 1, e) == -WASI_EINVAL - 100);
}

static void poll_many(struct guest *g)
{
    const uint32_t n = WASI_SUBSCRIPTIONS_MAX;
    uint8_t *big = mem_calloc(n, WASI_SUBSCRIPTION_SIZE + WASI_EVENT_SIZE + 8);
    uint8_t *small = g->memory.base;
    uint32_t out = n * WASI_SUBSCRIPTION_SIZE;
    uint32_t count = out + n * WASI_EVENT_SIZE;
    g->memory.base = big;
    g->memory.size = (uint64_t)n * (WASI_SUBSCRIPTION_SIZE + WASI_EVENT_SIZE) + 8;
    for (uint32_t i = 0; i < n; i++)
        put_clock(g, i * WASI_SUBSCRIPTION_SIZE, i, WASI_CLOCK_MONOTONIC, i % 2 ? 0 : UINT64_MAX,
                  0);
    CHECK(CALL(g, "poll_oneoff", 0, out, n, count) == 0 && r32(g, count) == n / 2);
    g->memory.base = small;
    g->memory.size = MEM_SIZE;
    mem_free(big);
}

static void poll_fds(struct guest *g)
{
    struct event e[3];
    uint32_t in = room(g, 3 * WASI_SUBSCRIPTION_SIZE);
    uint32_t fd = 0;
    put_fd(g, in, 1, WASI_EVENT_FD_READ, 0);
    put_fd(g, in + 48, 2, WASI_EVENT_FD_WRITE, 1);
    put_clock(g, in + 96, 3, WASI_CLOCK_MONOTONIC, 1000 * MS, 0);
    CHECK(poll_subs(g, in, 3, e) == 1 && e[0].userdata == 2 && e[0].type == WASI_EVENT_FD_WRITE);
    CHECK(write(pipe_in[1], "12345", 5) == 5);
    CHECK(poll_subs(g, in, 3, e) == 2 && e[0].userdata == 1 && e[0].nbytes == 5);
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 1000 * MS, 0);
    CHECK(poll_subs(g, in, 3, e) == 1 && e[0].type == WASI_EVENT_FD_READ);
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, FILE_RIGHTS, 0, &fd) == 0);
    CHECK(write_all(g, fd, "0123456789") == 0);
    uint32_t at = room(g, 8);
    CHECK(CALL(g, "fd_seek", fd, 4, WASI_WHENCE_SET, at) == 0);
    put_fd(g, in, 7, WASI_EVENT_FD_READ, fd);
    CHECK(poll_subs(g, in, 1, e) == 1 && e[0].nbytes == 6 && e[0].error == 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, WASI_R_FD_READ, 0) == 0);
    CHECK(poll_subs(g, in, 1, e) == 1 && e[0].error == WASI_ENOTCAPABLE);
}

static void poll_hangup(struct guest *g)
{
    struct event e[1];
    char buf[8];
    uint32_t in = room(g, WASI_SUBSCRIPTION_SIZE);
    (void)close(pipe_in[1]);
    pipe_in[1] = -1;
    put_fd(g, in, 1, WASI_EVENT_FD_READ, 0);
    CHECK(poll_subs(g, in, 1, e) == 1 && e[0].flags == WASI_EVENT_HANGUP && e[0].nbytes == 0);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && buf[0] == '\0');
}

static uint64_t host_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 * MS + (uint64_t)ts.tv_nsec;
}

/* A poll that is stopped, moved and issued again ends when it would have ended. */
static void poll_is_rolled_back(struct guest *g)
{
    struct asker asker;
    struct event e[2];
    uint32_t in = room(g, 2 * WASI_SUBSCRIPTION_SIZE);
    uint64_t start = wasi_monotonic_ns(g->w);
    uint64_t host_start = host_now();
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 60000 * MS, 0);
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 400 * MS, 0);
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    CHECK(poll_subs(g, in, 2, e) == SUSPENDED);
    stop_asking(&asker);
    uint64_t deadline = g->w->poll_deadline_ns;
    CHECK(g->w->poll_deadline_set && deadline >= start + 400 * MS);
    CHECK(wasi_monotonic_ns(g->w) < deadline);
    wasi_pause(g->w);
    (void)usleep(300000); /* somewhere on the way: no time passes for the guest */
    wasi_resume(g->w);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 2);
    uint64_t took = wasi_monotonic_ns(g->w) - start;
    CHECK(start + took >= deadline && start + took < deadline + 350 * MS);
    CHECK(host_now() - host_start >= took + 300 * MS);
    CHECK(!g->w->poll_deadline_set);
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 20 * MS, 0);
    CHECK(poll_subs(g, in + 48, 1, e) == 1 && wasi_monotonic_ns(g->w) - start >= took + 20 * MS);
}

static void poll_with_request_pending(struct guest *g)
{
    struct event e[1];
    uint32_t in = room(g, WASI_SUBSCRIPTION_SIZE);
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 10000 * MS, 0);
    g->exec.request = WASM_REQ_SUSPEND;
    CHECK(poll_subs(g, in, 1, e) == SUSPENDED);
    g->exec.request = WASM_REQ_CANCEL;
    CHECK(poll_subs(g, in, 1, e) == SUSPENDED);
    g->exec.request = WASM_REQ_COUNT; /* being counted is no reason to stop */
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 1 * MS, 0);
    CHECK(poll_subs(g, in, 1, e) == 1);
    g->exec.request = WASM_REQ_SUSPEND;
    put_clock(g, in, 1, WASI_CLOCK_MONOTONIC, 0, 0);
    CHECK(poll_subs(g, in, 1, e) == 1); /* it does not wait, so it need not stop */
    g->exec.request = 0;
}

/* ---- pipes ---------------------------------------------------------------- */

static void read_is_rolled_back(struct guest *g)
{
    struct asker asker;
    char buf[16];
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    CHECK(read_text(g, 0, buf, sizeof buf) == SUSPENDED);
    stop_asking(&asker);
    CHECK(write(pipe_in[1], "later", 5) == 5);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && strcmp(buf, "later") == 0);
}

static void *feed(void *arg)
{
    (void)arg;
    (void)usleep(30000);
    CHECK(write(pipe_in[1], "fed", 3) == 3);
    return NULL;
}

/* Signals that are not for us are no reason to stop. */
static void signals_alone_do_not_stop(struct guest *g)
{
    struct asker asker = {.g = g, .only_signal = true, .guest_thread = pthread_self()};
    pthread_t feeder;
    char buf[16];
    CHECK(pthread_create(&asker.thread, NULL, ask, &asker) == 0);
    CHECK(pthread_create(&feeder, NULL, feed, NULL) == 0);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && strcmp(buf, "fed") == 0);
    stop_asking(&asker);
    CHECK(pthread_join(feeder, NULL) == 0);
}

static void request_before_reading(struct guest *g)
{
    char buf[16];
    CHECK(write(pipe_in[1], "x", 1) == 1);
    g->exec.request = WASM_REQ_SUSPEND;
    CHECK(read_text(g, 0, buf, sizeof buf) == SUSPENDED);
    CHECK(write_all(g, 1, "x") == SUSPENDED);
    CHECK(g->w->fds[0]->count == 0 && g->w->fds[1]->count == 0);
    uint32_t fd = 0;
    CHECK(open_in(g, ROOT_FD, "f", 0, WASI_O_CREAT, FILE_RIGHTS, 0, &fd) == 0);
    CHECK(write_all(g, fd, "files do not wait") == 0);
    g->exec.request = 0;
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && strcmp(buf, "x") == 0);
}

/* What went into the pipe is reported; what did not is issued again: nothing lost or doubled. */
static void write_is_cut_then_rolled_back(struct guest *g)
{
    struct asker asker;
    uint32_t size = 3 * 65536;
    uint32_t at = 65536; /* the pattern itself, above everything else */
    uint32_t v = iov(g, at, size);
    uint32_t out = room(g, 4);
    uint32_t done = 0;
    int suspended = 0;
    for (uint32_t i = 0; i < size; i++)
        g->memory.base[at + i] = (uint8_t)(i * 31 + i / 251);
    while (suspended == 0) {
        put_le32(g->memory.base + v, at + done);
        put_le32(g->memory.base + v + 4, size - done);
        start_asking(&asker, g, WASM_REQ_SUSPEND);
        int rc = CALL(g, "fd_write", 1, v, 1, out);
        stop_asking(&asker);
        suspended += rc == SUSPENDED;
        CHECK(rc == 0 || rc == SUSPENDED);
        done += rc == 0 ? r32(g, out) : 0;
    }
    CHECK(done > 0 && done < size && g->w->fds[1]->count == done);
    static uint8_t buf[3 * 65536];
    uint32_t got = 0;
    while (got < done) {
        ssize_t n = read(pipe_out[0], buf + got, sizeof buf - got);
        if (!CHECK(n > 0))
            return;
        got += (uint32_t)n;
    }
    CHECK(got == done && memcmp(buf, g->memory.base + at, done) == 0);
}

static void nonblocking_stdio(struct guest *g)
{
    char buf[16];
    int before = fcntl(pipe_in[0], F_GETFL);
    CHECK(CALL(g, "fd_fdstat_set_flags", 0, WASI_FLAG_NONBLOCK) == 0);
    CHECK(CALL(g, "fd_fdstat_set_flags", 1, WASI_FLAG_NONBLOCK) == 0);
    CHECK(read_text(g, 0, buf, sizeof buf) == WASI_EAGAIN);
    CHECK(write(pipe_in[1], "now", 3) == 3);
    CHECK(read_text(g, 0, buf, sizeof buf) == 0 && strcmp(buf, "now") == 0);
    uint32_t out = room(g, 4);
    uint32_t total = 0;
    int rc;
    while ((rc = CALL(g, "fd_write", 1, iov(g, 65536, 65536), 1, out)) == 0 && total < 1u << 22)
        total += r32(g, out);
    CHECK(rc == WASI_EAGAIN && total >= 4096);
    CHECK(fcntl(pipe_in[0], F_GETFL) == before); /* the host's own flags are as they were */
}

static void fifo_in_a_directory(struct guest *g)
{
    char path[256];
    char buf[16];
    uint32_t fd = 0;
    struct asker asker;
    host_path(g, "root/fifo", path, sizeof path);
    CHECK(mkfifo(path, 0600) == 0);
    CHECK(open_in(g, ROOT_FD, "fifo", 0, 0, WASI_R_FD_WRITE, 0, &fd) == WASI_ENXIO);
    CHECK(open_in(g, ROOT_FD, "fifo", 0, 0, WASI_R_FD_READ, 0, &fd) == 0); /* and does not hang */
    int host = open(path, O_WRONLY);
    CHECK(host >= 0);
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    CHECK(read_text(g, fd, buf, sizeof buf) == SUSPENDED);
    stop_asking(&asker);
    CHECK(write(host, "fifo", 4) == 4);
    CHECK(read_text(g, fd, buf, sizeof buf) == 0 && strcmp(buf, "fifo") == 0);
    (void)close(host);
}

static const struct test_case pipes[] = {
    CASE(poll_clock),
    CASE(poll_absolute_clock),
    CASE(poll_bad_arguments),
    CASE(poll_many),
    CASE(poll_fds),
    CASE(poll_hangup),
    CASE(poll_is_rolled_back),
    CASE(poll_with_request_pending),
    CASE(read_is_rolled_back),
    CASE(signals_alone_do_not_stop),
    CASE(request_before_reading),
    CASE(write_is_cut_then_rolled_back),
    CASE(nonblocking_stdio),
    CASE(fifo_in_a_directory),
};

/* ---- sockets -------------------------------------------------------------- */

#define LISTENER_FD 4u

static struct sockaddr_in address;

static int listen_anywhere(void)
{
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address = (struct sockaddr_in){.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    return fd;
}

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static uint32_t accept_one(struct guest *g, uint32_t flags)
{
    uint32_t out = room(g, 4);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, flags, out) == 0);
    return r32(g, out);
}

static int receive(struct guest *g, uint32_t fd, uint32_t size, uint32_t flags, char *buf)
{
    uint32_t at = room(g, size + 1);
    uint32_t out = room(g, 8);
    int rc = CALL(g, "sock_recv", fd, iov(g, at, size), 1, flags, out, out + 4);
    if (rc == 0) {
        memcpy(buf, g->memory.base + at, r32(g, out));
        buf[r32(g, out)] = '\0';
    }
    return rc;
}

static int send_text(struct guest *g, uint32_t fd, const char *s)
{
    uint32_t out = room(g, 4);
    int rc = CALL(g, "sock_send", fd, iov(g, text(g, s), (uint32_t)strlen(s)), 1, 0, out);
    if (rc == 0)
        CHECK(r32(g, out) == strlen(s));
    return rc;
}

static void accept_and_talk(struct guest *g)
{
    char buf[64];
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    uint32_t st = room(g, 24);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && g->memory.base[st] == WASI_TYPE_STREAM);
    CHECK(send(peer, "hello", 5, 0) == 5);
    CHECK(receive(g, fd, 3, WASI_RECV_PEEK, buf) == 0 && strcmp(buf, "hel") == 0);
    CHECK(receive(g, fd, 32, 0, buf) == 0 && strcmp(buf, "hello") == 0);
    CHECK(send_text(g, fd, "world") == 0 && write_all(g, fd, "!") == 0);
    CHECK(recv(peer, buf, 6, MSG_WAITALL) == 6 && memcmp(buf, "world!", 6) == 0);
    CHECK(send(peer, "more", 4, 0) == 4 && read_text(g, fd, buf, 16) == 0);
    CHECK(strcmp(buf, "more") == 0);
    uint32_t out = room(g, 8);
    CHECK(CALL(g, "fd_seek", fd, 0, 0, out) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_tell", fd, out) == WASI_ENOTCAPABLE);
    (void)close(peer);
    CHECK(receive(g, fd, 32, 0, buf) == 0 && buf[0] == '\0');
}

static void *send_in_two(void *arg)
{
    int peer = *(int *)arg;
    CHECK(send(peer, "ab", 2, 0) == 2);
    (void)usleep(20000);
    CHECK(send(peer, "cd", 2, 0) == 2);
    return NULL;
}

static void receive_all(struct guest *g)
{
    char buf[16];
    pthread_t thread;
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    CHECK(pthread_create(&thread, NULL, send_in_two, &peer) == 0);
    CHECK(receive(g, fd, 4, WASI_RECV_WAITALL, buf) == 0 && strcmp(buf, "abcd") == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    (void)close(peer);
}

static void shutdown_halves(struct guest *g)
{
    char buf[16];
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    CHECK(CALL(g, "sock_shutdown", fd, 0) == WASI_EINVAL);
    CHECK(CALL(g, "sock_shutdown", fd, 4) == WASI_EINVAL);
    CHECK(CALL(g, "sock_shutdown", fd, WASI_SHUT_WR) == 0);
    CHECK(send_text(g, fd, "x") == WASI_EPIPE); /* and no SIGPIPE */
    CHECK(recv(peer, buf, 1, 0) == 0);
    CHECK(send(peer, "x", 1, 0) == 1 && receive(g, fd, 4, 0, buf) == 0 && buf[0] == 'x');
    CHECK(CALL(g, "sock_shutdown", fd, WASI_SHUT_RD | WASI_SHUT_WR) == 0);
    (void)close(peer);
}

static void socket_errors(struct guest *g)
{
    char buf[16];
    uint32_t out = room(g, 8);
    uint32_t fd = 0;
    CHECK(CALL(g, "sock_accept", ROOT_FD, 0, out) == WASI_ENOTSOCK);
    CHECK(CALL(g, "sock_shutdown", ROOT_FD, 1) == WASI_ENOTSOCK);
    CHECK(CALL(g, "sock_shutdown", LISTENER_FD, 1) == WASI_ENOTCONN);
    CHECK(receive(g, ROOT_FD, 1, 0, buf) == WASI_ENOTSOCK);
    CHECK(send_text(g, ROOT_FD, "x") == WASI_ENOTSOCK);
    CHECK(receive(g, LISTENER_FD, 1, 0, buf) == WASI_ENOTCONN);
    CHECK(send_text(g, LISTENER_FD, "x") == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 1, out) == WASI_EINVAL);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, MEM_SIZE - 3) == WASI_EFAULT);
    int peer = dial();
    fd = accept_one(g, 0);
    CHECK(CALL(g, "sock_accept", fd, 0, out) == WASI_ENOTCAPABLE);
    CHECK(receive(g, fd, 1, 4, buf) == WASI_EINVAL);
    CHECK(CALL(g, "sock_send", fd, iov(g, out, 1), 1, 1, out) == WASI_EINVAL);
    CHECK(CALL(g, "sock_send", fd, iov(g, MEM_SIZE, 1), 1, 0, out) == WASI_EFAULT);
    CHECK(CALL(g, "sock_recv", fd, iov(g, out, 1), 1, 0, out, MEM_SIZE - 1) == WASI_EFAULT);
    CHECK(CALL(g, "sock_recv", fd, iov(g, MEM_SIZE - 1, 2), 1, 0, out, out) == WASI_EFAULT);
    (void)close(peer);
}

static void socket_rights(struct guest *g)
{
    char buf[16];
    uint32_t out = room(g, 4);
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", fd, 0, 0) == 0);
    CHECK(receive(g, fd, 1, 0, buf) == WASI_ENOTCAPABLE &&
          send_text(g, fd, "x") == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "sock_shutdown", fd, 1) == WASI_ENOTCAPABLE);
    CHECK(CALL(g, "fd_fdstat_set_rights", LISTENER_FD, 0, 0) == 0);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, out) == WASI_ENOTCAPABLE);
    (void)close(peer);
}

/* Connections get only what the listener may pass on. */
static void socket_rights_are_passed_on(struct guest *g)
{
    uint32_t st = room(g, 24);
    CHECK(CALL(g, "fd_fdstat_get", LISTENER_FD, st) == 0);
    CHECK(CALL(g, "fd_fdstat_set_rights", LISTENER_FD, r64(g, st + 8), WASI_R_FD_READ) == 0);
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    CHECK(CALL(g, "fd_fdstat_get", fd, st) == 0 && r64(g, st + 8) == WASI_R_FD_READ);
    CHECK(send_text(g, fd, "x") == WASI_ENOTCAPABLE);
    (void)close(peer);
}

static void nonblocking_sockets(struct guest *g)
{
    char buf[16];
    uint32_t out = room(g, 4);
    CHECK(CALL(g, "fd_fdstat_set_flags", LISTENER_FD, WASI_FLAG_NONBLOCK) == 0);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, out) == WASI_EAGAIN);
    int peer = dial();
    uint32_t fd = accept_one(g, WASI_FLAG_NONBLOCK);
    CHECK(receive(g, fd, 4, 0, buf) == WASI_EAGAIN);
    CHECK(receive(g, fd, 4, WASI_RECV_WAITALL, buf) == WASI_EAGAIN);
    CHECK(read_text(g, fd, buf, 4) == WASI_EAGAIN);
    uint32_t v = iov(g, 65536, 65536);
    int rc;
    int rounds = 0;
    while ((rc = CALL(g, "sock_send", fd, v, 1, 0, out)) == 0 && rounds < 10000)
        rounds++;
    CHECK(rc == WASI_EAGAIN && rounds > 0);
    (void)close(peer);
}

static void accept_is_rolled_back(struct guest *g)
{
    struct asker asker;
    uint32_t out = room(g, 4);
    int64_t blocks = mem_live_blocks();
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, out) == SUSPENDED);
    stop_asking(&asker);
    CHECK(mem_live_blocks() == blocks);
    int peer = dial();
    uint32_t fd = accept_one(g, 0);
    char buf[16];
    start_asking(&asker, g, WASM_REQ_CANCEL);
    CHECK(receive(g, fd, 4, 0, buf) == SUSPENDED);
    stop_asking(&asker);
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    CHECK(read_text(g, fd, buf, 4) == SUSPENDED);
    stop_asking(&asker);
    start_asking(&asker, g, WASM_REQ_SUSPEND);
    uint32_t v = iov(g, 65536, 65536);
    int rc = 0;
    for (int i = 0; rc == 0 && i < 100000; i++)
        rc = CALL(g, "sock_send", fd, v, 1, 0, out);
    stop_asking(&asker);
    CHECK(rc == SUSPENDED);
    (void)close(peer);
}

static void poll_sockets(struct guest *g)
{
    struct event e[2];
    char buf[16];
    uint32_t in = room(g, 2 * WASI_SUBSCRIPTION_SIZE);
    put_fd(g, in, 1, WASI_EVENT_FD_READ, LISTENER_FD);
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 1 * MS, 0);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 2);
    int peer = dial();
    put_clock(g, in + 48, 2, WASI_CLOCK_MONOTONIC, 5000 * MS, 0);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 1);
    uint32_t fd = accept_one(g, 0);
    put_fd(g, in, 3, WASI_EVENT_FD_READ, fd);
    CHECK(send(peer, "abc", 3, 0) == 3);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 3 && e[0].nbytes == 3);
    CHECK(receive(g, fd, 8, 0, buf) == 0);
    (void)close(peer);
    CHECK(poll_subs(g, in, 2, e) == 1 && e[0].userdata == 3 && e[0].nbytes == 0);
}

static void accept_at_the_limit(struct guest *g)
{
    uint32_t out = room(g, 4);
    uint32_t fd = 0;
    while (open_in(g, ROOT_FD, ".", 0, 0, 0, 0, &fd) == 0 && fd < 100)
        continue;
    int peer = dial();
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, out) == WASI_EMFILE);
    CHECK(CALL(g, "fd_close", 6) == 0); /* the connection still waits */
    CHECK(CALL(g, "sock_accept", LISTENER_FD, 0, out) == 0 && r32(g, out) == 6);
    (void)close(peer);
}

static const struct test_case sockets[] = {
    CASE(accept_and_talk),     CASE(receive_all),           CASE(shutdown_halves),
    CASE(socket_errors),       CASE(socket_rights),         CASE(socket_rights_are_passed_on),
    CASE(nonblocking_sockets), CASE(accept_is_rolled_back), CASE(poll_sockets),
    CASE(accept_at_the_limit),
};

static void run_pipes(void)
{
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++) {
        CHECK(pipe(pipe_in) == 0 && pipe(pipe_out) == 0);
        const struct world world = {.stdio = {pipe_in[0] + 1, pipe_out[1] + 1, pipe_out[1] + 1}};
        run_cases(&pipes[i], 1, &world, "pipe");
        for (int end = 0; end < 2; end++) {
            (void)close(pipe_in[end]);
            (void)close(pipe_out[end]);
        }
    }
}

static void run_sockets(void)
{
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        const struct world world = {.listener = listen_anywhere() + 1, .fds_max = 16};
        run_cases(&sockets[i], 1, &world, "socket");
    }
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART */
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    run_pipes();
    run_sockets();
    return report("wasi waiting");
}
