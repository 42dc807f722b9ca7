#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong is one line on stderr and a status that is not zero, and files that
were there stay as they were."""

import os
import random
import stat

from harness import Test

VALID = '(module (func (export "_start")) (func (export "f") (param i32) (result i32) local.get 0))'

# Words after the command, the status, and what the line must name.
COMMAND_LINES = [
    ([], 2, "command"),
    (["fly"], 2, "fly"),
    (["--fly"], 2, "--fly"),
    (["help", "fly"], 2, "fly"),
    (["help", "run", "more"], 2, "more"),
    (["version", "x"], 2, "x"),
    (["run"], 2, "module"),
    (["run", "--fly", "m.wasm"], 2, "--fly"),
    (["run", "-x", "m.wasm"], 2, "-x"),
    (["run", "--fuel"], 2, "--fuel"),
    (["run", "--stats=1", "m.wasm"], 2, "--stats"),
    (["run", "--fuel", "many", "m.wasm"], 2, "many"),
    (["run", "--fuel", "-1", "m.wasm"], 2, "-1"),
    (["run", "--fuel", "99999999999999999999", "m.wasm"], 2, "99999999999999999999"),
    (["run", "--timeout", "soon", "m.wasm"], 2, "soon"),
    (["run", "--timeout", "0", "m.wasm"], 2, "0"),
    (["run", "--timeout", "5x", "m.wasm"], 2, "5x"),
    (["run", "--timeout", "1.", "m.wasm"], 2, "1."),
    (["run", "--timeout", "-1s", "m.wasm"], 2, "-1s"),
    (["run", "--memory-max", "lots", "m.wasm"], 2, "lots"),
    (["run", "--memory-max", "0", "m.wasm"], 2, "64K"),
    (["run", "--memory-max", "5G", "m.wasm"], 2, "4G"),
    (["run", "--memory-max", "1T", "m.wasm"], 2, "1T"),
    (["run", "--name", "", "m.wasm"], 2, "--name"),
    (["run", "--name", "../up", "m.wasm"], 2, "../up"),
    (["run", "--name", "a b", "m.wasm"], 2, "a b"),
    (["run", "--name", "n" * 64, "m.wasm"], 2, "63"),
    (["run", "--dir", "", "m.wasm"], 2, "--dir"),
    (["run", "--dir", "a::b::rw", "m.wasm"], 2, "a::b::rw"),
    (["run", "--env", "", "m.wasm"], 2, "--env"),
    (["run", "--env", "=v", "m.wasm"], 2, "=v"),
    (["run", "--checkpoint-after", "5", "m.wasm"], 2, "--output"),
    (["run", "--output", "x.cell", "m.wasm"], 2, "--checkpoint-after"),
    (["run", "--checkpoint-after", "x", "--output", "x.cell", "m.wasm"], 2, "x"),
    (["run", "--listen", "nowhere", "m.wasm"], 125, "nowhere"),
    (["run", "--listen", "1.2.3.4.5:80", "m.wasm"], 125, "1.2.3.4.5:80"),
    (["run", "--listen", "127.0.0.1:65536", "m.wasm"], 125, "65536"),
    (["run", "--listen", "[::1:80", "m.wasm"], 125, "[::1:80"),
    (["run", "--listen", "unix:", "m.wasm"], 125, "unix:"),
    (["run", "--listen", "192.0.2.1:80", "m.wasm"], 125, "192.0.2.1"),
    (["run", "nothere.wasm"], 125, "nothere.wasm"),
    (["run", "."], 125, "."),
    (["run", "--dir", "nodir", "wasi.wasm"], 125, "nodir"),
    (["run", "--invoke", "g", "m.wasm"], 125, "g"),
    (["run", "--invoke", "f", "m.wasm"], 2, "1 arguments"),
    (["run", "--invoke", "f", "m.wasm", "1", "2"], 2, "got 2"),
    (["run", "--invoke", "f", "m.wasm", "one"], 2, "one"),
    (["run", "--invoke", "f", "m.wasm", "4294967296"], 2, "4294967296"),
    (["run", "--invoke", "f", "m.wasm", "-2147483649"], 2, "-2147483649"),
    (["run", "--invoke", "f", "m.wasm", "0x"], 2, "0x"),
    (["run", "--checkpoint-after", "1", "--output", "no/dir/x.cell", "m.wasm"], 125, "no/dir"),
    (["run", "--checkpoint-after", "1", "--output", "somedir", "m.wasm"], 125, "somedir"),
    (["run", "--checkpoint-after", "1", "--output", "", "m.wasm"], 125, "write"),
    (["run", "--checkpoint-after", "1", "--output", "/dev/null", "m.wasm"], 125, "regular"),
    (["checkpoint", "n", "--output", "/dev/null"], 1, "regular"),
    (["restore"], 2, "image"),
    (["restore", "a", "b"], 2, "b"),
    (["restore", "--env", "A=1", "a"], 2, "--env"),
    (["restore", "--invoke", "f", "a"], 2, "--invoke"),
    (["restore", "nothere.cell"], 125, "nothere.cell"),
    (["restore", "m.wasm"], 125, "m.wasm"),
    (["restore", "empty"], 125, "empty"),
    (["restore", "good.cell", "--module", "nothere.wasm"], 125, "nothere.wasm"),
    (["restore", "good.cell", "--module", "m.wasm"], 125, "good.cell"),
    (["restore", "good.cell", "--output", "x.cell"], 2, "--checkpoint-after"),
    (["restore", "dir.cell"], 125, "/"),
    (["restore", "dir.cell", "--dir", "nodir::/"], 125, "nodir"),
    (["ps", "x"], 2, "x"),
    (["ps", "--all"], 2, "--all"),
    (["checkpoint"], 2, "cell"),
    (["checkpoint", "n"], 2, "--output"),
    (["checkpoint", "n", "--output", "x.cell"], 1, "n"),
    (["checkpoint", "n", "m", "--output", "x.cell"], 2, "m"),
    (["checkpoint", "a/b", "--output", "x.cell"], 2, "a/b"),
    (["checkpoint", "n", "--output", "no/dir/x"], 1, "no/dir"),
    (["inspect"], 2, "file"),
    (["inspect", "m.wasm", "x"], 2, "x"),
    (["inspect", "nothere"], 1, "nothere"),
    (["inspect", "empty"], 1, "empty"),
    (["inspect", "."], 1, "."),
    (["inspect", "text.txt"], 1, "text.txt"),
    (["inspect", "cut.wasm"], 1, "cut.wasm"),
    (["validate"], 2, "module"),
    (["validate", "a", "b"], 2, "b"),
    (["validate", "nothere.wasm"], 1, "nothere.wasm"),
    (["validate", "empty"], 1, "empty"),
    (["validate", "text.txt"], 1, "text.txt"),
    (["validate", "cut.wasm"], 1, "cut.wasm"),
    (["validate", "good.cell"], 1, "good.cell"),
    (["validate", "bad.wat"], 1, "bad.wat"),
    (["run", "bad.wat"], 125, "bad.wat"),
    (["run", "no-start.wasm"], 125, "_start"),
    (["run", "imports.wasm"], 125, "env.missing"),
    (["run", "mistyped.wasm"], 125, "fd_write"),
    (["run", "memory-import.wasm"], 125, "env.memory"),
    (["run", "reexport.wasm"], 125, "_start"),
]


def make_files(t):
    def put(name, data):
        with open(name, "wb") as f:
            f.write(data)

    def module(name, text):
        with open(t.wat(text), "rb") as f:
            put(name, f.read())

    module("m.wasm", VALID)
    with open(t.guest("hello.c"), "rb") as f:
        hello = f.read()
    put("wasi.wasm", hello)
    put("cut.wasm", hello[:100])
    put("empty", b"")
    put("text.txt", b"This is no module.\n")
    put("bad.wat", b'(module (func (export "_start") i32.const))\n')
    module("no-start.wasm", '(module (func (export "main")))')
    module("imports.wasm", '(module (import "env" "missing" (func (param i32 f64) (result i64)))'
                           ' (func (export "_start")))')
    module("mistyped.wasm", '(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64)))'
                            ' (func (export "_start")))')
    module("memory-import.wasm", '(module (import "env" "memory" (memory 1))'
                                 ' (func (export "_start")))')
    module("reexport.wasm", '(module (import "wasi_snapshot_preview1" "sched_yield"'
                            ' (func $y (result i32))) (export "_start" (func $y)))')
    os.mkdir("somedir")
    t.run("run", "--checkpoint-after", "4", "--output", "good.cell", "wasi.wasm")
    os.mkdir("d")
    put("d/in.txt", b"0123456789" * 9)
    t.run("run", "--dir", "d::/", "--checkpoint-after", "8", "--output", "dir.cell",
          t.guest("file-read.c"))
    t.check(os.path.exists("good.cell") and os.path.exists("dir.cell"), "no images to test with")


def snapshot():
    found = {}
    for base, dirs, files in os.walk("."):
        for name in dirs + files:
            path = os.path.join(base, name)
            data = b""
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    data = f.read()
            found[path] = (os.stat(path).st_mode, data)
    return found


def command_lines(t):
    make_files(t)
    before = snapshot()
    for words, status, part in COMMAND_LINES:
        done = t.run(*words, env={"XDG_RUNTIME_DIR": os.getcwd()})
        t.one_line(done, status, " ".join(words), part)
        t.check(done.stdout == b"", f"{words}: printed {done.stdout[:80]!r}")
    t.check(snapshot() == before, "files were touched")


def link_errors(t):
    """Which import, what it wants, what it gets."""
    make_files(t)
    err = t.run("run", "imports.wasm").stderr.decode()
    t.check("env.missing" in err and "(i32 f64) -> (i64)" in err, err)
    err = t.run("run", "mistyped.wasm").stderr.decode()
    t.check("wasi_snapshot_preview1.fd_write" in err and "(i64) -> ()" in err, err)
    err = t.run("run", "memory-import.wasm").stderr.decode()
    t.check("memory env.memory" in err, err)


def existing_output(t):
    """A checkpoint that fails, and a program that ends first, leave the output alone."""
    make_files(t)
    with open("keep.cell", "wb") as f:
        f.write(b"precious")
    os.chmod("keep.cell", 0o640)
    image = ["--checkpoint-after", "4", "--output", "keep.cell"]

    def untouched(what):
        with open("keep.cell", "rb") as f:
            t.check(f.read() == b"precious", f"{what}: the output was touched")
        t.check(stat.S_IMODE(os.stat("keep.cell").st_mode) == 0o640, f"{what}: its mode changed")
        t.check(not [f for f in os.listdir(".") if f.endswith(".tmp")], f"{what}: left a file")

    t.run("run", *image, "cut.wasm")
    untouched("a bad module")
    t.run("run", "--checkpoint-after", "9999999", "--output", "keep.cell", "wasi.wasm")
    untouched("a program that ended first")
    t.run("restore", *image, "m.wasm")
    untouched("not an image")
    t.run("run", "--invoke", "run", *image, t.guest("trap-start.wat"))
    t.run("run", "--invoke", "run", "--checkpoint-after", "99", "--output", "keep.cell",
          t.guest("trap-start.wat"))
    with open("keep.cell", "rb") as f:
        t.check(f.read() != b"precious", "a good checkpoint replaces it")
    done = t.run("run", "--checkpoint-after", "1", "--output", "/proc/x.cell", "wasi.wasm")
    t.one_line(done, 125, "an impossible place", "/proc/x.cell")


def damaged_images(t):
    """Images with a bit changed or cut short are refused in one line."""
    make_files(t)
    rng = random.Random(1)
    for name in ("good.cell", "dir.cell"):
        with open(name, "rb") as f:
            image = f.read()
        for i in range(60):
            bad = bytearray(image)
            if i % 3 == 0:
                bad = bad[:rng.randrange(len(bad))]
            else:
                bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            with open("bad.cell", "wb") as f:
                f.write(bad)
            done = t.run("restore", "bad.cell", "--dir", "d::/")
            t.one_line(done, 125, f"damaged {name} {i}", "bad.cell")
            done = t.run("inspect", "bad.cell")
            t.one_line(done, 1, f"inspect damaged {name} {i}", "bad.cell")


def damaged_modules(t):
    """Modules cut anywhere are refused in one line that says where."""
    make_files(t)
    with open("wasi.wasm", "rb") as f:
        module = f.read()
    for size in range(4, 250, 11):
        with open("bad.wasm", "wb") as f:
            f.write(module[:size])
        done = t.run("validate", "bad.wasm")
        if done.returncode == 0:
            continue  # cut between sections where nothing more is needed
        t.one_line(done, 1, f"cut at {size}", "bad.wasm", "offset")


def control_bytes(t):
    """Names from hostile files and odd arguments cannot break out of the line."""
    module = t.wat('(module (import "a\\0a\\1bb" "\\0d\\0ac" (func)) (func (export "_start")))')
    t.one_line(t.run("run", module), 125, "a name with line breaks")
    t.one_line(t.run("run", "no\nsuch\nfile"), 125, "a path with line breaks")
    t.one_line(t.run("fly\nhigh"), 2, "a command with line breaks")


def unsafe_runtime_directory(t):
    os.makedirs("xdg/cloudskin")
    os.chmod("xdg/cloudskin", 0o777)
    done = t.run("run", "--name", "n", t.guest("hello.c"), env={"XDG_RUNTIME_DIR": os.getcwd() + "/xdg"})
    t.one_line(done, 125, "a directory others can write to", "0700")
    os.makedirs("real")
    os.makedirs("xdg2")
    os.symlink("../real", "xdg2/cloudskin")
    done = t.run("run", "--name", "n", t.guest("hello.c"), env={"XDG_RUNTIME_DIR": os.getcwd() + "/xdg2"})
    t.one_line(done, 125, "a symbolic link in its place", "runtime directory")


if __name__ == "__main__":
    Test().main([command_lines, link_errors, existing_output, damaged_images,
                 damaged_modules, control_bytes, unsafe_runtime_directory])
