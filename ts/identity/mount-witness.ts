// What the bind mounts of a container say: runtimes keep hostname, hosts and resolv.conf in a directory named after the
// container, or, in a pod, after its sandbox. Knows those directories; must not know cgroups.
//
//     mount root                                                                   mounted at
//     /var/lib/docker/containers/ID/hostname                                       /etc/hostname       container
//     …/io.containerd.grpc.v1.cri/sandboxes/ID/hostname                            /etc/hostname       sandbox
//     …/overlay-containers/ID/userdata/{hostname,.containerenv}                    /etc/hostname, …    Podman: container, CRI-O: sandbox
//     …/overlay-containers/ID/userdata/run/secrets                                 /run/secrets        container
//     …/io.containerd.runtime.v2.task/NAMESPACE/ID/rootfs                          /                   container
//     …/pods/UID/etc-hosts, …/pods/UID/containers/NAME/…                           /etc/hosts, …       pod

import type { MountinfoEntry } from "../proc/mountinfo.ts";
import type { Source, Testimony } from "./field.ts";
import { isFargateId, isLongId, isTaskId, isUuid } from "./id-shape.ts";
import type { Runtime } from "./link.ts";
import type { Read } from "./text-lines.ts";

export interface Named {
  readonly id: string;
  readonly runtime: Runtime | null;
}

/** What the mounts of one process say, each list in their order, the better evidence first. */
export interface MountWitness {
  readonly containers: readonly Testimony<Named>[];
  readonly sandboxes: readonly Testimony<Named>[];
  readonly pods: readonly Testimony<string>[];
}

// What a runtime mounts into every container; elsewhere the same directories are somebody looking at containers.
const PER_CONTAINER = new Set(["/", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/run/.containerenv"]);

interface Found extends Testimony<Named> {
  readonly role: "container" | "sandbox" | "userdata";
}

export function mountWitness(mounts: readonly Read<MountinfoEntry>[]): MountWitness {
  const pods = mounts.flatMap(podOf);
  const found = mounts.flatMap(directoryOf);
  const roles = pods.length > 0 ? inPod(found) : alone(found);
  return { ...roles, pods };
}

type Roles = Pick<MountWitness, "containers" | "sandboxes">;

// In a pod the three files are the sandbox's, whatever the runtime; the container's own are its root, and CRI-O's run/secrets.
function inPod(found: readonly Found[]): Roles {
  const isOwn = (one: Found): boolean => isRootfs(one) || isSecrets(one);
  const heard = found.map((one) => (one.role === "userdata" ? asCrio(one) : one));
  return { containers: heard.filter(isOwn), sandboxes: heard.filter((one) => !isOwn(one)) };
}

const asCrio = (one: Found): Found => ({ ...one, value: { ...one.value, runtime: "cri-o" } });
const isRootfs = ({ source }: Found): boolean => source.text.endsWith("/rootfs");
const isSecrets = ({ role, source }: Found): boolean => role === "userdata" && source.text.endsWith("/userdata/run/secrets");
const isEnv = ({ role, source }: Found): boolean => role === "userdata" && /\/userdata\/(?:run\/secrets|\.containerenv)$/.test(source.text);

// Without a pod of the kubelet's, userdata is Podman's, unless two ids show that CRI-O's sandbox is among them. A container
// that shares another's network has its files, so that what only the container itself has comes first.
function alone(found: readonly Found[]): Roles {
  const secrets = found.find(isSecrets);
  const other = found.find((one) => isEnv(one) && !isSecrets(one) && one.value.id !== secrets?.value.id);
  if (secrets !== undefined && other !== undefined) return inPod(found);
  const containers = found.filter(({ role }) => role !== "sandbox");
  const own = containers.filter(isEnv);
  return {
    containers: [...own, ...containers.filter((one) => !own.includes(one) && isHostname(one)), ...containers.filter((one) => !own.includes(one) && !isHostname(one))],
    sandboxes: found.filter(({ role }) => role === "sandbox"),
  };
}

const isHostname = ({ source }: Found): boolean => source.text.endsWith("/hostname");

function podOf({ line, value: { root } }: Read<MountinfoEntry>): Testimony<string>[] {
  const uid = /\/pods\/([^/]+)\/(?:etc-hosts$|containers\/|volumes\/|volume-subpaths\/)/.exec(root)?.[1];
  if (uid === undefined || !(isUuid(uid) || isTaskId(uid))) return [];
  return [{ value: uid.replaceAll("_", "-"), source: at(line, root), confidence: "certain" }];
}

function at(line: number, text: string): Source {
  return { file: "mountinfo", line, text };
}

function directoryOf({ line, value: { root, mountPoint } }: Read<MountinfoEntry>): Found[] {
  if (!PER_CONTAINER.has(mountPoint) && !mountPoint.endsWith("/run/secrets")) return [];
  const names = root.split("/");
  const found = names.findLastIndex((name) => isLongId(name) || isFargateId(name));
  const role = found === -1 ? undefined : roleOf(names, found);
  if (role === undefined) return [];
  const value: Named = { id: names[found]!, runtime: runtimeOf(role, names, found) };
  return [{ role, value, source: at(line, root), confidence: role === "userdata" || role === "sandbox" ? "certain" : "likely" }];
}

function roleOf(names: readonly string[], id: number): Found["role"] | undefined {
  const [two, one, next] = [names[id - 2], names[id - 1] ?? "", names[id + 1]];
  if (one === "sandboxes") return "sandbox";
  if (one.endsWith("-containers") && next === "userdata") return "userdata";
  if (id + 2 !== names.length) return undefined;
  if (next === "rootfs") return isTaskDirectory(two) ? "container" : undefined;
  return one === "containers" || two === "containers" || two === "etchosts" ? "container" : undefined;
}

const isTaskDirectory = (name: string | undefined): boolean => /^io\.containerd\.runtime\.v[12]\.(?:task|linux)$/.test(name ?? "");

function runtimeOf(role: Found["role"], names: readonly string[], id: number): Runtime {
  if (role === "userdata") return "podman";
  return role === "sandbox" || names.includes("nerdctl") || isTaskDirectory(names[id - 2]) ? "containerd" : "docker";
}
