// What strings found lately: the same cgroups as a Map says, whatever was made, removed and renamed in between, and nobody
// kept for the sake of a look.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Recent } from "../../ts/core/recent.ts";
import { type Cgroup, Hierarchy } from "../../ts/index.ts";

const LONG = `/${"l".repeat(60)}`;
// Of some two differ in a character that is not looked at, and some are no ASCII.
const paths = ["/a", "/a/b", "/a/b/c", "/b", "/b/b", "/ä", LONG, `/b${LONG.slice(2)}`, `/${"l".repeat(59)}b`];
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

const which = fc.nat(paths.length - 1).map((n) => paths[n]!);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("look" as const), fc.nat(1), which) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("create" as const), fc.nat(1), which) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("remove" as const), fc.nat(1), which) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("rename" as const), fc.nat(1), which, fc.constantFrom("a", "b", "c")) },
);

/** A tree and who is where in it. */
class Both {
  readonly tree: Hierarchy;
  readonly cgroups = new Map<string, Cgroup>();

  constructor(tree: Hierarchy) {
    this.tree = tree;
    this.cgroups.set("", tree.root);
  }

  create(path: string): void {
    if (!this.cgroups.has(path) && this.cgroups.has(parentOf(path))) this.cgroups.set(path, this.tree.create(path));
  }

  remove(path: string): void {
    if (this.below(path).length !== 1) return;
    this.cgroups.get(path)!.remove();
    this.cgroups.delete(path);
  }

  rename(path: string, name: string): void {
    const to = `${parentOf(path)}/${name}`;
    if (this.cgroups.has(to) || !this.cgroups.has(path)) return;
    this.cgroups.get(path)!.rename(name);
    for (const old of this.below(path)) {
      this.cgroups.set(to + old.slice(path.length), this.cgroups.get(old)!);
      this.cgroups.delete(old);
    }
  }

  below(top: string): string[] {
    return [...this.cgroups.keys()].filter((path) => path === top || path.startsWith(`${top}/`));
  }

  isRight(path: string): boolean {
    return this.tree.get(path) === this.cgroups.get(path);
  }
}

test("a path asked for again and again is whoever is there now, in two hierarchies of one core", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
      const tree = new Hierarchy();
      const both = [new Both(tree), new Both(new Hierarchy({ beside: tree, id: 1, name: "other" }))];
      for (const [what, where, path, name] of steps) {
        const one = both[where]!;
        if (what === "create") one.create(path);
        else if (what === "remove") one.remove(path);
        else if (what === "rename") one.rename(path, name);
        // The third time it comes it is known.
        else for (let time = 0; time < 3; time++) if (!both.every((each) => each.isRight(path))) return false;
      }
      return paths.every((path) => both.every((each) => each.isRight(path)));
    }),
    { numRuns: 300 },
  );
});

/** Asks for a string as a core would; answers what was known. */
function ask(recent: Recent<string>, path: string, from = 1): string | undefined {
  const known = recent.get(from, path);
  if (known === undefined && recent.wants) recent.put(path, `${from}:${path}`);
  return known;
}

test("a string is known the third time it comes: the first is only noted, the second taken in", () => {
  const recent = new Recent<string>();
  expect([1, 2, 3].map(() => ask(recent, "/a"))).toEqual([undefined, undefined, "1:/a"]);
});

test("each cgroup that is looked from has answers of its own", () => {
  const recent = new Recent<string>();
  for (let time = 0; time < 3; time++) for (let from = 1; from < 5; from++) ask(recent, "/a", from);
  expect([1, 2, 3, 4].map((from) => ask(recent, "/a", from))).toEqual(["1:/a", "2:/a", "3:/a", "4:/a"]);
});

test("what comes seldom gives way, and what is forgotten is asked for anew", () => {
  const recent = new Recent<string>();
  for (let time = 0; time < 2; time++) for (let n = 0; n < 8000; n++) ask(recent, `/${n}`);
  let known = 0;
  for (let n = 0; n < 8000; n++) if (ask(recent, `/${n}`) === `1:/${n}`) known++;
  expect(known).toBeGreaterThan(6000);
  recent.forget();
  for (let n = 0; n < 8000; n++) expect(ask(recent, `/${n}`)).toBeUndefined();
});

test("where few strings come again it sleeps, and wakes up", () => {
  const recent = new Recent<string>();
  const isAsleep = (): boolean => {
    for (let time = 0; time < 3; time++) if (ask(recent, "/again") !== undefined) return false;
    return true;
  };
  expect(isAsleep()).toBe(false);
  let n = 0;
  while (n < 200_000 && !isAsleep()) for (let i = 0; i < 1000; i++) ask(recent, `/once ${n++}`);
  expect(n).toBeLessThan(200_000);
  for (let i = 0; i < 20_000; i++) ask(recent, "/asleep");
  expect(isAsleep()).toBe(false);
});

test("a path whose tag is that of an empty place is never taken in", () => {
  const recent = new Recent<string>();
  // Found by trying: the tag of this path from cgroup 3 is 0.
  const path = "/aaaaaaaaaaaaaiaaaaaaaaaaaaaaaaaaaawaaaaaa3aaaaaakaaaaaaoaaaaaao";
  expect([1, 2, 3].map(() => ask(recent, path, 3))).toEqual([undefined, undefined, undefined]);
  expect([1, 2, 3].map(() => ask(recent, path, 4))).toEqual([undefined, undefined, `4:${path}`]);
});

test("who looks from a removed cgroup is told so when nothing keeps it any more, whoever has its number", () => {
  const tree = new Hierarchy();
  const top = tree.create("/top");
  const there = tree.create("/there");
  const pin = top.pin();
  top.remove();
  for (let time = 0; time < 3; time++) expect(tree.get("/../there", top)).toBe(there);
  pin[Symbol.dispose]();
  // It gets the number that is free now.
  const next = tree.create("/next");
  for (let time = 0; time < 3; time++) expect(tree.get("/../there", next)).toBe(there);
  expect(() => tree.get("/../there", top)).toThrow("ENODEV");
});

test("a path cut out of a long text does not keep the text", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const tree = new Hierarchy();
  const names = Array.from({ length: 64 }, (_, n) => `/a cgroup with a long name, number ${n}`);
  for (const name of names) tree.create(name);
  const before = used();
  for (const name of names) {
    for (let time = 0; time < 3; time++) {
      const text = Buffer.from(name + "x".repeat(500_000)).toString("latin1");
      expect(tree.get(text.slice(0, name.length))).toBeDefined();
    }
  }
  expect(used() - before).toBeLessThan(8_000_000);
});
