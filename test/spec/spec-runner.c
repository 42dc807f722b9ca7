/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs the WebAssembly core test suite as test/spec/convert.py wrote it.
 *
 *     spec-runner FOLDER [--class base|3.0] [--list FILE] [--only NAME] [--at-least N]
 *                 [--without PREFIX] [--verbose]
 *
 * Every command except `register` is an assertion and is counted, as the suite's manifest
 * does: modules must load, instantiate and start, actions must return. Files of class
 * "base" must pass completely for exit status 0; of others at least N assertions must. Exit
 * status 77 when there are no data.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "spec/host.h"
#include "spec/value.h"
#include "wasm/exec.h"
#include "wasm/instance.h"
#include "wasm/valtype.h"

#define LINE_MAX_BYTES   16384
#define TOKENS_MAX       2048
#define NAME_MAX_BYTES   1024
#define INSTANCES_MAX    1024
#define ARG_SLOTS_MAX    64
#define FAILURES_SHOWN   20
#define PATH_BYTES       4096
#define MODULE_BYTES_MAX ((long)64 << 20)

struct name {
    char text[NAME_MAX_BYTES];
    uint32_t len;
};

struct loaded {
    struct name name;       /* "$M" in the script, may be empty */
    struct name registered; /* what others import it as */
    bool is_registered;
    struct wasm_module *module;
    struct wasm_instance *inst; /* NULL when instantiation failed */
};

/* What a script builds up; thrown away after each file. */
struct world {
    struct wasm_engine *engine;
    struct wasm_exec *exec;
    struct spec_host *host;
    struct loaded loaded[INSTANCES_MAX];
    uint32_t nloaded;
    int32_t current; /* the last module that was instantiated, -1: none */
    const char *folder;
    char why[512]; /* of the last failure */
};

enum verdict {
    PASSED,
    FAILED,
    SKIPPED
};

struct tally {
    uint32_t count[3];
    uint32_t files;
    uint32_t whole; /* files without failure or skip */
};

/* ---- tokens ------------------------------------------------------------------------ */

struct tokens {
    char *text[TOKENS_MAX];
    uint32_t count;
    uint32_t next;
};

static void tokens_split(struct tokens *t, char *line)
{
    t->count = t->next = 0;
    char *p = line + strspn(line, " \n");
    while (*p != '\0' && t->count < TOKENS_MAX) {
        t->text[t->count++] = p;
        p += strcspn(p, " \n");
        if (*p != '\0')
            *p++ = '\0';
        p += strspn(p, " \n");
    }
}

/* "" at the end. */
static const char *take(struct tokens *t)
{
    return t->next < t->count ? t->text[t->next++] : "";
}

static uint32_t take_number(struct tokens *t)
{
    return (uint32_t)strtoul(take(t), NULL, 10);
}

