// Who a process is, as rows: what each field is called, what it says and which line says so. Knows no options.

import type { Identification, IdentityConflict, IdentityField, IdentitySource } from "../index.ts";
import { visible } from "./text.ts";

/** One field of an identity. */
export interface IdentityRow extends IdentityField<string | number> {
  readonly name: string;
}

type Who = Identification;

interface Name {
  readonly name: string;
  readonly help: string;
  of(who: Who): IdentityField<string | number>;
}

/** What `-o` can name, in the order of the table. */
export const IDENTITY_NAMES: readonly Name[] = [
  { name: "container.id", help: "the innermost container's id", of: (who) => who.containerId },
  { name: "container.runtime", help: "who made it: docker, containerd, podman, runc, …", of: (who) => who.containerRuntime },
  { name: "sandbox.id", help: "the pod's sandbox (pause) container", of: (who) => who.sandboxId },
  { name: "monitor.id", help: "the container it watches from outside, as conmon does", of: (who) => who.monitorId },
  { name: "pod.uid", help: "the pod's uid, as Kubernetes spells it", of: (who) => who.podUid },
  { name: "pod.qos", help: "guaranteed, burstable or besteffort", of: (who) => who.podQos },
  { name: "task.id", help: "the ECS task", of: (who) => who.taskId },
  { name: "machine", help: "a machine of LXC, nspawn or libvirt", of: (who) => who.machine },
  { name: "machine.manager", help: "who named it", of: (who) => who.machineManager },
  { name: "unit", help: "systemd's unit", of: (who) => who.unit },
  { name: "user.unit", help: "the unit of a user's manager", of: (who) => who.userUnit },
  { name: "slice", help: "systemd's slice", of: (who) => who.slice },
  { name: "user.slice", help: "the slice of a user's manager", of: (who) => who.userSlice },
  { name: "session", help: "the login session", of: (who) => who.session },
  { name: "owner.uid", help: "the user whose slice it is in", of: (who) => who.ownerUid },
];

export function identityRows(who: Who): IdentityRow[] {
  return IDENTITY_NAMES.map(({ name, of }) => ({ name, ...of(who) }));
}

/** `cgroup line 3: docker-b1eb….scope`. */
export function sourceText({ file, line, text }: IdentitySource): string {
  return `${visible(file)} line ${line}: ${visible(text)}`;
}

/** The fields for JSON by their names, and what contradicts what. */
export function identityJson(who: Who): Record<string, unknown> {
  const fields = identityRows(who).map(({ name, value, source, confidence, reason }) => [name, { value, source, confidence, reason }]);
  return { ...Object.fromEntries(fields), chain: who.chain, conflicts: who.conflicts };
}

/** A line for people about each contradiction. */
export function conflictText({ field, values }: IdentityConflict): string {
  return `${field}: lines contradict one another: ${values.map(({ value, source }) => `${visible(value)} (${source.file} line ${source.line})`).join(", ")}`;
}
