// One size's races: all lanes over one tree, what is made for some of them gone before the next are. Answers groups, each
// a title, its rounds and the lane that the others are compared with.

import { KernelLanes } from "./kernel.mjs";
import { overRead } from "./lane.mjs";
import { Limit } from "./limit.mjs";
import { MAP_LANES, mapLanes, mapOf, stringLanes, trieLane } from "./maps.mjs";
import { memfsLane } from "./memfs.mjs";
import { weigh } from "./memory.mjs";
import { idBatches, numberLanes, rollUpLane } from "./numbers.mjs";
import { Ours } from "./ours.mjs";
import { BATCH, batches } from "./queries.mjs";
import { race } from "./rounds.mjs";
import { TypedTree } from "./typed.mjs";
import { CUT_LANES, CutViews, JOINED_LANES, JoinedViews } from "./views.mjs";

const SMALL = 5_000;
const LARGE = 1_000_000;

export const TYPED = "JS, typed arrays, same algorithm";

/** Everything about one tree of paths. */
export class Size {
  paths;
  ours;
  /** Bytes a cgroup, by what holds them. */
  memory = new Map();
  #map;
  #typed;
  #limit;

  constructor(paths) {
    this.paths = paths;
    this.ours = new Ours(paths);
    this.#typed = new TypedTree(paths);
    this.#limit = new Limit(paths);
    this.#map = this.#weighed("Map of paths", () => mapOf(paths));
    const { bytes, reservedBytes } = this.ours.tree.stats();
    this.memory.set("ours", bytes / paths.length);
    this.memory.set("reserved beside it, untouched", reservedBytes / paths.length);
    this.memory.set("of that the names", paths.nameBytes / paths.length);
    this.memory.set(TYPED, this.#typed.bytes / paths.length);
  }

  /** bytes → nodes in bulk, of one kind of stream. What else lies on the heap would slow the Maps, so it is little. */
  async lookUps(kind, options) {
    const stream = batches(this.paths, kind);
    const lanes = [...this.ours.bulk(stream), ...mapLanes(this.#map, stream), this.#typedLane(stream), this.#limit.lane(stream)];
    const rounds = await race(lanes, options);
    return { title: `bytes → nodes, ${kind}`, rounds, base: rounds.fastest(MAP_LANES) };
  }

  /** One at a time, and what else there is. */
  async single(options) {
    const stream = batches(this.paths);
    const lanes = [...this.ours.single(stream), mapLanes(this.#map, stream)[0]];
    if (this.paths.length <= LARGE) lanes.push(trieLane(this.paths, stream));
    if (this.paths.length <= SMALL) lanes.push(memfsLane(this.paths, stream));
    return { title: "bytes → cgroups, one at a time", rounds: await race(lanes, options), base: MAP_LANES[0] };
  }

  /** Strings that are there before the clock starts. */
  async strings(options) {
    const stream = batches(this.paths);
    const rounds = await race([...this.ours.strings(stream), ...stringLanes(this.#map, stream)], options);
    return { title: "one string → its cgroup", rounds, base: "Map, fresh strings" };
  }

  async views(options) {
    const stream = batches(this.paths);
    const joined = this.#weighed("JS, names and parents", () => new JoinedViews(this.paths, 0));
    const cut = this.#weighed("JS, stored paths", () => new CutViews(this.paths, 0));
    for (const index of stream[0].indexes) {
      const views = [this.ours.tree.at(this.ours.nodes, index).viewFrom(this.ours.viewer), joined.view(index), cut.view(index)];
      if (new Set(views).size !== 1) throw new Error(`the views of ${this.paths.path(index)} differ: ${views}`);
    }
    const rounds = await race([...this.ours.views(stream), ...joined.lanes(stream), ...cut.lanes(stream)], options);
    return { title: "nodes → views", rounds, base: rounds.fastest(JOINED_LANES), cut: rounds.fastest(CUT_LANES) };
  }

  async ids(options) {
    const stream = idBatches(this.paths, batches(this.paths));
    const rounds = await race([...this.ours.ids(stream), ...numberLanes(this.paths, stream)], options);
    return { title: "ids → nodes", rounds, base: "Map<bigint>" };
  }

  async ancestry(options) {
    const stream = batches(this.paths);
    return { title: "ancestry and pids", rounds: await race([...this.ours.ancestry(stream), ...this.ours.pids(stream)], options) };
  }

  async rollUps(options) {
    const js = rollUpLane(this.paths);
    return { title: "roll-ups", rounds: await race([...this.ours.rollUp(), js], options), base: js.name };
  }

  /** One view of the same cgroup beside the kernel's own way of telling it, and views of any. */
  async kernel(options) {
    const kernel = new KernelLanes();
    try {
      const others = this.ours.views(batches(this.paths)).filter(({ name }) => name === "ours, one view as a string");
      const rounds = await race([this.ours.sameView(), ...others, ...kernel.lanes()], options);
      return { title: `one view and the kernel (${kernel.lines} hierarchies)`, rounds, base: "kernel, /proc/PID/cgroup opened and read" };
    } finally {
      kernel.close();
    }
  }

  close() {
    this.#limit.close();
  }

  #typedLane(stream) {
    const out = new Int32Array(BATCH);
    return overRead(TYPED, stream, (bytes) => this.#typed.resolveLines(bytes, out), (length) => this.#typed.room(length));
  }

  #weighed(name, make) {
    const { value, bytes } = weigh(make);
    this.memory.set(name, bytes / this.paths.length);
    return value;
  }
}
