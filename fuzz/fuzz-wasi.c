/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "fuzz/sandbox.h"
#include "wasi/internal.h"
#include "wasi/wasi.h"

/*
 * Host calls with whatever arguments: the input is a little program of calls, pokes into
 * the guest's memory, and freezing and thawing in between. Nothing outside the pre-opened
 * directories may be seen or changed.
 *
 *     call  { function u8, then for each parameter a kind u8 and what the kind takes }
 *     poke  { POKE, offset u16, size u8, bytes }
 *     thaw  { THAW }
 */

#define MEMORY_BYTES   65536u
#define OPERATIONS_MAX 60u
#define POKE           250u
#define THAW           251u
#define PATHS_AT       1024u /* in guest memory */
#define PATH_STRIDE    64u
#define IOVS_AT        8192u
#define BUFFER_AT      16384u

static const char *const paths[] = {
    "a",          "dir",     "dir/b",    "to-a",       "to-dir/b",     "loop",
    "out/secret", "abs/etc", "dir/up",   "..",         "../outside",   "../outside/secret",
    ".",          "",        "dir/..",   "dir/../..",  "/etc/passwd",  "new",
    "dir/new",    "new/",    "dangling", "dir/self/b", "dir/./deep/c", "to-dir/../out/secret",
    "dir//b",     "ro/r",    "r",        "a/",         "dir/deep",     "dir/self/self/up",
};

#define NPATHS (sizeof paths / sizeof paths[0])

static const struct {
    const char *name;
    const char *params;
} functions[] = {
#define X(name, function, params, versions) {#name, params},
    WASI_FUNCTIONS(X)
#undef X
};

#define NFUNCTIONS (sizeof functions / sizeof functions[0])

struct world {
    struct wasm_module module;
    struct wasm_memory memory;
    struct wasm_memory *memories[1];
    struct wasm_instance inst;
    struct wasm_exec exec;
    struct wasi *wasi;
    struct reader in;
};

static void fill_memory(uint8_t *memory)
{
    memset(memory, 0, MEMORY_BYTES);
    for (uint32_t i = 0; i < NPATHS; i++)
        memcpy(memory + PATHS_AT + i * PATH_STRIDE, paths[i], strlen(paths[i]));
    for (uint32_t i = 0; i < 32; i++) {
        put_le32(memory + IOVS_AT + 8 * i, BUFFER_AT + 100 * i);
        put_le32(memory + IOVS_AT + 8 * i + 4, i * 13);
    }
}

static void open_world(struct world *w, const uint8_t *data, size_t size)
{
    static uint8_t memory[MEMORY_BYTES];
    struct wasi_config config = sandbox_config();
    *w = (struct world){0};
    fill_memory(memory);
    w->module.nmemories = 1;
    w->memory.base = memory;
    w->memory.size = MEMORY_BYTES;
    w->memories[0] = &w->memory;
    w->inst.module = &w->module;
    w->inst.memories = w->memories;
    w->exec.request = WASM_REQ_SUSPEND; /* nothing waits */
    reader_init(&w->in, data, size);
    MUST(wasi_new(&config, &w->wasi, NULL) == 0);
    wasi_set_request(w->wasi, &w->exec.request);
    wasi_resume(w->wasi);
}

/* One argument; a path takes two, and *extra gets its length. */
static uint64_t argument(struct world *w, bool *ret_pair, uint64_t *ret_second)
{
    uint8_t kind = reader_u8(&w->in);
    *ret_pair = false;
    switch (kind % 8) {
    case 0:
        return reader_u8(&w->in);
    case 1:
        return reader_u32(&w->in);
    case 2:
        return reader_u64(&w->in);
    case 3: {
        uint32_t path = reader_u8(&w->in) % (uint32_t)NPATHS;
        *ret_pair = true;
        *ret_second = strlen(paths[path]);
        return PATHS_AT + path * PATH_STRIDE;
    }
    case 4: /* vectors, and how many */
        *ret_pair = true;
        *ret_second = reader_u8(&w->in) % 32u;
        return IOVS_AT;
    case 5:
        return BUFFER_AT + 16u * reader_u8(&w->in);
    case 6:
        return UINT64_MAX;
    default:
        return kind / 8; /* an fd, most likely */
    }
}

