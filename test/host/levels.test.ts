// Which directories stand for a cgroup and those above it, by mounts of folders: whole hierarchies, sub-trees, mounts that
// begin above the reader's own root. No cgroup file system is read.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Asked, levelsOf } from "../../ts/host/levels.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with these cgroups in it, each with its file of tasks if that is given. */
function tree(cgroups: Readonly<Record<string, string>>, file = "cgroup.threads"): string {
  const top = mkdtempSync(join(tmpdir(), "cgroupns-levels-"));
  folders.push(top);
  for (const [path, tasks] of Object.entries(cgroups)) {
    mkdirSync(join(top, path), { recursive: true });
    if (tasks !== "") writeFileSync(join(top, path, file), tasks);
  }
  return top;
}

const UNIFIED = { hierarchyId: 0, controllers: [], name: null };
const mount = (root: string, mountPoint: string) =>
  ({ mountId: 1, hierarchy: UNIFIED, root: Buffer.from(root), mountPoint: Buffer.from(mountPoint), hidden: false, source: "cgroup2" });

/** The levels as `path directory`, then what lies above: `edge above`. */
function levels(mounts: readonly [root: string, mountPoint: string][], path: string, asked: Partial<Asked> = {}): string[] | undefined {
  const found = levelsOf(mounts.map(([root, at]) => mount(root, at)), Buffer.from(path), { initial: true, tid: null, ...asked });
  return found && [...found.levels.map((level) => `${Buffer.from(level.path)} ${level.directory}`), `${found.edge} ${found.above}`];
}

describe("a mount of the reader's own root or below", () => {
  test("shows every level down from its own root; how many lie above is known from the initial namespace", () => {
    const top = tree({ "b/c": "" });
    expect(levels([["/a", top]], "/a/b/c")).toEqual([`/a ${top}`, `/a/b ${top}/b`, `/a/b/c ${top}/b/c`, "mount 1"]);
    expect(levels([["/x/y", top]], "/x/y/b")).toContain("mount 2");
    expect(levels([["/x/y", top]], "/x/y/b", { initial: false })).toContain("mount null");
  });

  test("of a namespace's root begins where the namespace does", () => {
    const top = tree({ b: "" });
    expect(levels([["/", top]], "/b", { initial: false })).toContain("namespace null");
    expect(levels([["/", top]], "/b")).toContain("mount null");
  });

  test.skipIf(process.platform !== "linux")("of the hierarchy's root is known by its inode, as procfs has it too", () => {
    expect(levels([["/", "/proc"]], "/", { initial: false })).toEqual(["/ /proc", "root 0"]);
  });

  test("that lacks the directory is passed over for one that has it", () => {
    const [lacks, has] = [tree({}), tree({ c: "" })];
    expect(levels([["/", lacks], ["/b", has]], "/b/c")).toEqual([`/b ${has}`, `/b/c ${has}/c`, "mount 1"]);
    expect(levels([["/", lacks]], "/b/c")).toBeUndefined();
  });

  test("of a sibling shows nothing", () => {
    expect(levels([["/b", tree({ c: "" })]], "/bc")).toBeUndefined();
  });
});

describe("a mount from above the reader's root, whose names on the way are printed nowhere", () => {
  const cgroups = { "x/z/a": "6\n77\n", "x/y/a": "5\n7\n", w: "" };

  test.each(["cgroup.threads", "tasks"])("is searched for the task, in %s", (file) => {
    const top = tree(cgroups, file);
    expect(levels([["/../..", top]], "/a", { tid: 7 })).toEqual([`/../.. ${top}`, `/.. ${top}/x`, `/ ${top}/x/y`, `/a ${top}/x/y/a`, "mount null"]);
    expect(levels([["/../..", top]], "/a", { tid: 8 })).toBeUndefined();
    expect(levels([["/../..", top]], "/a")).toBeUndefined();
  });

  test("is searched for the directory that another mount shows", () => {
    const top = tree(cgroups);
    expect(levels([["/", join(top, "x/y")], ["/../..", top]], "/a", { tid: 6 })).toContain(`/a ${top}/x/y/a`);
  });

  test("leaves what another mount shows where it does not show it", () => {
    const [top, other] = [tree(cgroups), tree({ a: "" })];
    expect(levels([["/", other], ["/../..", top]], "/a", { tid: 7 })).toEqual([`/ ${other}`, `/a ${other}/a`, "mount null"]);
  });

  test("is one like others for a cgroup as far above", () => {
    const top = tree({ w: "" });
    expect(levels([["/..", top]], "/../w")).toEqual([`/.. ${top}`, `/../w ${top}/w`, "mount null"]);
  });
});
