// The operations on processes: being born, going through unshare, nsenter or setpriv by exec, which keeps the pid.

import type { Result } from "../../replay/index.ts";
import { Agent } from "./agent.ts";
import type { Bytes } from "./bytes.ts";
import { type Fields, Refusal } from "./fields.ts";
import type { Deed } from "./files.ts";
import type { Stage } from "./stage.ts";

/** What unshare(1) and nsenter(1) call them. */
export const NAMESPACES: Readonly<Record<string, string>> = {
  cgroup: "--cgroup", mnt: "--mount", uts: "--uts", ipc: "--ipc", net: "--net",
};

/** A child of the controller, put into a cgroup of every hierarchy. */
async function spawn(op: Fields, stage: Stage): Promise<Result> {
  const born = await stage.crew.bear("ctl", op.agent, "fork", []);
  if (!(born instanceof Agent)) return born;
  for (const hier of stage.hierarchies.tops.keys()) {
    const path = hier === op.word("hier", "v2") ? op.word("path", "") : "";
    const place = stage.places.file(op.with({ op: "write", agent: "ctl", hier, path }));
    const said = await stage.write("ctl", `${place}/cgroup.procs`, String(born.pid));
    if ("ok" in said) continue;
    if (!("at" in said) || said.at !== "write") return { ...said, at: "ctl" };
    await stage.crew.bury(op.agent);
    return said;
  }
  return { ok: op.flag("showpid") ? born.pid : null };
}

async function fork(op: Fields, stage: Stage): Promise<Result> {
  if (op.agent === "ctl") throw new Refusal("fork needs an agent");
  const born = await stage.crew.bear(op.agent, op.word("child"), "clone3", unshared(op.words("flags", [])));
  if (!(born instanceof Agent)) return born;
  return { ok: op.flag("showpid") ? born.pid : null };
}

const exec: Deed = async (op, stage) => {
  const said = await stage.crew.ask(op.agent, "again");
  return "ok" in said ? { ok: null } : said;
};

function unshare(op: Fields, stage: Stage): Promise<Result> {
  const flags = op.words("flags", ["cgroup"]);
  return flags.length === 0 ? Promise.resolve({ ok: null }) : stage.become(op.agent, unshared(flags), () => "unshare");
}

// In a new user namespace exec would take the capabilities away from one whose user is not mapped.
function unshared(flags: readonly string[]): string[] {
  if (flags.length === 0) return [];
  const all = flags.flatMap((flag) => (flag === "user" ? ["--user", "--keep-caps"] : (NAMESPACES[flag] ?? [])));
  return ["unshare", ...(flags.includes("mnt") ? ["--propagation", "unchanged"] : []), ...all];
}

function setns(op: Fields, stage: Stage): Promise<Result> {
  const ns = op.word("ns", "cgroup");
  const file = `/proc/${stage.crew.pid(op.word("target"))}/ns/${ns}`;
  const call = (message: string): string => (message.includes("cannot open") ? "open" : "setns");
  return stage.become(op.agent, ["nsenter", `${NAMESPACES[ns]}=${file}`], call);
}

/** Groups, then group, then user; what goes well before one fails stays. All at once where all goes well. */
async function setid(op: Fields, stage: Stage): Promise<Result> {
  const steps = [...groups(op), ...id(op, "gid", ["--keep-groups"]), ...id(op, "uid", [])];
  if (steps.length === 0) return { ok: null };
  const all = (count: number): Bytes[] => steps.slice(0, count).flatMap(({ words }) => ["setpriv", ...words]);
  const failing = (message: string): string => /set\w+(?= failed)/.exec(message)?.[0] ?? "setpriv";
  const said = await stage.become(op.agent, atOnce(steps), failing);
  if ("ok" in said || steps.length === 1) return said;
  const stepwise = await stage.become(op.agent, all(steps.length), failing);
  const failed = "at" in stepwise ? steps.findIndex(({ call }) => call === stepwise.at) : -1;
  if (failed > 0) await stage.become(op.agent, all(failed), failing);
  return stepwise;
}

// setpriv wants to be told of groups once.
function atOnce(steps: readonly Step[]): Bytes[] {
  const words = steps.flatMap(({ words }) => words);
  const groups = words.some((word) => word.startsWith("--groups") || word === "--clear-groups");
  return ["setpriv", ...words.filter((word) => !groups || word !== "--keep-groups")];
}

interface Step {
  readonly call: string;
  readonly words: readonly Bytes[];
}

function groups(op: Fields): Step[] {
  if (!op.has("groups")) return [];
  const groups = op.numbers("groups");
  return [{ call: "setgroups", words: [groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`] }];
}

function id(op: Fields, name: "uid" | "gid", more: readonly string[]): Step[] {
  const id = theId(op, name);
  return id === undefined ? [] : [{ call: `setres${name}`, words: [`--re${name}=${id}`, ...more] }];
}

/** The real, effective and saved id, which have to be one: exec and shells see to that. */
export function theId(op: Fields, name: string): number | undefined {
  if (!op.has(name)) return undefined;
  const [id, ...others] = isList(op, name) ? op.numbers(name) : [op.number(name)];
  if (id === undefined || others.some((other) => other !== id)) throw new Refusal("ids that differ are lost in an exec");
  return id;
}

function isList(op: Fields, name: string): boolean {
  try {
    return op.numbers(name).length === 3;
  } catch {
    return false;
  }
}

/** The maps of the target's user namespace; the controller's failures are all alike. */
async function idmap(op: Fields, stage: Stage): Promise<Result> {
  const at = `/proc/${stage.crew.pid(op.word("target"))}`;
  const writes = [["setgroups", "setgroups"], ["gid_map", "gid"], ["uid_map", "uid"]] as const;
  for (const [file, name] of writes) {
    const data = op.word(name, name === "setgroups" ? "" : op.word("map", ""));
    if (data === "") continue;
    const said = await stage.write(op.agent, `${at}/${file}`, stage.data(data));
    if ("err" in said) return op.agent === "ctl" && said.at !== undefined ? { ...said, at: "map" } : said;
    if ("refused" in said) return said;
  }
  return { ok: null };
}

export const TASKS: Readonly<Record<string, Deed>> = { spawn, fork, exec, unshare, setns, setid, idmap };
