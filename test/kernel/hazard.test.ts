// What must never be asked of a real kernel is not asked, however the generator came by it.

import { expect, test } from "vitest";
import { generate } from "./generator.ts";
import { hangs } from "./hazard.ts";
import { learn } from "./learn.ts";
import { machine } from "./machine.ts";
import { Random } from "./random.ts";
import { Scene } from "./scene.ts";

const made = (...paths: string[]): Scene => {
  const scene = new Scene({ v1: [] }, new Random(1), 1);
  for (const path of paths) learn(scene, { op: "mkdir", path }, { ok: null });
  return scene;
};

test("no cgroup is made below one with a control file's name: a mount from there could end Linux 6.18", () => {
  const scene = made("a", "a/hugetlb.2MB.max");
  learn(scene, { op: "open", path: "a/hugetlb.2MB.max", fd: "f", mode: "r" }, { ok: null });
  expect(hangs(scene, { op: "mkdir", path: "a/hugetlb.2MB.max/x" })).toBe(true);
  expect(hangs(scene, { op: "mkdir", path: "b/dmem.max/x" })).toBe(true);
  expect(hangs(scene, { op: "fdmkdir", fd: "f", name: "x" })).toBe(true);
  expect(hangs(scene, { op: "mkdir", path: "a/hugetlb.2MB.max" })).toBe(false);
  expect(hangs(scene, { op: "mkdir", path: "a/x" })).toBe(false);
  expect(hangs(scene, { op: "stat", path: "a/hugetlb.2MB.max/x" })).toBe(false);
});

test("none of the scripts with controllers makes one", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { ops } = generate(seed, { rootControllers: ["hugetlb"], exclusive: true }, machine({ rootControllers: ["hugetlb"], exclusive: true }), 300);
    const below = ops.filter(({ op, path }) => op === "mkdir" && /(^|\/)(cgroup|hugetlb|pids|cpu)\.[^/]*\//.test(String(path)));
    expect(below).toEqual([]);
  }
});
