#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checkpoint small programs at every safepoint and continue each image in a new process.

For each guest program and each of its safepoints M this checks that
  - the image at M of one run equals, by state digest, the image reached by a chain of
    processes that each ran one safepoint;
  - restoring an image and writing it again at once gives the same bytes;
  - continuing the image to the end gives the output, files and exit status of the
    undisturbed run.

Programs say what they need in comments: `walk: invoke FUNC ARGS`, `args`, `env`, `stdin`,
`dir`, `dir2`, `listen`, `exit STATUS`, `flags`, `libc`, and `volatile WHY` where memory holds
times, random bytes or inode numbers, so that images of two runs differ (they are then not
compared by digest; everything else is).

With several --runner commands the processes of a chain take turns between them.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

POINTS_MAX = 600  # a program that passes more than this is not small
TIMEOUT_S = 60


class Failure(Exception):
    pass


def need(cond, text):
    if not cond:
        raise Failure(text)


class Guest:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.walk = {}
        with open(path, encoding="utf-8") as f:
            for line in f:
                m = re.match(r"\s*(?:;;|/\*) walk: (\S+)\s*(.*?)\s*(?:\*/)?$", line)
                if m:
                    self.walk[m.group(1)] = m.group(2)
        self.exit = int(self.walk.get("exit", "0"))
        self.volatile = "volatile" in self.walk

    def words(self, key):
        return shlex.split(self.walk.get(key, ""))

    def build(self, out):
        if self.path.endswith(".wat"):
            command = ["wat2wasm", "--enable-tail-call", "--enable-multi-memory",
                       "--enable-extended-const", "--debug-names", "-o", out, self.path]
        else:
            command = ["clang-19", "--target=wasm32-wasi", "-O1", *self.words("flags"), "-o", out,
                       self.path]
            if "libc" not in self.walk:
                command[3:3] = ["-nostartfiles", "-nodefaultlibs"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        need(done.returncode == 0, f"does not build: {done.stderr}")


def make_dirs(where):
    """The directory a program finds: a file, and a directory with some files."""
    os.makedirs(os.path.join(where, "sub"))
    with open(os.path.join(where, "in.txt"), "w", encoding="ascii") as f:
        f.write("The quick brown fox\njumps over\nthe lazy dog.\n")
    for name in ("alpha", "beta", "gamma", "a-file-with-a-longer-name", "z"):
        with open(os.path.join(where, "sub", name), "w", encoding="ascii") as f:
            f.write(name + "\n")


def tree(where):
    found = {}
    for base, dirs, files in os.walk(where):
        for name in dirs:
            found[os.path.relpath(os.path.join(base, name), where)] = "directory"
        for name in files:
            path = os.path.join(base, name)
            if os.path.islink(path):
                found[os.path.relpath(path, where)] = "link to " + os.readlink(path)
            else:
                with open(path, "rb") as f:
                    found[os.path.relpath(path, where)] = f.read()
    return found


class World:
    """What one run of a program touches: directories, stdin, and its output so far."""

    def __init__(self, guest, where):
        self.guest = guest
        self.where = where
        self.stdin = os.path.join(where, "stdin")
        self.offset = 0
        self.out = b""
        self.err = b""
        os.makedirs(where)
        for d in ("d1", "d2"):
            make_dirs(os.path.join(where, d))
        with open(self.stdin, "wb") as f:
            f.write(guest.walk.get("stdin", "").encode().decode("unicode_escape").encode())

    def copy(self, where):
        other = World.__new__(World)
        other.__dict__.update(self.__dict__)
        shutil.copytree(self.where, where, symlinks=True)
        other.where = where
        other.stdin = os.path.join(where, "stdin")
        return other

    def remove(self):
        shutil.rmtree(self.where)

    def host_options(self):
        options = []
        if "dir" in self.guest.walk:
            options += ["--dir", f"{self.where}/d1::/"]
        if "dir2" in self.guest.walk:
            options += ["--dir", f"{self.where}/d2::/two"]
        if "listen" in self.guest.walk:
            options += ["--listen", "127.0.0.1:0"]
        return options

    def process(self, runner, words):
        """Run one process; its output is added to what came before. The exit status."""
        with open(self.stdin, "rb") as stdin:
            os.lseek(stdin.fileno(), self.offset, os.SEEK_SET)
            done = subprocess.run([*runner, *words], stdin=stdin, capture_output=True,
                                  timeout=TIMEOUT_S, check=False)
            self.offset = os.lseek(stdin.fileno(), 0, os.SEEK_CUR)
        self.out += done.stdout
        err = done.stderr.decode(errors="replace")
        lines = [re.sub(r"^(cloudskin: [^:]*): [^:]*", r"\1: FILE", line)
                 for line in err.splitlines(keepends=True)
                 if not line.startswith(("cloudskin: checkpoint: ", "cloudskin: stats: "))]
        self.err += "".join(lines).encode()
        self.last_err = err
        return done.returncode

    def run(self, runner, module, extra):
        guest = self.guest
        words = ["run", *self.host_options()]
        for entry in guest.words("env"):
            words += ["--env", entry]
        args = guest.words("args")
        if "invoke" in guest.walk:
            name, *args = guest.words("invoke")
            words += ["--invoke", name]
        return self.process(runner, [*words, *extra, module, *args])

    def restore(self, runner, image, extra):
        return self.process(runner, ["restore", image, *self.host_options(), *extra])

    def result(self, status):
        return {"status": status, "stdout": self.out, "stderr": self.err,
                "files": tree(os.path.join(self.where, "d1")),
                "files2": tree(os.path.join(self.where, "d2"))}


def describe(runner, image):
    done = subprocess.run([*runner, "inspect", "--json", image], capture_output=True,
                          timeout=TIMEOUT_S, check=False)
    need(done.returncode == 0, f"inspect failed: {done.stderr.decode()}")
    return json.loads(done.stdout)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def same(what, got, expected):
    for key, value in expected.items():
        need(got[key] == value, f"{what}: {key} is {got[key]!r}, undisturbed {value!r}")


class Walk:
    def __init__(self, guest, runners, stride, where):
        self.guest = guest
        self.runners = runners
        self.stride = stride
        self.where = where
        self.module = os.path.join(where, "m.wasm")
        self.turn = 0
        self.checks = 0

    def runner(self):
        self.turn += 1
        return self.runners[self.turn % len(self.runners)]

    def path(self, name):
        return os.path.join(self.where, name)

    def undisturbed(self):
        world = World(self.guest, self.path("plain"))
        status = world.run(self.runners[0], self.module, ["--stats"])
        need(status == self.guest.exit,
             f"exit status {status}, expected {self.guest.exit}: {world.last_err}")
        points = int(re.search(r"safepoints (\d+)", world.last_err).group(1))
        need(0 < points <= POINTS_MAX, f"{points} safepoints")
        self.expected = world.result(status)
        self.points = points

    def reference(self, point):
        """The image at a safepoint of one run that got there by itself."""
        world = World(self.guest, self.path("ref"))
        image = self.path("ref.cell")
        status = world.run(self.runners[0], self.module,
                           ["--checkpoint-after", str(point), "--output", image])
        need(status == 0 and os.path.exists(image),
             f"run to safepoint {point}: status {status}: {world.last_err}")
        result = world.result(0)
        digest = describe(self.runners[0], image)["state_digest"]
        world.remove()
        os.unlink(image)
        return result, digest

    def identity(self, world, image, point):
        other = world.copy(self.path("same"))
        again = self.path("again.cell")
        status = other.restore(self.runner(), image,
                               ["--checkpoint-after", "0", "--output", again])
        need(status == 0, f"restore at {point}: status {status}: {other.last_err}")
        need(read(image) == read(again), f"image at {point}: not the same bytes after a restore")
        need(other.result(0) == world.result(0), f"restore at {point} changed something")
        other.remove()
        os.unlink(again)

    def continuation(self, world, image, point):
        other = world.copy(self.path("rest"))
        status = other.restore(self.runner(), image, [])
        same(f"continued from {point}", other.result(status), self.expected)
        other.remove()

    def check(self, world, image, point):
        self.checks += 1
        self.identity(world, image, point)
        self.continuation(world, image, point)
        result, digest = self.reference(point)
        same(f"at {point}", world.result(0), result)
        if not self.guest.volatile:
            need(describe(self.runner(), image)["state_digest"] == digest,
                 f"image at {point}: state digest differs from the undisturbed run's")

    def chain(self):
        world = World(self.guest, self.path("chain"))
        image = self.path("0.cell")
        status = world.run(self.runner(), self.module,
                           ["--checkpoint-after", "1", "--output", image])
        need(status == 0, f"first checkpoint: status {status}: {world.last_err}")
        for point in range(1, self.points + 1):
            if point % self.stride == 0 or point == self.points:
                self.check(world, image, point)
            following = self.path(f"{point}.cell")
            status = world.restore(self.runner(), image,
                                   ["--checkpoint-after", "1", "--output", following])
            os.unlink(image)
            if point < self.points:
                need(status == 0 and os.path.exists(following),
                     f"step from {point} of {self.points}: status {status}: {world.last_err}")
            else:
                need(not os.path.exists(following), "an image after the program's end")
            image = following
        same("the chain's end", world.result(status), self.expected)

    def run(self):
        self.guest.build(self.module)
        self.undisturbed()
        self.chain()


def walk(job):
    guest, runners, stride = job
    with tempfile.TemporaryDirectory(prefix="csk-walk-") as where:
        w = Walk(guest, runners, stride, where)
        try:
            w.run()
            return guest.name, w.points, w.checks, None
        except (Failure, subprocess.TimeoutExpired) as e:
            return guest.name, getattr(w, "points", 0), w.checks, str(e)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runner", action="append", required=True,
                        help="the cloudskin command, as a shell would split it; may repeat")
    parser.add_argument("--guests", required=True)
    parser.add_argument("--stride", type=int, default=1, help="check every n-th safepoint only")
    parser.add_argument("--programs-min", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("only", nargs="*", help="names of programs (default: all)")
    args = parser.parse_args()
    for tool in ("wat2wasm", "clang-19"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed")
            return 77
    runners = [shlex.split(r) for r in args.runner]
    paths = sorted(os.path.join(args.guests, f) for f in os.listdir(args.guests)
                   if f.endswith((".wat", ".c")))
    guests = [Guest(p) for p in paths
              if not args.only or os.path.basename(p).rsplit(".", 1)[0] in args.only]
    failed = points = checks = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, n, c, error in pool.map(walk, [(g, runners, args.stride) for g in guests]):
            points += n
            checks += c
            if error is not None:
                failed += 1
                print(f"FAIL {name}: {error}")
            else:
                print(f"ok   {name}: {c} of {n} safepoints")
            sys.stdout.flush()
    print(f"{len(guests)} programs, {points} safepoints, {checks} checked, {failed} failed")
    if not args.only and len(guests) < args.programs_min:
        print(f"too few programs: {len(guests)} of {args.programs_min}")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
