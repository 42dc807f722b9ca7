#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Freezes unmodified programs at random points and continues them on another kind of CPU.

usage: walk.py [--points N] [--links N] [--seed S] [--program NAME]...

Points: each is one run, which begins on one CPU, is frozen at a random safepoint, goes on on a
second, is frozen again, and ends on a third. A chain is one run that is frozen at many random
safepoints, its links on the CPUs in turn; now and then an image is also read and written again,
which must not change a byte. Output, exit status and every file must be those of an undisturbed
run. A failure prints what to pass to see it again.
"""
import argparse
import concurrent.futures
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
HERE = os.path.dirname(os.path.abspath(__file__))
UNCOUNTED = 10**15
TIMEOUT_S = 600
IDENTITY_EVERY = 10  # at each n-th link of a chain

CPUS = {
    "x86_64": [os.path.join(BUILD, "bin", "cloudskin")],
    "aarch64": ["qemu-aarch64", os.path.join(BUILD, "aarch64", "bin", "cloudskin")],
    "s390x": ["qemu-s390x", os.path.join(BUILD, "s390x", "bin", "cloudskin")],
}

# Lua seeds its hashes by the clock, so that its runs differ a little in length: points stay
# clear of the end.
VARIES = {"lua"}

# name -> module, arguments, files it starts with
PROGRAMS = {
    "lua": ("lua", ["job.lua"], ["job.lua"]),
    "sqlite": ("sqlite3", ["test.db", ".read job.sql"], ["job.sql"]),
    "minigzip": ("minigzip", ["sample"], ["sample"]),
    "bzip2": ("bzip2", ["-k", "sample"], ["sample"]),
}
CHAINS = {
    "lua": ("lua", ["chain.lua"], ["chain.lua"]),
    "sqlite": ("sqlite3", ["shop.db", ".read chain.sql"], ["chain.sql"]),
    "minigzip": ("minigzip", ["mixed"], ["mixed"]),
    "bzip2": ("bzip2", ["-k", "mixed"], ["mixed"]),
}


class Failure(Exception):
    pass


def sample():
    """64 KiB of text with repeats, the same every time."""
    state, out = 99, []
    words = [bytes(97 + (i * j + 3 * i + j) % 26 for j in range(1 + i % 8)) for i in range(300)]
    for _ in range(13000):
        state = (state * 1103515245 + 12345) % 2147483648
        out.append(words[(state >> 10) % 300])
    return b" ".join(out)[:65536]


def mixed():
    """Text, and then what cannot be compressed."""
    return sample()[:30000] + random.Random(4).randbytes(9000)


MADE = {"sample": sample, "mixed": mixed}


def fill(directory, files):
    for name in files:
        if name in MADE:
            with open(os.path.join(directory, name), "wb") as f:
                f.write(MADE[name]())
        else:
            shutil.copy(os.path.join(HERE, name), directory)


def tree(directory):
    found = {}
    for base, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, directory)] = hashlib.sha256(f.read()).hexdigest()
    return found


def run(cpu, arguments, directory):
    return subprocess.run([*CPUS[cpu], *arguments], cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S)


def begin(job):
    module, arguments, _ = job
    return ["--env", "HOME=.", os.path.join(BUILD, "legacy", module + ".wasm"), *arguments]


def messages(stderr):
    """The program's own words on stderr, without cloudskin's."""
    return b"".join(x for x in stderr.splitlines(True) if not x.startswith(b"cloudskin: "))


class Undisturbed:
    def __init__(self, program, job):
        self.program, self.job = program, job
        with tempfile.TemporaryDirectory() as directory:
            fill(directory, job[2])
            done = run("x86_64", ["run", "--stats", "--fuel", str(UNCOUNTED), "--dir", ".::.",
                                  *begin(job)], directory)
            counted = re.search(rb"safepoints (\d+)", done.stderr)
            if not counted:
                raise Failure(f"{program}: no count of safepoints: {done.stderr[-300:]}")
            self.total = int(counted.group(1))
            if self.total < 10000:
                raise Failure(f"{program}: only {self.total} safepoints: {done.stderr[-300:]}")
            self.end = self.total * 49 // 50 if program in VARIES else self.total
            self.result = (done.returncode, done.stdout, messages(done.stderr), tree(directory))

    def difference(self, result):
        """What a run that has ended made otherwise, or None."""
        names = ("exit status", "output", "messages", "files")
        for name, got, want in zip(names, result, self.result):
            if got != want:
                return f"{name}: {str(got)[-300:]} instead of {str(want)[-300:]}"
        return None


def piece(cpu, command, stop, image, directory):
    extra = ["--checkpoint-after", str(stop), "--output", image] if stop else []
    return run(cpu, [command[0], *extra, "--dir", ".::.", *command[1:]], directory)


def one_point(still, number, seed):
    """Returns None, or what went wrong."""
    rng = random.Random(f"{still.program} {seed} {number}")
    cpus = list(CPUS)
    rng.shuffle(cpus)
    at = sorted(rng.randrange(1, still.end) for _ in range(2))
    what = f"{still.program} point {number} ({' '.join(cpus)}, safepoints {at[0]} and {at[1]})"
    wrong = journey(still, cpus, at, IDENTITY_EVERY)
    return f"{what}: {wrong}" if wrong else None


def unchanged(cpu, image, directory):
    """An image that is read and written again at once must be the same."""
    again = image + ".again"
    done = run(cpu, ["restore", image, "--dir", ".::.", "--checkpoint-after", "0", "--output",
                     again], directory)
    if done.returncode != 0:
        return f"reading an image again on {cpu}: {done.stderr[-300:]!r}"
    with open(image, "rb") as a, open(again, "rb") as b:
        return None if a.read() == b.read() else f"written again on {cpu} the image has other bytes"


def journey(still, cpus, at, identity_every):
    """One run, frozen at the safepoints `at`, on the CPUs in turn. None, or what went wrong."""
    with tempfile.TemporaryDirectory() as images, tempfile.TemporaryDirectory() as directory:
        fill(directory, still.job[2])
        command, output, errors, here = ["run", *begin(still.job)], b"", b"", 0
        for number, end in enumerate([*at, None]):
            stop = end - here if end else None
            if stop == 0:
                continue
            cpu, here = cpus[number % len(cpus)], end
            image = os.path.join(images, f"{number}.cell")
            if command[0] == "restore" and number % identity_every == 0:
                wrong = unchanged(cpu, command[1], directory)
                if wrong:
                    return f"link {number}: {wrong}"
            done = piece(cpu, command, stop, image, directory)
            output += done.stdout
            errors += messages(done.stderr)
            if stop and (done.returncode != 0 or not os.path.exists(image)):
                return f"link {number}: no image at {end} on {cpu}: {done.stderr[-300:]!r}"
            if command[0] == "restore":
                os.unlink(command[1])
            command = ["restore", image]
        return still.difference((done.returncode, output, errors, tree(directory)))


def walk(program, points, seed, pool):
    still = Undisturbed(program, PROGRAMS[program])
    jobs = [pool.submit(one_point, still, n, seed) for n in range(points)]
    wrong = [w for w in (j.result() for j in jobs) if w]
    for text in wrong[:10]:
        print("failed: " + text)
    print(f"{program}: {points - len(wrong)} of {points} points continued to the same end "
          f"({still.total:,} safepoints, exit {still.result[0]})", flush=True)
    return len(wrong)


def chain(program, links, seed):
    still = Undisturbed(program, CHAINS[program])
    rng = random.Random(f"{program} {seed} chain")
    wrong = journey(still, list(CPUS), sorted(rng.sample(range(1, still.end), links)),
                    IDENTITY_EVERY)
    print(f"failed: {program}: chain of {links}: {wrong}" if wrong else
          f"{program}: a chain of {links} links in {still.total:,} safepoints", flush=True)
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--links", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", action="append", choices=PROGRAMS)
    args = parser.parse_args()
    needed = [c[-1] for c in CPUS.values()]
    needed += [os.path.join(BUILD, "legacy", p[0] + ".wasm") for p in PROGRAMS.values()]
    missing = [n for n in needed if not os.path.exists(n)]
    if missing:
        print(f"not built: {os.path.relpath(missing[0], TOP)} (make cross legacy)")
        return 77
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program in args.program or PROGRAMS:
            try:
                wrong += walk(program, args.points, args.seed, pool)
                wrong += chain(program, args.links, args.seed)
            except (Failure, subprocess.TimeoutExpired) as problem:
                print(f"failed: {problem}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
