// A kernel written down and made again, whole: nothing that it would answer later is another. Says which classes have state
// and what a sound kernel is; how objects become JSON is in graph.ts.

import { CgroupNode } from "./cgroup.ts";
import { CgroupNs } from "./cgroup-namespace.ts";
import { CgroupFs, ControlFile } from "./cgroupfs.ts";
import { rootCredentials, Credentials } from "./credentials.ts";
import { FsInfo } from "./fs-info.ts";
import { type Graph, readGraph, type Recorded, writeGraph } from "./graph.ts";
import { KernelHierarchy } from "./hierarchy.ts";
import { NamespaceInodes } from "./inodes.ts";
import type { Kernel, KernelOptions } from "./kernel.ts";
import { Mount, MountNs, NO_FLAGS } from "./mount.ts";
import { OpenFile } from "./open-file.ts";
import { OtherNs } from "./other-namespaces.ts";
import { PidNs } from "./pid-namespace.ts";
import { Process } from "./process.ts";
import { NsNode, ProcFs, ProcNode } from "./procfs.ts";
import { RELEASE } from "./release.ts";
import { Task } from "./task.ts";
import { TmpFs, TmpNode } from "./tmpfs.ts";
import { UserNamespace } from "./user-namespace.ts";

const FORMAT = "cgroupns-kernel";
const VERSION = 1;

/** A kernel as JSON: to be kept, sent, and given to `Kernel.fromJSON`; not to be edited. */
export interface KernelJson extends Graph {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly release: string;
  /** Of what it says, so that damage is found. */
  readonly checksum: string;
}

const OWNED = { uid: 0, gid: 0, mode: 0 };
/** For fields that are replaced before anybody looks. */
const nothing = (): never => null as never;

type KernelClass = new (options: KernelOptions) => Kernel;

/** The class of kernels is handed in, since it knows this module. */
const classes = (kernel: KernelClass): readonly Recorded[] => [
  { name: "Kernel", of: kernel, blank: () => new kernel({ unifiedAt: null }) },
  {
    name: "KernelHierarchy", of: KernelHierarchy,
    blank: () => new KernelHierarchy({ id: 1, slot: 0, name: null, controllers: 0, builtIn: 0, device: 0, hugePages: "" }),
  },
  { name: "CgroupNode", of: CgroupNode, blank: () => new CgroupNode(nothing(), null, "", 0, OWNED) },
  { name: "CgroupFs", of: CgroupFs, blank: () => new CgroupFs(nothing(), nothing()) },
  { name: "ControlFile", of: ControlFile, blank: () => new ControlFile(nothing(), "") },
  { name: "CgroupNs", of: CgroupNs, blank: () => new CgroupNs(0, nothing(), null, []) },
  { name: "UserNamespace", of: UserNamespace, blank: () => new UserNamespace(null, 0) },
  { name: "PidNs", of: PidNs, blank: () => new PidNs(null, 0, nothing()) },
  { name: "OtherNs", of: OtherNs, blank: () => new OtherNs("uts", 0, nothing()) },
  { name: "MountNs", of: MountNs, blank: () => new MountNs(0, nothing()) },
  { name: "Mount", of: Mount, blank: blankMount },
  { name: "NamespaceInodes", of: NamespaceInodes, blank: () => new NamespaceInodes() },
  { name: "Credentials", of: Credentials, blank: () => rootCredentials(nothing()) },
  { name: "Process", of: Process, blank: () => new Process({ parent: null, dumpable: true, memoryNamespace: nothing(), command: "" }) },
  { name: "FsInfo", of: FsInfo, blank: () => new FsInfo(nothing(), 0) },
  { name: "Task", of: Task, blank: blankTask },
  { name: "OpenFile", of: OpenFile, blank: () => new OpenFile(nothing(), nothing(), { kernel: {} } as Task) },
  { name: "TmpFs", of: TmpFs, blank: () => new TmpFs(0) },
  { name: "TmpNode", of: TmpNode, blank: () => new TmpNode("file", null, "", OWNED, 0) },
  { name: "ProcFs", of: ProcFs, blank: () => new ProcFs(nothing(), nothing(), 0) },
  { name: "ProcNode", of: ProcNode, blank: () => new ProcNode("file", "", null, null) },
  { name: "NsNode", of: NsNode, blank: () => new NsNode(nothing()) },
];

