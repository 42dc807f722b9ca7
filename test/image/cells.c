/* SPDX-License-Identifier: Apache-2.0 */
#include "cells.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

#define ARGS_MAX 4u

int cell_tick(struct wasm_host_call *call, void *user)
{
    (void)user;
    call->slots[0] = (uint32_t)(call->slots[0] * 3 + 1);
    return CSK_HOST_RETURN;
}

static int link_imports(struct cell_under_test *cell, struct wasm_extern **ret_imports)
{
    const struct wasm_module *m = cell->module;
    struct wasm_extern *imports = mem_calloc(m->nimports, sizeof *imports);
    if (imports == NULL)
        return CSK_E_NOMEM;
    for (uint32_t i = 0; i < m->nimports; i++) {
        if (m->imports[i].kind != WASM_FUNC) {
            mem_free(imports);
            return CSK_E_LINK;
        }
        cell->tick =
            (struct wasm_func){.type = &m->types[m->imports[i].of.func_type], .host = cell_tick};
        imports[i] = (struct wasm_extern){.kind = WASM_FUNC, .of.func = &cell->tick};
    }
    *ret_imports = imports;
    return 0;
}

static int open_instance(struct cell_under_test *cell, bool segments)
{
    struct wasm_extern *imports = NULL;
    int rc = link_imports(cell, &imports);
    if (rc == 0)
        rc = wasm_instance_new(cell->module, imports, &cell->inst, NULL);
    mem_free(imports);
    if (rc == 0)
        rc = wasm_exec_new(cell->engine, &cell->exec);
    if (rc == 0 && segments && wasm_instance_init_segments(cell->inst) != 0)
        rc = CSK_E_INVALID;
    return rc;
}

int cell_open(struct cell_under_test *cell, struct wasm_engine *engine, const void *wasm,
              size_t size, bool segments)
{
    *cell = (struct cell_under_test){
        .engine = engine,
        .meta = {.name = "tested", .epoch = 3, .entry_func = 3, .safepoints = 12},
    };
    int rc = engine != NULL ? 0 : wasm_engine_new(NULL, &cell->engine);
    if (rc == 0)
        rc = wasm_module_load(cell->engine, wasm, size, true, &cell->module, NULL);
    if (rc == 0)
        rc = open_instance(cell, segments);
    if (rc != 0)
        cell_close(cell, engine != NULL);
    return rc;
}

void cell_close(struct cell_under_test *cell, bool keep_engine)
{
    if (cell->exec != NULL)
        wasm_exec_free(cell->exec);
    if (cell->inst != NULL)
        wasm_instance_free(cell->inst);
    if (cell->module != NULL)
        wasm_module_free(cell->module);
    if (cell->engine != NULL && !keep_engine)
        wasm_engine_free(cell->engine);
    *cell = (struct cell_under_test){.engine = keep_engine ? cell->engine : NULL};
}

int cell_call(struct cell_under_test *cell, const char *name, const uint32_t *args, size_t nargs)
{
    struct wasm_extern found;
    uint64_t slots[ARGS_MAX] = {0};
    if (nargs > ARGS_MAX || !wasm_find_export(cell->inst, name, WASM_FUNC, &found))
        return CSK_E_NOT_FOUND;
    for (size_t i = 0; i < nargs; i++)
        slots[i] = args[i];
    return wasm_exec_call(cell->exec, found.of.func, slots);
}

int cell_run(struct cell_under_test *cell, uint64_t safepoints, struct csk_outcome *ret_outcome)
{
    wasm_exec_bounds(cell->exec, safepoints, 0);
    return wasm_exec_run(cell->exec, ret_outcome);
}

