// What processes show of who they are, taken into a Snapshot and out of it: mountinfo texts, each kept once, and what the
// state files of runtimes say of processes whose texts name no container. Live reading is identify.ts's.

import { type ProcessIdentity, identityOf, testamentOf } from "./identify.ts";
import type { Machine } from "./machine.ts";
import { type Snapshot, INITIAL_NAMESPACE, type TaskRecord } from "./snapshot.ts";
import { StateSearch } from "./state-search.ts";
import type { Steps } from "./steps.ts";

/** The tasks with what they show; threads show what their leader does. */
export function* readIdentities(machine: Machine, tasks: readonly TaskRecord[]): Steps<Pick<Snapshot, "tasks" | "mountinfos">> {
  const texts = new Map<string, number>();
  const mountinfos: Uint8Array[] = [];
  const shown = new Map<number, Pick<TaskRecord, "mountinfo" | "state">>();
  const search = new StateSearch(machine, []);
  const keep = (bytes: Uint8Array): number => {
    const key = Buffer.from(bytes).toString("latin1");
    const index = texts.get(key) ?? mountinfos.push(bytes) - 1;
    texts.set(key, index);
    return index;
  };
  for (const { pid, tid, cgroup } of tasks) {
    if (pid !== tid) continue;
    const testament = testamentOf(String(pid), machine, search);
    const { containerId } = identityOf({ ...testament, cgroup });
    const state = containerId.source?.file.startsWith("/") === true ? testament.state?.() : undefined;
    const mountinfo = testament.mountinfo === undefined ? testament.missing!.mountinfo! : keep(testament.mountinfo);
    shown.set(pid, { mountinfo, ...(state === undefined ? {} : { state }) });
    yield;
  }
  return { tasks: tasks.map((task) => ({ ...task, ...shown.get(task.pid) })), mountinfos };
}

/** Who a task of a Snapshot is, as `identify` would have said. */
export function identityIn(snapshot: Snapshot, task: TaskRecord): ProcessIdentity {
  const { cgroup, mountinfo = "mountinfo was not read, or is not in the capture", state } = task;
  const text = typeof mountinfo === "number" ? snapshot.mountinfos?.[mountinfo] : undefined;
  const missing = typeof mountinfo === "string" ? { mountinfo } : {};
  return identityOf({ cgroup, mountinfo: text, missing, state: () => state, why: () => whereOf(snapshot, task) });
}

function whereOf({ namespaces }: Snapshot, { namespace }: TaskRecord): string | undefined {
  const ns = namespace === null ? null : namespaces[namespace]!.ns;
  return ns === null || ns === INITIAL_NAMESPACE ? undefined : `it is in the cgroup namespace ${ns}, not the initial one`;
}
