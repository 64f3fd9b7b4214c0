// The release Wasm from outside: no imports, the exports that the door speaks of, a bounded size.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ABI_VERSION } from "../../assembly/abi.ts";
import { wasm as debug } from "../../build/debug.ts";
import { wasm as release } from "../../build/release.ts";

const file = readFileSync(fileURLToPath(new URL("../../build/core.wasm", import.meta.url)));
const module = new WebAssembly.Module(file);

test("the plain release Wasm imports nothing, and exports what ABI 1 says", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([]);
  expect(ABI_VERSION).toBe(1);
  expect(WebAssembly.Module.exports(module).map(({ name }) => name).sort()).toEqual([
    "_start", "abiVersion", "ancestorAt", "birth", "byId", "child", "children", "commonAncestor", "create",
    "createHierarchy", "hierarchy", "idHigh", "idLow", "isDescendant", "isKnown", "isLive", "key", "level", "liveCount", "memory", "name",
    "open", "pin", "pins", "remove", "rename", "resolve", "resolveLines", "scratch", "setLimit", "stamp", "statistics",
    "tombstoneCount", "touched", "unpin", "view", "walk",
  ]);
});

test("its size is told, and stays small", () => {
  console.log(`release Wasm: ${file.length} bytes`);
  expect(file.length).toBeLessThan(24_000);
});

test("the debug Wasm is another one, the inlined release the same", () => {
  expect(Buffer.from(debug, "base64").length).toBeGreaterThan(file.length);
  expect([file.toString("base64"), Buffer.from(debug, "base64").toString("base64")]).toContain(release);
});
