// The house keeps its floors: imports go down or stay on their floor, never up; only the door says WebAssembly.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../", import.meta.url));

// From the ground up; a name is a file without its ending, or a folder.
const TS = [
  ["errors"],
  ["core"],
  ["hierarchy", "bulk", "cgroup", "image", "namespace", "pid-table", "proc", "roll-up", "streams"],
  ["index", "checkpoint", "identity", "limits", "kernel"],
  ["host", "replay"],
  ["service"],
  ["cli"],
];
const ASSEMBLY = [["abi"], ["memory"], ["name", "node"], ["table", "ids", "ancestry", "walk", "line", "pids"], ["starts"], ["tree"], ["path"], ["lists"], ["batch", "builder", "image", "views"], ["door", "bulk"], ["index"]];

const files = (folder: string): string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

const source = (file: string): string => readFileSync(join(project, file), "utf8");

function imports(file: string): string[] {
  const found = source(file).matchAll(/^(?:import|export)\b[^"';]*?\bfrom "([^"]+)"|^\s*import\("([^"]+)"\)/gm);
  return [...found].map(([, one, other]) => one ?? other!);
}

function runtimeImports(file: string): string[] {
  const found = source(file).matchAll(/^(?:import|export)\b([^"';]*?)\bfrom "(\.[^"]+)"/gm);
  const typesOnly = (names: string): boolean => /^\s*type\b/.test(names) || /^\s*\{(?:\s*type [^,}]+,?)+\s*\}\s*$/.test(names);
  return [...found].filter(([, names]) => !typesOnly(names!)).map(([, , target]) => join(dirname(file), target!));
}

function floorOf(floors: string[][], folder: string, file: string): number {
  const name = relative(folder, file).split("/")[0]!.replace(/\.ts$/, "");
  return floors.findIndex((floor) => floor.includes(name));
}

describe.each([["ts", TS], ["assembly", ASSEMBLY]] as const)("%s", (folder, floors) => {
  test("every file stands on a floor", () => {
    const homeless = files(folder).filter((file) => !file.endsWith(".d.ts") && floorOf(floors as string[][], folder, file) === -1);
    expect(homeless).toEqual([]);
  });

  test("imports go down only", () => {
    const upwards = files(folder).flatMap((file) =>
      imports(file)
        .filter((target) => target.startsWith("."))
        .map((target) => join(dirname(file), target.endsWith(".ts") ? target : `${target}.ts`))
        .filter((target) => target.startsWith(`${folder}/`))
        .filter((target) => floorOf(floors as string[][], folder, target) > floorOf(floors as string[][], folder, file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(upwards).toEqual([]);
  });
});

test("no module needs itself to run: imports of more than types make no circle", () => {
  const needs = new Map(files("ts").map((file) => [file, runtimeImports(file)]));
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
    if (trail.includes(file) || done.has(file)) return;
    for (const next of needs.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of needs.keys()) visit(file, []);
  expect(circles.filter((circle) => circle.includes("ts/kernel/") || circle.includes("ts/limits/") || circle.includes("ts/replay/"))).toEqual([]);
});

test("no module exports a function called then: import() would wait for it forever", () => {
  const thenable = [...files("ts"), ...files("test")].filter((file) => /^export (?:async )?(?:function|const|let) then\b/m.test(source(file)));
  expect(thenable).toEqual([]);
});

test("only the door says WebAssembly", () => {
  const others = files("ts").filter((file) => !file.startsWith("ts/core/"));
  expect(others.filter((file) => /WebAssembly\.|@assemblyscript|exports\.memory\b|\bmemory\.(?:buffer|grow)\b/.test(source(file)))).toEqual([]);
});

test("the public menu imports no node: module, directly or through others", () => {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const target of imports(file)) {
      expect(target, file).not.toMatch(/^node:/);
      if (target.startsWith("./") || target.startsWith("../")) {
        const next = join(dirname(file), target);
        if (next.startsWith("ts/")) reach(next);
      }
    }
  };
  reach("ts/index.ts");
  expect(reached.size).toBeGreaterThan(8);
});

test("identities know texts and trees, neither the model nor its neighbours", () => {
  const strange = files("ts/identity").flatMap((file) =>
    imports(file)
      .map((target) => join(dirname(file), target))
      .filter((target) => !/^ts\/(?:identity\/|proc\/|core\/text\.ts|errors\.ts|cgroup\.ts|hierarchy\.ts)/.test(target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(strange).toEqual([]);
});

test("the command is a customer of the public menus only", () => {
  const menus = ["ts/index.ts", "ts/host/index.ts", "ts/replay/index.ts"];
  const deeper = files("ts/cli").flatMap((file) =>
    imports(file)
      .filter((target) => target.startsWith("."))
      .map((target) => join(dirname(file), target))
      .filter((target) => !target.startsWith("ts/cli/") && !menus.includes(target)),
  );
  expect(deeper).toEqual([]);
});

test("every file says in its first lines what it is", () => {
  const silent = [...files("ts"), ...files("assembly"), ...files("test")].filter(
    (file) => !/^(#!.*\n)?\/\/ \S/.test(source(file)) && !file.endsWith(".d.ts"),
  );
  expect(silent).toEqual([]);
});

test("no instruction evaluates a call twice: f().field += x is miscompiled", () => {
  const bad = files("assembly").flatMap((file) =>
    source(file).split("\n").filter((line) => /\)\.\w+\s*(\+\+|--|[-+*/|&^]=)/.test(line)).map((line) => `${file}: ${line}`),
  );
  expect(bad).toEqual([]);
});