static void fill_arguments(struct world *w, const char *params, uint64_t *slots)
{
    size_t n = strlen(params);
    for (size_t i = 0; i < n; i++) {
        bool pair;
        uint64_t second = 0;
        uint64_t value = argument(w, &pair, &second);
        slots[i] = params[i] == 'i' ? (uint32_t)value : value;
        if (pair && i + 1 < n)
            slots[++i] = second;
    }
}

static wasm_host_fn *look_up(size_t function)
{
    uint8_t params[16];
    static const uint8_t results[] = {CSK_I32};
    static const char module[] = "wasi_snapshot_preview1";
    const char *name = functions[function].name;
    wasm_host_fn *fn = NULL;
    struct wasm_functype type = {.params = params, .results = results};
    type.nparams = (uint32_t)strlen(functions[function].params);
    type.nresults = strcmp(name, "proc_exit") != 0;
    for (uint32_t i = 0; i < type.nparams; i++)
        params[i] = functions[function].params[i] == 'i' ? CSK_I32 : CSK_I64;
    struct wasm_name field = {name, (uint32_t)strlen(name)};
    /* the table also has the entries of the older version, whose types differ */
    if (wasi_lookup((struct wasm_name){module, sizeof module - 1}, field, &type, &fn, NULL) != 0)
        return NULL;
    return fn;
}

/* False when the guest ended. */
static bool call_one(struct world *w, uint8_t number)
{
    size_t function = number % NFUNCTIONS;
    uint64_t slots[16] = {0}, before[16];
    wasm_host_fn *fn = look_up(function);
    if (fn == NULL)
        return true;
    fill_arguments(w, functions[function].params, slots);
    memcpy(before, slots, sizeof before);
    struct wasm_host_call call = {.exec = &w->exec, .inst = &w->inst, .slots = slots};
    int rc = fn(&call, w->wasi);
    MUST(rc >= CSK_HOST_RETURN && rc <= CSK_HOST_SUSPEND);
    MUST(rc != CSK_HOST_SUSPEND || memcmp(before, slots, sizeof slots) == 0);
    return rc != CSK_HOST_EXIT && rc != CSK_HOST_TRAP;
}

static void poke(struct world *w)
{
    uint32_t at = reader_u16(&w->in);
    uint32_t size = reader_u8(&w->in);
    const uint8_t *bytes = reader_take(&w->in, size);
    if (bytes != NULL && at + size <= MEMORY_BYTES)
        memcpy(w->memory.base + at, bytes, size);
}

/* Freeze, thaw, and go on with what came back, where it does. */
static void thaw(struct world *w)
{
    struct wasi_state state;
    struct wasi_config config = sandbox_config();
    struct wasi *wasi = NULL;
    wasi_pause(w->wasi);
    if (wasi_freeze(w->wasi, false, &state, NULL) == 0) {
        if (wasi_thaw(&state, &config, &wasi, NULL) == 0) {
            wasi_free(w->wasi);
            w->wasi = wasi;
            wasi_set_request(wasi, &w->exec.request);
        }
        wasi_state_fini(&state);
    }
    wasi_resume(w->wasi);
}

int fuzz_wasi(const uint8_t *data, size_t size)
{
    struct world w;
    bool going = true;
    sandbox_reset();
    open_world(&w, data, size);
    for (unsigned n = 0; going && n < OPERATIONS_MAX && reader_left(&w.in) != 0; n++) {
        uint8_t operation = reader_u8(&w.in);
        if (operation == POKE)
            poke(&w);
        else if (operation == THAW)
            thaw(&w);
        else
            going = call_one(&w, operation);
    }
    MUST(!sandbox_has_secret(w.memory.base, MEMORY_BYTES) || sandbox_has_secret(data, size));
    wasi_free(w.wasi);
    sandbox_check();
    return 0;
}