static unsigned hex_digit(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

static void take_name(struct tokens *t, struct name *ret)
{
    const char *p = take(t);
    uint32_t n = 0;
    for (p += *p == '='; *p != '\0' && n < NAME_MAX_BYTES - 1; p++) {
        if (p[0] == '%' && p[1] != '\0' && p[2] != '\0') {
            ret->text[n++] = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
            p += 2;
        } else {
            ret->text[n++] = *p;
        }
    }
    ret->text[n] = '\0';
    ret->len = n;
}

static bool name_is(const struct name *a, const char *p, uint32_t len)
{
    return a->len == len && memcmp(a->text, p, len) == 0;
}

/* ---- loading ------------------------------------------------------------------------- */

static enum verdict fail(struct world *w, const char *what, const char *detail)
{
    (void)snprintf(w->why, sizeof w->why, "%.100s: %.380s", what, detail);
    return FAILED;
}

/* The file's bytes, to be freed; NULL when it cannot be read. */
static void *read_file(const char *folder, const char *name, size_t *ret_size)
{
    char path[PATH_BYTES];
    void *bytes = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    if (size >= 0 && size <= MODULE_BYTES_MAX && fseek(f, 0, SEEK_SET) == 0)
        bytes = mem_alloc((size_t)size);
    if (bytes != NULL && fread(bytes, 1, (size_t)size, f) != (size_t)size) {
        mem_free(bytes);
        bytes = NULL;
    }
    (void)fclose(f);
    if (bytes != NULL)
        *ret_size = (size_t)size;
    return bytes;
}

static int load_module(struct world *w, const char *file, struct wasm_module **ret_module,
                       struct csk_error *err)
{
    size_t size;
    void *bytes = read_file(w->folder, file, &size);
    if (bytes == NULL)
        return error_set(err, CSK_E_IO, "cannot read %s", file);
    int r = wasm_module_load(w->engine, bytes, size, true, ret_module, err);
    mem_free(bytes);
    return r;
}

static bool find_in(struct loaded *l, const char *p, uint32_t len, struct wasm_extern *ret)
{
    for (uint32_t i = 0; i < l->module->nexports; i++) {
        const struct wasm_export *e = &l->module->exports[i];
        if (e->name.len != len || memcmp(e->name.p, p, len) != 0)
            continue;
        ret->kind = e->kind;
        switch (e->kind) {
        case WASM_FUNC:
            ret->of.func = l->inst->funcs[e->index];
            return true;
        case WASM_TABLE:
            ret->of.table = l->inst->tables[e->index];
            return true;
        case WASM_MEMORY:
            ret->of.memory = l->inst->memories[e->index];
            return true;
        default:
            ret->of.global = l->inst->globals[e->index];
            return true;
        }
    }
    return false;
}

static struct loaded *find_registered(struct world *w, struct wasm_name name)
{
    for (uint32_t i = w->nloaded; i-- > 0;) {
        struct loaded *l = &w->loaded[i];
        if (l->is_registered && l->inst != NULL && name_is(&l->registered, name.p, name.len))
            return l;
    }
    return NULL;
}

/* Leaves a null extern of the wanted kind when nobody exports it. An export of the name
 * but of another kind is passed on: the engine has to notice. */
static void resolve(struct world *w, const struct wasm_import *import, struct wasm_extern *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->kind = import->kind;
    struct loaded *l = find_registered(w, import->module);
    if (l != NULL) {
        (void)find_in(l, import->field.p, import->field.len, ret);
        return;
    }
    if (import->module.len != 8 || memcmp(import->module.p, "spectest", 8) != 0)
        return;
    struct name field = {.len = import->field.len < NAME_MAX_BYTES ? import->field.len : 0};
    memcpy(field.text, import->field.p, field.len);
    for (uint8_t kind = WASM_FUNC; kind <= WASM_GLOBAL; kind++) {
        if (spec_host_find(w->host, field.text, kind, ret))
            return;
    }
    ret->kind = import->kind;
}

static int instantiate(struct world *w, struct loaded *l, struct csk_error *err)
{
    uint32_t n = l->module->nimports;
    struct wasm_extern *imports = mem_calloc(n, sizeof *imports);
    if (imports == NULL)
        return error_set(err, CSK_E_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        resolve(w, &l->module->imports[i], &imports[i]);
    int r = wasm_instance_new(l->module, imports, &l->inst, err);
    mem_free(imports);
    return r;
}

static int call(struct world *w, struct wasm_func *func, const uint64_t *slots,
                struct csk_outcome *ret_outcome)
{
    wasm_exec_reset(w->exec);
    int r = wasm_exec_call(w->exec, func, slots);
    return r != 0 ? r : wasm_exec_run(w->exec, ret_outcome);
}

/* Segments and the start function. */
static int start(struct world *w, struct loaded *l, struct csk_outcome *ret_outcome)
{
    *ret_outcome = (struct csk_outcome){.kind = CSK_DONE};
    int trap = wasm_instance_init_segments(l->inst);
    if (trap != 0) {
        *ret_outcome = (struct csk_outcome){.kind = CSK_TRAPPED, .trap = (enum csk_trap)trap};
        return 0;
    }
    if (!l->module->has_start)
        return 0;
    return call(w, l->inst->funcs[l->module->start_func], NULL, ret_outcome);
}

/* Adds to the world even what does not start: its functions may be in others' tables. */
static struct loaded *load(struct world *w, const char *file, int *ret_error,
                           struct csk_outcome *ret_outcome, struct csk_error *err)
{
    if (w->nloaded == INSTANCES_MAX) {
        *ret_error = error_set(err, CSK_E_LIMIT, "too many modules in a script");
        return NULL;
    }
    struct loaded *l = &w->loaded[w->nloaded];
    memset(l, 0, sizeof *l);
    *ret_error = load_module(w, file, &l->module, err);
    if (*ret_error != 0)
        return NULL;
    w->nloaded++;
    *ret_error = instantiate(w, l, err);
    if (*ret_error == 0)
        *ret_error = start(w, l, ret_outcome);
    return l;
}

static void world_fini(struct world *w)
{
    for (uint32_t i = w->nloaded; i-- > 0;) /* importers before what they import from */
        wasm_instance_free(w->loaded[i].inst);
    for (uint32_t i = 0; i < w->nloaded; i++)
        wasm_module_free(w->loaded[i].module);
    spec_host_free(w->host);
    wasm_exec_free(w->exec);
    wasm_engine_free(w->engine);
}

static int world_init(struct world *w, const char *folder)
{
    w->engine = NULL;
    w->exec = NULL;
    w->host = NULL;
    w->nloaded = 0;
    w->current = -1;
    w->folder = folder;
    int r = wasm_engine_new(NULL, &w->engine);
    if (r == 0)
        r = wasm_exec_new(w->engine, &w->exec);
    if (r == 0)
        r = spec_host_new(w->engine, &w->host);
    return r;
}

/* ---- commands ---------------------------------------------------------------------------- */

static const char *outcome_text(const struct csk_outcome *o)
{
    return o->kind == CSK_TRAPPED ? csk_trap_text(o->trap) : "ended neither by return nor trap";
}

static enum verdict run_module(struct world *w, struct tokens *t)
{
    struct name name, file;
    struct csk_error err = {0};
    struct csk_outcome outcome = {.kind = CSK_DONE};
    int r;
    take_name(t, &name);
    take_name(t, &file);
    w->current = -1;
    struct loaded *l = load(w, file.text, &r, &outcome, &err);
    if (r != 0)
        return fail(w, csk_strerror(r), err.text);
    if (outcome.kind != CSK_DONE)
        return fail(w, "start", outcome_text(&outcome));
    l->name = name;
    w->current = (int32_t)(l - w->loaded);
    return PASSED;
}

static struct loaded *find_module(struct world *w, const struct name *name)
{
    if (name->len == 0)
        return w->current >= 0 ? &w->loaded[w->current] : NULL;
    for (uint32_t i = w->nloaded; i-- > 0;) {
        if (w->loaded[i].inst != NULL && name_is(&w->loaded[i].name, name->text, name->len))
            return &w->loaded[i];
    }
    return NULL;
}

static void run_register(struct world *w, struct tokens *t)
{
    struct name name, as;
    take_name(t, &name);
    take_name(t, &as);
    struct loaded *l = find_module(w, &name);
    if (l != NULL) {
        l->registered = as;
        l->is_registered = true;
    }
}

/* What an action gave: an outcome and, when done, values in slot layout. */
struct given {
    struct csk_outcome outcome;
    const uint8_t *types;
    uint32_t count;
    const uint64_t *slots;
};

static enum verdict invoke(struct world *w, struct tokens *t, struct wasm_func *func,
                           struct given *ret)
{
    uint64_t slots[ARG_SLOTS_MAX + 2] = {0};
    uint32_t n = take_number(t);
    uint32_t at = 0;
    if (n != func->type->nparams)
        return fail(w, "invoke", "another number of parameters");
    for (uint32_t i = 0; i < n; i++) {
        uint8_t type;
        uint32_t used = at < ARG_SLOTS_MAX ? spec_value_parse(take(t), &slots[at], &type) : 0;
        if (used == 0 || type != wasm_type_nullable(func->type->params[i]))
            return fail(w, "invoke", "cannot pass this argument");
        at += used;
    }
    int r = call(w, func, slots, &ret->outcome);
    if (r != 0)
        return fail(w, "call", csk_strerror(r));
    ret->types = func->type->results;
    ret->count = func->type->nresults;
    ret->slots = ret->outcome.kind == CSK_DONE ? wasm_exec_results(w->exec) : NULL;
    return PASSED;
}

static enum verdict get(struct world *w, struct tokens *t, const struct wasm_extern *export,
                        struct given *ret)
{
    if (export->kind != WASM_GLOBAL || take_number(t) != 0)
        return fail(w, "get", "not a global");
    ret->outcome = (struct csk_outcome){.kind = CSK_DONE};
    ret->types = &export->of.global->type.type;
    ret->count = 1;
    ret->slots = export->of.global->slot;
    return PASSED;
}

static enum verdict act(struct world *w, struct tokens *t, struct given *ret)
{
    const char *how = take(t);
    struct name name, field;
    struct wasm_extern export;
    take_name(t, &name);
    take_name(t, &field);
    struct loaded *l = find_module(w, &name);
    if (l == NULL)
        return fail(w, "no such module", name.text);
    if (!find_in(l, field.text, field.len, &export))
        return fail(w, "no such export", field.text);
    if (strcmp(how, "get") == 0)
        return get(w, t, &export, ret);
    if (export.kind != WASM_FUNC)
        return fail(w, "not a function", field.text);
    return invoke(w, t, export.of.func, ret);
}

static enum verdict run_action(struct world *w, struct tokens *t)
{
    struct given given;
    enum verdict v = act(w, t, &given);
    if (v == PASSED && given.outcome.kind != CSK_DONE)
        return fail(w, "action", outcome_text(&given.outcome));
    return v;
}

static enum verdict wrong_result(struct world *w, const char *want, uint8_t type,
                                 const uint64_t *slot)
{
    char text[400];
    (void)snprintf(text, sizeof text, "want %s, got type 0x%02x bits %016llx %016llx", want, type,
                   (unsigned long long)slot[0],
                   (unsigned long long)(type == CSK_V128 ? slot[1] : 0));
    return fail(w, "result", text);
}

static enum verdict run_return(struct world *w, struct tokens *t)
{
    struct given given;
    enum verdict v = act(w, t, &given);
    if (v != PASSED)
        return v;
    if (given.outcome.kind != CSK_DONE)
        return fail(w, "return", outcome_text(&given.outcome));
    if (take_number(t) != given.count)
        return fail(w, "return", "another number of results");
    const uint64_t *slot = given.slots;
    for (uint32_t i = 0; i < given.count; i++) {
        const char *want = take(t);
        if (!spec_value_matches(want, wasm_type_nullable(given.types[i]), slot))
            return wrong_result(w, want, given.types[i], slot);
        slot += wasm_type_slots(given.types[i]);
    }
    return PASSED;
}

/* The suite says more than we do ("uninitialized element 2") or less ("unreachable"), never
 * something else. */
static enum verdict expect_trap(struct world *w, const struct csk_outcome *outcome,
                                const char *want)
{
    if (outcome->kind != CSK_TRAPPED)
        return fail(w, "did not trap, want", want);
    const char *text = csk_trap_text(outcome->trap);
    size_t n = strlen(text) < strlen(want) ? strlen(text) : strlen(want);
    if (n == 0 || strncmp(want, text, n) != 0)
        return fail(w, "trapped otherwise", text);
    return PASSED;
}

static enum verdict run_trap(struct world *w, struct tokens *t, bool exhaustion)
{
    struct name want = {.text = "call stack exhausted"};
    struct given given;
    if (!exhaustion)
        take_name(t, &want);
    enum verdict v = act(w, t, &given);
    return v == PASSED ? expect_trap(w, &given.outcome, want.text) : v;
}

/* malformed and invalid modules: each must be refused, and for its own reason. What is a
 * later proposal's is refused as not supported, which an invalid module may be, too. */
static enum verdict run_refusal(struct world *w, struct tokens *t, int want)
{
    struct name text, file;
    struct csk_error err = {0};
    struct wasm_module *module = NULL;
    take_name(t, &text);
    take_name(t, &file);
    int r = load_module(w, file.text, &module, &err);
    if (r == want || (want == CSK_E_INVALID && r == CSK_E_UNSUPPORTED))
        return PASSED;
    wasm_module_free(module);
    return fail(w, r == 0 ? "accepted, want" : err.text, text.text);
}

static enum verdict run_unlinkable(struct world *w, struct tokens *t)
{
    struct name text, file;
    struct csk_error err = {0};
    struct csk_outcome outcome = {.kind = CSK_DONE};
    int r;
    take_name(t, &text);
    take_name(t, &file);
    (void)load(w, file.text, &r, &outcome, &err);
    if (r != CSK_E_LINK)
        return fail(w, r == 0 ? "linked, want" : err.text, text.text);
    if (strncmp(err.text, text.text, text.len) != 0)
        return fail(w, "refused otherwise", err.text);
    return PASSED;
}

static enum verdict run_uninstantiable(struct world *w, struct tokens *t)
{
    struct name text, file;
    struct csk_error err = {0};
    struct csk_outcome outcome = {.kind = CSK_DONE};
    int r;
    take_name(t, &text);
    take_name(t, &file);
    (void)load(w, file.text, &r, &outcome, &err);
    if (r != 0)
        return fail(w, csk_strerror(r), err.text);
    return expect_trap(w, &outcome, text.text);
}

static enum verdict run_command(struct world *w, const char *kind, struct tokens *t)
{
    if (strcmp(kind, "module") == 0)
        return run_module(w, t);
    if (strcmp(kind, "action") == 0)
        return run_action(w, t);
    if (strcmp(kind, "return") == 0)
        return run_return(w, t);
    if (strcmp(kind, "trap") == 0)
        return run_trap(w, t, false);
    if (strcmp(kind, "exhaustion") == 0)
        return run_trap(w, t, true);
    if (strcmp(kind, "malformed") == 0)
        return run_refusal(w, t, CSK_E_MALFORMED);
    if (strcmp(kind, "invalid") == 0)
        return run_refusal(w, t, CSK_E_INVALID);
    if (strcmp(kind, "unlinkable") == 0)
        return run_unlinkable(w, t);
    if (strcmp(kind, "uninstantiable") == 0)
        return run_uninstantiable(w, t);
    if (strcmp(kind, "text-refused") == 0)
        return PASSED; /* by wat2wasm, which reads text for the command */
    if (strcmp(kind, "text-unread") == 0) {
        (void)snprintf(w->why, sizeof w->why, "text format, and wat2wasm was not there");
        return SKIPPED;
    }
    return fail(w, "unknown kind of command", kind);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct options {
    const char *data;
    const char *kind;     /* class to run, NULL: all */
    const char *only;     /* one file */
    const char *list;     /* file with the names to run */
    const char *at_least; /* assertions beyond class base that must pass */
    const char *without;  /* leave out files whose names begin so: a part that is not built */
    bool verbose;
};

static void run_line(struct world *w, char *line, const char *file, const struct options *o,
                     struct tally *tally)
{
    static struct tokens tokens;
    tokens_split(&tokens, line);
    const char *kind = take(&tokens);
    const char *where = take(&tokens);
    if (strcmp(kind, "register") == 0) {
        run_register(w, &tokens);
        return;
    }
    enum verdict v = run_command(w, kind, &tokens);
    tally->count[v]++;
    if (v != PASSED && (o->verbose || tally->count[v] <= FAILURES_SHOWN))
        printf("  %s:%s %s %s: %s\n", file, where, v == FAILED ? "failed" : "skipped", kind,
               w->why);
}

static int run_file(const struct options *o, const char *file, struct tally *ret)
{
    static struct world world;
    static char line[LINE_MAX_BYTES];
    char folder[PATH_BYTES], path[PATH_BYTES + 16];
    (void)snprintf(folder, sizeof folder, "%s/spec/%s", o->data, file);
    (void)snprintf(path, sizeof path, "%s/commands", folder);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        fprintf(stderr, "spec-runner: cannot read %s\n", path);
        return CSK_E_IO;
    }
    int r = world_init(&world, folder);
    while (r == 0 && fgets(line, sizeof line, f) != NULL)
        run_line(&world, line, file, o, ret);
    world_fini(&world);
    (void)fclose(f);
    return r;
}

static void report(const char *name, const struct tally *t)
{
    printf("%s: %u passed, %u failed, %u skipped\n", name, t->count[PASSED], t->count[FAILED],
           t->count[SKIPPED]);
}

static void add(struct tally *sum, const struct tally *one)
{
    for (int i = 0; i < 3; i++)
        sum->count[i] += one->count[i];
    sum->files++;
    sum->whole += one->count[FAILED] == 0 && one->count[SKIPPED] == 0;
}

/* Whether `name` is one of the lines of the file `list`. */
static bool is_listed(const char *list, const char *name)
{
    char line[256];
    bool found = false;
    FILE *f = fopen(list, "r");
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strcmp(line, name) == 0;
    }
    if (f != NULL)
        (void)fclose(f);
    return found;
}

static bool is_wanted(const struct options *o, const char *name, const char *kind)
{
    if (o->kind != NULL && strcmp(o->kind, kind) != 0)
        return false;
    if (o->only != NULL && strcmp(o->only, name) != 0)
        return false;
    if (o->without != NULL && strncmp(name, o->without, strlen(o->without)) == 0) {
        printf("%s: left out\n", name);
        return false;
    }
    return o->list == NULL || is_listed(o->list, name);
}

/* The whole suite; sums for [0] class base and [1] everything else. */
static int run_index(const struct options *o, FILE *index, struct tally sums[2])
{
    char name[256], kind[32];
    unsigned count;
    while (fscanf(index, "%255s %31s %u", name, kind, &count) == 3) {
        if (!is_wanted(o, name, kind))
            continue;
        struct tally tally = {{0}, 0, 0};
        int r = run_file(o, name, &tally);
        if (r != 0)
            return r;
        report(name, &tally);
        if (tally.count[PASSED] + tally.count[FAILED] + tally.count[SKIPPED] != count) {
            fprintf(stderr, "spec-runner: %s has %u assertions, not all were run\n", name, count);
            return CSK_E_STATE;
        }
        add(&sums[strcmp(kind, "base") != 0], &tally);
        (void)fflush(stdout);
    }
    return 0;
}

static void print_absence(const struct options *o)
{
    char path[PATH_BYTES], line[512];
    (void)snprintf(path, sizeof path, "%s/absent", o->data);
    FILE *f = fopen(path, "r");
    if (f != NULL && fgets(line, sizeof line, f) != NULL)
        printf("skipped: %s", line);
    else
        printf("skipped: no converted suite in %s\n", o->data);
    if (f != NULL)
        (void)fclose(f);
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char **value = NULL;
        if (strcmp(argv[i], "--class") == 0)
            value = &o->kind;
        else if (strcmp(argv[i], "--only") == 0)
            value = &o->only;
        else if (strcmp(argv[i], "--list") == 0)
            value = &o->list;
        else if (strcmp(argv[i], "--at-least") == 0)
            value = &o->at_least;
        else if (strcmp(argv[i], "--without") == 0)
            value = &o->without;
        else if (strcmp(argv[i], "--verbose") == 0)
            o->verbose = true;
        else if (o->data == NULL && argv[i][0] != '-')
            o->data = argv[i];
        else
            return false;
        if (value != NULL) {
            if (++i == argc)
                return false;
            *value = argv[i];
        }
    }
    return o->data != NULL;
}

