// SPDX-License-Identifier: Apache-2.0
// Runs the modules of a batch that gen-drive wrote and compares what they do.
// usage: node v8.mjs BATCH...     status 0: all alike, 1: not
import { readFileSync } from "node:fs";

const RUN_PARAMS = 4;
const ARG_SETS = 3;
const PRINTED_MAX = 20;

// The same host functions as in world.c.
const imports = {
  env: {
    twice: (x) => (Math.imul(x, 2) + 1) | 0,
    swap: (a, b) => [b ^ 0x55, BigInt.asIntN(64, a + BigInt(b >>> 0))],
  },
};

const classes = [
  [/^unreachable$/, "unreachable"],
  [/memory access out of bounds/, "memory"],
  [/(table|element).* out of bounds/, "table"],
  [/null function or function signature mismatch|indirect call/, "call"],
  [/divide by zero|remainder by zero/, "zero"],
  [/unrepresentable/, "number"],
];

function trapClass(error) {
  if (error instanceof RangeError) return "stack";
  const found = classes.find(([pattern]) => pattern.test(error.message));
  return found ? found[1] : `other: ${error.message}`;
}

function mix(h, v) {
  h = Math.imul(h ^ v, 0x01000193);
  return h ^ (h >>> 15);
}

function hashMemories(exports) {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; exports[`m${i}`]; i++) {
    const words = new Int32Array(exports[`m${i}`].buffer);
    for (let k = 0; k < words.length; k++) h = mix(h, words[k]);
  }
  return h;
}

function hashTables(exports) {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; exports[`t${i}`]; i++) {
    const table = exports[`t${i}`];
    for (let k = 0; k < table.length; k++) {
      const f = table.get(k);
      h = mix(h, typeof f === "function" ? Number(f.name) + 1 : 0);
    }
  }
  return h;
}

function values(result) {
  const list = result === undefined ? [] : Array.isArray(result) ? result : [result];
  return list.map((v) => " " + BigInt.asUintN(64, v).toString(16).padStart(16, "0")).join("");
}

const hex = (v) => (v >>> 0).toString(16).padStart(8, "0");

function observe(wasm, args) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
  let text = "";
  for (let set = 0; set < ARG_SETS; set++) {
    let line;
    try {
      const a = args.slice(set * RUN_PARAMS, (set + 1) * RUN_PARAMS);
      line = "done" + values(exports.run(Number(a[0] & 0xffffffffn) | 0, BigInt.asIntN(64, a[1]),
        Number(a[2] & 0xffffffffn) | 0, BigInt.asIntN(64, a[3])));
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) throw error;
      line = "trap " + trapClass(error);
    }
    text += `${line} |${values(exports.peek())} | ${hex(hashMemories(exports))} ` +
      `${hex(hashTables(exports))}\n`;
  }
  return text;
}

function* entries(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const seed = view.getBigUint64(at, true);
    at += 8;
    const args = [];
    for (let i = 0; i < RUN_PARAMS * ARG_SETS; i++, at += 8) args.push(view.getBigUint64(at, true));
    const size = view.getUint32(at, true);
    const wasm = bytes.subarray(at + 4, at + 4 + size);
    at += 4 + size;
    const length = view.getUint32(at, true);
    const expected = bytes.subarray(at + 4, at + 4 + length).toString("latin1");
    at += 4 + length;
    yield { seed, args, wasm, expected };
  }
}

let modules = 0;
let exhausted = 0;
let failed = 0;
let ended = 0;
for (const path of process.argv.slice(2)) {
  for (const { seed, args, wasm, expected } of entries(readFileSync(path))) {
    let text;
    try {
      text = observe(wasm, args);
    } catch (error) {
      text = `${error}\n`;
    }
    modules++;
    ended += text.split("\n").filter((line) => line.startsWith("done")).length;
    if (text === expected) continue;
    if (/trap stack/.test(text)) { // the two engines' stacks differ in size
      exhausted++;
      continue;
    }
    failed++;
    if (failed <= PRINTED_MAX) console.log(`seed ${seed}: V8:\n${text}ours:\n${expected}`);
  }
}
console.log(`${modules} modules, ${ended} of ${modules * ARG_SETS} calls returned, ` +
  `${exhausted} modules used up the stack, ${failed} differ`);
process.exit(failed > 0 || modules === 0 ? 1 : 0);
