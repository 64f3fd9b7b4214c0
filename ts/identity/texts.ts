// Who a process is, from the texts of its /proc/PID/cgroup and /proc/PID/mountinfo: every field with the line that says it,
// or the reason why none does. Knows texts only; whoever reads a machine hands them in.

import { believed, contradiction, type Sighting, witnesses, type Witness } from "./cgroup-witness.ts";
import { type Conflict, empty, type Field, first, type Source, type Testimony, told } from "./field.ts";
import type { ContainerLink, Evidence, MachineManager, PathIdentity, PodLink, QosClass, Runtime } from "./link.ts";
import { type MountWitness, mountWitness, type Named } from "./mount-witness.ts";
import { cgroupPaths, mounts, type Read } from "./text-lines.ts";
import type { MountinfoEntry } from "../proc/mountinfo.ts";

/** What `identifyTexts` reads. A text that could not be had is left out, `missing` saying why. */
export interface IdentityTexts {
  readonly cgroup?: string | Uint8Array | undefined;
  readonly mountinfo?: string | Uint8Array | undefined;
  /** Why a text is not there, such as `EACCES` or `gVisor has no /proc/PID/cgroup`. */
  readonly missing?: { readonly cgroup?: string | undefined; readonly mountinfo?: string | undefined } | undefined;
}

/** A process's identity with its evidence. The innermost container counts; the chain has them all. */
export interface Identification {
  readonly containerId: Field<string>;
  readonly containerRuntime: Field<Runtime>;
  /** The pod's sandbox (pause) container: its id is never the container's. */
  readonly sandboxId: Field<string>;
  /** The container this process monitors (conmon, lxc.monitor): it is not in it. */
  readonly monitorId: Field<string>;
  readonly podUid: Field<string>;
  readonly podQos: Field<QosClass>;
  readonly taskId: Field<string>;
  readonly machine: Field<string>;
  readonly machineManager: Field<MachineManager>;
  readonly unit: Field<string>;
  readonly userUnit: Field<string>;
  readonly slice: Field<string>;
  readonly userSlice: Field<string>;
  readonly session: Field<string>;
  readonly ownerUid: Field<number>;
  /** All that the believed path says, outermost first. */
  readonly chain: PathIdentity["chain"];
  /** Lines that contradict one another. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Identifies a process by its texts, as pasted or as read. Never throws for what a text says: lines nobody can read are
 * passed over.
 *
 *     cgroup:    0::/                                             a private cgroup namespace
 *     mountinfo: 41 … /kubepods.slice/…-podU.slice/cri-containerd-ID.scope /sys/fs/cgroup … - cgroup2 …
 *                44 … …/io.containerd.grpc.v1.cri/sandboxes/S/hostname /etc/hostname …
 *     result:    containerId ID (mountinfo, line 1), sandboxId S (line 2), podUid U
 */
export function identifyTexts(texts: IdentityTexts): Identification {
  const lines = cgroupPaths(texts.cgroup ?? "");
  const mounted = mounts(texts.mountinfo ?? "");
  const own = witnesses(lines.map(({ line, value, exact }) => sighting("cgroup", line, value, exact)));
  const roots = witnesses(mounted.filter(isCgroup).map(({ line, value, exact }) => sighting("mountinfo", line, value.root, exact)));
  return new Inquiry(texts, own, roots, mountWitness(mounted)).result();
}

function sighting(file: Source["file"], line: number, path: string, exact: boolean): Sighting {
  return { path, exact, source: { file, line, text: path } };
}

function isCgroup({ value: { fsType } }: Read<MountinfoEntry>): boolean {
  return fsType === "cgroup" || fsType === "cgroup2";
}

// One process's witnesses, heard in the order of their weight: its own cgroups, the roots of its cgroup mounts, its files.
class Inquiry {
  readonly #texts: IdentityTexts;
  readonly #own: readonly Witness[];
  readonly #roots: readonly Witness[];
  readonly #files: MountWitness;
  readonly #best: Witness | undefined;
  readonly #shown: Witness | undefined;

  constructor(texts: IdentityTexts, own: readonly Witness[], roots: readonly Witness[], files: MountWitness) {
    this.#texts = texts;
    this.#own = own;
    this.#roots = roots;
    this.#files = files;
    this.#best = believed(own) ?? believed(roots);
    this.#shown = this.#best ?? mostTelling(own) ?? mostTelling(roots);
  }

