// The packed tarball as strangers use it: imported and required in Node, imported in Deno; and the TypeScript source
// imported by Deno as it stands. Deno is looked for on PATH (or in $DENO) and skipped, saying so, where there is none.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));
const deno = process.env.DENO ?? "deno";
const noDeno = spawnSync(deno, ["--version"]).status === 0 ? "" : "no deno on PATH";
const run = (file: string, args: string[], cwd: string): string => execFileSync(file, args, { cwd, encoding: "utf8" }).trim();

describe("the packed tarball", () => {
  let place: string;

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), "cgroupns-pack-"));
    run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", place], project);
    const tarball = readdirSync(place).find((file) => file.endsWith(".tgz"))!;
    const to = join(place, "node_modules/cgroupns");
    mkdirSync(to, { recursive: true });
    run("tar", ["-xzf", join(place, tarball), "--strip-components=1", "-C", to], place);
    // What an install would bring along, taken from our own.
    for (const path of run("npm", ["ls", "--omit=dev", "--all", "--parseable"], project).split("\n").slice(1)) {
      cpSync(path, join(place, path.slice(project.length)), { recursive: true });
    }
    for (const file of ["program.mjs", "from-package.mjs", "program.cjs"]) copyFileSync(join(project, "test/package", file), join(place, file));
    writeFileSync(join(place, "package.json"), JSON.stringify({ dependencies: { cgroupns: "*" } }));
  });
  afterAll(() => rmSync(place, { recursive: true }));

  test("is imported by Node", () => {
    expect(run(process.execPath, ["from-package.mjs"], place)).toBe("ok");
  });

  test("is required by Node", () => {
    expect(run(process.execPath, ["--no-warnings", "program.cjs"], place)).toBe("ok");
  });

  test("holds the command, with its first line for the shell", () => {
    expect(run(process.execPath, ["node_modules/cgroupns/dist/ts/cli/main.js", "--version"], place)).toMatch(/\d+\.\d+\.\d+/);
    expect(run("head", ["-n1", "node_modules/cgroupns/dist/ts/cli/main.js"], place)).toBe("#!/usr/bin/env node");
  });

  test("holds no source map, test or tool of ours", () => {
    const files = readdirSync(join(place, "node_modules/cgroupns"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.map$|^test|^bench|\.ci/.test(file))).toEqual([]);
  });

  test.skipIf(noDeno !== "")(`is imported by Deno without a permission ${noDeno}`, () => {
    expect(run(deno, ["run", "--no-prompt", "from-package.mjs"], place)).toBe("ok");
  });
});

test.skipIf(noDeno !== "")(`the TypeScript source is imported by Deno as it stands ${noDeno}`, () => {
  expect(run(deno, ["run", "--no-prompt", "test/package/from-source.ts"], project)).toBe("ok");
});

test.skipIf(noDeno !== "" || process.platform !== "linux")(`Deno reads a live host ${noDeno}`, () => {
  const script = 'import { Host } from "./ts/host/index.ts"; const h = Host.readSync({ roots: false }); console.log(h.view("self", { from: "self" }).how);';
  expect(run(deno, ["eval", "--no-check", script], project)).toBe("exact");
});
