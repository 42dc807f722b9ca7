#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Named cells from another process: ps, checkpoint of whatever a cell is doing, what
killed processes leave behind; and signals."""

import json
import os
import signal
import socket
import subprocess
import time

from harness import Test

# Computes without a host call until global $n reaches its limit, then says so.
COMPUTE = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "computed\\n")
  (func (export "_start") (local $n i64)
    i32.const 0 i32.const 16 i32.store
    i32.const 4 i32.const 9 i32.store
    (loop $l
      local.get $n i64.const 1 i64.add local.tee $n
      i64.const LIMIT i64.lt_u br_if $l)
    i32.const 1 i32.const 0 i32.const 1 i32.const 8 call $write drop))"""
SPIN = COMPUTE.replace("LIMIT", "-1")

ECHO = """(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $l
      i32.const 0 i32.const 64 i32.store
      i32.const 4 i32.const 100 i32.store
      i32.const 0 i32.const 0 i32.const 1 i32.const 8 call $read drop
      i32.const 8 i32.load i32.eqz if return end
      i32.const 4 i32.const 8 i32.load i32.store
      i32.const 1 i32.const 0 i32.const 1 i32.const 8 call $write drop
      br $l)))"""

# Sleeps MS milliseconds in poll_oneoff, then writes "woke".
SLEEP = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "woke\\n")
  (func (export "_start")
    i32.const 0x100 i64.const 7 i64.store
    i32.const 0x110 i32.const 1 i32.store
    i32.const 0x118 i64.const MS000000 i64.store
    i32.const 0x100 i32.const 0x200 i32.const 1 i32.const 8 call $poll drop
    i32.const 0 i32.const 16 i32.store
    i32.const 4 i32.const 5 i32.store
    i32.const 1 i32.const 0 i32.const 1 i32.const 8 call $write drop))"""

# Accepts one connection on fd 3 and writes "called" to it and to stdout.
ACCEPT = """(module
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "called\\n")
  (func (export "_start")
    i32.const 3 i32.const 0 i32.const 12 call $accept if unreachable end
    i32.const 0 i32.const 16 i32.store
    i32.const 4 i32.const 7 i32.store
    i32.const 12 i32.load i32.const 0 i32.const 1 i32.const 8 call $write drop
    i32.const 1 i32.const 0 i32.const 1 i32.const 8 call $write drop))"""


class Named:
    """A runtime directory of the test's own."""

    def __init__(self, t):
        self.t = t
        self.env = {"XDG_RUNTIME_DIR": os.getcwd()}

    def run(self, *words, **kwargs):
        return self.t.run(*words, env=self.env, **kwargs)

    def start(self, name, *words, **kwargs):
        """A named cell, once it can be found."""
        process = self.t.start("run", "--name", name, *words, env=self.env, **kwargs)
        self.t.wait_for(lambda: name in self.names() or process.poll() is not None,
                        f"{name} in ps")
        self.t.check(process.poll() is None, f"{name} ended at once")
        return process

    def ps(self):
        done = self.run("ps", "--json")
        self.t.check(done.returncode == 0, f"ps: {done.stderr}")
        return {row["name"]: row for row in json.loads(done.stdout)}

    def names(self):
        return set(self.ps())

    def socket(self, name):
        return os.path.join("cloudskin", name + ".sock")

    def checkpoint(self, name, *options, status=0):
        done = self.run("checkpoint", name, "--output", name + ".cell", *options)
        self.t.check(done.returncode == status, f"checkpoint {name}: {done.returncode} {done.stderr}")
        return done

    def frozen(self, name, process, *options):
        """Checkpoint; the process ends with the status that says so."""
        before = time.monotonic()
        self.checkpoint(name, *options)
        took = time.monotonic() - before
        self.t.check(took < 5, f"the checkpoint of {name} took {took:.1f} s")
        out, err = process.communicate(timeout=10)
        self.t.check(process.returncode == 122 and out == b"",
                     f"{name}: status {process.returncode}, {out!r}, {err!r}")
        self.t.check(name not in self.names() and not os.path.exists(self.socket(name)),
                     f"{name} is still listed")
        return name + ".cell"


