// An agent: a shell that is asked one thing at a time. Knows how long to wait for it and how to tell that it has died.

import { closeSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Bytes, word } from "./bytes.ts";
import type { Answer, Warden } from "./warden.ts";

/** It did not answer in time: it is frozen or stopped, and will do it later. */
export type Silence = "TIMEOUT" | "AGENT_DEAD";

const PATIENCE_MS = 2000;
// For one that has not answered before.
const LESS_PATIENCE_MS = 150;
const GLANCE_MS = 10;

export class Agent {
  readonly name: string;
  /** In the pid namespace of the agents; known once it is up. */
  pid = 0;
  #dead = false;
  #silent = false;
  readonly #fd: number;
  readonly #warden: Warden;
  /** Where the agents' pids are seen from here. */
  readonly #proc: string;

  constructor(name: string, fd: number, warden: Warden, proc: string) {
    this.name = name;
    this.#fd = fd;
    this.#warden = warden;
    this.#proc = proc;
  }

  /** Has a function of the script called with a number and these words. */
  async ask(command: string, ...words: Bytes[]): Promise<Answer | Silence> {
    if (this.isDead()) return "AGENT_DEAD";
    const number = this.#warden.number();
    const answer = this.#warden.answer(number);
    const until = performance.now() + (this.#silent ? LESS_PATIENCE_MS : PATIENCE_MS);
    await this.#send(`${[command, number, ...words.map(word)].join(" ")}\n`, until);
    const said = await this.wait(answer, until);
    if (typeof said === "string") this.#warden.forget(number);
    return said;
  }

  /** Waits for an answer of this agent, or of a child that it was told to bear. */
  wait(answer: Promise<Answer>, until: number = performance.now() + PATIENCE_MS): Promise<Answer | Silence> {
    return new Promise((resolve) => {
      const end = (said: Answer | Silence): void => {
        clearInterval(timer);
        this.#silent = said === "TIMEOUT";
        resolve(said);
      };
      const timer = setInterval(() => {
        if (this.isDead()) end("AGENT_DEAD");
        else if (performance.now() > until) end("TIMEOUT");
      }, GLANCE_MS);
      answer.then(end);
    });
  }

  /** Is it a zombie, or gone? */
  isDead(): boolean {
    if (this.#dead || this.pid === 0) return this.#dead;
    this.#dead = !isAlive(`${this.#proc}/${this.pid}`);
    return this.#dead;
  }

  close(): void {
    closeSync(this.#fd);
  }

  async #send(line: Bytes, until: number): Promise<void> {
    const bytes = Buffer.from(line, "latin1");
    for (let at = 0; at < bytes.length && performance.now() < until; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN") throw error;
        await delay(1);
      }
    }
  }
}

function isAlive(at: string): boolean {
  try {
    const stat = readFileSync(`${at}/stat`, "latin1");
    return !["Z", "X"].includes(stat.slice(stat.lastIndexOf(")") + 2)[0]!);
  } catch {
    return false;
  }
}
