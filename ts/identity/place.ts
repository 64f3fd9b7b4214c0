// A place in a tree of cgroups, and what the components down to it have said. Each place is made from the one above, so
// that whatever shares parents shares their reading. Knows how the conventions meet; the conventions are elsewhere.

import { colonContainer, type ContainerName, prefixedContainer } from "./container-name.ts";
import { isLongId, isTaskId } from "./id-shape.ts";
import { podOf, qosOf } from "./kubernetes.ts";
import type { ContainerLink, Link, OwnerLink, PathIdentity, PodLink, QosClass, TaskLink, UnitLink } from "./link.ts";
import { machineOf } from "./machines.ts";
import { nameStep, type Phase } from "./naming.ts";
import { containerIn, taskIn, type Tree, treeOf } from "./trees.ts";

type Said = Pick<UnitLink, "component" | "level" | "depth">;

/** One cgroup as its path tells it. `links` are what its own component said, outermost first. */
export class Place {
  readonly above: Place | null;
  readonly links: readonly Link[];
  readonly component: string;
  readonly level: number;
  readonly depth: number;
  readonly phase: Phase;
  readonly tree: Tree | null;
  readonly qos: QosClass | null;
  /** The innermost of each down to here. */
  readonly container: ContainerLink | null;
  readonly pod: PodLink | null;
  readonly task: TaskLink | null;
  #identity: PathIdentity | undefined;

  constructor(above: Place | null, component: string) {
    this.above = above;
    this.component = component;
    this.level = above === null ? 0 : above.level + 1;
    const read = above === null || component === ".." ? keep(above) : readComponent(above, component);
    this.links = read.links;
    this.phase = read.phase;
    this.tree = read.tree;
    this.qos = read.qos;
    this.depth = read.depth;
    this.container = last(read.links, "container") ?? above?.container ?? null;
    this.pod = last(read.links, "pod") ?? above?.pod ?? null;
    this.task = last(read.links, "task") ?? above?.task ?? null;
  }

  /** The whole answer for the path down to here; made once. */
  get identity(): PathIdentity {
    this.#identity ??= identityOf(this);
    return this.#identity;
  }
}

interface Reading {
  readonly links: readonly Link[];
  readonly phase: Phase;
  readonly tree: Tree | null;
  readonly qos: QosClass | null;
  readonly depth: number;
}

const NO_LINKS: readonly Link[] = [];

function keep(above: Place | null): Reading {
  if (above === null) return { links: NO_LINKS, phase: "slices", tree: null, qos: null, depth: 0 };
  return { links: NO_LINKS, phase: above.phase, tree: above.tree, qos: above.qos, depth: above.depth };
}

function readComponent(above: Place, component: string): Reading {
  const said: Said = { component, level: above.level + 1, depth: above.depth };
  const step = nameStep(above.phase, said);
  const links: Link[] = step.links.length === 0 ? [] : step.links.slice();
  const pod = podLink(above, said);
  if (pod !== undefined) links.push(pod);
  const task = taskLink(above, said);
  if (task !== undefined) links.push(task);
  const machine = machineLink(above, said);
  if (machine !== undefined) links.push(machine);
  const container = containerLink(above, said);
  if (container !== undefined) links.push(container);
  if (machine?.kind === "machine" || container?.kind === "container") {
    return { links, phase: "payload", tree: null, qos: null, depth: above.depth + 1 };
  }
  const opened = pod === undefined ? (treeOf(component) ?? above.tree) : pod.orchestrator === "kubernetes" ? "pod" : above.tree;
  // A directory of the kubelet's own says which class its pods have; one that says nothing leaves it open.
  const qos = opened === "kubernetes" ? (qosOf(component) ?? null) : null;
  return { links, phase: step.phase, tree: opened, qos, depth: above.depth };
}

// `…libpod_pod_ID.slice` with systemd, `libpod_parent/ID` without.
function podLink(above: Place, said: Said): PodLink | undefined {
  const { component } = said;
  const colon = component.indexOf(":");
  const pod = podOf(component) ?? (colon === -1 ? undefined : podOf(component.slice(0, colon)));
  if (pod !== undefined) return podAt(said, pod.uid, pod.qos ?? above.qos, "kubernetes");
  const at = component.indexOf("libpod_pod_");
  if (at === -1 && above.tree !== "podman") return undefined;
  const uid = at === -1 ? component : component.slice(at + "libpod_pod_".length).replace(/\.slice$/, "");
  return isLongId(uid) ? podAt(said, uid, null, "podman") : undefined;
}

