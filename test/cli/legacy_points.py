#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Legacy programs are stopped at random points and continued on other kinds of CPU.

Each program's run is cut at random safepoints; the pieces run on x86-64, aarch64 and
big-endian s390x in turn, each in a process of its own that gets the cell as an image. Output
and files must be those of the undisturbed run, byte for byte.

The programs come from script/legacy (build/legacy), the other CPUs' commands from `make
aarch64 s390x` (build/ARCH/bin) and run under qemu-user.
"""

import argparse
import os
import platform
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TIMEOUT_S = 600
IDENTITY_EVERY = 10  # at each n-th point the image is also read and written again unchanged


def lines(n, seed):
    rng = random.Random(seed)
    words = [bytes(rng.choices(b"etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(300)]
    return b"\n".join(b" ".join(rng.choices(words, k=9)) for _ in range(n)) + b"\n"


def noise(n, seed):
    return random.Random(seed).randbytes(n)


def text_file(name):
    with open(os.path.join(TOP, "test", "cli", name), "rb") as f:
        return f.read()


# module, arguments, the files it finds
JOBS = {
    "lua": ("lua.wasm", ["points.lua"], lambda: {"points.lua": text_file("points.lua")}),
    "sqlite": ("sqlite3.wasm", ["shop.db", ".read points.sql"],
               lambda: {"points.sql": text_file("points.sql")}),
    "minigzip": ("minigzip.wasm", ["data"], lambda: {"data": lines(900, 3) + noise(9000, 4)}),
    "bzip2": ("bzip2.wasm", ["-k", "data"], lambda: {"data": lines(300, 5) + noise(3000, 6)}),
}


class Failure(Exception):
    pass


def need(cond, text):
    if not cond:
        raise Failure(text)


def tree(where):
    found = {}
    for name in sorted(os.listdir(where)):
        with open(os.path.join(where, name), "rb") as f:
            found[name] = f.read()
    return found


class Job:
    def __init__(self, name, runners, where):
        module, self.args, self.files = JOBS[name]
        self.name = name
        self.module = os.path.join(TOP, "build", "legacy", module)
        self.runners = runners
        self.where = where

    def fresh(self, name):
        directory = os.path.join(self.where, name)
        os.mkdir(directory)
        for file, data in self.files().items():
            with open(os.path.join(directory, file), "wb") as f:
                f.write(data)
        return directory

    def process(self, runner, words, directory):
        done = subprocess.run([*runner, *words], cwd=directory, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT_S, check=False)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def first(self, extra):
        return ["run", "--dir", ".::.", "--env", "HOME=.", *extra, self.module, *self.args]

    def undisturbed(self):
        directory = self.fresh("plain")
        status, out, err = self.process(self.runners[0][1], self.first(["--stats"]), directory)
        need(status == 0, f"undisturbed: status {status}: {err}")
        self.expected = (out, tree(directory))
        return int(re.search(r"safepoints (\d+)", err).group(1))

    def unchanged(self, runner, image, directory):
        again = os.path.join(self.where, "again.cell")
        status, _, err = self.process(runner, ["restore", image, "--dir", ".::.",
                                               "--checkpoint-after", "0", "--output", again],
                                      directory)
        need(status == 0, f"reading an image again: status {status}: {err}")
        with open(image, "rb") as a, open(again, "rb") as b:
            need(a.read() == b.read(), f"{image}: restored and written again it has other bytes")
        os.unlink(again)

    def piece(self, number, begin, end, image, directory):
        """Run from one point to the next on the next CPU: its output, and the new image."""
        arch, runner = self.runners[number % len(self.runners)]
        following = os.path.join(self.where, f"{number}.cell")
        stop = [] if end is None else ["--checkpoint-after", str(end - begin), "--output",
                                       following]
        words = self.first(stop) if image is None else ["restore", image, "--dir", ".::.", *stop]
        if image is not None and number % IDENTITY_EVERY == 0:
            self.unchanged(runner, image, directory)
        status, out, err = self.process(runner, words, directory)
        need(status == 0, f"piece {number}, safepoint {begin} on {arch}: status {status}: {err}")
        need(end is None or os.path.exists(following), f"no image at safepoint {end}")
        if image is not None:
            os.unlink(image)
        return out, following

    def journey(self, points):
        directory = self.fresh("moved")
        out, image, begin = b"", None, 0
        for number, end in enumerate([*points, None]):
            more, image = self.piece(number, begin, end, image, directory)
            out += more
            begin = end
        need(out == self.expected[0], f"output differs: {out[-300:]!r}")
        got = tree(directory)
        need(got.keys() == self.expected[1].keys(), f"files: {sorted(got)}")
        for file, data in self.expected[1].items():
            need(got[file] == data, f"{file} differs")


def runners(native, built):
    found = [(platform.machine(), native)]
    for arch in ("aarch64", "s390x"):
        command = built.replace("ARCH", arch)
        qemu = f"qemu-{arch}"
        if not os.path.exists(command) or shutil.which(qemu) is None:
            print(f"skipped: `make {arch}` and {qemu} are needed")
            sys.exit(77)
        found.append((arch, [qemu, command]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runner", required=True, help="this machine's cloudskin command")
    parser.add_argument("--cross", default=os.path.join(TOP, "build", "ARCH", "bin", "cloudskin"),
                        help="the other CPUs' commands, with ARCH for the architecture")
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("only", nargs="*", choices=[*JOBS, []], help="programs (default: all)")
    args = parser.parse_args()
    available = runners(shlex.split(args.runner), args.cross)
    names = args.only or list(JOBS)
    for name in names:
        if not os.path.exists(os.path.join(TOP, "build", "legacy", JOBS[name][0])):
            print(f"skipped: build/legacy/{JOBS[name][0]} is missing (script/legacy builds it)")
            return 77
    failed = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix="csk-points-") as where:
            job = Job(name, available, where)
            try:
                total = job.undisturbed()
                rng = random.Random(f"{args.seed} {name}")
                # Lua seeds its hashes by the clock, so that runs differ a little in length.
                points = sorted(rng.sample(range(1, total * 49 // 50), args.points))
                job.journey(points)
                print(f"ok   {name}: {len(points)} points in {total} safepoints", flush=True)
            except (Failure, subprocess.TimeoutExpired) as e:
                failed += 1
                print(f"FAIL {name}: {e}", flush=True)
    print(f"{len(names)} programs, {args.points} points each, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
