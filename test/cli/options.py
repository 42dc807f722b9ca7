#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every option of every subcommand does what its page says."""

import json
import os
import re
import socket
import subprocess
import time

from harness import Test

SPIN = "(module (func (export \"_start\") (loop $l br $l)))"
GROW = """(module (memory 1) (func (export "grow") (param i32) (result i32 i32)
  local.get 0 memory.grow memory.size))"""
COUNT = """(module (func (export "count") (param i32) (result i32) (local i32)
  (loop $l local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if $l)
  local.get 1))"""
ADD = """(module (func (export "add") (param i32 i32) (result i32)
  local.get 0 local.get 1 i32.add)
  (func (export "half") (param f64) (result f64) local.get 0 f64.const 2 f64.div)
  (func (export "pair") (result i64 f32) i64.const -9 f32.const 0.1)
  (func (export "none")))"""


def ok(t, done, out=None):
    t.check(done.returncode == 0, f"status {done.returncode}: {done.stderr.decode()}")
    if out is not None:
        t.check(done.stdout == out, f"printed {done.stdout!r}, expected {out!r}")
    return done


def run_plain(t):
    done = ok(t, t.run("run", t.guest("hello.c")), b"hello, world\n")
    t.check(done.stderr == b"to stderr\n", f"stderr: {done.stderr!r}")
    t.check(t.run("run", t.guest("exit-status.c")).returncode == 42, "exit status")


def arguments(t):
    module = t.guest("arguments.c")
    done = t.run("run", module, "one", "--dir", "-3")
    t.check(b"one\0--dir\0-3\0" in done.stdout, f"arguments: {done.stdout!r}")
    done = t.run("run", "--", module, "one", "--", "3")
    t.check(b"one\0--\0003\0" in done.stdout, f"after a double dash: {done.stdout!r}")


def env(t):
    module = t.guest("environment.c")
    env_words = ["--env", "FIRST=1", "--env=SECOND=two", "--env", "INHERITED", "--env", "NOT_SET"]
    done = t.run("run", *env_words, module, env={"INHERITED": "yes", "OTHER": "no"})
    ok(t, done)
    t.check(done.stdout.startswith(b"FIRST=1\0SECOND=two\0INHERITED=yes\0"), f"{done.stdout!r}")
    t.check(b"OTHER" not in done.stdout, "nothing is inherited unasked")


def directories(t):
    os.makedirs("data/sub")
    with open("data/in.txt", "w", encoding="ascii") as f:
        f.write("content")
    ok(t, t.run("run", "--dir", "data::/", t.guest("file-read.c")), b"content")
    ok(t, t.run("run", "--dir", "data", t.guest("file-read.c")), b"content")
    ok(t, t.run("run", "--dir", "data::/x::ro", t.guest("file-read.c")))
    before = sorted(os.listdir("data"))
    t.check(t.run("run", "--dir", "data::/::ro", t.guest("file-write.c")).returncode != 0,
            "a read-only directory was written to")
    t.check(sorted(os.listdir("data")) == before, "a file appeared in a read-only directory")
    ok(t, t.run("run", "--dir", "data::/", t.guest("file-write.c")))
    t.check(os.path.exists("data/out.txt"), "no file was written")
    os.makedirs("second")
    done = ok(t, t.run("run", "--dir", "data::/one", "--dir", "second", t.guest("preopens.c")))
    t.check(done.stdout.startswith(b"/one\nsecond\n"), f"names: {done.stdout!r}")


def listen(t):
    for address in ("127.0.0.1:0", "localhost:0", "[::1]:0", "unix:sock"):
        done = t.run("run", "--listen", address, t.guest("listener.c"))
        ok(t, done)
        t.check(b"still listening" in done.stdout, f"{address}: {done.stdout!r}")


def invoke(t):
    module = t.wat(ADD)
    ok(t, t.run("run", "--invoke", "add", module, "40", "2"), b"42\n")
    ok(t, t.run("run", "--invoke", "add", module, "-1", "0xffffffff"), b"-2\n")
    ok(t, t.run("run", "--invoke", "add", module, "4294967295", "-2147483648"), b"2147483647\n")
    ok(t, t.run("run", "--invoke=half", module, "0.3"), b"0.15\n")
    ok(t, t.run("run", "--invoke", "half", module, "nan"), b"nan\n")
    ok(t, t.run("run", "--invoke", "half", module, "-inf"), b"-inf\n")
    ok(t, t.run("run", "--invoke", "pair", module), b"-9\n0.1\n")
    ok(t, t.run("run", "--invoke", "none", module), b"")
    ok(t, t.run("run", "--invoke", "run", t.guest("invoke-arguments.wat"), "-5",
                "18446744073709551615", "1.5", "-0", "0xff", "null"),
       b"-5\n-1\n1.5\n-0\n0x000000000000000000000000000000ff\nnull\n")