def listed(t):
    n = Named(t)
    t.check(n.run("ps").stdout.split()[0] == b"NAME" and n.names() == set(), "nothing runs")
    t.check(not os.path.exists("cloudskin"), "ps made the runtime directory")
    one = n.start("one", t.wat(SPIN))
    two = n.start("two.b-c_3", t.guest("stdin-read.c"))
    rows = n.ps()
    t.check(set(rows) == {"one", "two.b-c_3"}, f"ps: {rows}")
    t.check(rows["one"]["pid"] == one.pid and rows["one"]["state"] == "running" and
            rows["one"]["memory_bytes"] == 65536 and rows["one"]["module"] == t.wat(SPIN) and
            rows["two.b-c_3"]["pid"] == two.pid, f"ps: {rows}")
    table = n.run("ps").stdout.decode().splitlines()
    t.check(len(table) == 3 and table[1].split()[:3] == ["one", str(one.pid), "running"],
            f"ps: {table}")
    t.check(os.stat("cloudskin").st_mode & 0o777 == 0o700, "the runtime directory's mode")
    two.communicate(b"", timeout=10)
    t.check(two.returncode == 0 and n.names() == {"one"}, "one ended")
    one.terminate()
    t.check(one.wait(10) == -signal.SIGTERM, f"SIGTERM: {one.returncode}")
    t.check(n.names() == set() and os.listdir("cloudskin") == [], "a stale socket stays")


def unnamed(t):
    """A cell without a name starts no thread and does not touch the runtime directory."""
    n = Named(t)
    process = t.start("run", t.wat(SPIN), env=n.env)
    time.sleep(0.3)
    threads = os.listdir(f"/proc/{process.pid}/task")
    process.kill()
    process.wait()
    if not t.command[0].startswith("qemu"):
        t.check(len(threads) == 1, f"{len(threads)} threads")
    t.check(not os.path.exists("cloudskin"), "the runtime directory was made")


def computing(t):
    n = Named(t)
    process = n.start("c", t.wat(COMPUTE.replace("LIMIT", "300000000")))
    image = n.frozen("c", process)
    done = n.run("restore", image, timeout=300)
    t.check(done.returncode == 0 and done.stdout == b"computed\n", f"restored: {done}")


def blocked_in_read(t):
    n = Named(t)
    process = n.start("r", t.wat(ECHO))
    process.stdin.write(b"first\n")
    process.stdin.flush()
    t.check(process.stdout.readline() == b"first\n", "no echo")
    time.sleep(0.1)
    image = n.frozen("r", process)
    done = n.run("restore", image, stdin=b"second\n")
    t.check(done.returncode == 0 and done.stdout == b"second\n", f"restored: {done}")


def blocked_in_write(t):
    """A full pipe: the write is taken back and made again."""
    n = Named(t)
    r, w = os.pipe()
    os.write(w, b"x" * 65536)
    process = n.start("w", t.guest("hello.c"), stdout=w)
    time.sleep(0.2)
    n.checkpoint("w")
    t.check(process.wait(10) == 122, f"status {process.returncode}")
    os.close(r)
    os.close(w)
    done = n.run("restore", "w.cell")
    t.check(done.returncode == 0 and done.stdout == b"hello, world\n", f"restored: {done}")


def sleeping(t):
    n = Named(t)
    module = t.wat(SLEEP.replace("MS", "2500"))
    began = time.monotonic()
    process = n.start("s", module)
    time.sleep(0.5)
    image = n.frozen("s", process)
    slept = time.monotonic() - began
    t.check(slept < 2, "frozen only after it woke")
    time.sleep(1)  # the guest's clock stands still meanwhile
    began = time.monotonic()
    done = n.run("restore", image)
    rest = time.monotonic() - began
    t.check(done.returncode == 0 and done.stdout == b"woke\n", f"restored: {done}")
    t.check(2.5 - slept - 0.3 < rest < 2.5 + 1, f"slept {slept:.2f} s, then {rest:.2f} s")


def waiting_for_a_call(t):
    n = Named(t)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{s.getsockname()[1]}"
    module = t.wat(ACCEPT)
    process = n.start("a", "--listen", address, module)
    image = n.frozen("a", process)
    process = t.start("restore", image, "--listen", address)
    host, port = address.split(":")

    def call():
        try:
            with socket.create_connection((host, int(port)), timeout=5) as c:
                return c.recv(100) == b"called\n"
        except OSError:
            return False
    t.wait_for(call, "the restored listener answers")
    out, _ = process.communicate(timeout=10)
    t.check(process.returncode == 0 and out == b"called\n", f"restored: {out!r}")


def leave_running(t):
    n = Named(t)
    process = n.start("l", t.wat(ECHO))
    for i in range(5):
        line = b"line %d\n" % i
        process.stdin.write(line)
        process.stdin.flush()
        t.check(process.stdout.readline() == line, "no echo")
        done = n.checkpoint("l", "--leave-running", "--json")
        report = json.loads(done.stdout)
        t.check(report["running"] and report["bytes"] == os.path.getsize("l.cell"), f"{report}")
        t.check(process.poll() is None and "l" in n.names(), "it was not left running")
    done = n.run("restore", "l.cell", stdin=b"copy\n")
    t.check(done.stdout == b"copy\n", f"the image left behind: {done}")
    out, _ = process.communicate(b"end\n", timeout=10)
    t.check(process.returncode == 0 and out == b"end\n", f"the cell itself: {out!r}")


