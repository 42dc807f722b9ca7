/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/control.h"
#include "cli/file.h"

#define REPEAT_US 1000 /* between signals after the time is up */

/* ---- time limit --------------------------------------------------------------------- */

static struct wasm_exec *timed_exec; /* what the signal handler may touch */
static volatile sig_atomic_t timed_out;

static void on_alarm(int signal)
{
    (void)signal;
    timed_out = 1;
    wasm_exec_interrupt(timed_exec, true);
}

/* The signal comes again and again, so that a blocking system call ends whichever
 * moment the first one met. */
static void start_timer(struct cell *cell, uint64_t ns)
{
    struct sigaction action = {.sa_handler = on_alarm};
    uint64_t us = ns / 1000 != 0 ? ns / 1000 : 1;
    struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)},
        .it_interval = {.tv_usec = REPEAT_US},
    };
    sigset_t alarm;
    timed_exec = cell->exec;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigemptyset(&alarm);
    (void)sigaddset(&alarm, SIGALRM);
    (void)pthread_sigmask(SIG_UNBLOCK, &alarm, NULL); /* our parent may have blocked it */
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void stop_timer(void)
{
    struct itimerval off = {0};
    (void)setitimer(ITIMER_REAL, &off, NULL);
}

/* ---- images ---------------------------------------------------------------------------- */

static int write_image(struct session *s, int fd, bool with_module, bool with_files,
                       uint64_t *ret_bytes, struct csk_error *err)
{
    struct cli_stream stream;
    const struct cell_freeze_options options = {.with_module = with_module,
                                                .with_files = with_files};
    if (cli_stream_init(&stream, fd) != 0)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    int rc = cell_freeze(s->cell, &options, cli_stream_write, &stream, err);
    if (rc == 0)
        rc = cli_stream_flush(&stream);
    if (rc != 0 && stream.error != 0) {
        error_clear(err);
        rc = error_set(err, CSK_E_IO, "writing the image: %s", strerror(stream.error));
    }
    if (rc == 0)
        *ret_bytes = stream.total;
    cli_stream_fini(&stream);
    return rc;
}

static int write_for_control(void *user, const struct control_request *request, uint64_t *ret_bytes,
                             struct csk_error *err)
{
    struct session *s = user;
    bool with_module = request->has_with_module ? request->with_module : s->with_module;
    bool with_files = request->with_files || s->options->with_files;
    return write_image(s, request->image_fd, with_module, with_files, ret_bytes, err);
}

/* The image that --checkpoint-after asked for. */
static int checkpoint(struct session *s)
{
    struct cli_output output;
    struct csk_error err = {0};
    uint64_t bytes = 0;
    const char *path = s->options->output;
    if (cli_output_open(path, &output) != 0)
        return cli_fail_errno(CLI_CELL_FAILED, "cannot write", path);
    int rc = write_image(s, output.fd, s->with_module, s->options->with_files, &bytes, &err);
    if (rc != 0) {
        cli_output_abandon(&output);
        return cli_fail_error(CLI_CELL_FAILED, path, &err);
    }
    if (cli_output_commit(&output, false) != 0)
        return cli_fail_errno(CLI_CELL_FAILED, "cannot write", path);
    cli_note("checkpoint: %s: %" PRIu64 " bytes at safepoint %" PRIu64, path, bytes,
             cell_safepoints(s->cell));
    return CLI_OK;
}

/* ---- outcomes ------------------------------------------------------------------------------ */

static int cancelled(const struct session *s)
{
    if (timed_out != 0)
        return cli_fail(CLI_TIMED_OUT, "out of time: %s: the limit is %s", s->path,
                        s->options->timeout_text);
    return cli_fail(CLI_CELL_FAILED, "cancelled: %s", s->path);
}

/* What an outcome that is not a suspension means for our caller. */
static int finish(const struct session *s, const struct csk_outcome *outcome)
{
    switch (outcome->kind) {
    case CSK_DONE:
        return session_print_results(s->cell);
    case CSK_EXITED:
        return (int)(outcome->exit_code & 0xff);
    case CSK_TRAPPED:
        session_print_trap(s->cell, s->path);
        return CLI_TRAPPED;
    case CSK_OUT_OF_FUEL:
        return cli_fail(CLI_OUT_OF_FUEL, "out of fuel: %s: %" PRIu64 " safepoints passed", s->path,
                        cell_safepoints(s->cell));
    default:
        return cancelled(s);
    }
}

static void print_stats(const struct session *s, uint64_t started_ns)
{
    uint64_t pages = 0;
    for (uint32_t i = 0; i < s->cell->module->nmemories; i++)
        pages += s->cell->inst->memories[i]->pages;
    cli_note("stats: %s: safepoints %" PRIu64 ", memory %" PRIu64 " bytes, %" PRIu64 " us", s->path,
             cell_safepoints(s->cell), pages * WASM_PAGE_SIZE, (cli_now_ns() - started_ns) / 1000);
}

static int run_on(struct session *s, struct control *control)
{
    struct csk_outcome outcome;
    struct csk_error err = {0};
    for (;;) {
        if (cell_run(s->cell, &outcome, &err) != 0)
            return cli_fail_error(CLI_CELL_FAILED, s->path, &err);
        if (outcome.kind != CSK_SUSPENDED)
            return finish(s, &outcome);
        bool reached = cell_stop_reached(s->cell);
        if (control != NULL && control_pending(control) &&
            control_serve(control, write_for_control, s))
            return CLI_CHECKPOINTED;
        if (reached)
            return checkpoint(s);
        /* Otherwise a request that somebody else has served, or took back. */
    }
}

int session_run(struct session *s)
{
    const struct cell_options *o = s->options;
    struct control *control = NULL;
    uint64_t started_ns = cli_now_ns();
    if (o->has_checkpoint && o->checkpoint_after == 0)
        return checkpoint(s);
    if (o->name != NULL) {
        (void)snprintf(s->cell->name, sizeof s->cell->name, "%s", o->name);
        int status = control_start(s->cell, o->name, s->path, &control);
        if (status != 0)
            return status;
    }
    /* Counting needs a bound, and for the figures one that is never met does. */
    uint64_t unbounded = o->stats ? UINT64_MAX / 2 : 0;
    cell_stop_after(s->cell, o->has_checkpoint ? o->checkpoint_after : unbounded);
    if (o->has_fuel)
        cell_set_fuel(s->cell, o->fuel);
    if (o->timeout_ns != 0)
        start_timer(s->cell, o->timeout_ns);
    int status = run_on(s, control);
    if (o->timeout_ns != 0)
        stop_timer();
    control_stop(control);
    if (o->stats)
        print_stats(s, started_ns);
    return status;
}
