// What selectors name on a machine: `pid:42`, `id:8513`, `path:/x`, `container:1cd3`, `pod:UID`, `unit:ssh.service`. Paths and
// ids of a batch go through the bulk calls; whatever was found once is kept, so that memory grows with the machine only.
// Knows no output format: `Found` has what a row can show.

import type { Host, HostHierarchy } from "../host/index.ts";
import { type Cgroup, identifyPath, type Nodes, type PathIdentity } from "../index.ts";

/** What a selector stands for. */
export interface Found {
  readonly id: string | null;
  readonly pid: number | null;
  /** As the reader of the machine sees it. */
  readonly path: Uint8Array | null;
  readonly container: string | null;
  readonly runtime: string | null;
  readonly pod: string | null;
  readonly unit: string | null;
}

/** Why a selector stands for nothing. */
export type Unresolved = string;

export type Answer = Found | Unresolved;

export const KINDS = ["pid", "id", "path", "container", "pod", "unit"] as const;
type Kind = (typeof KINDS)[number];

/** The kind before the colon; undefined for what is no selector. */
export function kindOf(selector: string): Kind | undefined {
  return KINDS.find((kind) => selector.startsWith(kind) && selector[kind.length] === ":");
}

/** One hierarchy's cgroups as they are asked for in bulk. */
class Shelf {
  readonly #hierarchy: HostHierarchy;
  /** Ids that the kernel gave: of what no mount shows there are none. */
  readonly #ids: ReadonlySet<bigint>;
  readonly #known = new Map<number, Found>();

  constructor(hierarchy: HostHierarchy, ids: ReadonlySet<bigint>) {
    this.#hierarchy = hierarchy;
    this.#ids = ids;
  }

  byPaths(paths: readonly string[]): (Found | undefined)[] {
    const { tree, origin } = this.#hierarchy;
    return this.#of(tree.resolveMany(Buffer.from(`${paths.join("\n")}\n`, "latin1"), { from: origin }));
  }

  byIds(ids: BigUint64Array): (Found | undefined)[] {
    return this.#of(this.#hierarchy.tree.resolveIds(ids.map((id) => (this.#ids.has(id) ? id : 0n))));
  }

  of(cgroup: Cgroup): Found {
    const path = cgroup.viewFrom(this.#hierarchy.origin, { encoding: "buffer" });
    const { container, pod, unit } = identifyPath(path);
    return {
      id: this.#ids.has(cgroup.id) ? `${cgroup.id}` : null, pid: null, path, container: container?.id ?? null, runtime: container?.runtime ?? null, pod: pod?.uid ?? null, unit: unit?.name ?? null,
    };
  }

  #of(nodes: Nodes): (Found | undefined)[] {
    return Array.from(nodes.numbers, (number, row) => {
      if (number === 0) return undefined;
      const known = this.#known.get(number) ?? this.of(this.#hierarchy.tree.at(nodes, row)!);
      this.#known.set(number, known);
      return known;
    });
  }
}

/** Names that cgroups give, each with the outermost cgroup of the first hierarchy that has it. */
class Names {
  readonly containers = new Map<string, Found>();
  readonly pods = new Map<string, Found>();
  readonly units = new Map<string, Found>();
  #ids: string[] | undefined;

  add(found: Found, identity: PathIdentity): void {
    for (const link of identity.chain) {
      const names = link.kind === "container" ? this.containers : link.kind === "pod" ? this.pods : link.kind === "unit" ? this.units : undefined;
      const name = link.kind === "container" ? link.id : link.kind === "pod" ? link.uid : link.kind === "unit" ? link.name : "";
      if (names !== undefined && !names.has(name)) names.set(name, found);
    }
  }

