// What operations are done with: reading, writing and running programs as an agent, by the kernel's own rules for who is
// who in a file that takes pids.

import { posix } from "node:path";
import type { Result } from "../../replay/index.ts";
import type { Silence } from "./agent.ts";
import { type Bytes, bytesOf, printable, textOf } from "./bytes.ts";
import { type Crew, result } from "./crew.ts";
import { Refusal } from "./fields.ts";
import type { Hierarchies } from "./hierarchies.ts";
import { PID_FILES, type Places } from "./places.ts";
import type { Answer } from "./warden.ts";

/** Everybody's, as the controller's. */
export const UMASK = 0o022;
// More than the kernel takes in one write to a cgroup's file, and less than a shell does in one piece.
const ONE_PIECE = 4096;

export class Stage {
  readonly crew: Crew;
  readonly places: Places;
  readonly hierarchies: Hierarchies;

  constructor(crew: Crew, places: Places, hierarchies: Hierarchies) {
    this.crew = crew;
    this.places = places;
    this.hierarchies = hierarchies;
  }

  /** A name as it stands in a path below /proc. */
  process(name: string): string {
    return name === "self" || name === "thread-self" ? name : this.crew.pid(name);
  }

  /** The data of an operation: `{agent}` is that one's pid. */
  data(text: string): Bytes {
    return bytesOf(text.replaceAll(/\{([^{}]*)\}/g, (all, name: string) => (this.crew.has(name) ? this.crew.pid(name) : all)));
  }

  async read(who: string, file: Bytes): Promise<Result> {
    const said = await this.crew.agent(who).ask("look", file);
    return typeof said !== "string" && said.ok ? { ok: textOf(said.text) } : result(said);
  }

  /** By the agent itself wherever a shell can. */
  async write(who: string, file: Bytes, data: Bytes, truncate = false): Promise<Result> {
    const takesPid = PID_FILES.includes(posix.basename(file));
    const again = takesPid && isZero(data) ? this.crew.pid(who) : data;
    const simple = data.length <= ONE_PIECE && !/\0|\n./s.test(data) && !truncate;
    const words = simple ? [printable(data), printable(again)] : [printable(again), truncate ? "" : ",notrunc"];
    const said = await this.crew.agent(who).ask(simple ? "put" : "give", file, ...words);
    return result(said, typeof said !== "string" && said.output.includes("dd: failed to open") ? "open" : "");
  }

  /** A program, as a child of the agent: what it prints. */
  async run(who: string, call: string, command: readonly Bytes[], umask: number = UMASK): Promise<Result> {
    const said = await this.crew.agent(who).ask("try", umask.toString(8), call, ...command);
    return typeof said !== "string" && said.ok ? { ok: textOf(said.output.replace(/\n$/, "")) } : result(said);
  }

  /** A program whose words do not matter. */
  async do(who: string, call: string, command: readonly Bytes[], umask?: number): Promise<Result> {
    const said = await this.run(who, call, command, umask);
    return "ok" in said ? { ok: null } : said;
  }

  /** Sends the agent itself through a command that ends in another one; `call` says from the message what failed. */
  async become(who: string, prefix: readonly Bytes[], call: (message: string) => string): Promise<Result> {
    const said: Answer | Silence = await this.crew.agent(who).ask("become", ...prefix);
    if (typeof said === "string") return result(said);
    return said.ok ? { ok: null } : result(said, call(said.output));
  }

  /** Without them a pid that is not an agent's may be anything's, or nothing's. */
  demandPids(): void {
    if (!this.crew.countsPids) throw new Refusal("this kernel does not let us choose pids (CONFIG_CHECKPOINT_RESTORE)");
  }
}

/** Would the kernel read it as 0, the writer itself? */
export function isZero(data: Bytes): boolean {
  return /^[+-]?0(?:0*|x0+)$/i.test(data.split("\0", 1)[0]!.replace(/^[\t-\r \xa0]+|[\t-\r \xa0]+$/g, ""));
}
