// `identify()`: who a process of a live machine is, with the evidence, or the reason why that cannot be told. Reads the
// process's own files in /proc and, where they do not say, what a runtime wrote down about it.

import { expected } from "../errors.ts";
import { type IdentityAttributes, toAttributes } from "../identity/attributes.ts";
import { type Identification, identifyTexts } from "../identity/texts.ts";
import { empty, told } from "../identity/field.ts";
import { guestKernel } from "./guest-kernel.ts";
import { errnoOf, isGone, Machine } from "./machine.ts";
import { INITIAL_NAMESPACE } from "./snapshot.ts";
import { type StateAnswer, StateSearch } from "./state-search.ts";
import { nameOf, type Target } from "./target.ts";

export interface IdentifyOptions {
  /** The directory under which the machine's proc and run are seen. @defaultValue "/" */
  readonly root?: string;
  /** Where runtimes keep their state besides the usual directories: what `runc --root` was given. */
  readonly stateRoots?: readonly string[];
}

/** Who a process is. A source's file is `cgroup` or `mountinfo`, of the process's own directory in /proc, or a path. */
export interface ProcessIdentity extends Identification {
  /** What is known, in OpenTelemetry's semantic-convention names. */
  toAttributes(): IdentityAttributes;
}

/** What a process shows of itself; a text that is not there has the reason in `missing`. */
export interface Testament {
  readonly cgroup?: Uint8Array | undefined;
  readonly mountinfo?: Uint8Array | undefined;
  readonly missing?: { readonly cgroup?: string | undefined; readonly mountinfo?: string | undefined };
  /** What a runtime's state file says; asked for only where the texts name no container. */
  readonly state?: () => StateAnswer | undefined;
  /** More about why there is no container, or undefined. */
  readonly why?: () => string | undefined;
}

/**
 * Who a process of this machine is: container, sandbox, pod, unit, session and the rest, each with the line that says it, or
 * with the reason why nothing does. Needs no privileges: what may not be read is such a reason. Never throws for anything
 * on the machine, a process that is not there included.
 * @throws TypeError for what is no target, or no options
 */
export function identify(target: Target = "self", options: IdentifyOptions = {}): ProcessIdentity {
  const { root, stateRoots = [] } = options;
  if (root !== undefined && typeof root !== "string") throw expected("root", "a directory", root);
  if (!Array.isArray(stateRoots)) throw expected("stateRoots", "a list of directories", stateRoots);
  const task = nameOf(target);
  const machine = new Machine(root);
  return identityOf(testamentOf(task, machine, new StateSearch(machine, stateRoots)));
}

/** What a live process shows. `search` can serve many processes of one machine. */
export function testamentOf(task: string, machine: Machine, search: StateSearch): Testament {
  const cgroup = text(machine, task, "cgroup");
  const mountinfo = text(machine, task, "mountinfo");
  return {
    cgroup: cgroup.bytes,
    mountinfo: mountinfo.bytes,
    missing: { cgroup: cgroup.why, mountinfo: mountinfo.why },
    state: () => (cgroup.bytes === undefined ? undefined : search.find(task, cgroup.bytes)),
    why: () => guestKernel(machine, mountinfo.bytes) ?? place(machine, task, search),
  };
}

/** The texts' own answer; where they name no container, what else is known about it. */
export function identityOf({ cgroup, mountinfo, missing, state, why }: Testament): ProcessIdentity {
  const who = identifyTexts({ cgroup, mountinfo, missing });
  const found = who.containerId.value === null && who.monitorId.value === null ? state?.() : undefined;
  if (found !== undefined && found.id !== who.sandboxId.value) return withAttributes(withState(who, found));
  return withAttributes(who.containerId.value === null ? withReason(who, [missing?.mountinfo, why?.()]) : who);
}

/** Nobody is known, for one reason. */
export function unidentified(reason: string): ProcessIdentity {
  return withAttributes(identifyTexts({ missing: { cgroup: reason } }));
}

function withAttributes(who: Identification): ProcessIdentity {
  return { ...who, toAttributes: () => toAttributes(who) };
}

function withState(who: Identification, { id, runtime, source, confidence }: StateAnswer): Identification {
  return { ...who, containerId: told({ value: id, source, confidence }), containerRuntime: told({ value: runtime, source, confidence }) };
}

function withReason(who: Identification, more: readonly (string | undefined)[]): Identification {
  const first = who.containerId.reason!;
  // Both files of a process that is not there lack for one reason.
  const added = more.filter((reason) => reason !== undefined && !first.includes(reason));
  const reason = [first, ...added].join("; ");
  return { ...who, containerId: empty(reason), containerRuntime: empty(reason) };
}

interface Text {
  readonly bytes?: Uint8Array;
  readonly why?: string;
}

function text(machine: Machine, task: string, name: string): Text {
  const file = `/proc/${task}/${name}`;
  try {
    return { bytes: machine.read(file) };
  } catch (error) {
    return { why: whyNot(machine, task, file, error) };
  }
}

function whyNot(machine: Machine, task: string, file: string, error: unknown): string {
  const code = errnoOf(error) ?? String(error);
  if (code === "EACCES" || code === "EPERM") return `${file} may not be read (${code}): another user's process`;
  if (!isGone(error)) return `${file} cannot be read (${code})`;
  if (machine.readIfAny("/proc/version") === undefined) return "this machine shows no /proc: not Linux, or none here";
  const there = machine.readIfAny(`/proc/${task}/status`) !== undefined;
  return there ? `there is no ${file}: a kernel without cgroups, or a sandbox's own (gVisor)` : `there is no process ${task}, or it is hidden (ESRCH)`;
}

// What the namespaces say where the texts say nothing.
function place(machine: Machine, task: string, { refused }: StateSearch): string | undefined {
  const own = namespaceIfAny(machine, task, "cgroup");
  const notes = [...new Set(refused)];
  if (own === INITIAL_NAMESPACE && namespaceIfAny(machine, task, "mnt") === namespaceIfAny(machine, "1", "mnt")) {
    notes.unshift("it shares the machine's own cgroup and mount namespaces: a host process");
  } else if (own !== null && own !== INITIAL_NAMESPACE) {
    notes.unshift(`it is in the cgroup namespace ${own}, not the initial one`);
  }
  return notes.length === 0 ? undefined : notes.join("; ");
}

function namespaceIfAny(machine: Machine, task: string, kind: string): string | null {
  try {
    return machine.namespace(`/proc/${task}/ns/${kind}`);
  } catch {
    return null;
  }
}
