/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setjmp and longjmp for cloudskin-cc --jumps.
 *
 * wasm-opt --asyncify rewrites every function between main and setjmp so that it can write
 * its locals to a buffer and return ("unwind"), and later be called again and go on where it
 * was ("rewind"). setjmp unwinds to the driver around main, which keeps a copy of the buffer
 * and rewinds; longjmp unwinds and rewinds from the copy. Both cost time in proportion to the
 * depth of the call stack. The three functions that change state are left alone by wasm-opt
 * because they call its intrinsics.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_BYTES_MAX (1u << 18)

#define ASYNCIFY(name) __attribute__((import_module("asyncify"), import_name(name)))
struct unwind_buffer {
    char *top;
    char *end;
};
ASYNCIFY("start_unwind") void unwind_start(struct unwind_buffer *buffer);
ASYNCIFY("stop_unwind") void unwind_stop(void);
ASYNCIFY("start_rewind") void rewind_start(struct unwind_buffer *buffer);
ASYNCIFY("stop_rewind") void rewind_stop(void);

char *cloudskin_stack_get(void);
void cloudskin_stack_set(char *pointer);

/* One saved point. A jmp_buf may be uninitialised memory, so nothing is stored in it: its
 * address is the key. Points whose jmp_buf was on a part of the stack that has been left are
 * dropped when the next one is made. */
struct point {
    struct point *next;
    struct cloudskin_jump *env;
    char *stack;
    char *frames;
    size_t size_bytes;
};

enum phase {
    RUNNING,
    CAPTURING,
    RETURNING
};

static enum phase phase;
static struct point *points;
static struct point *target;
static int target_value;
static struct unwind_buffer buffer;
static char frames[FRAMES_BYTES_MAX];
extern char __global_base[]; /* the linker's: the stack ends here (--stack-first) */

static void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    abort();
}

static void drop_dead_points(const struct cloudskin_jump *env, const char *stack)
{
    struct point **link = &points;
    while (*link) {
        struct point *p = *link;
        const char *at = (const char *)p->env;
        bool dead = at < __global_base && at < stack;
        if (p->env == env || dead) {
            *link = p->next;
            free(p->frames);
            free(p);
        } else {
            link = &p->next;
        }
    }
}

int cloudskin_setjmp(struct cloudskin_jump *env);
void cloudskin_longjmp(struct cloudskin_jump *env, int value);

__attribute__((noinline)) int cloudskin_setjmp(struct cloudskin_jump *env)
{
    if (phase == RUNNING) {
        char *stack = cloudskin_stack_get();
        drop_dead_points(env, stack);
        struct point *p = calloc(1, sizeof(*p));
        if (!p)
            die("setjmp: out of memory");
        p->env = env;
        p->stack = stack;
        p->next = points;
        points = p;
        target = p;
        target_value = 0;
        phase = CAPTURING;
        unwind_start(&buffer);
        return 0;
    }
    rewind_stop();
    phase = RUNNING;
    return target_value;
}

/* Declared noreturn to its callers; it does return, while the stack unwinds. */
__attribute__((noinline)) void cloudskin_longjmp(struct cloudskin_jump *env, int value)
{
    struct point *p = points;
    while (p && p->env != env)
        p = p->next;
    if (!p)
        die("longjmp: this buffer was never set, or its function has returned");
    target = p;
    target_value = value ? value : 1;
    phase = RETURNING;
    unwind_start(&buffer);
}

static void reset_buffer(void)
{
    buffer.top = frames;
    buffer.end = frames + sizeof(frames);
}

static void prepare_rewind(void)
{
    if (phase == CAPTURING) {
        target->size_bytes = (size_t)(buffer.top - frames);
        target->frames = malloc(target->size_bytes);
        if (!target->frames)
            die("setjmp: out of memory");
        memcpy(target->frames, frames, target->size_bytes);
    } else {
        memcpy(frames, target->frames, target->size_bytes);
        buffer.top = frames + target->size_bytes;
    }
}

int __real___original_main(void);
int __wrap___original_main(void);

/* The driver. Not rewritten: it is where unwinding ends and rewinding starts. */
__attribute__((noinline)) int __wrap___original_main(void)
{
    reset_buffer();
    int status = __real___original_main();
    while (phase != RUNNING) {
        unwind_stop();
        prepare_rewind();
        cloudskin_stack_set(target->stack);
        rewind_start(&buffer);
        status = __real___original_main();
    }
    return status;
}
