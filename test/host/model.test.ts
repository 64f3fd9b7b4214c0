// A snapshot put up as trees: what was read keeps its id, whatever had to be made up beside it.

import { expect, test } from "vitest";
import { Tree } from "../../ts/host/model.ts";
import { relative } from "../../ts/host/relative.ts";
import type { CgroupRecord } from "../../ts/host/snapshot.ts";

const name = (text: string): Uint8Array => Buffer.from(text);
const record = (cgroups: CgroupRecord[]) => ({ id: 0, controllers: [], name: null, origin: 0n, mounts: [], cgroups });

test("a cgroup keeps the id it was read under, though levels above that nobody saw were put in first", () => {
  const cgroups = [{ parent: -1, name: name("/"), id: 9n }, ...[2n, 3n, 4n, 5n].map((id) => ({ parent: 0, name: name(`c${id}`), id }))];
  const tree = new Tree(record(cgroups), 3, undefined);
  for (const id of [2n, 3n, 4n, 5n]) {
    const cgroup = tree.at(relative(name(`/c${id}`)));
    expect(cgroup.id).toBe(id);
    expect(tree.seen.has(cgroup)).toBe(true);
    expect(tree.hierarchy.byId(id)).toBe(cgroup);
  }
  expect(tree.seen.has(tree.origin)).toBe(false);
});
