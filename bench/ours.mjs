// Our lanes: the library as it is shipped, in bulk and one at a time. CGROUPNS_BENCH_SLOWER=1.15 makes each of them take 15 %
// longer than it does, to show that `npm run bench:check` notices.

import { Hierarchy } from "../dist/ts/index.js";
import { over, overMade, overRead } from "./lane.mjs";
import { each, freshStrings } from "./maps.mjs";
import { idsIn } from "./numbers.mjs";
import { BATCH } from "./queries.mjs";

// PID_MAX_LIMIT, less the one that is none.
const PIDS = 4_194_303;
export const IN_PLACE = "ours, in bulk, in place";
export const COPIED = "ours, in bulk, copied";
export const IDS_IN_PLACE = "ours, ids to nodes, in place";
export const IDS_COPIED = "ours, ids to nodes, copied";
const SLOWER = Number(process.env.CGROUPNS_BENCH_SLOWER ?? 1);

/** A tree of these paths and the node of each. */
export class Ours {
  tree = new Hierarchy();
  nodes;
  paths;
  /** Who looks: most of a host's cgroups are below it. */
  viewer;

  constructor(paths) {
    this.paths = paths;
    fill(this.tree, paths);
    this.nodes = this.tree.resolveMany(paths.lines());
    this.viewer = this.tree.get(paths.path(0));
  }

  /** From the tree's own input buffer, and from a buffer of the caller's. */
  bulk(batches) {
    const out = new Uint32Array(BATCH);
    const look = (bytes) => nonZero(this.tree.resolveMany(bytes, { out }).numbers);
    return [overRead(IN_PLACE, batches, look, (length) => this.tree.inputBuffer(length)), overRead(COPIED, batches, look)].map(slowed);
  }

  single(batches) {
    const { tree } = this;
    return [
      overRead("ours, one string at a time", batches, (bytes) => each(bytes, (from, to) => tree.get(bytes.latin1Slice(from, to)))),
      overRead("ours, one piece of bytes at a time", batches, (bytes) => each(bytes, (from, to) => tree.get(bytes.subarray(from, to)))),
    ].map(slowed);
  }

  strings(batches) {
    const look = (strings) => {
      let found = 0;
      for (const path of strings) if (this.tree.get(path) !== undefined) found++;
      return found;
    };
    return [overMade("ours, fresh strings", batches, freshStrings, look)].map(slowed);
  }

  views(batches) {
    const { tree, viewer: from } = this;
    const out = new Uint8Array(BATCH * 1024);
    const bulk = batches.map((batch) => ({ nodes: this.nodesOf(batch.indexes), hits: BATCH }));
    const handles = batches.slice(0, 16).map((batch) => ({ handles: Array.from(batch.indexes, (index) => tree.at(this.nodes, index)), hits: BATCH }));
    return [
      this.#lane("ours, views as bytes", "viewMany", bulk, ({ nodes }) => (tree.viewMany(nodes, { from, as: "bytes", out }).length > BATCH ? BATCH : 0)),
      this.#lane("ours, views as strings", "viewMany", bulk, ({ nodes }) => tree.viewMany(nodes, { from, as: "strings" }).length),
      over("ours, one view as a string", handles, ({ handles: some }) => {
        let count = 0;
        for (const cgroup of some) if (cgroup.viewFrom(from).length > 0) count++;
        return count;
      }),
    ].map(slowed);
  }

  /** One cgroup's view again and again, as the kernel is asked for one process's. */
  sameView() {
    const cgroup = this.tree.at(this.nodes, Math.min(5, this.paths.length - 1));
    const run = () => {
      let count = 0;
      for (let i = 0; i < BATCH; i++) if (cgroup.viewFrom(this.tree.root).length > 0) count++;
      return count;
    };
    return slowed({ name: "ours, the same view as a string", count: BATCH, hits: () => BATCH, run });
  }

