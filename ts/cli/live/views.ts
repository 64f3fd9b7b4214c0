// The operations that only look: at /proc as an agent reads it, with what is not the same from run to run taken out.

import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Result } from "../../replay/index.ts";
import { bytesOf, textOf } from "./bytes.ts";
import type { Fields } from "./fields.ts";
import type { Deed } from "./files.ts";
import { GLOBAL_OPTIONS } from "./hierarchies.ts";
import type { Stage } from "./stage.ts";

const INITIAL = "cgroup:[4026531835]";
/** Where the operations say that scratch mounts are. */
const SCRATCH = "/mnt";

/** The cgroup of a process in every hierarchy that is ours. */
async function cgroup(op: Fields, stage: Stage): Promise<Result> {
  const process = stage.process(op.word("target", op.agent));
  const said = await stage.read(op.agent, `/proc/${process}/${op.flag("task") ? `task/${process}/` : ""}cgroup`);
  if (!("ok" in said) || op.flag("raw")) return said;
  const lines = String(said.ok).split("\n").flatMap((line) => {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/s.exec(line) ?? [];
    const hier = id === "0" && controllers === "" ? "v2" : controllers;
    return hier !== undefined && stage.hierarchies.tops.has(hier) ? [[hier, path]] : [];
  });
  return { ok: Object.fromEntries(lines) };
}

/** Which namespace: `init`, or a number in order of first sight. */
export class Sightings {
  readonly #names = new Map<string, string>();
  // What has been seen is held open, so that its number is not another one's later.
  readonly #held: number[] = [];

  readonly nsid: Deed = async (op, stage) => {
    const kind = op.word("ns", "cgroup");
    const target = op.word("target", op.agent);
    const said = await stage.run(op.agent, "readlink", ["readlink", "-v", `/proc/${stage.crew.pid(target)}/ns/${kind}`]);
    if (!("ok" in said) || op.flag("raw")) return said;
    return { ok: this.#name(String(said.ok), `${stage.crew.proc}/${stage.crew.pid(target)}/ns/${kind}`) };
  };

  #name(seen: string, file: string): string {
    if (seen === INITIAL) return "init";
    const known = this.#names.get(seen);
    if (known !== undefined) return known;
    const name = `ns${this.#names.size + 1}`;
    this.#names.set(seen, name);
    this.#held.push(openSync(file, "r"));
    return name;
  }

  close(): void {
    for (const fd of this.#held.splice(0)) closeSync(fd);
  }
}

/** The scratch mounts of a process. */
async function mountinfo(op: Fields, stage: Stage): Promise<Result> {
  const said = await stage.read(op.agent, `/proc/${stage.process(op.word("target", op.agent))}/mountinfo`);
  if (!("ok" in said)) return said;
  const scratch = `${textOf(stage.crew.warden.scratch)}/`;
  const mounts = String(said.ok).split("\n").flatMap((line) => {
    const [, , , root, at, opts, ...more] = line.split(" ");
    const [fstype, , options] = more.slice(more.indexOf("-") + 1);
    if (!at?.startsWith(scratch) || !["cgroup", "cgroup2"].includes(fstype!)) return [];
    return [{ root, at: `${SCRATCH}/${at.slice(scratch.length)}`, opts, fstype, super: ours(options!) }];
  });
  return { ok: mounts };
}

// Without what this machine has set for all its mounts and nobody told the model.
function ours(options: string): string {
  const told = (option: string): boolean => option === "nsdelegate" || ![...GLOBAL_OPTIONS, "seclabel"].includes(option);
  return options.split(",").filter(told).join(",");
}

/** Its ids as its own user namespace has them. */
async function getids(op: Fields, stage: Stage): Promise<Result> {
  const said = await stage.read(op.agent, "/proc/self/status");
  if (!("ok" in said)) return said;
  const ids = (name: string): number[] =>
    new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)`, "m").exec(String(said.ok))!.slice(1).map(Number);
  return { ok: { uid: ids("Uid"), gid: ids("Gid"), tid: Number(stage.crew.pid(op.agent)) } };
}

/** Waits until a file has a text in it, for what the kernel does in its own time. */
async function waitFile(op: Fields, stage: Stage): Promise<Result> {
  const file = stage.places.file(op.with({ op: "read", agent: "ctl" }));
  const until = performance.now() + op.number("ms", 1000);
  for (;;) {
    const said = await stage.read("ctl", file);
    if (!("ok" in said)) return said;
    if (bytesOf(String(said.ok)).includes(op.bytes("contains"))) return { ok: true };
    if (performance.now() > until) return { ok: false };
    await delay(1);
  }
}

async function sleep(op: Fields): Promise<Result> {
  await delay(op.number("ms", 10));
  return { ok: null };
}

export const VIEWS: Readonly<Record<string, Deed>> = {
  cgroup, mountinfo, getids, wait_file: waitFile, sleep, comment: async () => ({ ok: null }),
};
