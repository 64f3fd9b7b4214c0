// What the generator remembers of the machine that its script is run on, learnt from every operation's result, so that
// the next operations can be aimed. It may be wrong: then they only miss.

import type { Operation, ReplayOptions } from "../../ts/replay/operation.ts";
import type { Agent, UserNamespace, View } from "./agent.ts";
import { Place } from "./place.ts";
import type { Random } from "./random.ts";

/** How often the same agent goes on: waking another process costs the real machine most of an operation's time. */
const LINGER = 0.5;

export class Scene {
  readonly options: ReplayOptions;
  readonly random: Random;
  readonly hierarchies: readonly string[];
  readonly bases = new Map<string, Place>();
  readonly agents = new Map<string, Agent>();
  readonly initial: { view: View; userns: UserNamespace };
  /** How many births an operation allows. */
  readonly #birthRate: number;
  operations = 0;
  births = 0;
  #names = 0;
  #last: Agent | undefined;

  constructor(options: ReplayOptions, random: Random, birthRate: number) {
    this.options = options;
    this.random = random;
    this.#birthRate = birthRate;
    this.hierarchies = ["v2", ...(options.v1 ?? ["pids"])];
    const roots = new Map<string, Place>();
    for (const hierarchy of this.hierarchies) {
      roots.set(hierarchy, new Place(hierarchy, ""));
      this.bases.set(hierarchy, roots.get(hierarchy)!.add(options.base ?? "cgroupns"));
    }
    const userns: UserNamespace = { parent: undefined, owner: 0, mapped: true };
    this.initial = { userns, view: { roots, userns } };
    const ctl = { name: "ctl", pid: 1, parent: "", leader: "ctl", nested: false };
    this.agents.set("ctl", { ...this.born(), ...ctl, at: new Map(roots) });
  }

  /** What every spawned agent begins as. */
  born(): Omit<Agent, "name" | "pid" | "parent" | "leader" | "nested"> {
    return {
      state: "alive", lost: false, echoed: false, at: new Map(this.bases), view: this.initial.view, userns: this.initial.userns,
      mounts: this.agents.get("ctl")?.mounts ?? new Map(), uids: [0, 0, 0], whole: true, fds: new Map(),
    };
  }

  get canBear(): boolean {
    return this.births < 5 + this.operations * this.#birthRate;
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  get ctl(): Agent {
    return this.agents.get("ctl")!;
  }

  /** Who can act: alive, not frozen, still spoken to. */
  acts(agent: Agent): boolean {
    return agent.state === "alive" && !agent.lost && !this.isFrozen(agent);
  }

  isFrozen(agent: Agent): boolean {
    return agent.at.get("v2")!.isFrozen;
  }

  /** Those that can act, without ctl. */
  actors(wanted: (agent: Agent) => boolean = () => true): Agent[] {
    return [...this.agents.values()].filter((agent) => agent.name !== "ctl" && this.acts(agent) && wanted(agent));
  }

  /** Somebody who can act, often whoever did last; ctl where nobody fits. */
  actor(wanted?: (agent: Agent) => boolean): Agent {
    const last = this.#last;
    if (last !== undefined && this.random.chance(LINGER) && this.acts(last) && (wanted === undefined || wanted(last))) return last;
    this.#last = this.random.maybe(this.actors(wanted));
    return this.#last ?? this.ctl;
  }

  /** Somebody who acts as root of the initial user namespace. */
  root(): Agent {
    return this.random.chance(0.6) ? this.ctl : this.actor((agent) => this.isRoot(agent));
  }

  isRoot(agent: Agent): boolean {
    return agent.uids[1] === 0 && agent.whole && agent.userns === this.initial.userns;
  }

  isSingle(agent: Agent): boolean {
    return this.threads(agent).length === 1;
  }

  isLeader(agent: Agent): boolean {
    return agent.leader === agent.name;
  }

  /** Anybody at all whom something may be done to, zombies and the reaped included. */
  target(wanted: (agent: Agent) => boolean = () => true): Agent | undefined {
    const all = [...this.agents.values()].filter((agent) => agent.name !== "ctl" && wanted(agent));
    const alive = all.filter(({ state }) => state === "alive");
    const zombies = all.filter(({ state }) => state === "zombie");
    const from = this.random.weighted([[12, alive], [3, zombies], [0.5, all]] as const);
    return this.random.maybe(from.length > 0 ? from : all);
  }

  /** The threads of a process that live. */
  threads(agent: Agent): Agent[] {
    return [...this.agents.values()].filter(({ leader, state }) => leader === agent.leader && state === "alive");
  }

  byPid(pid: number): Agent | undefined {
    return [...this.agents.values()].find((agent) => agent.pid === pid && agent.state !== "gone");
  }

  /** A hierarchy, mostly the unified one. */
  hierarchy(): string {
    return this.random.chance(0.75) ? "v2" : this.random.pick(this.hierarchies);
  }

  base(hierarchy = "v2"): Place {
    return this.bases.get(hierarchy)!;
  }

  places(hierarchy = "v2", wanted: (place: Place) => boolean = () => true): Place[] {
    return this.base(hierarchy).all().filter(wanted);
  }

  /** A live cgroup below (or, seldom, at) the base. */
  place(hierarchy = "v2", wanted?: (place: Place) => boolean): Place {
    const places = this.places(hierarchy, wanted);
    return this.random.maybe(places.length > 1 && this.random.chance(0.9) ? places.filter(({ isBase }) => !isBase) : places) ?? this.base(hierarchy);
  }

  /** Who is in a cgroup or below it. */
  within(place: Place): Agent[] {
    return [...this.agents.values()].filter(({ state, at }) => state === "alive" && place.covers(at.get(place.hierarchy)));
  }

  isPopulated(place: Place): boolean {
    return this.within(place).length > 0;
  }

  /** Where an operation's path leads: the deepest cgroup known on the way, and what is left of the path. */
  resolve(op: Operation, key = "path"): { place: Place; rest: string[] } | undefined {
    const path = String(op[key] ?? "");
    if (path.startsWith("proc:")) return undefined;
    let place = this.#start(op, path);
    if (place === undefined) return undefined;
    const steps = path.replace(/^\^/, "").split("/").filter((step) => step !== "" && step !== ".");
    for (const [index, step] of steps.entries()) {
      const next: Place | undefined = step === ".." ? place.parent : place.children.get(step);
      if (next === undefined) return { place, rest: steps.slice(index) };
      place = next;
    }
    return { place, rest: [] };
  }

  #start(op: Operation, path: string): Place | undefined {
    if (op.mnt !== undefined) return this.agents.get(op.agent ?? "ctl")?.mounts.get(String(op.mnt))?.root;
    const base = this.bases.get(String(op.hier ?? "v2"));
    return path.startsWith("^") ? base?.parent : base;
  }
}

/** The fields that say where: a cgroup, or something in it. */
export function at(place: Place, file?: string): { path: string; hier?: string } {
  const path = file === undefined ? place.path : place.inside(file);
  return place.hierarchy === "v2" ? { path } : { path, hier: place.hierarchy };
}

/** The field that says who. */
export function by(agent: Agent): { agent?: string } {
  return agent.name === "ctl" ? {} : { agent: agent.name };
}