int cell_write(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

int64_t cell_read(void *user, void *bytes, size_t size)
{
    struct cell_source *source = user;
    size_t n = size < source->left ? size : source->left;
    if (source->step != 0 && n > source->step)
        n = source->step;
    if (n == 0)
        return 0;
    memcpy(bytes, source->p, n);
    source->p += n;
    source->left -= n;
    return (int64_t)n;
}

int cell_encode(struct cell_under_test *cell, const struct wasi_state *wasi, struct buf *out,
                struct csk_error *err)
{
    bool running = wasm_exec_depth(cell->exec) != 0;
    if (!running)
        cell->meta.phase = IMAGE_READY;
    else if (cell->meta.phase == IMAGE_READY)
        cell->meta.phase = IMAGE_RUNNING;
    return image_encode(&cell->meta, cell->meta.has_module, cell->exec, cell->inst, wasi,
                        cell_write, out, err);
}

static char *strings[] = {(char *)"program", (char *)"-x", (char *)"", (char *)"KEY=value"};
static char *preopens[] = {(char *)"/", (char *)"/ro"};

static struct wasi_fd_state fds[] = {
    {.fd = 0, .kind = WASI_FD_STDIO, .filetype = 2, .rights_base = 2, .offset = 41},
    {.fd = 1, .kind = WASI_FD_STDIO, .stdio = 1, .filetype = 2, .rights_base = 64, .offset = 99},
    {.fd = 3,
     .kind = WASI_FD_PREOPEN,
     .filetype = 3,
     .rights_base = 0x1fffffff,
     .rights_inheriting = 0x1fffffff,
     .path = (char *)"/"},
    {.fd = 4, .kind = WASI_FD_PREOPEN, .filetype = 3, .preopen = 1, .path = (char *)"/ro"},
    {.fd = 5,
     .kind = WASI_FD_FILE,
     .filetype = 4,
     .rights_base = 2,
     .path = (char *)"a",
     .offset = 7},
    {.fd = 6, .kind = WASI_FD_DIR, .filetype = 3, .rights_base = 0x1fffffff, .path = (char *)"dir"},
    {.fd = 9,
     .kind = WASI_FD_UNLINKED,
     .filetype = 4,
     .fdflags = 1,
     .rights_base = 66,
     .path = (char *)"",
     .offset = 3000},
    {.fd = 70, .kind = WASI_FD_SOCKET, .filetype = 6, .eof = 1, .path = (char *)""},
};

static struct wasi_content content = {
    .host_fd = -1, .temp_fd = -1, .mode = 0600, .preopen = WASI_NO_CONTENT, .path = (char *)""};

/* A file without a name, of 3,000 bytes. */
static void make_content(void)
{
    FILE *f = tmpfile();
    if (f == NULL)
        return;
    for (int i = 0; i < 3000; i++)
        (void)fputc(i % 251, f);
    (void)fflush(f);
    content.host_fd = fileno(f);
    content.size = 3000;
}

struct wasi_state cell_wasi(void)
{
    if (content.host_fd < 0)
        make_content();
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        fds[i].content = fds[i].kind == WASI_FD_UNLINKED ? 0 : WASI_NO_CONTENT;
    return (struct wasi_state){
        .args = strings,
        .nargs = 3,
        .env = strings + 3,
        .nenv = 1,
        .preopens = preopens,
        .npreopens = 2,
        .fds = fds,
        .nfds = sizeof fds / sizeof fds[0],
        .contents = &content,
        .ncontents = 1,
        .monotonic_ns = 1000,
        .cpu_ns = 500,
        .poll_deadline_set = true,
        .poll_deadline_ns = 2000,
    };
}

static int decode_wasi(struct image_decoder *d, struct wasi_state *ret_wasi, struct csk_error *err)
{
    struct wasi_state wasi;
    int rc = image_decode_wasi(d, &wasi, err);
    if (rc == 0 && ret_wasi != NULL)
        *ret_wasi = wasi;
    else if (rc == 0)
        wasi_state_fini(&wasi);
    return rc;
}

int cell_decode(struct cell_under_test *cell, const void *image, size_t size,
                struct wasi_state *ret_wasi, struct csk_error *err)
{
    struct cell_source source = {.p = image, .left = size};
    struct image_decoder *d = NULL;
    int rc = image_decoder_new(cell_read, &source, &d, err);
    if (rc == 0)
        rc = image_decode_meta(d, &cell->meta, err);
    if (rc == 0 && cell->meta.has_wasi)
        rc = decode_wasi(d, ret_wasi, err);
    if (rc == 0)
        rc = image_decode_state(d, cell->inst, cell->exec, err);
    image_decoder_free(d);
    return rc;
}