/* The exit status. */
static int finish(const struct options *o, const struct tally sums[2])
{
    unsigned long floor = o->at_least != NULL ? strtoul(o->at_least, NULL, 10) : 0;
    const struct tally *base = &sums[0], *other = &sums[1];
    if (other->files != 0)
        printf("beyond class base: %u files, %u whole: %u passed, %u failed, %u skipped\n",
               other->files, other->whole, other->count[PASSED], other->count[FAILED],
               other->count[SKIPPED]);
    if (base->files != 0)
        printf("class base: %u files, %u whole: %u passed, %u failed, %u skipped\n", base->files,
               base->whole, base->count[PASSED], base->count[FAILED], base->count[SKIPPED]);
    if (base->count[FAILED] != 0 || base->count[SKIPPED] != 0 || base->files + other->files == 0)
        return 1;
    if (other->count[PASSED] < floor) {
        printf("fewer than %lu passed beyond class base\n", floor);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct tally sums[2] = {{{0}, 0, 0}, {{0}, 0, 0}};
    char path[PATH_BYTES];
    if (!parse_options(argc, argv, &o)) {
        fprintf(stderr, "usage: spec-runner FOLDER [--class base|3.0] [--list FILE] "
                        "[--only NAME] [--at-least N] [--without PREFIX] [--verbose]\n");
        return 2;
    }
    (void)snprintf(path, sizeof path, "%s/index", o.data);
    FILE *index = fopen(path, "r");
    if (index == NULL) {
        print_absence(&o);
        return 77;
    }
    int r = run_index(&o, index, sums);
    (void)fclose(index);
    return r != 0 ? 1 : finish(&o, sums);
}