def leave_running_computing(t):
    n = Named(t)
    process = n.start("lc", t.wat(COMPUTE.replace("LIMIT", "400000000")))
    for _ in range(5):
        if process.poll() is None:
            n.checkpoint("lc", "--leave-running")
    out, _ = process.communicate(timeout=300)
    t.check(process.returncode == 0 and out == b"computed\n", f"{process.returncode} {out!r}")
    done = n.run("restore", "lc.cell", timeout=300)
    t.check(done.returncode == 0 and done.stdout == b"computed\n", f"restored: {done}")


def moved_twice(t):
    """A restored cell can be named, and checkpointed again."""
    n = Named(t)
    image = n.frozen("first", n.start("first", t.wat(ECHO)))
    process = t.start("restore", image, "--name", "second", env=n.env)
    t.wait_for(lambda: "second" in n.names(), "the restored cell in ps")
    image = n.frozen("second", process)
    t.check(json.loads(n.run("inspect", "--json", image).stdout)["name"] == "second", "its name")
    t.check(n.run("restore", image, stdin=b"hi").stdout == b"hi", "restored twice")


def duplicate(t):
    n = Named(t)
    process = n.start("d", t.wat(SPIN))
    done = n.run("run", "--name", "d", t.guest("hello.c"))
    t.one_line(done, 125, "a name in use", "d", "name in use")
    t.check(done.stdout == b"", "it ran all the same")
    t.check("d" in n.names(), "the first one is still there")
    process.kill()
    process.wait()


def stale(t):
    """kill -9 leaves a socket: ps removes it, and the name is free again."""
    n = Named(t)
    process = n.start("k", t.wat(SPIN))
    process.kill()
    process.wait()
    t.check(os.path.exists(n.socket("k")), "nothing left behind to test with")
    t.one_line(n.run("checkpoint", "k", "--output", "k.cell"), 1, "a dead cell", "k")
    t.check(not os.path.exists("k.cell"), "an image of a dead cell")
    process = n.start("k", t.wat(SPIN))
    process.kill()
    process.wait()
    process = n.start("k", t.wat(ECHO))
    process.communicate(b"", timeout=10)
    t.check(not os.path.exists(n.socket("k")), "the socket stays after an end")
    process = n.start("k", t.wat(SPIN))
    process.kill()
    process.wait()
    t.check(n.names() == set() and not os.path.exists(n.socket("k")), "ps leaves the stale socket")


def failing_checkpoints(t):
    """Whatever goes wrong on the way, the cell runs on and old images stay."""
    n = Named(t)
    process = n.start("f", t.wat(ECHO))
    os.mkdir("ro")
    with open("f.cell", "wb") as f:
        f.write(b"precious")
    t.one_line(n.run("checkpoint", "f", "--output", "none/f.cell"), 1, "no directory")
    t.one_line(n.run("checkpoint", "f", "--output", "ro"), 1, "a directory in its place")
    # A client that dies between asking and committing: the cell goes on.
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s, open("raw.cell", "wb") as f:
        s.connect(n.socket("f"))
        socket.send_fds(s, [b"checkpoint\n"], [f.fileno()])
        t.check(s.recv(4096).startswith(b"written "), "no image")
    t.wait_for(lambda: n.ps().get("f", {}).get("state") == "running", "the cell runs on")
    for text in (b"", b"nonsense", b"checkpoint\n", b"status", b"x" * 5000):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(n.socket("f"))
            s.send(text)
    # An fd that cannot be written to.
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s, open("raw.cell", "rb") as f:
        s.connect(n.socket("f"))
        socket.send_fds(s, [b"checkpoint\n"], [f.fileno()])
        t.check(s.recv(4096).startswith(b"error "), "no error for an fd that cannot be written to")
    with open("f.cell", "rb") as f:
        t.check(f.read() == b"precious", "the old image was touched")
    out, _ = process.communicate(b"alive\n", timeout=10)
    t.check(process.returncode == 0 and out == b"alive\n", f"the cell itself: {out!r}")
    t.check(n.run("restore", "raw.cell", stdin=b"too\n").stdout == b"too\n", "the orphaned image")


