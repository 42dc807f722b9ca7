/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cell/cell.h"

/* A whole life of a cell with WASI, with every allocation of it failing once: each failure is
 * an error, nothing crashes, and nothing is lost. */

#define STOP_AT 12u /* in the loop: the file is open and has no name */
#define GOOD    6u  /* exit status when everything worked */

static char directory[] = "/tmp/cell-test-XXXXXX";

struct life {
    struct wasm_engine *engine;
    struct wasm_module *module;
    struct wasi *wasi; /* until a cell owns it */
    struct cell *cell;
    struct image_decoder *decoder;
    struct buf image;
    size_t at;
    struct csk_error err;
};

static int write_buf(void *user, const void *bytes, size_t size)
{
    return buf_put(user, bytes, size);
}

static int64_t read_image(void *user, void *bytes, size_t size)
{
    struct life *l = user;
    size_t n = l->image.size - l->at;
    n = size < n ? size : n;
    if (n != 0)
        memcpy(bytes, l->image.data + l->at, n);
    l->at += n;
    return (int64_t)n;
}

static void config(struct wasi_config *ret)
{
    static const char *const args[] = {"cell", "argument"};
    static const char *const env[] = {"NAME=value"};
    static struct wasi_preopen preopen = {.guest = "/", .host = directory};
    *ret = (struct wasi_config){.args = args,
                                .nargs = 2,
                                .env = env,
                                .nenv = 1,
                                .preopens = &preopen,
                                .npreopens = 1,
                                .stdio = {0, 1, 2}};
}

static int start(struct life *l)
{
    struct wasi_config c;
    uint32_t entry;
    config(&c);
    int rc = wasm_engine_new(NULL, &l->engine);
    if (rc == 0)
        rc = wasm_module_load(l->engine, api_module, api_module_size, true, &l->module, &l->err);
    if (rc == 0)
        rc = wasi_new(&c, &l->wasi, &l->err);
    struct cell_linker linker = {.wasi = l->wasi};
    if (rc == 0)
        rc = cell_new(l->engine, l->module, &linker, &l->cell, &l->err);
    if (rc != 0)
        return rc;
    l->wasi = NULL;
    rc = cell_find_entry(l->module, NULL, &entry, &l->err);
    return rc != 0 ? rc : cell_enter(l->cell, entry, NULL, &l->err);
}

static int freeze(struct life *l)
{
    const struct cell_freeze_options options = {.with_module = true, .with_files = true};
    struct csk_outcome outcome;
    cell_stop_after(l->cell, STOP_AT);
    int rc = cell_run(l->cell, &outcome, &l->err);
    if (rc != 0)
        return rc;
    CHECK(outcome.kind == CSK_SUSPENDED && cell_stop_reached(l->cell));
    return cell_freeze(l->cell, &options, write_buf, &l->image, &l->err);
}

static int thaw(struct life *l)
{
    struct wasi_config c;
    struct image_meta meta;
    struct cell_linker linker = {0};
    cell_free(l->cell);
    l->cell = NULL;
    config(&c);
    int rc = image_decoder_new(read_image, l, &l->decoder, &l->err);
    if (rc == 0)
        rc = image_decode_meta(l->decoder, &meta, &l->err);
    if (rc == 0)
        rc = cell_thaw(l->engine, l->module, &linker, &c, l->decoder, &meta, &l->cell, &l->err);
    return rc;
}

static int finish(struct life *l, uint32_t *ret_status)
{
    struct csk_outcome outcome;
    int rc = cell_run(l->cell, &outcome, &l->err);
    if (rc == 0) {
        CHECK(outcome.kind == CSK_EXITED);
        *ret_status = outcome.exit_code;
    }
    return rc;
}

static int live(struct life *l, uint32_t *ret_status)
{
    int rc = start(l);
    if (rc == 0)
        rc = freeze(l);
    if (rc == 0)
        rc = thaw(l);
    return rc != 0 ? rc : finish(l, ret_status);
}

static void end(struct life *l)
{
    cell_free(l->cell);
    wasi_free(l->wasi);
    image_decoder_free(l->decoder);
    if (l->module != NULL)
        wasm_module_free(l->module);
    if (l->engine != NULL)
        wasm_engine_free(l->engine);
    buf_fini(&l->image);
}

/* False when the n-th allocation was never asked for. */
static bool fail_once(uint64_t n, unsigned *failures)
{
    struct life l = {0};
    uint32_t status = 0;
    (void)mem_fail_at(0, 0);
    int64_t before = mem_live_blocks();
    (void)mem_fail_at(n, 0);
    int rc = live(&l, &status);
    bool reached = mem_fail_at(0, 0) >= n && n != 0;
    if (!CHECK(rc == 0 || rc == CSK_E_NOMEM))
        fprintf(stderr, "allocation %u: %d %s\n", (unsigned)n, rc, l.err.text);
    /* A guest may have been told that there is no memory, and have gone on without. */
    CHECK(rc != 0 || status == GOOD || reached);
    *failures += rc != 0;
    end(&l);
    CHECK(mem_live_blocks() == before);
    return reached;
}

int main(void)
{
    unsigned failures = 0;
    if (!CHECK(mkdtemp(directory) != NULL))
        return check_report("cell");
    CHECK(!fail_once(0, &failures) && failures == 0);
    for (uint64_t n = 1; n < 5000 && fail_once(n, &failures); n++)
        ;
    CHECK(failures > 40);
    CHECK(rmdir(directory) == 0);
    return check_report("cell");
}