  ids(batches) {
    const { tree } = this;
    const out = new Uint32Array(BATCH);
    const back = new BigUint64Array(BATCH);
    const some = batches.map(({ indexes }) => ({ nodes: this.nodesOf(indexes), hits: BATCH }));
    const look = (bytes) => nonZero(tree.resolveIds(idsIn(bytes), { out }).numbers);
    return [
      overRead(IDS_IN_PLACE, batches, look, (length) => tree.inputBuffer(length)),
      overRead(IDS_COPIED, batches, look),
      this.#lane("ours, nodes to ids", "idsOf", some, ({ nodes }) => (tree.idsOf(nodes, { out: back })[0] > 0n ? BATCH : 0)),
    ].map(slowed);
  }

  ancestry(batches) {
    const { tree } = this;
    const some = batches.map(({ indexes }) => ({ nodes: this.nodesOf(indexes), others: this.nodesOf(indexes.map((index) => this.paths.length - 1 - index)), hits: BATCH }));
    return [
      this.#lane("ours, ancestors at level 3", "ancestorsAt", some, ({ nodes }) => tree.ancestorsAt(nodes, 3).numbers.length),
      this.#lane("ours, is-descendant", "areDescendants", some, ({ nodes, others }) => tree.areDescendants(nodes, others).length),
      this.#lane("ours, common ancestors", "commonAncestors", some, ({ nodes, others }) => tree.commonAncestors(nodes, others).numbers.length),
    ].map(slowed);
  }

  pids(batches) {
    const { tree } = this;
    if (tree.pids === undefined) return [{ name: "ours, pids to nodes", missing: "pids" }];
    // Not more processes than there are pids.
    const count = Math.min(PIDS, this.paths.length);
    const starts = this.paths.ids.slice(0, count);
    tree.pids.put(Uint32Array.from({ length: count }, (_, i) => i + 1), starts, { ...this.nodes, numbers: this.nodes.numbers.subarray(0, count) });
    const some = batches.map(({ indexes }) => {
      const own = indexes.map((index) => index % count);
      return { pids: Uint32Array.from(own, (index) => index + 1), starts: BigUint64Array.from(own, (index) => starts[index]), hits: BATCH };
    });
    return [over("ours, pids to nodes", some, ({ pids, starts: at }) => nonZero(tree.pids.get(pids, at).numbers))].map(slowed);
  }

  /** A value of each cgroup summed over its subtree. */
  rollUp() {
    const { tree } = this;
    const name = "ours, roll-up of all";
    if (typeof tree.subtreeSums !== "function") return [{ name, missing: "subtreeSums" }];
    const nodes = tree.subtree();
    const values = new Float64Array(nodes.numbers.length).fill(1);
    const out = new Float64Array(nodes.numbers.length);
    const count = values.length;
    return [{ name, count, hits: () => count, run: () => tree.subtreeSums(nodes, values, { out })[0] }].map(slowed);
  }

  /** The nodes of these paths, as a bulk call would have answered them. */
  nodesOf(indexes) {
    return { numbers: Uint32Array.from(indexes, (index) => this.nodes.numbers[index]), stamp: this.nodes.stamp };
  }

  #lane(name, method, batches, work) {
    return typeof this.tree[method] === "function" ? over(name, batches, work) : { name, missing: method };
  }
}

/** Makes all of these cgroups: in bulk where the library can. */
export function fill(tree, paths, from = 0, to = paths.length) {
  if (typeof tree.createMany === "function") {
    const { errnos } = tree.createMany(paths.lines(from, to), { ids: paths.ids.subarray(from, to) });
    if (errnos.some((errno) => errno !== 0)) throw new Error("a path was not made");
    return;
  }
  for (let i = from; i < to; i++) tree.create(paths.path(i), { id: paths.ids[i] });
}

export function nonZero(numbers) {
  let count = 0;
  // A typed array's length is a call out of compiled code once any memory has grown: asked for once here, and by the others.
  for (let i = 0, { length } = numbers; i < length; i++) if (numbers[i] !== 0) count++;
  return count;
}

function slowed(lane) {
  const { run } = lane;
  if (SLOWER === 1 || run === undefined) return lane;
  return {
    ...lane,
    run: () => {
      const start = performance.now();
      const result = run();
      const end = start + (performance.now() - start) * SLOWER;
      while (performance.now() < end);
      return result;
    },
  };
}
