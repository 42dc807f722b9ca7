/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/session.h"

#define NAME_TEXT_MAX 128u
#define TRACE_INNER   20u /* frames shown from the innermost out ... */
#define TRACE_OUTER   10u /* ... and from the outermost in, when there are more */

static void put_frame(const struct cell *cell, uint32_t depth, uint32_t i, struct buf *out)
{
    char name[NAME_TEXT_MAX];
    uint32_t func;
    uint32_t pc;
    if (wasm_exec_frame_position(cell->exec, i, &func, &pc) != 0)
        return;
    wasm_module_func_name(cell->module, func, name, sizeof name);
    (void)buf_printf(out, "  #%u %s (func %u)", (unsigned)(depth - 1 - i), name, (unsigned)func);
    if (pc != 0)
        (void)buf_printf(out, " at 0x%x", (unsigned)pc);
    (void)buf_put_u8(out, '\n');
}

void session_print_trap(const struct cell *cell, const char *path)
{
    struct buf out = {0};
    const struct wasm_exec *exec = cell->exec;
    bool init = cell->init_trap != CSK_TRAP_NONE;
    const char *text = csk_trap_text(init ? cell->init_trap : exec->trap);
    if (init)
        cli_note("trap: %s: %s while the module's segments were applied", path, text);
    else if (exec->trap == CSK_TRAP_HOST && exec->host_error[0] != '\0')
        cli_note("trap: %s: %s: %s", path, text, exec->host_error);
    else
        cli_note("trap: %s: %s", path, text);
    uint32_t depth = init ? 0 : wasm_exec_depth(exec);
    for (uint32_t i = 0; i < depth; i++) {
        if (depth > TRACE_INNER + TRACE_OUTER && i == TRACE_INNER) {
            uint32_t hidden = depth - TRACE_INNER - TRACE_OUTER;
            (void)buf_printf(&out, "  ... %u more\n", (unsigned)hidden);
            i += hidden;
        }
        put_frame(cell, depth, depth - 1 - i, &out);
    }
    if (!out.failed && out.size != 0) {
        ssize_t done = write(STDERR_FILENO, out.data, out.size);
        (void)done;
    }
    buf_fini(&out);
}
