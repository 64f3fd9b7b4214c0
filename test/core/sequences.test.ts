// Random sequences of everything that changes or asks a tree, on the core and on the naive twin: the same answers, the
// same errnos, after every step and at the end. Two hierarchies share one core; handles outlive what they name.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode } from "../../ts/core/text.ts";
import { type Cgroup, CgroupError, Hierarchy } from "../../ts/index.ts";
import { ancestors, common, isKept, path, Twin, TwinError, type TwinNode, view } from "./twin.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (some: Uint8Array): string => Buffer.from(some).toString("latin1");

/** The same cgroup on both sides. */
interface Pair {
  readonly real: Cgroup;
  readonly twin: TwinNode;
}

const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "c", "dd", "e e", "x (deleted)", "\xff\xfe", "k".repeat(16), "k".repeat(17)) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 70 }).map((length) => "n".repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom("", ".", "..", "...", "a/b", "a\n", "a\0", "m".repeat(4095), "m".repeat(4096)) },
);
const which = fc.nat(1000);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant("create" as const), which, name, fc.option(fc.bigInt({ min: 2n, max: 40n }), { freq: 6 })) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("remove" as const), which) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("rename" as const), which, name) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("pin" as const), which) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("unpin" as const), which) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("view" as const), which, which) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("resolve" as const), which, fc.array(fc.oneof(name, fc.constant("..")), { maxLength: 4 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("ask" as const), which, which) },
);
type Step =
  | ["create", number, string, bigint | null]
  | ["remove" | "pin" | "unpin", number]
  | ["rename", number, string]
  | ["view" | "ask", number, number]
  | ["resolve", number, string[]];

class Both {
  readonly trees: { real: Hierarchy; twin: Twin }[] = [];
  readonly pairs: Pair[] = [];
  readonly pins = new Map<Pair, Disposable[]>();

  constructor() {
    const first = new Hierarchy({ seed: 7 });
    for (const real of [first, new Hierarchy({ beside: first, id: 3 })]) {
      const twin = new Twin();
      this.trees.push({ real, twin });
      this.pairs.push({ real: real.root, twin: twin.root });
    }
  }

  pick(n: number): Pair {
    return this.pairs[n % this.pairs.length]!;
  }

  get twins(): TwinNode[] {
    return this.pairs.map(({ twin }) => twin);
  }

  /** What both sides answer, or the errno they fail with. A record that nothing keeps answers ENODEV. */
  same(real: () => unknown, twin: () => unknown, ...needed: TwinNode[]): void {
    const lost = needed.some((node) => !isKept(node, this.twins));
    const answer = (ask: () => unknown): unknown => {
      try {
        return ask();
      } catch (error) {
        if (error instanceof CgroupError) return error.code;
        if (error instanceof TwinError) return error.message;
        throw error;
      }
    };
    expect(answer(real)).toEqual(lost ? "ENODEV" : answer(twin));
  }

  run(given: Step): void {
    const pair = this.pick(given[1]);
    const { real, twin } = pair;
    switch (given[0]) {
      case "create": this.create(pair, given[2], given[3]); break;
      case "remove": this.same(() => real.remove(), () => twin.tree.remove(twin), twin); break;
      case "rename": this.same(() => real.rename(bytes(given[2])), () => twin.tree.rename(twin, given[2]), twin); break;
      case "pin": this.pin(pair); break;
      case "unpin": this.unpin(pair); break;
      case "view": this.view(pair, this.pick(given[2])); break;
      case "resolve": this.resolve(pair, given[2].map((name) => `/${name}`).join("") || "/"); break;
      case "ask": this.ask(pair, this.pick(given[2])); break;
    }
  }

  create({ real, twin }: Pair, name: string, id: bigint | null): void {
    let made: Cgroup | undefined;
    let other: TwinNode | undefined;
    const options = id === null ? {} : { id };
    this.same(
      () => { made = real.create(bytes(name), options); },
      () => { other = id === null ? twin.tree.create(twin, name) : twin.tree.create(twin, name, id); },
    );
    if (made !== undefined && other !== undefined) this.pairs.push({ real: made, twin: other });
  }

