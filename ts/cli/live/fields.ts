// The fields of an operation as they must be to be driven; whoever asks for one that is not gets a refusal.

import type { Operation } from "../../replay/index.ts";
import { type Bytes, bytesOf } from "./bytes.ts";

/** Why an operation was not tried. */
export class Refusal extends Error {}

export class Fields {
  readonly op: string;
  /** Who does it. */
  readonly agent: string;
  readonly #values: Operation;

  constructor(operation: Operation) {
    this.#values = operation;
    this.op = this.word("op");
    this.agent = this.word("agent", "ctl");
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  flag(name: string): boolean {
    return Boolean(this.#values[name]);
  }

  word(name: string, otherwise?: string): string {
    const value = this.#values[name] ?? otherwise;
    if (typeof value !== "string") throw new Refusal(`'${name}' is not a text`);
    return value;
  }

  bytes(name: string, otherwise?: string): Bytes {
    return bytesOf(this.word(name, otherwise));
  }

  number(name: string, otherwise?: number): number {
    const value = this.#values[name] ?? otherwise;
    if (!Number.isSafeInteger(value)) throw new Refusal(`'${name}' is not a number`);
    return value as number;
  }

  words(name: string, otherwise?: readonly string[]): readonly string[] {
    const value = this.#values[name] ?? otherwise;
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) throw new Refusal(`'${name}' is not a list of words`);
    return value;
  }

  numbers(name: string): readonly number[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || !value.every((item) => Number.isSafeInteger(item) && item >= 0)) {
      throw new Refusal(`'${name}' is not a list of numbers`);
    }
    return value;
  }

  /** The same operation with some fields otherwise. */
  with(changes: Readonly<Record<string, unknown>>): Fields {
    return new Fields({ ...this.#values, ...changes });
  }
}
