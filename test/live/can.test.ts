// `cgroupns can` against the kernel: random questions about cgroups and processes of our own, each then really done by the
// same user in the same place, and taken back. As many as CGROUPNS_CAN says.

import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../cli/run.ts";
import { Random } from "../kernel/random.ts";
import { act, type Actor, BITS, type Call, hasPython } from "./acting.ts";
import { mountPoint, type Person, whyNotLive, World } from "./world.ts";

const TOTAL = Number(process.env.CGROUPNS_CAN ?? 100);
const SEED = Number(process.env.CGROUPNS_SEED ?? 1);
const why = whyNotLive() || (hasPython() ? "" : "no python3");
const BASE = `cgroupns-can-${process.pid}`;
const V2 = mountPoint("v2");
const TOP = `${V2}/${BASE}`;
const USERS = [0, 1000, 1001];

/** What is asked, on the command line and of the kernel. */
interface Case {
  readonly args: readonly string[];
  readonly actor: Actor;
  readonly call: Call;
  /** Takes it back where it was done. */
  undo(): void;
}

describe.skipIf(why !== "")(`cgroupns can ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  let world: World;
  let holders: Person[];

  beforeAll(() => {
    world = new World(BASE);
    furnish(world);
    holders = [1000, 1001].map((uid) => world.spawn(`holder of ${uid}`, `u${uid}/in`, { uid, unshare: ["--user", "--map-root-user", "--cgroup", "--mount"] }));
  });
  afterAll(() => world?.[Symbol.dispose]());

  test(`says what the kernel does in ${TOTAL} cases`, { timeout: 3_600_000 }, async () => {
    const random = new Random(SEED);
    const tally = new Map<string, number>();
    for (let n = 0; n < TOTAL; n++) {
      const { args, actor, call, undo } = someCase(random, world, holders);
      if (n % 10 === 0) shuffle(random);
      const { out, err, status } = await run(["can", ...args]);
      const done = act(actor, call);
      if (done === "OK") undo();
      const said = /^no: (\w+)/.exec(out)?.[1] ?? (out.startsWith("yes: ") ? "OK" : `nothing: ${err}`);
      expect([said, status], `case ${n}: can ${args.join(" ")}\n${out}${err}`).toEqual([done, done === "OK" ? 0 : 1]);
      const key = `${args.find((arg) => /^[a-z]+$/.test(arg))} ${done}`;
      tally.set(key, (tally.get(key) ?? 0) + 1);
    }
    console.log([...tally].sort().map(([key, count]) => `${key} ${count}`).join(", "));
  });

  test("says it in JSON, and quietly", async () => {
    const { out, status } = await run(["can", "-J", "-u", "1000", "create", `/${BASE}/new`]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      verdict: { allowed: false, code: "EACCES", errno: -13, cgroup: `/${BASE}`, rule: { id: "6.1" }, credentials: { euid: 1000 }, wayOut: [`chown 1000 ${TOP}`] },
    });
    expect(await run(["can", "-q", "create", `/${BASE}/new`])).toEqual({ out: "", err: "", status: 0 });
  });

  test("answers in a moment among 5,000 cgroups", async () => {
    const many = join(TOP, "many");
    mkdirSync(many);
    try {
      for (let n = 0; n < 5000; n++) mkdirSync(join(many, `c${n}`));
      const start = performance.now();
      const { status } = await run(["can", "-u", "1000", "create", `/${BASE}/many/c7/x`]);
      console.log(`${Math.round(performance.now() - start)} ms among ${readdirSync(many).length} entries`);
      expect(status).toBe(1);
    } finally {
      for (const name of readdirSync(many)) if (/^c\d+$/.test(name)) rmdirSync(join(many, name));
      rmdirSync(many);
    }
  });
});

/** Cgroups of several owners, processes of several users, a threaded pair. */
function furnish(world: World): void {
  for (const path of ["a/x", "a/y", "b", "u1000/in/deep", "u1000/out", "u1001/in", "bare/in", "limited/in", "t/t1", "t/t2", "empty/in"]) world.mkdir(path);
  for (const uid of [1000, 1001]) {
    for (const path of [`u${uid}`, `u${uid}/in`]) give(join(TOP, path), uid);
    give(join(TOP, `u${uid}`, "in"), uid);
  }
  give(join(TOP, "u1000/in/deep"), 1000);
  give(join(TOP, "u1000/out"), 1000);
  chownSync(join(TOP, "bare"), 1000, 1000);
  writeFileSync(join(TOP, "limited/cgroup.max.depth"), "1");
  for (const path of ["t/t1", "t/t2"]) writeFileSync(join(TOP, path, "cgroup.type"), "threaded");
  world.spawn("root in a/x", "a/x");
  for (const uid of [1000, 1001]) for (const path of [`u${uid}/in`, "b", "u1000/out"]) world.spawn(`${uid} in ${path}`, path, { uid });
  world.spawn("in a thread root", "t");
}

function give(directory: string, uid: number): void {
  chownSync(directory, uid, uid);
  for (const file of ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"]) chownSync(join(directory, file), uid, uid);
}

const cgroups = (): string[] => {
  const all: string[] = [];
  const walk = (path: string): void => {
    all.push(path);
    for (const entry of readdirSync(join(TOP, path), { withFileTypes: true })) if (entry.isDirectory()) walk(path === "" ? entry.name : `${path}/${entry.name}`);
  };
  walk("");
  return all;
};

/** Other modes and owners here and there. */
function shuffle(random: Random): void {
  const directory = join(TOP, random.pick(cgroups().filter((path) => path !== "")));
  if (random.chance(0.5)) chmodSync(directory, random.pick([0o755, 0o700, 0o1777, 0o750, 0o711]));
  else chownSync(join(directory, random.pick(["cgroup.procs", "cgroup.threads"])), random.pick(USERS), random.pick(USERS));
  if (random.chance(0.3)) chmodSync(join(directory, "cgroup.procs"), random.pick([0o644, 0o664, 0o666, 0o600]));
}

function someCase(random: Random, world: World, holders: readonly Person[]): Case {
  const holder = random.chance(0.25) ? random.pick([0, 1]) : undefined;
  const uid = holder === undefined ? random.pick(USERS) : [1000, 1001][holder]!;
  const like = holder === undefined ? undefined : holders[holder]!.pid;
  const place = holder === undefined ? random.pick(cgroups().filter((path) => !path.startsWith("t"))) : `u${uid}/in`;
  const who = like === undefined ? ["-u", String(uid), "--in", `/${BASE}${place === "" ? "" : `/${place}`}`] : ["-p", String(like)];
  const actor: Actor = { uid, at: join(TOP, place), ...(like === undefined ? {} : { like }) };
  const [words, call, undo] = someAction(random, world, like !== undefined);
  return { args: [...who, ...words], actor, call, undo };
}

type Action = readonly [words: readonly string[], call: Call, undo: () => void];
const nothing = (): void => {};

function someAction(random: Random, world: World, mounts: boolean): Action {
  const kind = random.weighted([[6, "move"], [4, "create"], [4, "remove"], [2, "unshare"], [2, "setns"], [mounts ? 3 : 0.5, "mount"], [4, "write"]] as const);
  const path = random.pick(cgroups());
  const named = random.chance(0.5) ? `${TOP}${path === "" ? "" : `/${path}`}` : `/${BASE}${path === "" ? "" : `/${path}`}`;
  const directory = join(TOP, path);
  if (kind === "move") return moving(random, world, named, directory);
  if (kind === "create") return creating(random, named, directory);
  if (kind === "remove") return removing(random, named, directory);
  if (kind === "unshare") {
    const flags = random.pick([["cgroup"], ["user"], ["user", "cgroup"], ["mnt"], ["cgroup", "uts"], ["net"]]);
    return [["unshare", flags.join(",")], ["unshare", String(flags.reduce((all, flag) => all | BITS[flag]!, 0))], nothing];
  }
  if (kind === "setns") {
    const { pid } = random.pick(world.people);
    const type = random.weighted([[5, "cgroup"], [1, "user"], [1, "mnt"]] as const);
    return [["setns", `pid:${pid}`, type], ["setns", `/proc/${pid}/ns/${type}`, String(BITS[type])], nothing];
  }
  if (kind === "mount") {
    // Only from namespaces of their own, or refused: it is never mounted from the initial one.
    return mounts ? [["mount", "cgroup2", "/mnt"], ["mount", "/mnt"], nothing] : creating(random, named, directory);
  }
  return writing(random, named, directory);
}

function moving(random: Random, world: World, named: string, directory: string): Action {
  const { pid } = random.pick(world.people);
  const target = random.chance(0.08) ? 4_000_000 + random.below(1000) : pid;
  const thread = target === pid && random.chance(0.2);
  const from = target === pid ? cgroupOf(pid) : "";
  const words = ["move", thread ? `pid:${pid}/task/${pid}` : `pid:${target}`, named];
  return [words, ["write", `${directory}/cgroup.${thread ? "threads" : "procs"}`, String(target)], () => writeFileSync(join(V2, from, "cgroup.procs"), String(pid))];
}

const cgroupOf = (pid: number): string => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))![1]!;

function creating(random: Random, named: string, directory: string): Action {
  const name = random.weighted([[10, "new"], [1, "cgroup.procs"], [1, "in"], [1, "no/where"], [0.5, "."], [0.5, "x".repeat(300)]] as const);
  return [["create", `${named}/${name}`], ["mkdir", `${directory}/${name}`], () => rmdirSync(`${directory}/${name}`)];
}

function removing(random: Random, named: string, directory: string): Action {
  const fresh = random.chance(0.4) && readFileSync(`${directory}/cgroup.type`, "utf8") !== "threaded\n" && !existsSync(`${directory}/doomed`) && isRoomy(directory);
  if (fresh) {
    mkdirSync(`${directory}/doomed`);
    const clean = (): void => {};
    return [["remove", `${named}/doomed`], ["rmdir", `${directory}/doomed`], clean];
  }
  const name = random.weighted([[8, ""], [1, "/nowhere"], [1, "/cgroup.type"], [0.5, "/."], [0.5, "/.."]] as const);
  if (name !== "" || readdirSync(directory, { withFileTypes: true }).some((entry) => entry.isDirectory())) {
    return [["remove", `${named}${name}`], ["rmdir", `${directory}${name}`], nothing];
  }
  const before = restorer(directory);
  return [["remove", named], ["rmdir", directory], before];
}

const isRoomy = (directory: string): boolean => !/\/limited(\/|$)/.test(directory);

/** Makes a removed cgroup again, as it was. */
function restorer(directory: string): () => void {
  const type = readFileSync(`${directory}/cgroup.type`, "utf8").trim();
  return () => {
    mkdirSync(directory);
    if (type === "threaded") writeFileSync(`${directory}/cgroup.type`, "threaded");
    const uid = /u(\d+)/.exec(directory)?.[1];
    if (uid !== undefined) give(directory, Number(uid));
  };
}

function writing(random: Random, named: string, directory: string): Action {
  const [file, data] = random.pick([
    ["cgroup.max.depth", "7"], ["cgroup.max.depth", "-1"], ["cgroup.max.descendants", "x"], ["cgroup.max.descendants", "max"],
    ["cgroup.freeze", "2"], ["cgroup.freeze", "0"], ["cgroup.type", "domain"], ["cgroup.subtree_control", "+bogus"],
    ["cgroup.subtree_control", "+hugetlb"], ["cgroup.subtree_control", "+memory"], ["cgroup.subtree_control", "-pids"], ["cgroup.subtree_control", ""],
    ["cgroup.procs", "x"], ["cgroup.procs", "-1"], ["cgroup.events", "1"], ["cgroup.kill", "0"], ["cgroup.pressure", "1"], ["memory.max", "1"], ["nowhere", "1"],
  ] as const);
  const before = existsSync(`${directory}/${file}`) && file.startsWith("cgroup.max") ? readFileSync(`${directory}/${file}`, "utf8") : undefined;
  return [["write", `${named}/${file}`, "--", data], ["write", `${directory}/${file}`, data], () => before !== undefined && writeFileSync(`${directory}/${file}`, before)];
}
