// Images and captures in files: all of one or all of what was there before, also when the writer is killed in the middle.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readImage, writeCapture, writeImage } from "../../ts/host/index.ts";
import { Hierarchy } from "../../ts/index.ts";
import { seeded } from "../seeded.ts";

const folder = mkdtempSync(join(tmpdir(), "cgroupns-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const HOST = fileURLToPath(new URL("../../dist/ts/host/index.js", import.meta.url));
const MAIN = fileURLToPath(new URL("../../dist/ts/index.js", import.meta.url));

function sample(names: number): Hierarchy {
  const tree = new Hierarchy();
  tree.createMany(Array.from({ length: names }, (_, n) => `/d${n % 10}/c${n}`), { recursive: true });
  return tree;
}

test("an image comes back from its file", () => {
  const file = join(folder, "tree.img");
  const tree = sample(100);
  writeImage(tree, file);
  expect(readImage(file).toImage()).toEqual(tree.toImage());
  expect(readImage(file, { maximumBytes: 1 << 26 }).stats().cgroups).toBe(111);
  writeImage(tree.resolve("/d3"), file);
  expect([...readImage(file).walk()].map(({ path }) => path).slice(0, 3)).toEqual(["/", "/c3", "/c13"]);
  expect(readdirSync(folder)).toEqual(["tree.img"]);
});

test("what cannot be written leaves the file as it was, and nothing beside it", () => {
  const file = join(folder, "kept");
  writeFileSync(file, "before");
  const removed = sample(1).create("/x");
  removed.remove();
  expect(() => writeImage(removed, file)).toThrow(/^ENODEV/);
  expect(() => writeImage(sample(1), join(file, "below"))).toThrow(/^ENOTDIR/);
  mkdirSync(join(folder, "directory", "full"), { recursive: true });
  expect(() => writeImage(sample(1), join(folder, "directory"))).toThrow(/^EISDIR/);
  expect(readFileSync(file, "utf8")).toBe("before");
  expect(() => readImage(file)).toThrow(/^EINVAL: .*header/);
  expect(() => readImage(join(folder, "nowhere"))).toThrow(/^ENOENT/);
  expect(readdirSync(folder).sort()).toEqual(["directory", "kept", "tree.img"]);
});

test("a capture's file is its JSON in a line", () => {
  const file = join(folder, "capture.json");
  writeCapture({ kind: "anything" } as never, file);
  expect(readFileSync(file, "utf8")).toBe('{"kind":"anything"}\n');
});

test("a writer that is killed at any moment leaves a whole image", { timeout: 120_000 }, async () => {
  const file = join(folder, "killed.img");
  const sizes = new Set([11, 20_011]);
  const program = `import { Hierarchy } from ${JSON.stringify(MAIN)}; import { writeImage } from ${JSON.stringify(HOST)};
    const trees = [1, 20_001].map((size) => {
      const tree = new Hierarchy();
      tree.createMany(Array.from({ length: size - 1 + 10 }, (_, n) => "/" + n));
      return tree;
    });
    writeImage(trees[0], ${JSON.stringify(file)});
    process.stdout.write("writing");
    for (let n = 1; ; n++) writeImage(trees[n % 2], ${JSON.stringify(file)});`;
  const random = seeded(5);
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await new Promise((resolve) => setTimeout(resolve, random(40)));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    expect(sizes).toContain(readImage(file).stats().cgroups);
  }
});