def many_at_once(t):
    """Checkpoints asked for by several clients at the same time are served in turn."""
    n = Named(t)
    process = n.start("m", t.wat(SPIN))
    clients = [t.start("checkpoint", "m", "--leave-running", "--output", f"m{i}.cell", env=n.env)
               for i in range(6)]
    for i, client in enumerate(clients):
        out, err = client.communicate(timeout=60)
        t.check(client.returncode == 0, f"client {i}: {out!r} {err!r}")
        t.check(n.run("inspect", f"m{i}.cell").returncode == 0, f"image {i}")
    t.check(process.poll() is None, "it ended")
    process.kill()
    process.wait()


def ends_meanwhile(t):
    """A cell that ends while a checkpoint is asked for: either an image or a clear error."""
    n = Named(t)
    module = t.wat(COMPUTE.replace("LIMIT", "3000000"))
    for i in range(12):
        process = t.start("run", "--name", "e", module, env=n.env)
        time.sleep(0.002 * i)
        done = n.run("checkpoint", "e", "--output", "e.cell")
        out, _ = process.communicate(timeout=60)
        if done.returncode == 0:
            t.check(process.returncode == 122 and out == b"", f"frozen: {process.returncode}")
            t.check(n.run("restore", "e.cell").stdout == b"computed\n", "restored")
        else:
            t.one_line(done, 1, "too late")
            t.check(process.returncode == 0 and out == b"computed\n", f"ended: {process.returncode}")


def with_limits(t):
    """Names, time limits and --checkpoint-after at once."""
    n = Named(t)
    process = n.start("t", "--timeout", "800ms", t.wat(SPIN))
    n.checkpoint("t", "--leave-running")
    t.check(process.wait(20) == 124, f"status {process.returncode}")
    process = n.start("u", "--checkpoint-after", "300000000", "--output", "at.cell",
                      t.wat(COMPUTE.replace("LIMIT", "300000005")))
    n.checkpoint("u", "--leave-running")
    process.communicate(timeout=300)
    done = n.run("inspect", "--json", "at.cell")
    t.check(process.returncode == 0 and json.loads(done.stdout)["safepoints"] == 300000000,
            f"stopped elsewhere: {done.stdout[:200]}")


def signals(t):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        for module in (t.wat(SPIN), t.wat(ECHO)):
            process = t.start("run", module)
            time.sleep(0.15)
            process.send_signal(number)
            t.check(process.wait(10) == -number, f"signal {number}: status {process.returncode}")
    # Nobody reads: killed by SIGPIPE, as any program.
    process = t.start("run", t.wat(ECHO), preexec_fn=lambda: signal.signal(signal.SIGPIPE,
                                                                            signal.SIG_DFL))
    process.stdout.close()
    process.stdin.write(b"x" * 10)
    process.stdin.flush()
    t.check(process.wait(10) == -signal.SIGPIPE, f"SIGPIPE: status {process.returncode}")
    # A parent that ignores it: the guest sees the error.
    process = subprocess.Popen([*t.command, "run", t.guest("hello.c")], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
    process.stdout.close()
    t.check(process.wait(10) in (99, 0), f"ignored SIGPIPE: status {process.returncode}")
    # Signals that a parent blocked: a time limit still ends a blocked call.
    process = t.start("run", "--timeout", "200ms", t.wat(ECHO), preexec_fn=lambda:
                      signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM, signal.SIGURG]))
    t.check(process.wait(10) == 124, f"blocked SIGALRM: status {process.returncode}")
    # Stopped and continued.
    process = t.start("run", t.wat(ECHO))
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(b"on\n", timeout=10)
    t.check(process.returncode == 0 and out == b"on\n", f"continued: {out!r}")


def killed_while_writing(t):
    """kill -9 at any moment of a checkpoint leaves the old image or the new one, whole."""
    module = t.wat(COMPUTE.replace("LIMIT", "200000").replace('"memory") 1', '"memory") 400'))
    image = ["--checkpoint-after", "100000", "--output", "w.cell"]
    t.run("run", *image, module)
    with open("w.cell", "rb") as f:
        whole = len(f.read())
    for i in range(12):
        process = t.start("run", *image, module)
        time.sleep(0.001 * i)
        process.kill()
        process.wait()
        t.check(abs(os.path.getsize("w.cell") - whole) < 64, "a torn image")
        t.check(t.run("restore", "w.cell").stdout == b"computed\n", "a damaged image")
    t.check(len([f for f in os.listdir(".") if f.endswith(".tmp")]) <= 1, "files left behind")


if __name__ == "__main__":
    Test().main([listed, unnamed, computing, blocked_in_read, blocked_in_write, sleeping,
                 waiting_for_a_call, leave_running, leave_running_computing, moved_twice,
                 duplicate, stale, failing_checkpoints, many_at_once, ends_meanwhile, with_limits,
                 signals, killed_while_writing])
