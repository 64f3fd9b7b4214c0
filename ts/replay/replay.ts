// A replay: a fresh machine of the model, a controller (pid 1 of a pid namespace of its own, root) and its agents, told what
// to do one operation at a time. Each batch of operations is one replay.

import { capabilitySet } from "../kernel/capability.ts";
import { rootCredentials } from "../kernel/credentials.ts";
import { exitProcess } from "../kernel/exit.ts";
import { mkdir } from "../kernel/file-calls.ts";
import { clone } from "../kernel/fork.ts";
import { Kernel } from "../kernel/kernel.ts";
import { mount } from "../kernel/mounting.ts";
import { isRefusal } from "../kernel/refusal.ts";
import type { Task } from "../kernel/task.ts";
import { Agent } from "./agent.ts";
import { Crash, DEAD, Refused, text, TIMEOUT } from "./answer.ts";
import { DESCRIPTOR_OPERATIONS } from "./descriptor-operations.ts";
import { encodePath } from "./encoding.ts";
import { FILE_OPERATIONS, writeText } from "./file-operations.ts";
import { MOUNT_OPERATIONS } from "./mount-operations.ts";
import { NAMESPACE_OPERATIONS } from "./namespace-operations.ts";
import type { Handler } from "./handler.ts";
import type { Operation, ReplayOptions, Result } from "./operation.ts";
import { SCRATCH, type Top, topOf } from "./places.ts";
import { TASK_OPERATIONS } from "./task-operations.ts";

const HANDLERS: ReadonlyMap<string, Handler> = new Map(
  [FILE_OPERATIONS, DESCRIPTOR_OPERATIONS, TASK_OPERATIONS, NAMESPACE_OPERATIONS, MOUNT_OPERATIONS].flatMap((some) => Object.entries(some)),
);

/** Every operation there is. */
export const OPERATIONS: readonly string[] = [...HANDLERS.keys()];