  /** The container whose id starts so. */
  container(prefix: string): Answer {
    this.#ids ??= [...this.containers.keys()].sort();
    const from = firstFrom(this.#ids, prefix);
    const [id, next] = [this.#ids[from], this.#ids[from + 1]];
    if (prefix === "" || id?.startsWith(prefix) !== true) return "no cgroup names such a container";
    if (id !== prefix && next?.startsWith(prefix) === true) return "several containers start so";
    return this.containers.get(id)!;
  }
}

// Where in a sorted list what starts with the prefix would begin.
function firstFrom(sorted: readonly string[], prefix: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Selectors {
  readonly #host: Host;
  readonly #shelves: readonly Shelf[];
  readonly #hierarchies: readonly HostHierarchy[];
  readonly #pids = new Map<string, Answer>();
  #names: Names | undefined;

  constructor(host: Host) {
    this.#host = host;
    // The unified hierarchy first: its ids are what the kernel reports; then those that name a path or an id besides.
    this.#hierarchies = host.hierarchies().sort((a, b) => Number(a.key !== "") - Number(b.key !== ""));
    const records = new Map(host.snapshot.hierarchies.map(({ id, cgroups }) => [id, new Set(cgroups.map((cgroup) => cgroup.id))]));
    this.#shelves = this.#hierarchies.map((hierarchy) => new Shelf(hierarchy, records.get(hierarchy.tree.id) ?? new Set()));
  }

  /** One answer for each, in order. */
  resolve(selectors: readonly string[]): Answer[] {
    const answers: Answer[] = new Array(selectors.length);
    const paths: number[] = [];
    const ids: number[] = [];
    for (let row = 0; row < selectors.length; row++) {
      const selector = selectors[row]!;
      const kind = kindOf(selector);
      if (kind === "path") paths.push(row);
      else if (kind === "id") ids.push(row);
      else answers[row] = kind === undefined ? "no selector" : this.#one(kind, selector.slice(kind.length + 1));
    }
    this.#bulk(answers, paths, "no cgroup has this path", (shelf, rows) => shelf.byPaths(rows.map((row) => selectors[row]!.slice("path:".length))));
    this.#bulk(answers, ids, "no cgroup has this id", (shelf, rows) => shelf.byIds(BigUint64Array.from(rows, (row) => idOf(selectors[row]!))));
    return answers;
  }

  // Each hierarchy is asked for what those before it do not have.
  #bulk(answers: Answer[], rows: readonly number[], why: string, ask: (shelf: Shelf, rows: readonly number[]) => (Found | undefined)[]): void {
    let left = rows;
    for (const shelf of this.#shelves) {
      if (left.length === 0) return;
      const found = ask(shelf, left);
      left = left.filter((row, n) => {
        if (found[n] !== undefined) answers[row] = found[n];
        return found[n] === undefined;
      });
    }
    for (const row of left) answers[row] = why;
  }

  #one(kind: Exclude<Kind, "path" | "id">, name: string): Answer {
    switch (kind) {
      case "pid": return this.#pid(name);
      case "container": return this.#index.container(name);
      case "pod": return this.#index.pods.get(name.replaceAll("_", "-").toLowerCase()) ?? "no cgroup names such a pod";
      case "unit": return this.#index.units.get(name) ?? "no cgroup names such a unit";
    }
  }

  #pid(name: string): Answer {
    const known = this.#pids.get(name);
    if (known !== undefined) return known;
    const answer = this.#task(name);
    // Whoever does not exist is not remembered: there is no end of them.
    if (typeof answer !== "string") this.#pids.set(name, answer);
    return answer;
  }

  #task(name: string): Answer {
    if (!/^[0-9]{1,10}$/.test(name)) return "no pid";
    if (!this.#host.has(Number(name))) return "no such process";
    const places = this.#host.cgroupsOf(Number(name)).sort((a, b) => Number(a.path.length === 1) - Number(b.path.length === 1) || Number(a.hierarchy !== "") - Number(b.hierarchy !== ""));
    const who = this.#host.identify(Number(name));
    return {
      id: places[0] === undefined || places[0].directory === null ? null : `${places[0].cgroup.id}`, pid: Number(name), path: places[0]?.path ?? null,
      container: who.containerId.value, runtime: who.containerRuntime.value, pod: who.podUid.value, unit: who.unit.value,
    };
  }

  get #index(): Names {
    this.#names ??= this.#read();
    return this.#names;
  }

  #read(): Names {
    const names = new Names();
    for (const [n, { tree, origin }] of this.#hierarchies.entries()) {
      for (const cgroup of tree.walk(origin)) {
        const found = this.#shelves[n]!.of(cgroup);
        names.add(found, identifyPath(found.path!));
      }
    }
    return names;
  }
}

// What is no id stands for 0, which nothing has.
function idOf(selector: string): bigint {
  const digits = selector.slice("id:".length);
  const id = /^[0-9]{1,20}$/.test(digits) ? BigInt(digits) : 0n;
  return id > 0xffffffffffffffffn ? 0n : id;
}
