// The process behind all agents: it starts the controller, carries their answers here, and takes everything away when it
// is closed or this process dies. Knows pipes and answers, not what was asked.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, constants, mkdirSync, mkdtempSync, openSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, bytesOf } from "./bytes.ts";
import type { Hierarchies } from "./hierarchies.ts";
import { AGENT, CONTROLLER, WARDEN } from "./script.ts";

/** What an agent said. */
export interface Answer {
  readonly ok: boolean;
  /** The call that failed. */
  readonly at: string;
  /** What the agent has to say. */
  readonly text: Bytes;
  /** What programs printed, and of what the shell complained. */
  readonly output: Bytes;
}

const PIPES_AT_ONCE = 32;

export class Warden {
  /** Where the controller's temporary file system is mounted, in its mount namespace alone. */
  readonly scratch: Bytes;
  /** When the controller has come up: its pid here. */
  readonly controller: Promise<number>;
  /** When all is taken away. */
  readonly ended: Promise<void>;
  readonly #folder: string;
  // Pipes are found by chance only: whoever reads one would take an agent's commands.
  readonly #name = randomBytes(12).toString("hex");
  #pipes = 0;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #unread = Buffer.alloc(0);
  #asked = 0;

  /** @throws Error where a cgroup of that name exists */
  constructor(base: string, hierarchies: Hierarchies) {
    const tops = [...hierarchies.tops.values()];
    makeBases(tops.map((top) => Buffer.from(`${top}/${base}`, "latin1")));
    this.#folder = mkdtempSync(join(realpathSync(tmpdir()), "cgroupns-live-"));
    chmodSync(this.#folder, 0o711);
    this.scratch = bytesOf(`${this.#folder}/mnt`);
    mkdirSync(`${this.#folder}/mnt`);
    this.#makePipes();
    this.#process = this.#start(base, tops);
    this.ended = new Promise((resolve) => this.#process.once("close", () => resolve()));
    // It may be closed before the controller is up.
    const gone = this.ended.then((): Answer => ({ ok: false, at: "all is taken away", text: "", output: "" }));
    this.controller = Promise.race([this.answer(0), gone]).then(({ ok, text, at }) => {
      if (!ok) throw new Error(`the controller did not come up: ${at}`);
      return Number(text);
    });
    this.controller.catch(() => {});
    this.#process.stdout!.on("data", (data: Buffer) => this.#hear(data));
  }

  #start(base: string, tops: readonly Bytes[]): ChildProcess {
    const env = {
      ...process.env, LC_ALL: "C", AGENT, CONTROLLER, BASE: base, FOLDER: this.#folder, NAME: this.#name, FIRST: `${this.#name}.0`,
    };
    const args = ["-c", WARDEN, "sh", ...tops.map((top) => Buffer.from(top, "latin1").toString())];
    return spawn("sh", args, { cwd: "/", detached: true, stdio: ["pipe", "pipe", "ignore"], env });
  }

  /** A pipe of its own for an agent: its path, which the agent reads, and this end, to write to. */
  pipe(): { path: Bytes; fd: number } {
    if (this.#pipes > 0 && this.#pipes % PIPES_AT_ONCE === 0) this.#makePipes();
    const path = this.#pipe(this.#pipes++);
    return { path: bytesOf(path), fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
  }

  /** The number of the next question. */
  number(): number {
    return ++this.#asked;
  }

  /** What will be said to a question. */
  answer(number: number): Promise<Answer> {
    return new Promise((resolve) => this.#waiting.set(number, resolve));
  }

  /** Nobody waits any more. */
  forget(number: number): void {
    this.#waiting.delete(number);
  }

  async close(): Promise<void> {
    this.#process.stdin!.end();
    await this.ended;
  }

  #hear(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const start = this.#unread.indexOf(0);
      const end = start === -1 ? -1 : this.#unread.indexOf(0, start + 1);
      if (end === -1) return;
      this.#deliver(this.#unread.toString("latin1", 0, start), this.#unread.toString("latin1", start + 1, end));
      this.#unread = this.#unread.subarray(end + 1);
    }
  }

  #deliver(output: Bytes, said: Bytes): void {
    const [head, at, ...text] = said.split("\n");
    const [number, status] = head!.split(" ");
    this.#waiting.get(Number(number))?.({ ok: status === "ok", at: at!, text: text.join("\n"), output });
    this.#waiting.delete(Number(number));
  }

  // To be read by agents of any user, written to by root alone.
  #makePipes(): void {
    const paths = Array.from({ length: PIPES_AT_ONCE }, (_, n) => this.#pipe(this.#pipes + n));
    const { status, stderr } = spawnSync("mkfifo", ["-m", "644", ...paths], { encoding: "utf8" });
    if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
  }

  #pipe(n: number): string {
    return `${this.#folder}/${this.#name}.${n}`;
  }
}

// All of them or none.
function makeBases(paths: readonly Buffer[]): void {
  const made: Buffer[] = [];
  try {
    for (const path of paths) {
      mkdirSync(path);
      made.push(path);
    }
  } catch (error) {
    for (const path of made) rmdirSync(path);
    throw error;
  }
}
