#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that tidy.py can fail: each rule is broken once, in a small tree of its own."""
import os
import subprocess
import sys
import tempfile

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
LONG = SPDX + "int f(void)\n{\n" + "    g();\n" * 101 + "}\n"

# path, content, what the finding must say (None: no finding)
CASES = [
    ("src/base/a.c", SPDX + "int f(void)\n{\n    return 0;\n}\n", None),
    ("src/base/a.c", "int f(void);\n", "no SPDX line"),
    ("script/x", "#!/bin/sh\ntrue\n", "no SPDX line"),
    ("src/base/a.c", SPDX + '#include "wasm/module.h"\n', "'base' includes 'wasm'"),
    ("src/wasm/a.c", SPDX + '#include "base/mem.h"\n', None),
    ("src/wasi/a.c", SPDX + '#include "other/x.h"\n', "from no layer"),
    ("src/other/a.c", SPDX, "not in the layering table"),
    ("src/wasm/a.c", SPDX + "#include <zstd.h>\n", "<zstd.h> may not be used here"),
    ("src/image/a.c", SPDX + "#include <zstd.h>\n", None),
    ("src/wasm/a.c", SPDX + "#include <curl/curl.h>\n", "no listed library"),
    ("src/wasm/a.c", SPDX + "void f(char *a)\n{\n    strcpy(a, a);\n}\n", "calls strcpy()"),
    ("test/a.c", SPDX + "void f(char *a)\n{\n    strcpy(a, a);\n}\n", "calls strcpy()"),
    ("src/wasm/a.c", SPDX + "/* strcpy(a) */ const char *s = \"strcpy(b)\";\n", None),
    ("src/wasm/a.c", SPDX + "void f(void)\n{\n    free(0);\n}\n", "calls free()"),
    ("src/wasm/a.c", SPDX + "void f(struct x *p)\n{\n    p->free(0);\n    mem_free(p);\n}\n", None),
    ("src/base/mem.c", SPDX + "void f(void)\n{\n    free(0);\n}\n", None),
    ("src/wasm/a.c", SPDX + "void f(void)\n{\n    abort();\n}\n", "calls abort()"),
    ("src/cli/a.c", SPDX + "void f(void)\n{\n    exit(0);\n}\n", None),
    ("src/wasm/a.c", SPDX + "void f(void)\n{\n    fputs(0, stderr);\n}\n", "standard streams"),
    ("src/wasm/a.c", LONG, "has 101 lines"),
    ("src/wasm/a.c", SPDX + "int a; \n", "blanks at the end"),
    ("src/wasm/a.c", SPDX + "int a;", "no newline"),
    ("src/wasm/a.c", SPDX + "\tint a;\n", "tabs"),
    ("doc/a.md", "see /home/somebody/x\n", "a path of one machine"),
    ("doc/a.md", "TODO: write this\n", "unfinished"),
    ("src/wasm/a.h", SPDX + "struct a {\n    uint8_t b;\n};\n", "does not compile alone"),
    ("src/wasm/a.h", SPDX + "#ifndef A\n#define A\n#include <stdint.h>\nstruct a {\n"
     "    uint8_t b;\n};\n#endif\n", None),
]


def run_case(path, content):
    tidy = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy.py")
    with tempfile.TemporaryDirectory() as top:
        os.makedirs(os.path.join(top, os.path.dirname(path)))
        with open(os.path.join(top, path), "w") as f:
            f.write(content)
        return subprocess.run([sys.executable, tidy, "--top", top, path], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main():
    wrong = 0
    for path, content, expected in CASES:
        done = run_case(path, content)
        if expected is None:
            good = done.returncode == 0
        else:
            good = done.returncode == 1 and expected in done.stdout
        if not good:
            wrong += 1
            print(f"case {path} ({expected or 'clean'}): exit {done.returncode}\n{done.stdout}")
    print(f"tidy's own test: {len(CASES)} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
