// The agents by name, in a pid namespace where the controller has pid 1 and the others count up from 2. Knows how one is
// born and asked; nothing of cgroups.

import { readlinkSync } from "node:fs";
import type { Result } from "../../replay/index.ts";
import { Agent, type Silence } from "./agent.ts";
import { type Bytes, textOf } from "./bytes.ts";
import { errnoOf } from "./errnos.ts";
import { Refusal } from "./fields.ts";
import type { Answer, Warden } from "./warden.ts";

// The programs that agents start get pids from here on.
const PROGRAMS = 20_000;

export class Crew {
  readonly warden: Warden;
  /** Where the agents' pids are seen from here. */
  readonly proc: string;
  readonly #agents = new Map<string, Agent>();
  readonly #controller: Agent;
  #born = 1;
  #countsPids = true;

  private constructor(warden: Warden, proc: string, fd: number) {
    this.warden = warden;
    this.proc = proc;
    this.#controller = this.#add("ctl", fd);
    this.#controller.pid = 1;
  }

  /** `fd` is this end of the controller's pipe. */
  static async muster(warden: Warden, fd: number): Promise<Crew> {
    const host = await warden.controller;
    const crew = new Crew(warden, `/proc/${host}/root/proc`, fd);
    crew.#countsPids = await crew.#number(PROGRAMS);
    return crew;
  }

  /** Are pids those of a machine where nothing but agents is ever started? */
  get countsPids(): boolean {
    return this.#countsPids;
  }

  agent(name: string): Agent {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new Refusal(`no agent ${name}`);
    return agent;
  }

  has(name: string): boolean {
    return this.#agents.has(name);
  }

  /** An agent that something is done to, by its pid; the dead may be reaped already and their pids be gone. */
  pid(name: string): string {
    const agent = this.agent(name);
    if (agent.isDead()) throw new Refusal(`${name} is dead, and a shell reaps its dead when it likes`);
    return String(agent.pid);
  }

  /** Of an agent other than the controller. */
  nameOf(pid: string): string | undefined {
    return [...this.#agents.values()].find((agent) => agent !== this.#controller && String(agent.pid) === pid)?.name;
  }

  /** `cgroup:[4026531835]` and the like, as root here sees it. */
  namespace(name: string, kind: string): string {
    return readlinkSync(`${this.proc}/${this.pid(name)}/ns/${kind}`);
  }

  /** A child of `parent`, through a prefix of commands; `call` is what failed if they do. */
  async bear(parent: string, name: string, call: string, prefix: readonly string[]): Promise<Agent | Result> {
    if (this.has(name)) throw new Refusal(`there is an agent ${name}`);
    const may = prefix.length === 0 ? undefined : await this.agent(parent).ask("may", ...prefix);
    if (may !== undefined && (typeof may === "string" || !may.ok)) return result(may, call);
    if (this.#countsPids) await this.#number(this.#born);
    const { path, fd } = this.warden.pipe();
    const child = new Agent(name, fd, this.warden, this.proc);
    const said = await this.agent(parent).ask("bear", path, ...prefix);
    if (this.#countsPids) await this.#number(PROGRAMS);
    if (typeof said === "string" || !said.ok) {
      child.close();
      return result(said);
    }
    child.pid = Number(said.text);
    this.#born++;
    this.#agents.set(name, child);
    return child;
  }

  async bury(name: string): Promise<void> {
    await this.#controller.ask("bury", String(this.agent(name).pid));
  }

  async ask(name: string, command: string, ...words: Bytes[]): Promise<Result> {
    return result(await this.agent(name).ask(command, ...words));
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.close();
    this.#agents.clear();
  }

  #add(name: string, fd: number): Agent {
    const agent = new Agent(name, fd, this.warden, this.proc);
    this.#agents.set(name, agent);
    return agent;
  }

  // The next process is to get the pid behind this one.
  async #number(last: number): Promise<boolean> {
    const said = await this.#controller.ask("number", String(last));
    return typeof said !== "string" && said.ok;
  }
}

/** What an answer comes to; a message that does not tell its errno is no result. `call` is what failed, if that is not said. */
export function result(said: Answer | Silence, call = ""): Result {
  if (typeof said === "string") return { err: said };
  if (said.ok) return { ok: null };
  const err = errnoOf(said.output) ?? errnoOf(said.text);
  if (err === undefined) return { refused: `it failed, but with which errno? ${textOf(said.output + said.text)}` };
  return { err, at: call || said.at };
}
