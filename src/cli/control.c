/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/rundir.h"

/*
 * The protocol, one message each way at a time:
 *
 *   status                           -> pid N, state S, uptime_ns N, memory_bytes N, module TEXT
 *   checkpoint + fd                  -> error TEXT
 *     [leave-running 1]                 or written N, frozen_ns N, safepoints N
 *     [with-files 1]
 *     [with-module 0|1]
 *   commit (not when leaving running) -> done
 */

#define RESEND_NS        1000000L /* between signals that end a blocking call */
#define COMMIT_WAIT_MS   30000    /* a client that has the image but does not say so */
#define LAST_WORDS_MS    1000     /* for telling a client that the cell ended first */
#define THREAD_STACK     (256u << 10)
#define MODULE_TEXT_MAX  1024u
#define INTERRUPT_SIGNAL SIGURG

enum state {
    RUNNING,
    ASKED,   /* the control thread wants an image */
    WRITING, /* the running thread is at it */
    WRITTEN, /* there is a result; the running thread waits for the verdict */
    GO_ON,   /* verdict: run on */
    LEAVE,   /* verdict: the image is in place, end here */
    ENDED,   /* the cell ended by itself */
};

struct control {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* `state` or `busy` */
    enum state state;
    bool busy;     /* a client waits for an answer about its checkpoint */
    bool stopping; /* serve nobody any more */
    int client_fd; /* being served, or -1 */
    struct control_request request;
    int result;
    struct csk_error error;
    uint64_t image_bytes;
    uint64_t safepoints;
    uint64_t stopped_ns; /* when the running thread stopped */

    pthread_t thread;
    pthread_t runner;
    struct cell *cell;
    int dir_fd;
    int listen_fd;
    uint64_t started_ns;
    char name[CELL_NAME_MAX + 1];
    char module[MODULE_TEXT_MAX];
};

static void set_state(struct control *c, enum state state)
{
    c->state = state;
    (void)pthread_cond_broadcast(&c->changed);
}

/* Wait for a change for at most `ns`; the lock is held. */
static void wait_changed(struct control *c, uint64_t ns)
{
    uint64_t until = cli_now_ns() + ns;
    struct timespec ts = {.tv_sec = (time_t)(until / UINT64_C(1000000000)),
                          .tv_nsec = (long)(until % UINT64_C(1000000000))};
    (void)pthread_cond_timedwait(&c->changed, &c->lock, &ts);
}

/* ---- the control thread ------------------------------------------------------------- */

static uint64_t memory_bytes(const struct control *c)
{
    const struct wasm_instance *inst = c->cell->inst;
    uint64_t pages = 0;
    for (uint32_t i = 0; i < inst->module->nmemories; i++)
        pages += __atomic_load_n(&inst->memories[i]->pages, __ATOMIC_RELAXED);
    return pages * WASM_PAGE_SIZE;
}

static void answer_status(struct control *c, int fd)
{
    char text[RUNDIR_MESSAGE_MAX];
    (void)snprintf(
        text, sizeof text,
        "pid %ld\nstate %s\nuptime_ns %" PRIu64 "\nmemory_bytes %" PRIu64 "\nmodule %s\n",
        (long)getpid(), "running", cli_now_ns() - c->started_ns, memory_bytes(c), c->module);
    (void)rundir_send(fd, text, -1);
}

static void answer_error(int fd, const char *text)
{
    char message[RUNDIR_MESSAGE_MAX];
    (void)snprintf(message, sizeof message, "error %s\n", text);
    (void)rundir_send(fd, message, -1);
}

static void parse_request(const char *text, int image_fd, struct control_request *ret_request)
{
    char value[8];
    *ret_request = (struct control_request){.image_fd = image_fd};
    ret_request->leave_running = rundir_field(text, "leave-running", value, sizeof value);
    ret_request->with_files = rundir_field(text, "with-files", value, sizeof value);
    ret_request->has_with_module = rundir_field(text, "with-module", value, sizeof value);
    ret_request->with_module = ret_request->has_with_module && value[0] == '1';
}