def memory_max(t):
    module = t.wat(GROW)
    ok(t, t.run("run", "--invoke", "grow", "--memory-max", "1M", module, "15"), b"1\n16\n")
    ok(t, t.run("run", "--invoke", "grow", "--memory-max", "1M", module, "16"), b"-1\n1\n")
    ok(t, t.run("run", "--invoke", "grow", "--memory-max", "1048576", module, "16"), b"-1\n1\n")
    ok(t, t.run("run", "--invoke", "grow", "--memory-max", "200K", module, "2"), b"1\n3\n")
    ok(t, t.run("run", "--invoke", "grow", "--memory-max", "200K", module, "3"), b"-1\n1\n")
    done = t.run("run", "--memory-max", "64K", t.guest("hello.c"))
    t.one_line(done, 125, "a module that needs more", "limit")
    # The limit travels in the image.
    ok(t, t.run("run", "--memory-max", "192K", "--checkpoint-after", "1", "--output", "g.cell",
                t.guest("grow.c")))
    t.check(t.run("restore", "g.cell").returncode == t.run("run", "--memory-max", "192K",
                                                            t.guest("grow.c")).returncode != 0,
            "the memory limit did not travel")


def fuel(t):
    module = t.wat(COUNT)
    ok(t, t.run("run", "--invoke", "count", "--fuel", "1000", module, "500"), b"500\n")
    done = t.run("run", "--invoke", "count", "--fuel", "100", module, "500")
    t.one_line(done, 123, "out of fuel", "out of fuel", module, "100")
    t.check(t.run("run", "--fuel", "0", "--invoke", "count", module, "1").returncode == 123,
            "no fuel at all")
    # What is left travels in the image; --fuel gives more.
    image = ["--checkpoint-after", "60", "--output", "f.cell"]
    ok(t, t.run("run", "--invoke", "count", "--fuel", "100", *image, module, "500"))
    t.check(t.run("restore", "f.cell").returncode == 123, "fuel did not travel")
    ok(t, t.run("restore", "--fuel", "1000", "f.cell"), b"500\n")
    left = json.loads(t.run("inspect", "--json", "f.cell").stdout)["fuel_left"]
    t.check(left == 40, f"fuel left: {left}")


def timeout(t):
    for text, seconds in (("250ms", 0.25), ("0.2", 0.2), ("100000us", 0.1)):
        before = time.monotonic()
        done = t.run("run", "--timeout", text, t.wat(SPIN))
        took = time.monotonic() - before
        t.one_line(done, 124, text, "out of time", text)
        t.check(seconds <= took < seconds + 5, f"--timeout {text} took {took:.3f} s")
    # Waiting for input is ended as well.
    reader = t.start("run", "--timeout", "100ms", t.guest("stdin-read.c"))
    t.check(reader.wait(20) == 124, f"blocked: status {reader.returncode}")
    ok(t, t.run("run", "--timeout", "30s", t.guest("hello.c")), b"hello, world\n")


def checkpoint_after(t):
    module = t.guest("hello.c")
    done = ok(t, t.run("run", "--checkpoint-after", "3", "--output", "h.cell", module), b"")
    err = done.stderr.decode()
    t.check(err.count("\n") == 1 and "h.cell" in err and "3" in err, f"one line: {err!r}")
    for words in (["restore", "h.cell"], ["restore", "--stats", "h.cell"],
                  ["restore", "h.cell", "--fuel", "1000"], ["restore", "--", "h.cell"]):
        ok(t, t.run(*words), b"hello, world\n")
    done = t.run("restore", "h.cell", "--checkpoint-after", "2", "--output=i.cell")
    ok(t, done)
    done2 = t.run("restore", "--checkpoint-after", "2", "--output", "j.cell", "h.cell")
    ok(t, done2)
    ok(t, t.run("restore", "i.cell"), b"hello, world\n"[len(done.stdout):])
    # A program that ends earlier writes no image and ends as usual.
    done = t.run("run", "--checkpoint-after", "100000", "--output", "no.cell",
                 t.guest("exit-status.c"))
    t.check(done.returncode == 42 and not os.path.exists("no.cell"), "ended earlier")
    # 0 is before the first instruction.
    ok(t, t.run("run", "--checkpoint-after", "0", "--output", "z.cell", module), b"")
    ok(t, t.run("restore", "z.cell"), b"hello, world\n")


def identity(t):
    ok(t, t.run("run", "--checkpoint-after", "9", "--output", "a.cell", t.guest("sort.c")))
    ok(t, t.run("restore", "a.cell", "--checkpoint-after", "0", "--output", "b.cell"))
    with open("a.cell", "rb") as a, open("b.cell", "rb") as b:
        t.check(a.read() == b.read(), "restored and written again: other bytes")