function blankMount(): Mount {
  return new Mount({ id: 0, namespace: nothing(), filesystem: new TmpFs(0), root: nothing(), source: "", flags: NO_FLAGS });
}

function blankTask(): Task {
  return new Task({
    kernel: nothing(), process: nothing(), numbers: [], pidNs: nothing(), pidNsForChildren: nothing(), credentials: nothing(), cgroupNs: nothing(),
    mountNs: nothing(), others: nothing(), fsInfo: nothing(), cgroups: [],
  });
}

export function writeKernel(kernel: Kernel): KernelJson {
  const graph = writeGraph(kernel, classes(kernel.constructor as KernelClass));
  return { format: FORMAT, version: VERSION, release: RELEASE, checksum: checksum(graph), ...graph };
}

/** @throws TypeError for anything else than what `writeKernel` gave */
export function readKernel(json: unknown, made: KernelClass): Kernel {
  try {
    return read(json as Partial<KernelJson> | null, made);
  } catch (error) {
    // Whatever damage does to the reading of it.
    throw new TypeError(`Expected \`json\` to be a kernel's toJSON(): ${(error as Error).message}`);
  }
}

function read(json: Partial<KernelJson> | null, made: KernelClass): Kernel {
  if (typeof json !== "object" || json?.format !== FORMAT) throw new TypeError(`it is no ${FORMAT}`);
  const { version, release, classes: fields, objects } = json;
  if (version !== VERSION) throw new TypeError(`it is of version ${version}, not ${VERSION}`);
  if (release !== RELEASE) throw new TypeError(`it is of release ${release}, not ${RELEASE}`);
  const isGraph = typeof fields === "object" && fields !== null && Array.isArray(objects);
  if (!isGraph || json.checksum !== checksum({ classes: fields, objects })) throw new TypeError("it is damaged");
  const kernel = readGraph({ classes: fields, objects }, classes(made));
  if (!(kernel instanceof made) || !isSound(kernel)) throw new TypeError("it is unsound");
  return kernel;
}

/** Enough to find damage; no seal. */
function checksum({ classes, objects }: Graph): string {
  const text = JSON.stringify([classes, objects]);
  let a = 0xdeadbeef ^ text.length;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

// ---- what holds of every kernel, so that no call can stumble

function isSound(kernel: Kernel): boolean {
  const { hierarchies } = kernel;
  const trees = hierarchies.every((one, slot) => one instanceof KernelHierarchy && one.slot === slot && isTree(one) && kernel.filesystemOf(one) instanceof CgroupFs);
  return hierarchies.length > 0 && trees && [...kernel.tasks()].every((task) => isTask(task, kernel)) && kernel.init instanceof Task;
}

function isTree(hierarchy: KernelHierarchy): boolean {
  const seen = new Set<CgroupNode>([hierarchy.root]);
  for (const cgroup of seen) {
    if (!(cgroup instanceof CgroupNode) || cgroup.hierarchy !== hierarchy || cgroup.dead) return false;
    for (const [name, child] of cgroup.children) {
      if (child.parent !== cgroup || child.name !== name || child.level !== cgroup.level + 1) return false;
      seen.add(child);
    }
  }
  return hierarchy.root.parent === null && hierarchy.root.level === 0;
}

function isTask(task: unknown, kernel: Kernel): boolean {
  if (!(task instanceof Task) || task.kernel !== kernel || task.cgroups.length !== kernel.hierarchies.length) return false;
  const { process, cgroups, credentials, cgroupNs, mountNs, pidNs, numbers, fsInfo } = task;
  const isPlaced = cgroups.every((cgroup, slot) => cgroup instanceof CgroupNode && cgroup.hierarchy === kernel.hierarchies[slot]);
  const isSomebody = credentials instanceof Credentials && credentials.userNamespace instanceof UserNamespace && process instanceof Process;
  const isInside = cgroupNs instanceof CgroupNs && mountNs instanceof MountNs && mountNs.root instanceof Mount && pidNs instanceof PidNs;
  return isPlaced && isSomebody && isInside && numbers.length === pidNs.level + 1 && process.leader instanceof Task && fsInfo instanceof FsInfo && isOpen(process);
}

const isOpen = ({ files }: Process): boolean => [...files.values()].every((file) => file instanceof OpenFile && file.place.mount instanceof Mount);
