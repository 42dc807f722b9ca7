#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hygiene as a test: who may include whom, banned calls, long functions, licence lines.

usage: tidy.py [--top DIR] [--stats] [FILE...]     (default: every file git knows)
Prints `file:line: what is wrong` and exits 1 when there is anything.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# Lowest first. A folder includes only itself and folders before it (ARCHITECTURE.md).
LAYERS = ["base", "port", "wasm", "wasi", "image", "cell", "cli"]

FUNCTION_LINES_MAX = 100
# Functions that are one table: file -> names.
LONG_FUNCTIONS = {}
# Headers that are text to be included between definitions, not declarations.
TEMPLATES = {"src/wasm/interp-ops.h"}

BANNED = ["strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol", "atof",
          "rand", "srand", "random", "srandom", "alloca", "setjmp", "longjmp", "asctime",
          "tmpnam", "mktemp"]
HEAP = ["malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "vasprintf"]
HEAP_ALLOWED = {"src/base/mem.c"}
ENDS = ["exit", "_exit", "_Exit", "quick_exit", "abort"]
OUTPUT = ["printf", "vprintf", "puts", "putchar", "perror", "syslog"]
STREAMS = ["stdout", "stderr", "stdin"]

# Library headers beyond libc and the kernel's: header -> where it may be used.
LIBRARIES = {"zstd.h": ["src/image/", "test/image/", "bench/"]}
SYSTEM = re.compile(
    r"(assert|cpuid|ctype|dirent|errno|fcntl|fenv|float|ftw|getopt|glob|immintrin|inttypes|langinfo|"
    r"limits|locale|math|netdb|poll|pthread|sched|semaphore|signal|spawn|stdalign|stdarg|"
    r"stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|termios|tgmath|"
    r"time|unistd|wchar|arm_neon|arm_acle|x86intrin|linux/[a-z0-9_]+|sys/[a-z0-9_]+|"
    r"netinet/[a-z0-9_]+|arpa/[a-z0-9_]+|asm/[a-z0-9_]+|cloudskin/[a-z0-9_-]+)\.h")

NEEDS_SPDX = re.compile(
    r"(.*\.(c|h|def|inc|S|py|sh|ini|build|1|3|5|7|bash|fish|yml|toml)|Makefile|"
    r"(.*/)?meson_options\.txt|\.ci/run|script/.*|sdk/.*)$")
BINARY = re.compile(r".*\.(wasm|cell|zst|gz|bz2|png|bin|o|a)$|(^|.*/)corpus/.*")
FREE_TEXT = re.compile(r"(LICENSE|.*\.(txt|md))$")
MACHINE_PATH = re.compile(r"(?<![\w.~])/(work|home/\w+|root|tmp/b-\w+)/")
GUESTS = ("sdk/", "examples/", "test/sdk/", "test/guests/")  # written for another C library
ABOUT_TIDY = {"test/tidy/tidy.py", "test/tidy/selftest.py"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b")


class Report:
    def __init__(self):
        self.lines = []

    def add(self, path, number, text):
        self.lines.append(f"{path}:{number}: {text}")


def strip_c(text):
    """Comments and the insides of literals become blanks; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


def layer_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def check_includes(report, path, text):
    mine = layer_of(path)
    if path.startswith("src/") and mine and mine not in LAYERS:
        report.add(path, 1, f"folder '{mine}' is not in the layering table")
        return
    for number, line in enumerate(text.splitlines(), 1):
        quoted = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if quoted and mine and "/" in quoted.group(1):
            theirs = quoted.group(1).split("/")[0]
            if theirs not in LAYERS:
                report.add(path, number, f"includes '{quoted.group(1)}' from no layer")
            elif LAYERS.index(theirs) > LAYERS.index(mine):
                report.add(path, number, f"'{mine}' includes '{theirs}', which is above it")
        angled = re.match(r"\s*#\s*include\s*<([^>]+)>", line)
        if angled:
            check_library(report, path, number, angled.group(1))


def check_library(report, path, number, header):
    if header in LIBRARIES:
        if not any(path.startswith(p) for p in LIBRARIES[header]):
            report.add(path, number, f"<{header}> may not be used here")
    elif not SYSTEM.fullmatch(header):
        if not path.startswith(("sdk/", "examples/", "test/", "bench/")):
            report.add(path, number, f"<{header}> is of no listed library")


def check_calls(report, path, code):
    banned = list(BANNED)
    in_library = path.startswith("src/") and layer_of(path) != "cli"
    if path.startswith("src/") and path not in HEAP_ALLOWED:
        banned += HEAP
    if in_library:
        banned += ENDS + OUTPUT
    call = re.compile(r"(?<![\w.>])(" + "|".join(banned) + r")\s*\(")
    stream = re.compile(r"\b(" + "|".join(STREAMS) + r")\b")
    for number, line in enumerate(code.splitlines(), 1):
        found = call.search(line)
        if found:
            report.add(path, number, f"calls {found.group(1)}()")
        if in_library and stream.search(line) and not line.lstrip().startswith("#"):
            report.add(path, number, "libraries do not write to the standard streams")


def functions(code):
    """(name, first line, length) of each function of code laid out by clang-format."""
    lines = code.splitlines()
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if line == "}":
                yield name_above(lines, start), start, number - start - 1
            start = None


def name_above(lines, brace):
    head = []
    for line in reversed(lines[max(0, brace - 12):brace - 1]):
        if not line.strip() or line.startswith(("}", "#")) or line.endswith(";"):
            break
        head.insert(0, line)
    found = re.search(r"(\w+)\s*\(", " ".join(head))
    return found.group(1) if found else "?"


def check_functions(report, path, code, lengths):
    for name, line, length in functions(code):
        if path.startswith("src/"):
            lengths.append(length)
        if length > FUNCTION_LINES_MAX and name not in LONG_FUNCTIONS.get(path, ()):
            report.add(path, line, f"{name}() has {length} lines, at most {FUNCTION_LINES_MAX}")


def check_text(report, path, text):
    if text and not text.endswith("\n"):
        report.add(path, text.count("\n") + 1, "no newline at the end")
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            report.add(path, number, "blanks at the end of the line")
        if path in ABOUT_TIDY:
            continue
        if MACHINE_PATH.search(line):
            report.add(path, number, "a path of one machine")
        if UNFINISHED.search(line):
            report.add(path, number, "unfinished: " + UNFINISHED.search(line).group(0))
    if NEEDS_SPDX.match(path) and not FREE_TEXT.fullmatch(path):
        head = "\n".join(text.splitlines()[:3])
        if "SPDX-License-Identifier: Apache-2.0" not in head:
            report.add(path, 1, "no SPDX line at the top")


def check_file(report, top, path, lengths):
    with open(os.path.join(top, path), "rb") as f:
        data = f.read()
    if BINARY.match(path) or b"\0" in data:
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        report.add(path, 1, "not UTF-8")
        return
    check_text(report, path, text)
    if path.endswith((".c", ".h")):
        code = strip_c(text)
        check_includes(report, path, text)
        check_functions(report, path, code, lengths)
        if not path.startswith(GUESTS):
            check_calls(report, path, code)
        if "\t" in code:
            report.add(path, 1, "tabs")


def check_header_alone(top, config, path):
    """A header compiles by itself, twice."""
    source = f'#include "{path}"\n#include "{path}"\n'
    done = subprocess.run(
        ["gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused",
         "-fsyntax-only", f"-I{config}", "-Iinclude", "-Isrc", "-I.", "-xc", "-"],
        cwd=top, input=source, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return path, done.returncode, done.stdout


def check_headers(report, top, paths):
    headers = [p for p in paths if p.endswith(".h") and p.startswith(("src/", "include/"))
               and p not in TEMPLATES]
    with tempfile.TemporaryDirectory() as config:
        with open(os.path.join(config, "csk-config.h"), "w") as f:
            for part in ("WASI", "SIMD", "IMAGE"):
                f.write(f"#define CSK_HAVE_{part} 1\n")
            f.write('#define CSK_VERSION "0"\n')
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, status, text in pool.map(
                    lambda p: check_header_alone(top, config, p), headers):
                if status != 0:
                    first = next((x for x in text.splitlines() if "error" in x), "")
                    report.add(path, 1, f"does not compile alone: {first}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--top", default=os.path.dirname(os.path.dirname(here)))
    parser.add_argument("--stats", action="store_true", help="lengths of functions in src/")
    parser.add_argument("file", nargs="*")
    args = parser.parse_args()
    paths = args.file
    if not paths:
        out = subprocess.run(["git", "ls-files", "-z"], cwd=args.top, check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        paths = [p for p in out.split("\0") if p]
    paths = [p for p in paths if os.path.isfile(os.path.join(args.top, p))
             and not os.path.islink(os.path.join(args.top, p))]
    if not paths:
        print("tidy: no files")
        return 1
    report, lengths = Report(), []
    for path in paths:
        check_file(report, args.top, path, lengths)
    check_headers(report, args.top, paths)
    for line in report.lines:
        print(line)
    if args.stats and lengths:
        lengths.sort()
        print(f"{len(lengths)} functions: median {statistics.median(lengths):.0f} lines, "
              f"90th percentile {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}")
    print(f"tidy: {len(paths)} files, {len(report.lines)} findings")
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main())
