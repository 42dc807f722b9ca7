#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: make-module.py WAT2WASM IN.wat OUT.c -- the module as a C array."""

import subprocess
import sys
import tempfile


def main():
    wat2wasm, source, out = sys.argv[1:]
    with tempfile.NamedTemporaryFile(suffix=".wasm") as f:
        subprocess.run([wat2wasm, "-o", f.name, source], check=True)
        module = f.read()
    with open(out, "w", encoding="ascii") as f:
        f.write('#include "api.h"\n\nconst unsigned char api_module[] = {')
        f.write(",".join(str(b) for b in module))
        f.write("};\nconst unsigned api_module_size = sizeof api_module;\n")


if __name__ == "__main__":
    main()
