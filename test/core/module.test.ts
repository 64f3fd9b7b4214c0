// The release Wasm from outside: no imports, the exports that the door speaks of, a bounded size.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ABI_VERSION } from "../../assembly/abi.ts";
import { wasm as debug } from "../../build/debug.ts";
import { wasm as release } from "../../build/release.ts";

const file = readFileSync(fileURLToPath(new URL("../../build/core.wasm", import.meta.url)));
const module = new WebAssembly.Module(file);

test("the plain release Wasm imports nothing, and exports what ABI 7 says", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([]);
  expect(ABI_VERSION).toBe(7);
  expect(WebAssembly.Module.exports(module).map(({ name }) => name).sort()).toEqual([
    "_start", "abiVersion", "ancestorAt", "ancestorsAt", "areDescendants", "birth", "byId", "checksum", "child", "children",
    "commonAncestor", "commonAncestors", "create", "createHierarchy", "createLines", "expect", "getPids", "hierarchy", "highestId",
    "id", "idlePages", "idsOf", "isDescendant", "isKnown", "isLive", "key", "lastNode", "level", "levelsOf", "liveCount", "memory",
    "name", "nextId", "open", "parentsOf", "pathOf", "pin", "pins", "putPids", "readImage", "recordCount", "remove", "removePids", "rename",
    "reservePids", "resolve", "resolveIds", "resolveLines", "scratch", "setLimit", "setNextId", "stamp", "statistics", "takePages", "tombstoneCount", "touched", "unpin", "view", "viewBytes", "viewEnd", "viewLines", "walk", "writeImage",
  ]);
});

test("its size is told, and stays small", () => {
  console.log(`release Wasm: ${file.length} bytes`);
  expect(file.length).toBeLessThan(26_000);
});

test("the debug Wasm is another one, the inlined release the same", () => {
  expect(Buffer.from(debug, "base64").length).toBeGreaterThan(file.length);
  expect([file.toString("base64"), Buffer.from(debug, "base64").toString("base64")]).toContain(release);
});