/* Ask until the running thread is there or the cell has ended; true: an image or an
 * error is there. The lock is held. */
static bool ask(struct control *c)
{
    while (c->state == GO_ON) /* the last verdict has not reached the running thread yet */
        (void)pthread_cond_wait(&c->changed, &c->lock);
    if (c->state != RUNNING)
        return false;
    set_state(c, ASKED);
    while (c->state == ASKED) {
        wasm_exec_interrupt(c->cell->exec, false);
        (void)pthread_kill(c->runner, INTERRUPT_SIGNAL);
        wait_changed(c, RESEND_NS);
    }
    while (c->state == WRITING)
        (void)pthread_cond_wait(&c->changed, &c->lock);
    return c->state == WRITTEN;
}

static void answer_written(struct control *c, int fd)
{
    char text[RUNDIR_MESSAGE_MAX];
    (void)snprintf(text, sizeof text,
                   "written %" PRIu64 "\nfrozen_ns %" PRIu64 "\nsafepoints %" PRIu64 "\n",
                   c->image_bytes, cli_now_ns() - c->stopped_ns, c->safepoints);
    (void)rundir_send(fd, text, -1);
}

/* The client has put the image in place. */
static bool committed(int fd)
{
    char text[RUNDIR_MESSAGE_MAX];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, COMMIT_WAIT_MS) == 1 && rundir_receive(fd, text, NULL) > 0 &&
           strcmp(text, "commit\n") == 0;
}

static void answer_checkpoint(struct control *c, int fd)
{
    (void)pthread_mutex_lock(&c->lock);
    c->busy = true;
    bool there = ask(c);
    if (!there) {
        answer_error(fd, "the cell ended before it could be stopped");
    } else if (c->result != 0) {
        answer_error(fd, c->error.text);
        set_state(c, GO_ON);
    } else if (c->request.leave_running) {
        set_state(c, GO_ON);
        answer_written(c, fd);
    } else {
        (void)pthread_mutex_unlock(&c->lock);
        answer_written(c, fd); /* the running thread waits: nothing changes */
        bool leave = committed(fd);
        (void)pthread_mutex_lock(&c->lock);
        if (leave)
            (void)rundir_send(fd, "done\n", -1);
        set_state(c, leave ? LEAVE : GO_ON);
    }
    c->busy = false;
    (void)pthread_cond_broadcast(&c->changed);
    (void)pthread_mutex_unlock(&c->lock);
}

static bool same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void answer(struct control *c, int fd)
{
    char text[RUNDIR_MESSAGE_MAX];
    int image_fd = -1;
    struct timeval limit = {.tv_sec = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (!same_user(fd) || rundir_receive(fd, text, &image_fd) <= 0)
        goto out;
    if (strcmp(text, "status\n") == 0) {
        answer_status(c, fd);
    } else if (strncmp(text, "checkpoint\n", 11) == 0 && image_fd >= 0) {
        parse_request(text, image_fd, &c->request);
        answer_checkpoint(c, fd);
    } else {
        answer_error(fd, "unknown request");
    }
out:
    if (image_fd >= 0)
        (void)close(image_fd);
}

/* So that control_stop() can end a conversation; false when it already has. */
static bool set_client(struct control *c, int fd)
{
    (void)pthread_mutex_lock(&c->lock);
    c->client_fd = fd;
    bool go = !c->stopping;
    (void)pthread_mutex_unlock(&c->lock);
    return go;
}

static void *serve_socket(void *user)
{
    struct control *c = user;
    for (;;) {
        int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            return NULL; /* control_stop() has shut the socket down */
        if (set_client(c, fd))
            answer(c, fd);
        (void)set_client(c, -1);
        (void)close(fd);
    }
}

/* ---- the running thread ---------------------------------------------------------------- */

static void on_interrupt(int signal)
{
    (void)signal; /* being delivered is its purpose: it ends a blocking system call */
}

static int start_thread(struct control *c)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    pthread_attr_t attr;
    sigset_t all;
    sigset_t before;
    sigset_t interrupt;
    (void)sigaction(INTERRUPT_SIGNAL, &action, NULL);
    (void)sigemptyset(&interrupt);
    (void)sigaddset(&interrupt, INTERRUPT_SIGNAL);
    (void)pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL); /* our parent may have blocked it */
    (void)sigfillset(&all);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, THREAD_STACK);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&c->thread, &attr, serve_socket, c);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return rc;
}