  pin(pair: Pair): void {
    let pin: Disposable | undefined;
    this.same(() => { pin = pair.real.pin(); }, () => { pair.twin.pins++; }, pair.twin);
    if (pin !== undefined) this.pins.set(pair, [...(this.pins.get(pair) ?? []), pin]);
  }

  unpin(pair: Pair): void {
    const pin = this.pins.get(pair)?.pop();
    if (pin === undefined) return;
    pin[Symbol.dispose]();
    pair.twin.pins--;
  }

  view(root: Pair, of: Pair): void {
    const mates = root.twin.tree === of.twin.tree ? [root.twin, of.twin] : [];
    this.same(() => text(of.real.viewFrom(root.real, { encoding: "buffer" })), () => view(root.twin, of.twin), ...mates);
  }

  resolve({ real, twin }: Pair, wanted: string): void {
    let found: TwinNode | undefined;
    const asBytes = bytes(wanted);
    const asText = decode(asBytes);
    // The third time a string comes it is known.
    for (const path of asText === undefined ? [asBytes] : [asBytes, asText, asText, asText]) {
      this.same(
        () => this.pairs.findIndex((pair) => pair.real === real.hierarchy.resolve(path, real)),
        () => { found = twin.tree.resolve(twin, wanted); return this.pairs.findIndex((pair) => pair.twin === found); },
        twin,
      );
    }
  }

  ask(a: Pair, b: Pair): void {
    const index = (cgroup: Cgroup | undefined): number => this.pairs.findIndex(({ real }) => real === cgroup);
    this.same(() => a.real.level, () => ancestors(a.twin).length - 1, a.twin);
    if (a.twin.tree !== b.twin.tree) return;
    this.same(() => index(a.real.commonAncestor(b.real)), () => this.twins.indexOf(common(a.twin, b.twin)), a.twin, b.twin);
    this.same(() => a.real.isDescendantOf(b.real), () => ancestors(a.twin).includes(b.twin), a.twin, b.twin);
    this.same(() => [...a.real.ancestors()].map(index), () => ancestors(a.twin).map((node) => this.twins.indexOf(node)), a.twin);
  }

  /** Everything there is to ask, at the end. */
  compare(): void {
    for (const { real, twin } of this.trees) {
      const walked = [...real.walk()].map((cgroup) => `${cgroup.id} ${text(cgroup.pathBytes)}`);
      const expected = [...twin.walk(twin.root)].map((node) => `${node.id} ${path(node)}`);
      // Renaming moves a twin's child to the end of its Map: the order among siblings is not compared.
      expect(walked.sort()).toEqual(expected.sort());
      for (const { real: cgroup, twin: node } of this.pairs.filter((pair) => pair.twin.tree === twin && !pair.twin.removed)) {
        expect(real.byId(node.id)).toBe(cgroup);
        expect(real.get(bytes(path(node)))).toBe(cgroup);
      }
    }
    const live = this.trees.reduce((sum, { twin }) => sum + [...twin.walk(twin.root)].length, 0);
    const kept = this.twins.filter((node) => node.removed && isKept(node, this.twins)).length;
    const { cgroups, tombstones } = this.trees[0]!.real.stats();
    expect([cgroups, tombstones]).toEqual([live, kept]);
    for (const { real, twin } of this.pairs) {
      expect(real.removed).toBe(twin.removed);
      expect(real.id).toBe(twin.id);
      if (!twin.removed) expect(text(real.nameBytes)).toBe(twin.name);
    }
  }
}

describe("random sequences", () => {
  test("the core and the naive twin never differ", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: "max" }), (steps) => {
        const both = new Both();
        for (const given of steps) both.run(given as Step);
        both.compare();
      }),
      { numRuns: Number(process.env.CGROUPNS_RUNS ?? 400) },
    );
  });

  test("long ones, with hundreds of cgroups", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 500, maxLength: 700, size: "max" }), (steps) => {
        const both = new Both();
        for (const given of steps) both.run(given as Step);
        both.compare();
      }),
      { numRuns: 25 },
    );
  });
});