function podAt({ component, level, depth }: Said, uid: string, qos: QosClass | null, orchestrator: PodLink["orchestrator"]): PodLink {
  return { kind: "pod", uid, qos, orchestrator, component, level, depth };
}

// `ecstasks-ID.slice` with systemd, `ecs/ID` without.
function taskLink(above: Place, said: Said): TaskLink | undefined {
  const { component } = said;
  if (component.startsWith("ecstasks-") && component.endsWith(".slice")) {
    const id = component.slice("ecstasks-".length, -".slice".length);
    return isTaskId(id) ? { kind: "task", id, ...said } : undefined;
  }
  if (above.tree !== "ecs" || above.task !== null) return undefined;
  const id = taskIn(component);
  return id === undefined ? undefined : { kind: "task", id, ...said };
}

function machineLink(above: Place, said: Said): Link | undefined {
  const machine = machineOf(said.component, above.component);
  if (machine === undefined) return undefined;
  if (machine.kind === "machine") return { kind: "machine", name: machine.name, manager: machine.manager, ...said };
  return { kind: "monitor", id: machine.name, runtime: "lxc", certain: true, ...said };
}

/** The container that a component names below a place, or that the place itself is in. */
export function containerBelow(above: Place, component: string): ContainerName | null {
  const name = containerName(above, component);
  return name?.kind === "container" ? name : above.container;
}

/** The same of pods. */
export function podUidBelow(above: Place, component: string): string | null {
  return podLink(above, { component, level: above.level + 1, depth: above.depth })?.uid ?? above.pod?.uid ?? null;
}

function containerLink(above: Place, said: Said): ContainerLink | undefined {
  const name = containerName(above, said.component);
  if (name === undefined) return undefined;
  const { kind, id, runtime, certain } = name;
  const { component, level, depth } = said;
  return { kind, id, runtime, certain, component, level, depth };
}

function containerName(above: Place, component: string): ContainerName | undefined {
  const byPrefix = prefixedContainer(component) ?? colonContainer(component);
  if (byPrefix !== undefined) return byPrefix;
  if (above.component === "lxc" && isLongId(component)) return { kind: "container", id: component, runtime: "lxc", certain: true };
  return above.tree === null ? undefined : containerIn(above.tree, component, above.task !== null);
}

function last<K extends Link["kind"]>(links: readonly Link[], kind: K): Extract<Link, { kind: K }> | null {
  for (let at = links.length - 1; at >= 0; at--) if (links[at]!.kind === kind) return links[at] as Extract<Link, { kind: K }>;
  return null;
}

const ROOT_SLICE: UnitLink = { kind: "slice", name: "-.slice", component: "/", level: 0, depth: 0 };

type Draft = { -readonly [K in keyof PathIdentity]: PathIdentity[K] };

function identityOf(place: Place): PathIdentity {
  const chain: Link[] = [];
  for (let at: Place | null = place; at !== null; at = at.above) {
    for (let link = at.links.length - 1; link >= 0; link--) chain.push(at.links[link]!);
  }
  chain.reverse();
  const draft: Draft = {
    chain, container: null, sandbox: null, monitor: null, pod: null, task: null, machine: null, unit: null, userUnit: null,
    slice: ROOT_SLICE, userSlice: null, session: null, owner: null,
  };
  for (const link of chain) hear(draft, link);
  return draft;
}

// Containers and what is like them: the innermost. Names of systemd: those of the outermost machine.
function hear(draft: Draft, link: Link): void {
  switch (link.kind) {
    case "container": draft.container = link; break;
    case "sandbox": draft.sandbox = link; break;
    case "monitor": draft.monitor = link; break;
    case "pod": draft.pod = link; break;
    case "task": draft.task = link; break;
    case "machine": draft.machine = link; break;
    default: if (link.depth === 0) hearName(draft, link);
  }
}

// A path has one unit, session and user unit; of slices inside one another the innermost counts, and whose it is.
function hearName(draft: Draft, link: UnitLink | OwnerLink): void {
  switch (link.kind) {
    case "unit": draft.unit = link; break;
    case "user-unit": draft.userUnit = link; break;
    case "session": draft.session = link; break;
    case "user-slice": draft.userSlice = link; break;
    case "owner": draft.owner = link; break;
    case "slice": [draft.slice, draft.owner] = [link, null]; break;
  }
}