  result(): Identification {
    const container = this.#container();
    const { chain } = this.#shown?.identity ?? { chain: [] };
    return {
      ...this.#containerFields(container),
      ...this.#podFields(),
      ...this.#unitFields(),
      monitorId: this.#field("monitor", (link) => link.id, "no line names a monitor's cgroup"),
      taskId: this.#field("task", (link) => link.id, "no line stands in an ECS tree"),
      machine: this.#field("machine", (link) => link.name, "no line names a machine"),
      machineManager: this.#field("machine", (link) => link.manager, "no line names a machine"),
      chain,
      conflicts: this.#conflicts(container),
    };
  }

  #container(): Testimony<Named> | undefined {
    const sandbox = this.#files.sandboxes[0]?.value.id;
    const named = this.#best === undefined ? this.#files.containers[0] : testimonyOf(this.#best);
    return named?.value.id === sandbox ? undefined : named;
  }

  #containerFields(container: Testimony<Named> | undefined): Pick<Identification, "containerId" | "containerRuntime" | "sandboxId"> {
    const reason = this.#whyNoContainer();
    const sandboxes = [...this.#files.sandboxes.map(idOf), ...this.#links("sandbox").map((link) => this.#testify(link, link.id))];
    return {
      containerId: container === undefined ? empty(reason) : told(idOf(container)),
      containerRuntime: container === undefined ? empty(reason) : this.#runtime(container),
      sandboxId: first(sandboxes, "no mount comes from a sandbox's directory"),
    };
  }

