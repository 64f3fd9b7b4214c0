// This machine's kernel, driven by the operations of a replay: real processes in real cgroups under one base, all gone
// afterwards. Needs root, sh, util-linux and coreutils, and nothing else of ours.

import { spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { release } from "node:os";
import type { Operation, Result } from "../../replay/index.ts";
import { Crew } from "./crew.ts";
import { whyUndriven } from "./driven.ts";
import { Fields, Refusal } from "./fields.ts";
import { type Deed, FILES } from "./files.ts";
import { Hierarchies } from "./hierarchies.ts";
import { MOUNTING } from "./mounting.ts";
import { Places } from "./places.ts";
import { Stage } from "./stage.ts";
import { TASKS } from "./tasks.ts";
import { Sightings, VIEWS } from "./views.ts";
import { Warden } from "./warden.ts";

export interface LiveOptions {
  /** The cgroup under each hierarchy in which everything happens; it must not exist. */
  readonly base: string;
  /** v1 hierarchies to be used. */
  readonly v1: readonly string[];
}

const PROGRAMS =
  "unshare nsenter setpriv mount umount mkfifo cat dd mkdir rmdir unlink chown chmod stat ls readlink kill sleep rm";
const INITIAL = { cgroup: "cgroup:[4026531835]", user: "user:[4026531837]" };
const KNOWN: ReadonlySet<string> = new Set([FILES, TASKS, VIEWS, MOUNTING].flatMap(Object.keys).concat("nsid"));

export class LiveMachine implements AsyncDisposable {
  /** Of the kernel. */
  readonly release: string = release();
  /** Is the unified hierarchy mounted with nsdelegate? */
  readonly nsdelegate: boolean;
  /** Controllers that the unified hierarchy's root hands down. */
  readonly rootControllers: readonly string[];
  readonly #warden: Warden;
  readonly #sightings = new Sightings();
  readonly #deeds: Readonly<Record<string, Deed>>;
  readonly #stage: Promise<Stage>;
  #closing: Promise<void> | undefined;

  /** @throws Error where there is a cgroup of that name, or no such hierarchy */
  constructor({ base, v1 }: LiveOptions) {
    if (!/^[\w.:-]+$/.test(base) || base === "." || base === "..") throw new Error(`'${base}' is no name for a base`);
    const hierarchies = new Hierarchies(v1);
    this.nsdelegate = hierarchies.options.includes("nsdelegate");
    this.rootControllers = hierarchies.rootControllers();
    this.#warden = new Warden(base, hierarchies);
    this.#deeds = { ...FILES, ...TASKS, ...VIEWS, ...MOUNTING, nsid: this.#sightings.nsid };
    this.#stage = this.#prepare(base, hierarchies);
    this.#stage.catch(() => {});
    for (const signal of SIGNALS) process.once(signal, this.#interrupted);
  }

  /** Why this machine cannot be driven; undefined where it can. */
  static whyNot(): string | undefined {
    if (process.platform !== "linux") return "not Linux";
    if (process.getuid?.() !== 0) return "not root";
    if (readlinkSync("/proc/self/ns/cgroup") !== INITIAL.cgroup) return "not in the initial cgroup namespace";
    if (readlinkSync("/proc/self/ns/user") !== INITIAL.user) return "not in the initial user namespace";
    if (!Hierarchies.hasUnified()) return "no cgroup2 mount that can be written to";
    const { stdout } = spawnSync("sh", ["-c", `for program in ${PROGRAMS}; do command -v $program >&2 || echo $program; done`], { encoding: "utf8" });
    const missing = stdout.trim().split("\n").join(", ");
    return missing === "" ? undefined : `no ${missing} on PATH`;
  }

  /** Why an operation is left out, as far as can be told from itself alone; some are refused only when they are run. */
  static whyUndriven(operation: Operation): string | undefined {
    return whyUndriven(operation, KNOWN);
  }

  /** Does it. One at a time. */
  async run(operation: Operation): Promise<Result> {
    const said = await this.#run(operation);
    return "id" in operation ? { ...said, id: operation.id } : said;
  }

  async #run(operation: Operation): Promise<Result> {
    const reason = LiveMachine.whyUndriven(operation);
    if (reason !== undefined) return { refused: reason };
    const stage = await this.#stage;
    try {
      const fields = new Fields(operation);
      if (fields.op !== "spawn" && stage.crew.agent(fields.agent).isDead()) return { err: "AGENT_DEAD" };
      return await this.#deeds[operation.op]!(fields, stage);
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.message };
      throw error;
    }
  }

  /** Kills and removes everything that was made. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #prepare(base: string, hierarchies: Hierarchies): Promise<Stage> {
    const { fd } = this.#warden.pipe();
    const crew = await Crew.muster(this.#warden, fd);
    const places = new Places(base, hierarchies, this.#warden.scratch, crew.proc, (name) => stage.process(name));
    const stage = new Stage(crew, places, hierarchies);
    return stage;
  }

  async #close(): Promise<void> {
    for (const signal of SIGNALS) process.removeListener(signal, this.#interrupted);
    await this.#warden.close();
    this.#sightings.close();
    await this.#stage.then(({ crew }) => crew.close(), () => {});
  }

  // The signal takes its course once all is gone.
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    this.close().finally(() => process.kill(process.pid, signal));
  };
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
