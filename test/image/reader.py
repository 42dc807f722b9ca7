#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of cell images, written from doc/formats/cell-image.md alone.

usage: reader.py FILE.cell...    check everything, print what golden-test prints
       reader.py --doc PAGE.md   the same for the example on the page
       reader.py --compare PROGRAM FILE.cell   both readers must say the same
       reader.py --self-test FILE.cell   change every byte: each must be noticed
"""
import hashlib
import re
import shutil
import struct
import subprocess
import sys

META, MODULE, WASI, CONTENT, GLOBALS, TABLES, SEGMENTS, FRAMES, MEMORIES, RANGES = range(1, 11)
END = 255
PIECE = 262144
RECORDS = (CONTENT, RANGES)
VALUE_SIZE = {0x7f: 4, 0x7d: 4, 0x7e: 8, 0x7c: 8, 0x7b: 16, 0x70: 4, 0x6f: 4}


class Bad(Exception):
    pass


def must(condition, what):
    if not condition:
        raise Bad(what)


class Bytes:
    """Takes things off the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        must(self.at + n <= len(self.data), "too short")
        piece = self.data[self.at:self.at + n]
        self.at += n
        return piece

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def u8(self):
        return self.number(1)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def string(self):
        text = self.take(self.u32())
        must(b"\0" not in text, "a zero in a string")
        return text.decode("utf-8", "replace")

    def done(self):
        must(self.at == len(self.data), "too long")