static void copy_clean(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from);
    for (char *p = to; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?'; /* a line of a message */
    }
}

static struct control *control_new(struct cell *cell, const char *name, const char *module_path)
{
    struct control *c = mem_calloc(1, sizeof *c);
    pthread_condattr_t attr;
    if (c == NULL)
        return NULL;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&c->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    c->client_fd = -1;
    c->runner = pthread_self();
    c->cell = cell;
    c->started_ns = cli_now_ns();
    copy_clean(c->name, sizeof c->name, name);
    copy_clean(c->module, sizeof c->module, module_path);
    return c;
}

static void control_free(struct control *c)
{
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->lock);
    (void)close(c->listen_fd);
    (void)close(c->dir_fd);
    mem_free(c);
}

int control_start(struct cell *cell, const char *name, const char *module_path,
                  struct control **ret_control)
{
    bool absent;
    int dir_fd = rundir_open(true, &absent, CLI_CELL_FAILED);
    if (dir_fd < 0)
        return CLI_CELL_FAILED;
    int listen_fd = rundir_claim(dir_fd, name);
    if (listen_fd < 0) {
        int status =
            errno == EEXIST
                ? cli_fail(CLI_CELL_FAILED, "name in use: %s: a cell of this name runs", name)
                : cli_fail_errno(CLI_CELL_FAILED, "cannot take the name", name);
        (void)close(dir_fd);
        return status;
    }
    struct control *c = control_new(cell, name, module_path);
    if (c == NULL) {
        rundir_release(dir_fd, name);
        (void)close(listen_fd);
        (void)close(dir_fd);
        return cli_fail(CLI_CELL_FAILED, "out of memory: while naming the cell");
    }
    c->dir_fd = dir_fd;
    c->listen_fd = listen_fd;
    if (start_thread(c) != 0) {
        rundir_release(dir_fd, name);
        control_free(c);
        return cli_fail(CLI_CELL_FAILED, "cannot start a thread: %s", name);
    }
    *ret_control = c;
    return 0;
}

bool control_pending(struct control *c)
{
    (void)pthread_mutex_lock(&c->lock);
    bool pending = c->state == ASKED;
    (void)pthread_mutex_unlock(&c->lock);
    return pending;
}

bool control_serve(struct control *c, control_write_fn *write, void *user)
{
    uint64_t bytes = 0;
    (void)pthread_mutex_lock(&c->lock);
    c->stopped_ns = cli_now_ns();
    set_state(c, WRITING);
    (void)pthread_mutex_unlock(&c->lock);
    error_clear(&c->error);
    int rc = write(user, &c->request, &bytes, &c->error);
    (void)pthread_mutex_lock(&c->lock);
    c->result = rc;
    c->image_bytes = bytes;
    c->safepoints = cell_safepoints(c->cell);
    set_state(c, WRITTEN);
    while (c->state == WRITTEN)
        (void)pthread_cond_wait(&c->changed, &c->lock);
    bool leave = c->state == LEAVE;
    if (!leave)
        set_state(c, RUNNING);
    (void)pthread_mutex_unlock(&c->lock);
    return leave;
}

void control_stop(struct control *c)
{
    if (c == NULL)
        return;
    rundir_release(c->dir_fd, c->name);
    uint64_t until = cli_now_ns() + LAST_WORDS_MS * UINT64_C(1000000);
    (void)pthread_mutex_lock(&c->lock);
    set_state(c, ENDED);
    while (c->busy && cli_now_ns() < until)
        wait_changed(c, RESEND_NS);
    c->stopping = true;
    if (c->client_fd >= 0)
        (void)shutdown(c->client_fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&c->lock);
    (void)shutdown(c->listen_fd, SHUT_RDWR);
    (void)pthread_join(c->thread, NULL);
    control_free(c);
}