def module_travels(t):
    module = t.guest("sort.c")
    image = ["--checkpoint-after", "5", "--output"]
    whole = ok(t, t.run("run", module)).stdout
    ok(t, t.run("run", *image, "with.cell", module))
    ok(t, t.run("run", "--without-module", *image, "bare.cell", module))
    t.check(os.path.getsize("bare.cell") < os.path.getsize("with.cell"), "no smaller without")
    ok(t, t.run("restore", "with.cell"), whole)
    t.one_line(t.run("restore", "bare.cell"), 125, "no module", "--module")
    ok(t, t.run("restore", "bare.cell", "--module", module), whole)
    ok(t, t.run("restore", "with.cell", "--module", module), whole)
    t.one_line(t.run("restore", "bare.cell", "--module", t.guest("crc.c")), 125, "another module")
    ok(t, t.run("restore", "bare.cell", "--module", module, *image, "bare2.cell"))
    t.one_line(t.run("restore", "bare2.cell"), 125, "still no module", "--module")
    ok(t, t.run("restore", "bare.cell", "--module", module, "--with-module", *image, "w2.cell"))
    ok(t, t.run("restore", "w2.cell"), whole)


def files_travel(t):
    module = t.guest("file-read.c")
    for name in ("here", "there"):
        os.makedirs(name)
    with open("here/in.txt", "w", encoding="ascii") as f:
        f.write("0123456789abcdef" * 4)
    whole = ok(t, t.run("run", "--dir", "here::/", module)).stdout
    part = ok(t, t.run("run", "--dir", "here::/", "--with-files", "--checkpoint-after", "9",
                       "--output", "f.cell", module)).stdout
    rest = ok(t, t.run("restore", "f.cell", "--dir", "there::/")).stdout
    t.check(part + rest == whole and 0 < len(part) < len(whole),
            f"the open file did not travel: {part!r} {rest!r}")


def wat_accepted(t):
    with open("p.wat", "w", encoding="ascii") as f:
        f.write(ADD)
    ok(t, t.run("run", "--invoke", "add", "p.wat", "1", "2"), b"3\n")
    ok(t, t.run("validate", "p.wat"), b"")
    ok(t, t.run("inspect", "p.wat"))
    done = t.run("run", "p.wat", env={"PATH": "/nonexistent"})
    t.one_line(done, 125, "no wat2wasm", "wat2wasm")


def stats(t):
    done = ok(t, t.run("run", "--stats", "--invoke", "count", t.wat(COUNT), "50"), b"50\n")
    found = re.search(rb"safepoints (\d+)", done.stderr)
    t.check(found is not None and int(found.group(1)) >= 50, f"stats: {done.stderr!r}")


def validate(t):
    done = ok(t, t.run("validate", t.guest("hello.c")), b"")
    t.check(done.stderr == b"", "said something about a valid module")
    done = ok(t, t.run("validate", "--json", t.guest("hello.c")))
    t.check(json.loads(done.stdout)["valid"] is True, "JSON of a valid module")
    with open(t.guest("hello.c"), "rb") as f:
        good = f.read()
    with open("bad.wasm", "wb") as f:
        f.write(good[:-40])
    t.one_line(t.run("validate", "bad.wasm"), 1, "cut", "bad.wasm", "offset")
    done = t.run("validate", "--json", "bad.wasm")
    verdict = json.loads(done.stdout)
    t.check(done.returncode == 1 and verdict["valid"] is False and verdict["offset"] > 0,
            f"JSON of a bad module: {verdict}")


