// The table grows a little with each insertion: while buckets are still to be moved every look-up, id and removal is
// right, and no single insertion moves more than a few.

import { expect, test } from "vitest";
import { type Cgroup, Hierarchy } from "../../ts/index.ts";

test("look-ups, ids and removals stay right while buckets are being moved, through many doublings", () => {
  const tree = new Hierarchy({ seed: 9 });
  const held: Cgroup[] = [];
  let moving = 0;
  let doublings = 0;
  let before = 0;
  for (let n = 0; n < 60_000; n++) {
    held.push(tree.root.create(`name-${n}`));
    const { bucketsToMove } = tree.stats();
    if (bucketsToMove > before) doublings++;
    else expect(before - bucketsToMove).toBeLessThanOrEqual(2);
    before = bucketsToMove;
    if (bucketsToMove === 0 || n % 50 !== 0) continue;
    moving++;
    const at = (n * 7919) % held.length;
    const cgroup = held[at]!;
    expect(tree.get(cgroup.path)).toBe(cgroup);
    expect(tree.byId(cgroup.id)).toBe(cgroup);
    expect(tree.get(`/name-${n + 1}`)).toBeUndefined();
    cgroup.remove();
    expect(tree.get(cgroup.path)).toBeUndefined();
    expect(tree.byId(cgroup.id)).toBeUndefined();
    held[at] = tree.root.create(`again-${n}`);
    before = tree.stats().bucketsToMove;
  }
  expect(doublings).toBeGreaterThanOrEqual(3);
  expect(moving).toBeGreaterThan(50);
  for (const cgroup of held) expect(tree.get(cgroup.path)).toBe(cgroup);
});
