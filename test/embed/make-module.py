#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: make-module.py WAT2WASM IN.wat OUT.c [--no-simd] -- the module as a C array."""

import subprocess
import sys
import tempfile


def main():
    wat2wasm, source, out, *options = sys.argv[1:]
    with open(source, encoding="ascii") as f:
        text = f.read()
    if options == ["--no-simd"]:
        text = text.replace("v128", "i64")
    with tempfile.NamedTemporaryFile(suffix=".wasm") as f, \
            tempfile.NamedTemporaryFile("w", suffix=".wat") as wat:
        wat.write(text)
        wat.flush()
        subprocess.run([wat2wasm, "-o", f.name, wat.name], check=True)
        module = f.read()
    with open(out, "w", encoding="ascii") as f:
        f.write('#include "api.h"\n\nconst unsigned char api_module[] = {')
        f.write(",".join(str(b) for b in module))
        f.write("};\nconst unsigned api_module_size = sizeof api_module;\n")


if __name__ == "__main__":
    main()