  // The kubelet's cgroupfs driver leaves the runtime out; the sandbox's directory tells it.
  #runtime(container: Testimony<Named>): Field<Runtime> {
    const { runtime } = container.value;
    if (runtime !== null) return told({ ...container, value: runtime });
    const sandbox = this.#files.sandboxes.find(({ value }) => value.runtime !== null);
    if (sandbox !== undefined) return told({ ...sandbox, value: sandbox.value.runtime!, confidence: "likely" });
    return empty("the container's name follows a convention that several runtimes share");
  }

  #podFields(): Pick<Identification, "podUid" | "podQos"> {
    const pods = [this.#best, ...this.#own, ...this.#roots].flatMap((witness) => {
      const pod = witness?.identity.pod;
      return pod === undefined || pod === null ? [] : [{ value: pod, source: witness!.source, confidence: "certain" as const }];
    });
    const uids = [...pods.map((pod) => ({ ...pod, value: pod.value.uid })), ...this.#files.pods];
    const classes = pods.flatMap(qosTestimony);
    return {
      podUid: first(uids, "no line names a pod"),
      podQos: first(classes, pods.length > 0 ? "the pod's cgroup does not stand in a class's" : "no cgroup path names a pod"),
    };
  }

  #unitFields(): Pick<Identification, "unit" | "userUnit" | "slice" | "userSlice" | "session" | "ownerUid"> {
    const reason = this.#whyNoUnit();
    return {
      unit: this.#field("unit", (link) => link.name, reason),
      userUnit: this.#field("userUnit", (link) => link.name, "not below a user's manager or session"),
      slice: this.#shown?.path === "/" ? empty(reason) : this.#field("slice", (link) => link.name, reason),
      userSlice: this.#field("userSlice", (link) => link.name, "not in a slice of a user's manager"),
      session: this.#field("session", (link) => link.name, "not in the scope of a session"),
      ownerUid: this.#field("owner", (link) => link.uid, "not in a user's slice"),
    };
  }

  #field<K extends "monitor" | "task" | "machine" | "unit" | "userUnit" | "slice" | "userSlice" | "session" | "owner", T>(
    key: K,
    value: (link: NonNullable<PathIdentity[K]>) => T,
    reason: string,
  ): Field<T> {
    for (const witness of [this.#shown, ...this.#own, ...this.#roots]) {
      const link = witness?.identity[key];
      if (link === undefined || link === null || isImplied(link)) continue;
      return told({ value: value(link), source: at(witness!, link), confidence: confidenceOf(witness!) });
    }
    const implied = this.#shown?.identity[key];
    return implied === undefined || implied === null ? empty(reason) : told(this.#testify(implied, value(implied)));
  }

  #links(kind: ContainerLink["kind"]): ContainerLink[] {
    return (this.#shown?.identity.chain ?? []).filter((link) => link.kind === kind) as ContainerLink[];
  }

  #testify<T>(link: Evidence, value: T): Testimony<T> {
    return { value, source: at(this.#shown!, link), confidence: confidenceOf(this.#shown!) };
  }

  #conflicts(container: Testimony<Named> | undefined): Conflict[] {
    const among = contradiction(this.#own, this.#own.includes(this.#best!) ? this.#best : undefined) ?? contradiction(this.#roots, believed(this.#roots));
    const files = this.#files.containers.filter(({ value }) => value.id !== container?.value.id);
    const inChain = (id: string): boolean => this.#links("container").some((link) => link.id === id);
    const against = container === undefined ? [] : [container, ...files.filter(({ value }) => !inChain(value.id))];
    const distinct = against.filter(({ value }, row) => against.findIndex((one) => one.value.id === value.id) === row);
    const values = distinct.map(({ value, source }) => ({ value: value.id, source, lines: 1 }));
    return [...(among === undefined ? [] : [among]), ...(values.length > 1 ? [{ field: "container.id", values }] : [])];
  }

  #whyNoContainer(): string {
    const { cgroup, mountinfo, missing } = this.#texts;
    if (this.#files.sandboxes.length > 0 && (this.#best !== undefined || this.#files.containers.length > 0)) {
      return "the only container named is the pod's sandbox";
    }
    if (cgroup === undefined && mountinfo === undefined) return missing?.cgroup ?? missing?.mountinfo ?? "no text was given";
    if (this.#links("monitor").length > 0) return "a monitor's cgroup: it watches a container from outside";
    if (this.#files.pods.length > 0 || this.#files.sandboxes.length > 0) {
      return "in a pod, but no line names the container: a private cgroup namespace whose runtime hides it (GKE Autopilot, gVisor and Kata do)";
    }
    if (this.#own.some(({ identity }) => identity.unit !== null)) return "a unit of the system, not a container: no line names one";
    if (cgroup === undefined) return `${missing?.cgroup ?? "/proc/PID/cgroup was not given"}, and mountinfo names no container`;
    if (this.#own.length === 0) return "no line of /proc/PID/cgroup has a path, as where cgroups are not mounted or a sandbox leaves them out (gVisor)";
    if (!this.#own.every(({ path }) => path === "/")) return "no component follows a runtime's convention; a UUID or hex word alone is none";
    if (mountinfo === undefined) return `\`/\` alone: a process of the host or a private cgroup namespace; ${missing?.mountinfo ?? "mountinfo was not given"}`;
    return "`/` alone and no mount of a runtime's: a process of the host, or a private cgroup namespace that shows nothing (gVisor, Kata)";
  }

  #whyNoUnit(): string {
    if (this.#own.length === 0) return this.#texts.missing?.cgroup ?? "no line of /proc/PID/cgroup has a path";
    if (this.#own.every(({ path }) => path === "/")) return "`/` alone: the root of the cgroup namespace names no unit";
    return "no line begins with slices and a unit, as systemd names them";
  }
}

// `-.slice` follows from the root alone: any line says it.
const isImplied = (link: Evidence): boolean => link.level === 0;

const at = ({ source }: Witness, link: Evidence): Source => ({ ...source, text: link.component });
const confidenceOf = ({ exact }: Witness): "certain" | "likely" => (exact ? "certain" : "likely");

function testimonyOf(witness: Witness): Testimony<Named> {
  const { id, runtime, certain } = witness.identity.container!;
  const confidence = certain && witness.exact ? "certain" : "likely";
  return { value: { id, runtime }, source: at(witness, witness.identity.container!), confidence };
}

function idOf(testimony: Testimony<Named>): Testimony<string> {
  return { ...testimony, value: testimony.value.id };
}

function qosTestimony(pod: Testimony<PodLink>): Testimony<QosClass>[] {
  return pod.value.qos === null ? [] : [{ ...pod, value: pod.value.qos }];
}

// Of lines that name no container the one that says most.
function mostTelling(all: readonly Witness[]): Witness | undefined {
  let best: Witness | undefined;
  for (const one of all) if (best === undefined || one.identity.chain.length > best.identity.chain.length) best = one;
  return best;
}
