# SPDX-License-Identifier: Apache-2.0
"""What the tests of the cloudskin command share: building guests, running the command,
counting checks."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

WAT_FLAGS = ["--enable-tail-call", "--enable-multi-memory", "--enable-extended-const",
             "--debug-names"]


class Test:
    """Runs the functions it is given, each in a directory of its own."""

    def __init__(self):
        self.command = shlex.split(os.environ.get("CLOUDSKIN", ""))
        if not self.command:
            sys.exit("CLOUDSKIN names the command to test")
        self.guests = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "guests")
        self.checks = 0
        self.failures = 0
        self.built = tempfile.mkdtemp(prefix="csk-built-")
        self.modules = {}

    def check(self, cond, text):
        self.checks += 1
        if not cond:
            self.failures += 1
            lines = [f.lineno for f in traceback.extract_stack()
                     if f.filename not in (__file__, os.path.abspath(__file__))][1:]
            print(f"FAIL {' < '.join(str(n) for n in reversed(lines))}: {text}")

    def wat(self, text):
        """The module of a program given as text, built once."""
        if text not in self.modules:
            base = os.path.join(self.built, f"m{len(self.modules)}")
            with open(base + ".wat", "w", encoding="utf-8") as f:
                f.write(text)
            subprocess.run(["wat2wasm", *WAT_FLAGS, "-o", base + ".wasm", base + ".wat"],
                           check=True)
            self.modules[text] = base + ".wasm"
        return self.modules[text]

    def guest(self, name):
        """The module of a program in test/guests."""
        if name not in self.modules:
            source = os.path.join(self.guests, name)
            out = os.path.join(self.built, name + ".wasm")
            if name.endswith(".wat"):
                command = ["wat2wasm", *WAT_FLAGS, "-o", out, source]
            else:
                command = ["clang-19", "--target=wasm32-wasi", "-O1", "-nostartfiles",
                           "-nodefaultlibs", "-o", out, source]
            subprocess.run(command, check=True)
            self.modules[name] = out
        return self.modules[name]

    def run(self, *words, stdin=b"", env=None, timeout=60):
        """One process of the command, to its end."""
        return subprocess.run([*self.command, *words], input=stdin, capture_output=True,
                              timeout=timeout, check=False,
                              env=None if env is None else {**os.environ, **env})

    def start(self, *words, env=None, **kwargs):
        """One process of the command, running."""
        kwargs = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE,
                  "stderr": subprocess.PIPE, **kwargs}
        return subprocess.Popen([*self.command, *words],
                                env=None if env is None else {**os.environ, **env}, **kwargs)

    def one_line(self, done, status, what, *parts):
        """The process failed as it should: this status, one line, with these parts."""
        err = done.stderr.decode(errors="replace")
        self.check(done.returncode == status, f"{what}: status {done.returncode}, not {status}: {err}")
        self.check(err.count("\n") == 1 and err.endswith("\n"), f"{what}: not one line: {err!r}")
        self.check(err.startswith("cloudskin: "), f"{what}: {err!r}")
        for part in parts:
            self.check(part in err, f"{what}: no {part!r} in {err!r}")

    def wait_for(self, cond, what, seconds=20):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if cond():
                return True
            time.sleep(0.01)
        self.check(False, f"waited in vain: {what}")
        return False

    def main(self, tests):
        only = sys.argv[1:]
        for tool in ("wat2wasm", "clang-19"):
            if shutil.which(tool) is None:
                print(f"skipped: {tool} is not installed")
                sys.exit(77)
        before = os.getcwd()
        for test in tests:
            if only and test.__name__ not in only:
                continue
            with tempfile.TemporaryDirectory(prefix="csk-cli-") as where:
                os.chdir(where)
                try:
                    test(self)
                except Exception:  # pylint: disable=broad-except
                    self.failures += 1
                    print(f"FAIL {test.__name__}")
                    traceback.print_exc(file=sys.stdout)
                os.chdir(before)
        shutil.rmtree(self.built)
        print(f"{self.checks} checks, {self.failures} failed")
        sys.exit(1 if self.failures or not self.checks else 0)
