#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the WebAssembly core test suite (wast2json's output) into what spec-runner reads.

usage: convert.py OUTPUT_FOLDER SHARED_FOLDER

Runs on the build machine. The runner also runs on machines and under emulators that have
neither Python nor a JSON library, so it gets one line a command, tokens separated by
blanks, strings as "=" and percent-encoded bytes, numbers as hexadecimal bit patterns:

    module LINE NAME FILE              register LINE NAME AS
    action|exhaustion LINE ACTION      return LINE ACTION NRESULTS RESULT...
    trap LINE TEXT ACTION
    malformed|invalid|unlinkable|uninstantiable LINE TEXT FILE
    text-refused|text-unread LINE TEXT FILE

ACTION is invoke|get MODULE FIELD NARGS ARG..., and a result with alternatives is
either;VALUE;VALUE... . Modules in the text format are given to wat2wasm here, as the command
does with .wat files: what it refuses becomes text-refused; what it can read is handed to the
runner as a binary under the assertion's own kind; without wat2wasm they are text-unread,
which the runner counts as skipped.

The folder gets `index`, a line "FILE CLASS ASSERTIONS" for each file, or, when there are no
data, a file `absent` that says what was looked for.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "f32": 32, "f64": 64}
WAT2WASM = shutil.which("wat2wasm")


def text(string):
    keep = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$"
    data = string.encode("utf-8", "surrogatepass")
    return "=" + "".join(chr(b) if b in keep else "%%%02x" % b for b in data)


def number(value, bits):
    if value.startswith("nan:"):
        return value.replace(":", "-")
    return "%x" % (int(value) & ((1 << bits) - 1))


def value_token(value):
    kind = value["type"]
    if "value" not in value:
        return kind + ":any"
    if kind == "v128":
        bits = BITS[value["lane_type"]]
        lanes = ",".join(number(v, bits) for v in value["value"])
        return "v128:%s,%s" % (value["lane_type"], lanes)
    if kind in BITS:
        return kind + ":" + number(value["value"], BITS[kind])
    return kind + ":" + ("null" if value["value"] == "null" else "%x" % int(value["value"]))


def result_tokens(command):
    if "either" in command:
        return ["either;" + ";".join(value_token(v) for v in command["either"])]
    return [value_token(v) for v in command["expected"]]


def action_tokens(action):
    args = [value_token(a) for a in action.get("args", [])]
    names = [text(action.get("module", "")), text(action["field"])]
    return [action["type"]] + names + [str(len(args))] + args


def read_text_module(folder, name):
    """True: read into name + ".wasm". False: refused. None: nobody here can read it."""
    if WAT2WASM is None:
        return None
    command = [WAT2WASM, "--enable-all", "--no-check", name, "-o", name + ".wasm"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if run.returncode not in (0, 1):
        raise SystemExit("wat2wasm ended with %d on %s" % (run.returncode, name))
    return run.returncode == 0


def refusal_tokens(command, folder):
    kind = command["type"].removeprefix("assert_")
    name = command["filename"]
    if command.get("module_type") == "text":
        read = read_text_module(folder, name)
        kind = {None: "text-unread", False: "text-refused", True: kind}[read]
        name += ".wasm" if read else ""
    return [kind, str(command["line"]), text(command["text"]), text(name)]


def command_tokens(command, folder):
    kind = command["type"]
    line = str(command["line"])
    if kind == "module":
        return ["module", line, text(command.get("name", "")), text(command["filename"])]
    if kind == "register":
        return ["register", line, text(command.get("name", "")), text(command["as"])]
    if kind == "assert_return":
        results = result_tokens(command)
        return ["return", line] + action_tokens(command["action"]) + [str(len(results))] + results
    if kind == "assert_trap":
        return ["trap", line, text(command["text"])] + action_tokens(command["action"])
    if "action" in command:
        name = {"action": "action", "assert_exhaustion": "exhaustion"}.get(kind, "unknown")
        return [name, line] + action_tokens(command["action"])
    if kind.startswith("assert_") and "filename" in command:
        return refusal_tokens(command, folder)
    return ["unknown", line, text(kind)]


def convert(job):
    folder, name, count = job
    with open(os.path.join(folder, name + ".json"), encoding="utf-8") as source:
        commands = json.load(source)["commands"]
    counted = sum(command["type"] != "register" for command in commands)
    if count not in ("-", str(counted)):
        raise SystemExit("%s: %d assertions, the manifest says %s" % (name, counted, count))
    with open(os.path.join(folder, "commands"), "w", encoding="ascii") as out:
        for command in commands:
            out.write(" ".join(command_tokens(command, folder)) + "\n")
    return counted


def is_current(output, source):
    """Whether what is there was made from this suite by this program with this wat2wasm."""
    made_from = [__file__, source + "/spec.tar.zst", source + "/MANIFEST.tsv"]
    made_from += [WAT2WASM] if WAT2WASM is not None else []
    if not os.path.exists(output + "/index") or not all(map(os.path.exists, made_from)):
        return False
    return os.path.getmtime(output + "/index") > max(map(os.path.getctime, made_from))


def main():
    output, shared = sys.argv[1:3]
    source = os.environ.get("CSK_SHARED", shared) + "/spec"
    if is_current(output, source):
        return
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    if not os.path.exists(source + "/spec.tar.zst") or not os.path.exists(source + "/MANIFEST.tsv"):
        with open(output + "/absent", "w", encoding="utf-8") as out:
            out.write("no core test suite in %s (set CSK_SHARED to the folder above it)\n" % source)
        return
    subprocess.run(["tar", "-C", output, "--zstd", "-xf", source + "/spec.tar.zst"], check=True)
    with open(source + "/MANIFEST.tsv", encoding="utf-8") as manifest:
        rows = [row.rstrip("\n").split("\t") for row in manifest][1:]
    jobs = [(os.path.join(output, "spec", name), name, count) for name, _, count in rows]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(convert, jobs))
    with open(output + "/index", "w", encoding="utf-8") as index:
        for (name, kind, _), count in zip(rows, counts):
            index.write("%s %s %d\n" % (name, kind, count))


main()
