// The files every cgroup of a v1 hierarchy has: tasks, cgroup.procs and what the release agent needs (cgroups.rst).

import { type Bytes, strip } from "../bytes.ts";
import { CAP } from "../capability.ts";
import type { CgroupNode } from "../cgroup.ts";
import { isCapable } from "../credentials.ts";
import { vetPids } from "../migrate.ts";
import { unsigned64 } from "../number.ts";
import { refuse } from "../refusal.ts";
import type { Task } from "../task.ts";
import { type FileType, READ_ONLY, READ_WRITE } from "./file.ts";

/** rule 5.7: sorted, each once, without those the reader cannot see. */
function sorted(numbers: Iterable<number>): Bytes {
  const seen = [...new Set(numbers)].filter((number) => number > 0).sort((a, b) => a - b);
  return seen.map((number) => `${number}\n`).join("");
}

function switchFile(name: Bytes): FileType {
  return {
    name, mode: READ_WRITE,
    show: (cgroup) => `${cgroup.settings.get(name) === true ? 1 : 0}\n`,
    vetWrite: (cgroup, text) => {
      const value = unsigned64(text);
      if (typeof value === "string") return refuse(value, "5.7", { cgroup, file: name });
      return () => {
        cgroup.settings.set(name, value !== 0n);
      };
    },
  };
}

/** How long a list is remembered after its last use, in ms: a second, and what the kernel rounds so long a timer up by. */
const REMEMBERED = 1036;

interface PidList {
  readonly numbers: readonly number[];
  until: number;
}

/**
 * rule 5.7: an open file read again shows the list that was last made for this cgroup, file and pid namespace, until a second
 * has passed without a look at it.
 */
function listed(cgroup: CgroupNode, by: Task, again: boolean, kind: "tids" | "tgids"): Bytes {
  const key = `${kind} of ${by.pidNs.inode}`;
  const { now } = by.kernel;
  const known = cgroup.settings.get(key) as PidList | undefined;
  const list = again && known !== undefined && known.until >= now ? known : { numbers: kind === "tids" ? tids(cgroup, by) : tgids(cgroup, by), until: 0 };
  list.until = now + REMEMBERED;
  cgroup.settings.set(key, list);
  return sorted(list.numbers);
}

const tgids = (cgroup: CgroupNode, by: Task): number[] => [...cgroup.tasks].map((task) => task.process.leader.numberIn(by.pidNs));
const tids = (cgroup: CgroupNode, by: Task): number[] => [...cgroup.tasks].map((task) => task.numberIn(by.pidNs));

export const LEGACY_FILES: readonly FileType[] = [
  switchFile("cgroup.clone_children"),
  {
    name: "cgroup.procs", mode: READ_WRITE,
    // rule 5.7
    show: (cgroup, by, again) => listed(cgroup, by, again, "tgids"),
    vetWrite: (cgroup, text, use) => vetPids(cgroup, text, use, "process"),
  },
  { name: "cgroup.sane_behavior", mode: READ_ONLY, where: "root only", show: () => "0\n" },
  switchFile("notify_on_release"),
  {
    name: "release_agent", mode: READ_WRITE, where: "root only", longest: 4095,
    show: (cgroup) => `${(cgroup.settings.get("release_agent") as Bytes | undefined) ?? ""}\n`,
    vetWrite: (cgroup, text, { by, credentials, cgroupNs }) => {
      const { initialUserNs } = by.kernel;
      // rule 10.5: by an opener whose cgroup namespace belongs to the initial user namespace, with CAP_SYS_ADMIN there
      if (cgroupNs.userNamespace !== initialUserNs || !isCapable(credentials, CAP.SYS_ADMIN, initialUserNs)) {
        return refuse("EPERM", "10.5", { credentials });
      }
      return () => {
        cgroup.settings.set("release_agent", strip(text));
      };
    },
  },
  {
    name: "tasks", mode: READ_WRITE,
    show: (cgroup, by, again) => listed(cgroup, by, again, "tids"),
    vetWrite: (cgroup, text, use) => vetPids(cgroup, text, use, "thread"),
  },
];