/** The machine the model was compared with: v1 hierarchies beside the unified one, and a root without CAP_SYS_RESOURCE. */
const V1 = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];
const LEGACY = [...V1.map((name) => ({ controllers: [name] })), { name: "systemd" }];
const MOST_CGROUP_NAMESPACES = 96364;
const CAPABILITIES = capabilitySet((
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN " +
  "NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD " +
  "LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" "))!;

export class Replay {
  readonly kernel: Kernel;
  readonly base: string;
  readonly exclusive: boolean;
  readonly controller: Task;
  readonly agents: Map<string, Agent> = new Map<string, Agent>();
  /** Where each hierarchy that may be used is mounted, by its name. */
  readonly mounts: Map<string, string> = new Map<string, string>();
  /** What their lines in /proc/PID/cgroup are told by. */
  readonly labels: readonly string[];
  /** The same, and what is known of the paths below. */
  readonly tops: Map<string, Top> = new Map<string, Top>();
  readonly #ctl: Agent;
  /** What all agents have been told and not yet done. */
  #waiting = 0;
  private readonly namespaceNames: Map<string, string> = new Map<string, string>();

  constructor(options: ReplayOptions = {}) {
    const { base = "cgroupns", v1 = ["pids"], nsdelegate = false, rootControllers = [], hugePages = ["2MB"] } = options;
    this.base = base;
    this.exclusive = options.exclusive === true || nsdelegate || rootControllers.length > 0;
    this.kernel = new Kernel({
      legacy: LEGACY,
      options: nsdelegate ? ["nsdelegate"] : [],
      hugePages,
      maxCgroupNamespaces: MOST_CGROUP_NAMESPACES,
    });
    const mounted = "/sys/fs/cgroup";
    this.mounts.set("v2", `${mounted}/unified`);
    this.labels = ["", ...v1];
    for (const name of v1) this.mounts.set(name, `${mounted}/${name}`);
    for (const [hier, mount] of this.mounts) this.tops.set(hier, topOf(mount, base));
    this.controller = this.#start(rootControllers);
    this.#ctl = new Agent("ctl", this.controller, 1, 1, null);
  }

  /** One operation. Never throws for anything in it. */
  run(op: unknown): Result {
    const result = this.#answer(op);
    this.#wake();
    const id = (op as Operation | null)?.id;
    return id === undefined ? result : { ...result, id };
  }

  /** Lets an agent do something: it may be dead, or not answer for now. `ends`: it answers although it is gone then. */
  call(who: Agent, act: (task: Task) => Result, { ends = false }: { readonly ends?: boolean } = {}): Result {
    if (who === this.#ctl) return act(this.controller);
    if (who.dead || who.task.state !== "running") return DEAD;
    if (who.isBlocked) {
      who.waiting.push(() => this.#act(who, act));
      this.#waiting++;
      return this.#silence(who);
    }
    const result = this.#act(who, act);
    if (who.task.state !== "running") return ends ? result : DEAD;
    who.silent = false;
    return who.isBlocked ? this.#silence(who) : result;
  }

  agent(name: string): Agent {
    if (name === "ctl") return this.#ctl;
    const found = this.agents.get(name);
    if (found === undefined) throw new Refused(`no agent ${name}`);
    return found;
  }

  /** How /proc and control files call an agent. */
  reference(name: string): number | string {
    return name === "self" || name === "thread-self" ? name : this.agent(name).pid;
  }

  /** `{agent}` in a text is its pid. */
  substitute(data: string): string {
    if (!data.includes("{")) return data;
    return data.replace(/\{([^{}]*)\}/g, (whole, name: string) => (name === "ctl" || this.agents.has(name) ? String(this.reference(name)) : whole));
  }

  namespaceName(link: string): string {
    if (link === "cgroup:[4026531835]") return "init";
    const known = this.namespaceNames.get(link) ?? `ns${this.namespaceNames.size + 1}`;
    this.namespaceNames.set(link, known);
    return known;
  }

  markDead(): void {
    for (const agent of this.agents.values()) {
      const task = this.controller.pidNs.tasks.get(agent.process);
      if (task === undefined || task.state !== "running") agent.dead = true;
    }
  }

  #answer(op: unknown): Result {
    try {
      if (typeof op !== "object" || op === null || Array.isArray(op)) throw new Refused("bad op: an object is expected");
      const given = op as Operation;
      const name = text(given.op, "op");
      const handler = HANDLERS.get(name);
      if (handler === undefined) throw new Refused(`unknown op ${name}`);
      const who = name === "spawn" ? this.#ctl : this.agent(given.agent === undefined ? "ctl" : text(given.agent, "agent"));
      return handler(this, given, who);
    } catch (error) {
      if (error instanceof Refused) return { refused: shortened(error.message) };
      if (error instanceof Crash) return { refused: `bad op: ${shortened(error.message)}` };
      throw error;
    }
  }

  /** Nobody answers: the first time two seconds are waited for it, then less. */
  #silence(who: Agent): Result {
    this.kernel.now += who.silent ? 150 : 2000;
    who.silent = true;
    return TIMEOUT;
  }

  #act(who: Agent, act: (task: Task) => Result): Result {
    try {
      return act(who.task);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      exitProcess(who.task.process);
      return DEAD;
    }
  }

  /** Agents that go on do what they were told meanwhile. */
  #wake(): void {
    if (this.#waiting === 0) return;
    for (const agent of this.agents.values()) {
      while (agent.waiting.length > 0 && !agent.isBlocked) {
        const next = agent.waiting.shift()!;
        this.#waiting--;
        if (agent.task.state === "running") this.#late(next);
      }
    }
  }

  /** Nobody hears what comes of it. */
  #late(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  #start(rootControllers: readonly string[]): Task {
    const { init } = this.kernel;
    init.credentials = rootCredentials(this.kernel.initialUserNs, CAPABILITIES);
    for (const name of rootControllers) writeText(init, `${this.mounts.get("v2")}/cgroup.subtree_control`, `+${name}`);
    for (const at of this.mounts.values()) mkdir(init, encodePath(`${at}/${this.base}`), 0o777);
    mkdir(init, SCRATCH, 0o755);
    const controller = clone(init, ["pid", "mnt"], undefined, "python3");
    if (isRefusal(controller)) throw new Error("the controller could not be started");
    mount(controller, { type: "proc", at: "/proc" });
    mount(controller, { type: "tmpfs", at: SCRATCH, options: "mode=777" });
    return controller;
  }
}

const LONGEST_REASON = 120;
const shortened = (reason: string): string => (reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason);