def inspect(t):
    module = t.guest("trap-unreachable.wat")
    text = ok(t, t.run("inspect", module)).stdout.decode()
    for part in ("WebAssembly module", "sections:", "code", "exports: 1", "run () -> ()"):
        t.check(part in text, f"module: no {part!r}")
    view = json.loads(ok(t, t.run("inspect", "--json", module)).stdout)
    t.check(view["kind"] == "module" and view["functions"] == 2, f"module JSON: {view}")
    image = ["--checkpoint-after", "4", "--output"]
    ok(t, t.run("run", "--invoke", "run", *image, "i.cell", module))
    text = ok(t, t.run("inspect", "i.cell")).stdout.decode()
    for part in ("cell image", "state digest", "#0 deep", "run (func 1)"):
        t.check(part in text, f"image: no {part!r} in {text}")
    view = json.loads(ok(t, t.run("inspect", "i.cell", "--json")).stdout)
    names = [f["name"] for f in view["frames"]]
    t.check(view["kind"] == "image" and names == ["deep"] * 3 + ["run"], f"frames: {names}")
    t.check([f["locals"][0]["value"] for f in view["frames"][:3]] == ["3", "4", "5"],
            f"locals: {view['frames']}")
    ok(t, t.run("run", "--invoke", "run", "--without-module", *image, "b.cell", module))
    view = json.loads(ok(t, t.run("inspect", "b.cell", "--json")).stdout)
    t.check(view["frames"][0]["name"] == "func[0]", "a name from nowhere")
    done = ok(t, t.run("inspect", "b.cell", "--json", "--module", module))
    t.check(json.loads(done.stdout)["frames"][0]["name"] == "deep", "--module names functions")
    os.mkdir("d")
    with open("d/in.txt", "w", encoding="ascii") as f:
        f.write("x" * 100)
    ok(t, t.run("run", "--dir", "d::/", "--checkpoint-after", "9", "--output", "f.cell",
                t.guest("file-read.c")))
    view = json.loads(ok(t, t.run("inspect", "--json", "f.cell")).stdout)
    kinds = {fd["fd"]: (fd["kind"], fd["path"]) for fd in view["wasi"]["fds"]}
    t.check(kinds[3] == ("preopen", "/") and kinds[4] == ("file", "in.txt"), f"fds: {kinds}")


def traps(t):
    done = t.run("run", "--invoke", "run", t.guest("trap-unreachable.wat"))
    err = done.stderr.decode()
    t.check(done.returncode == 134 and "unreachable executed" in err, f"trap: {err}")
    t.check(err.count("deep (func 0) at 0x") == 6 and "run (func 1) at 0x" in err,
            f"stack trace: {err}")
    module = t.wat('(module (func $f call $f) (func (export "_start") call $f))')
    done = t.run("run", module)
    err = done.stderr.decode()
    t.check(done.returncode == 134 and "call stack exhausted" in err and " more\n" in err and
            err.count("\n") < 50, f"exhausted: {err[:600]}")
    module = t.wat('(module (memory 1) (data (i32.const 65535) "ab") (func (export "_start")))')
    t.check(t.run("run", module).returncode == 134, "a segment that does not fit")


def helps(t):
    for command in ("run", "ps", "checkpoint", "restore", "inspect", "validate", "version"):
        one = ok(t, t.run(command, "--help")).stdout
        t.check(one == t.run("help", command).stdout and f"cloudskin {command}".encode() in one,
                f"help of {command}")
    t.check(ok(t, t.run("help")).stdout == ok(t, t.run("--help")).stdout, "two helps")
    t.check(ok(t, t.run("version")).stdout == ok(t, t.run("--version")).stdout, "two versions")
    t.check("version" in json.loads(ok(t, t.run("version", "--json")).stdout), "version JSON")
    ok(t, t.run("run", "--fuel", "1", "--help"))
    ok(t, t.run("restore", "x", "-h"))


def pages_know_options(t):
    """Every option in the help is in the manual page, and the other way round."""
    man = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man")
    for command in ("run", "ps", "checkpoint", "restore", "inspect", "validate"):
        text = t.run("help", command).stdout.decode()
        in_help = set(re.findall(r"--([a-z][a-z-]+)", text)) - {"help"}
        with open(os.path.join(man, f"cloudskin-{command}.1"), encoding="utf-8") as f:
            page = f.read()
        in_page = set(re.findall(r"Fl Fl ([a-z][a-z-]+)", page))
        in_page |= set(re.findall(r"\| (with(?:out)?-module)", page))
        t.check(in_help - {"name"} <= in_page, f"{command}: not in the page: {in_help - in_page}")
        extra = in_page - in_help - {"checkpoint-after", "output", "name", "with-module"}
        t.check(not extra, f"{command}: only in the page: {extra}")


def listener_travels(t):
    """A listening socket is there again after a restore, by its address."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    address = f"127.0.0.1:{port}"
    module = t.guest("listener.c")
    whole = ok(t, t.run("run", "--listen", address, module)).stdout
    ok(t, t.run("run", "--listen", address, "--checkpoint-after", "1", "--output", "l.cell",
                module))
    ok(t, t.run("restore", "l.cell", "--listen", address), whole)
    t.one_line(t.run("restore", "l.cell"), 125, "no listener", address)


def closed_stdio(t):
    done = subprocess.run(f"exec {' '.join(t.command)} run {t.guest('hello.c')} >&-", shell=True,
                          capture_output=True, timeout=60, check=False)
    t.check(done.returncode == 99, f"closed stdout: status {done.returncode}, {done.stderr!r}")


if __name__ == "__main__":
    Test().main([run_plain, arguments, env, directories, listen, invoke, memory_max, fuel, timeout,
                 checkpoint_after, identity, module_travels, files_travel, wat_accepted, stats,
                 validate, inspect, traps, helps, pages_know_options, listener_travels,
                 closed_stdio])
