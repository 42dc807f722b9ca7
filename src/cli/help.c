/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"

static const char main_help[] =
    "Usage: cloudskin COMMAND [OPTIONS] ...\n"
    "\n"
    "Run WebAssembly programs as cells, which can be stopped at any instant,\n"
    "written to one file, and continued on another machine of any kind.\n"
    "\n"
    "Commands:\n"
    "  run         run a program\n"
    "  ps          list the running cells that have a name\n"
    "  checkpoint  write a running cell to an image\n"
    "  restore     continue a cell from an image\n"
    "  inspect     show what is in a module or an image\n"
    "  validate    check a module\n"
    "  version     show the version\n"
    "  help        show the help of a command\n"
    "\n"
    "`cloudskin help COMMAND` and cloudskin(1) say more.\n";

static const char run_help[] =
    "Usage: cloudskin run [OPTIONS] APP.wasm [ARGS...]\n"
    "\n"
    "Run a WebAssembly program. Everything after APP.wasm is the program's own.\n"
    "Text (.wat) is accepted where the wat2wasm program is installed.\n"
    "\n"
    "What the program gets:\n"
    "  --dir HOST[::GUEST[::ro]]  a directory, under the name GUEST (default: HOST)\n"
    "  --env NAME=VALUE           an environment variable\n"
    "  --env NAME                 the same, with our own value where it is set\n"
    "  --listen ADDRESS           a listening socket: IPV4:PORT, [IPV6]:PORT, unix:PATH\n"
    "\n"
    "What runs, and how far:\n"
    "  --invoke FUNC              call this export, with ARGS as its arguments, and\n"
    "                             print its results\n"
    "  --memory-max SIZE          no memory of the program grows beyond SIZE (64M, 1G)\n"
    "  --fuel N                   end after N safepoints with status 123\n"
    "  --timeout TIME             end after TIME (250ms, 2s, 5m) with status 124\n"
    "\n"
    "Images:\n"
    "  --name NAME                let `cloudskin ps` and `checkpoint` find the cell\n"
    "  --checkpoint-after N       at the N-th safepoint write an image and end;\n"
    "  --output FILE              the image\n"
    "  --with-files               the files the program holds open travel in images\n"
    "  --without-module           the module does not travel in images\n"
    "\n"
    "  --stats                    at the end, one line of figures on stderr\n"
    "\n"
    "Status: the program's own; 134 after a trap; 122 when it was checkpointed by\n"
    "name; 123 out of fuel; 124 out of time; 125 when it could not be run; 2 for a\n"
    "wrong command line.\n";

static const char restore_help[] =
    "Usage: cloudskin restore [OPTIONS] FILE.cell\n"
    "\n"
    "Continue a cell from an image. Options may stand before or after FILE.cell.\n"
    "\n"
    "What the program gets here in place of what it had there:\n"
    "  --module APP.wasm          the module, when it is not in the image\n"
    "  --dir HOST[::GUEST[::ro]]  each directory it had, by its GUEST name\n"
    "  --listen ADDRESS           each listening socket it had, by its address\n"
    "\n"
    "How far it runs:\n"
    "  --fuel N                   end after N more safepoints with status 123\n"
    "  --timeout TIME             end after TIME with status 124\n"
    "\n"
    "Images:\n"
    "  --name NAME                let `cloudskin ps` and `checkpoint` find the cell\n"
    "  --checkpoint-after N       at the N-th safepoint from here write an image and\n"
    "                             end; 0: at once\n"
    "  --output FILE              the image\n"
    "  --with-files               the files the program holds open travel in images\n"
    "  --with-module              the module travels in images (default: as it did in\n"
    "  --without-module           FILE.cell)\n"
    "\n"
    "  --stats                    at the end, one line of figures on stderr\n"
    "\n"
    "Status: as of `cloudskin run`.\n";

static const char ps_help[] = "Usage: cloudskin ps [--json]\n"
                              "\n"
                              "List the running cells of this user that were given a --name.\n";

static const char checkpoint_help[] =
    "Usage: cloudskin checkpoint NAME --output FILE.cell [OPTIONS]\n"
    "\n"
    "Stop the running cell NAME at its next safepoint, write it to FILE.cell, and end\n"
    "it: its `cloudskin run` exits with status 122.\n"
    "\n"
    "  --output FILE.cell  the image\n"
    "  --leave-running     write the image, then let the cell run on\n"
    "  --with-files        the files the cell holds open travel in the image\n"
    "  --with-module       the module travels in the image ...\n"
    "  --without-module    ... or does not (default: as the cell was started)\n"
    "  --json              say what was written as JSON\n";

static const char inspect_help[] =
    "Usage: cloudskin inspect FILE [--module APP.wasm] [--json]\n"
    "\n"
    "Show what is in a module (sections, imports, exports) or in a cell image (limits,\n"
    "memories, open files, and the stack it stopped with).\n"
    "\n"
    "  --module APP.wasm  names the functions of an image that does not carry its module\n"
    "  --json             for machines\n";

static const char validate_help[] =
    "Usage: cloudskin validate APP.wasm [--json]\n"
    "\n"
    "Check a module without running it. Says nothing and exits 0 when it is valid;\n"
    "otherwise says what is wrong at which byte.\n"
    "\n"
    "  --json  for machines\n";

static const char version_help[] = "Usage: cloudskin version [--json]\n"
                                   "\n"
                                   "Show the version of the program and of the images it writes.\n";

static const struct {
    const char *command;
    const char *text;
} helps[] = {
    {"run", run_help},         {"restore", restore_help},
    {"ps", ps_help},           {"checkpoint", checkpoint_help},
    {"inspect", inspect_help}, {"validate", validate_help},
    {"version", version_help}, {"help", main_help},
};

static const char *find_help(const char *command)
{
    if (command == NULL)
        return main_help;
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
        if (strcmp(helps[i].command, command) == 0)
            return helps[i].text;
    }
    return NULL;
}

bool cli_help(const char *command)
{
    struct buf out = {0};
    const char *text = find_help(command);
    if (text == NULL)
        return false;
    (void)buf_printf(&out, "%s", text);
    (void)cli_print(&out);
    buf_fini(&out);
    return true;
}