def unpack(stored, plain_size):
    done = subprocess.run(["zstd", "-d", "-q", "-c"], input=stored, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    must(done.returncode == 0 and len(done.stdout) == plain_size, "zstd")
    return done.stdout


def chunks(data):
    """The plain bytes of each chunk with its type, all sums checked."""
    f = Bytes(data)
    header = f.take(16)
    must(header[:8] == b"\x8aCELL\r\n\x1a", "magic")
    must(struct.unpack("<II", header[8:]) == (1, 0), "version")
    root = hashlib.sha256(header)
    result, number = [], 0
    while True:
        before = f.at
        head = f.take(48)
        kind, coding, flags, stored_size, plain_size, n = struct.unpack("<HBBIII", head[:16])
        must(n == number and coding <= 1 and flags <= 1, "chunk header")
        must(1 <= plain_size <= PIECE + (16 if kind in RECORDS else 0), "plain size")
        must(stored_size == plain_size if coding == 0 else 0 < stored_size < plain_size, "sizes")
        stored = f.take(stored_size)
        if kind == END:
            must(coding == 0 and flags == 0, "end chunk")
        else:
            root.update(head + (stored if coding == 1 else b""))
        plain = stored if coding == 0 else unpack(stored, plain_size)
        must(hashlib.sha256(plain).digest() == head[16:], f"hash of chunk {n}")
        if kind == END:
            must(plain == struct.pack("<QII", before, number, 0) + root.digest(), "the end chunk")
            f.done()
            return result
        number += 1
        if META <= kind <= RANGES:
            must(flags == 0, "a known chunk is optional")
            result.append((kind, plain))
        else:
            must(flags == 1 and result, f"chunk of unknown type {kind}")


def sections(parts):
    """{type: bytes of a stream, or list of records}"""
    result, last = {}, 0
    for kind, plain in parts:
        must(kind >= last, "order")
        if kind in RECORDS:
            result.setdefault(kind, []).append(plain)
        elif kind == last:
            must(len(result[kind]) % PIECE == 0, "a short piece is not the last, or comes twice")
            result[kind] += plain
        else:
            result[kind] = plain
        last = kind
    return result


def value(b):
    kind = b.u8()
    must(kind in VALUE_SIZE, "type of a value")
    bits = b.take(VALUE_SIZE[kind])
    must(kind != 0x6f or bits == bytes(4), "an externref that is not null")
    if kind == 0x7b:
        return " 7b: " + bits.hex()
    width = 8 if kind in (0x7f, 0x7d) else 16
    return f" {kind:02x}:{int.from_bytes(bits, 'little'):0{width}x}"


def meta(b):
    m = {"module": b.take(32).hex(), "module_size": b.u64(), "memory": b.u64(), "fuel": b.u64(),
         "entry": b.u32(), "phase": b.u8(), "flags": b.u8()}
    must(m["phase"] <= 3 and m["flags"] <= 7 and b.number(2) == 0, "meta")
    m["epoch"], m["safepoints"] = b.u64(), b.u64()
    size = b.u32()
    must(size <= 63, "name")
    m["name"] = b.take(size).decode()
    b.done()
    return m


def wasi(b):
    b.u64(), b.u64()
    deadline, is_set = b.u64(), b.u8()
    must(is_set <= 1 and (is_set or not deadline), "deadline")
    lists = [[b.string() for _ in range(b.u32())] for _ in range(3)]
    fds, last = [], -1
    for _ in range(b.u32()):
        fd, kind, stdio, _type, eof = b.u32(), b.u8(), b.u8(), b.u8(), b.u8()
        b.number(2), b.u64(), b.u64()
        offset, preopen, content, path = b.u64(), b.u32(), b.u32(), b.string()
        must(fd > last and kind <= 6 and stdio <= 2 and eof <= 1, "open file")
        must(kind not in (2, 3) or preopen < len(lists[2]), "pre-open of a file")
        must(kind != 4 or content != 0xffffffff, "content of a file without a name")
        fds.append((fd, kind, path, offset, content))
        last = fd
    files = []
    for _ in range(b.u32()):
        size, mode, _preopen, _path = b.u64(), b.u32(), b.u32(), b.string()
        must(mode <= 0o7777, "mode")
        files.append(size)
    must(all(c == 0xffffffff or c < len(files) for *_, c in fds), "content")
    b.done()
    return fds, files


def content(records, files):
    last = (-1, 0)
    for record in records:
        b = Bytes(record)
        index, zero, offset = b.u32(), b.u32(), b.u64()
        must(index < len(files) and zero == 0 and offset % PIECE == 0, "content")
        must((index, offset) > last and offset < files[index], "order of content")
        data = b.take(min(PIECE, files[index] - offset))
        must(any(data), "content of zeros")
        b.done()
        last = (index, offset)


def tables(b):
    result = []
    for _ in range(b.u32()):
        size, used, least = b.u32(), 0, 0
        while True:
            start, count = b.u32(), b.u32()
            if count == 0:
                must(start == size, "end of a table")
                break
            must(start >= least and start + count <= size, "run")
            must(all(b.u32() for _ in range(count)), "null in a run")
            least, used = start + count + 1, used + count
        result.append((used, size))
    b.done()
    return result


def segments(b):
    for _ in range(2):
        count = b.u32()
        bits = b.number((count + 7) // 8)
        must(bits >> count == 0, "bits behind the last segment")
    b.done()


def frames(b):
    count, kind = b.u32(), b.u8()
    must(kind <= 4 and (count or not kind), "safepoint")
    lines = []
    for i in range(count):
        func, pc, nlocals, nstack = b.u32(), b.u32(), b.u32(), b.u32()
        lines.append(f"frame {i} function {func} pc {pc} locals {nlocals} operands {nstack}")
        text = ""
        for _ in range(nlocals + nstack):
            text += value(b)
            if text[-37:-32] == " 7b: ":
                text += "\n"
        lines.append(text)
    b.done()
    return count, lines


def memories(b, records):
    pages = [b.u32() for _ in range(b.u32())]
    b.done()
    must(all(p <= 65536 for p in pages), "memory size")
    ranges, touched, last = [0] * len(pages), [0] * len(pages), (-1, 0)
    for record in records:
        r = Bytes(record)
        memory, number, bitmap = r.u32(), r.u32(), r.u64()
        must((memory, number) > last and memory < len(pages) and bitmap, "range")
        must(64 * number + bitmap.bit_length() <= 16 * pages[memory], "range beyond its memory")
        for bit in range(64):
            if bitmap >> bit & 1:
                must(any(r.take(4096)), "page of zeros")
                touched[memory] += 4096
        r.done()
        ranges[memory] += 1
        last = (memory, number)
    return list(zip(pages, ranges, touched))


def state_digest(parts):
    digest, last = hashlib.sha256(), 0
    for kind, plain in parts:
        if kind == META:
            plain = plain[:61] + bytes([plain[61] & ~4]) + plain[62:64]
        elif kind == WASI and last != WASI:
            plain = bytes(24) + plain[24:]
        last = kind
        if kind != MODULE:
            digest.update(struct.pack("<HHI", kind, 0, len(plain)) + plain)
    return digest.hexdigest()


def read(data):
    """The lines that describe an image; Bad when it is not one."""
    parts = chunks(data)
    s = sections(parts)
    for kind in (META, GLOBALS, TABLES, SEGMENTS, FRAMES, MEMORIES):
        must(kind in s, f"section {kind} is missing")
    m = meta(Bytes(s[META]))
    must((WASI in s) == bool(m["flags"] & 2) and (MODULE in s) == bool(m["flags"] & 4), "flags")
    if MODULE in s:
        must(len(s[MODULE]) == m["module_size"], "size of the module")
        must(hashlib.sha256(s[MODULE]).hexdigest() == m["module"], "hash of the module")
    fds, files = wasi(Bytes(s[WASI])) if WASI in s else ([], [])
    content(s.get(CONTENT, []), files)
    g = Bytes(s[GLOBALS])
    for _ in range(g.u32()):
        value(g)
    g.done()
    used = tables(Bytes(s[TABLES]))
    segments(Bytes(s[SEGMENTS]))
    nframes, frame_lines = frames(Bytes(s[FRAMES]))
    must((nframes > 0) == (m["phase"] != 0), "phase and frames")
    sizes = memories(Bytes(s[MEMORIES]), s.get(RANGES, []))
    lines = [f"name {m['name']} epoch {m['epoch']} phase {m['phase']}", f"module {m['module']}"]
    lines += frame_lines
    lines += [f"table {u} of {n}" for u, n in used]
    lines += [f"memory pages {p} ranges {r} touched {t}" for p, r, t in sizes]
    lines += [f"fd {fd} kind {kind} path {path} offset {offset}"
              for fd, kind, path, offset, _ in fds]
    return lines + [f"state {state_digest(parts)}"]


def example(page):
    """The bytes of the dump on a page: offset, bytes, comment."""
    data = b""
    for line in open(page):
        match = re.match(r"^ {4,} *(\d+)  ((?:[0-9a-f]{2}(?: |$)){1,16})", line.rstrip("\n"))
        if match:
            must(int(match[1]) == len(data), f"offset {match[1]} on the page")
            data += bytes.fromhex(match[2])
    must(data, "no example on the page")
    return data


def self_test(data):
    noticed = 0
    for i in range(len(data)):
        for flip in (1, 0x80):
            changed = bytearray(data)
            changed[i] ^= flip
            try:
                read(bytes(changed))
            except (Bad, UnicodeDecodeError):
                noticed += 1
    print(f"{noticed} of {2 * len(data)} changes noticed")
    return noticed == 2 * len(data)


def compare(program, path):
    """PROGRAM prints its own reading of the file, and then how many checks it made."""
    done = subprocess.run([program, path], stdout=subprocess.PIPE, text=True)
    theirs = done.stdout.splitlines()[:-1]
    ours = "\n".join(read(open(path, "rb").read())).splitlines()
    for a, b in zip(ours, theirs):
        if a != b:
            print(f"here:  {a}\nthere: {b}")
    print(f"{len(ours)} lines")
    return done.returncode == 0 and ours == theirs


def main(args):
    if shutil.which("zstd") is None:
        print("skipped: the zstd command is not installed")
        return 77
    if args[0] == "--doc":
        print("\n".join(read(example(args[1]))))
        return 0
    if args[0] == "--compare":
        return 0 if compare(args[1], args[2]) else 1
    if args[0] == "--self-test":
        return 0 if self_test(open(args[1], "rb").read()) else 1
    for path in args:
        print("\n".join(read(open(path, "rb").read())))
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1:]))
    except Bad as problem:
        sys.exit(f"not a cell image: {problem}")
