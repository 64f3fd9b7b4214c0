// Steps that root takes in the cgroup tree: writes to control files, new and removed cgroups. Each finds its cgroup by path
// when it is done, so that it may be one that an earlier step has made.

import { CgroupError } from "../../errors.ts";
import type { Bytes } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { vetCreate, vetRemove } from "../cgroupfs.ts";
import { rootCredentials } from "../credentials.ts";
import type { Act } from "../files/file.ts";
import { findFile } from "../files/table.ts";
import type { Kernel } from "../kernel.ts";
import { namesTo, onShell, quoted } from "../place.ts";
import type { Question } from "../question.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { asError } from "../throwing.ts";
import type { Step } from "../verdict.ts";
import type { Case } from "./case.ts";
import type { WayOut } from "./index.ts";

/** The cgroup of that place by then. */
export function locate(cgroup: CgroupNode): () => CgroupNode {
  const names = namesTo(cgroup);
  const { root } = cgroup.hierarchy;
  return () => {
    let at: CgroupNode | undefined = root;
    for (const name of names) at = at?.children.get(name);
    if (at === undefined) throw new CgroupError("ENOENT", { syscall: "open", path: `/${names.join("/")}` });
    return at;
  };
}

export function demand<T>(answer: T | Refusal, syscall: string): T {
  if (isRefusal(answer)) throw asError(answer, syscall);
  return answer;
}

function vetAsRoot(kernel: Kernel, cgroup: CgroupNode, file: Bytes, data: Bytes): Act | Refusal {
  const type = findFile(cgroup, file);
  if (type?.vetWrite === undefined) return refuse("ENOENT", "path_resolution(7)", { cgroup });
  return type.vetWrite(cgroup, data, { credentials: rootCredentials(kernel.initialUserNs), cgroupNs: kernel.initialCgroupNs, by: kernel.init });
}

/** `echo DATA > FILE`, and what has to be done before root may. */
export function write({ question: { kernel }, first }: Pick<Case, "question" | "first">, cgroup: CgroupNode, file: Bytes, data: Bytes): WayOut {
  const find = locate(cgroup);
  const ask = (): Refusal | undefined => {
    const settled = vetAsRoot(kernel, find(), file, data);
    return isRefusal(settled) ? settled : undefined;
  };
  const before = first({ kernel, by: kernel.init, words: `write ${data}`, ask, destination: find, ...movedIn(kernel, file, data) });
  if (typeof before === "string") return before;
  const apply = (): void => demand(vetAsRoot(kernel, find(), file, data), "write")();
  return [...before, { words: `echo ${quoted(data)} > ${onShell(kernel, cgroup, file)}`, apply }];
}

function movedIn(kernel: Kernel, file: Bytes, data: Bytes): Pick<Question, "moves"> {
  const task = file === "cgroup.procs" ? kernel.initialPidNs.tasks.get(Number(data)) : undefined;
  return task === undefined ? {} : { moves: { task, unit: "process" } };
}

/** `mkdir`, and what has to be done before it is possible. */
export function create({ question: { kernel }, first }: Pick<Case, "question" | "first">, parent: CgroupNode, name: Bytes): WayOut {
  const find = locate(parent);
  const before = first({ kernel, by: kernel.init, words: `create ${name}`, ask: () => vetCreate(find(), name) });
  if (typeof before === "string") return before;
  const apply = (): void => {
    const at = find();
    if (at.children.has(name)) return;
    demand(vetCreate(at, name), "mkdir");
    at.hierarchy.create(at, name, { uid: 0, gid: 0, mode: 0o755 });
  };
  const top = onShell(kernel, parent);
  return [...before, { words: `mkdir ${top.startsWith("$") || top.startsWith("'") ? `${top}/${quoted(name)}` : quoted(`${top}/${name}`)}`, apply }];
}

/** `rmdir` */
export function remove(kernel: Kernel, cgroup: CgroupNode): Step {
  const find = locate(cgroup);
  return {
    words: `rmdir ${onShell(kernel, cgroup)}`,
    apply: () => {
      const at = find();
      demand(vetRemove(at), "rmdir");
      at.detach();
      kernel.unmountFrom(at);
    },
  };
}
