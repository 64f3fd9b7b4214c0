// What if? Something is done on the model, looked at, and taken back: every object, list, map and set that is reachable
// from the kernel gets the fields and members it had. Knows nothing of what they mean. Fields behind `#` stay as they are.

import type { Kernel } from "./kernel.ts";
import { placesChanged } from "./mount.ts";

type Fields = Record<string, unknown>;

/** Does it, and leaves no trace of it but the answer. Objects keep their identity; those that were made are forgotten. */
export function suppose<T>(kernel: Kernel, act: () => T): T {
  const memory = new Memory(kernel);
  try {
    return act();
  } finally {
    memory.restore();
    placesChanged();
  }
}

class Memory {
  readonly #objects: object[] = [];
  readonly #contents: unknown[][] = [];

  constructor(root: object) {
    const seen = new Set<unknown>([root]);
    const left: object[] = [root];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      const contents = contentsOf(at);
      this.#objects.push(at);
      this.#contents.push(contents);
      for (const one of contents) {
        if (typeof one !== "object" || one === null || seen.has(one) || Object.isFrozen(one)) continue;
        seen.add(one);
        left.push(one);
      }
    }
  }

  restore(): void {
    for (const [i, object] of this.#objects.entries()) refill(object, this.#contents[i]!);
  }
}

/** Members of a collection, or an object's fields as name, value, name, value. */
function contentsOf(object: object): unknown[] {
  if (object instanceof Map) return [...object].flat();
  if (object instanceof Set || Array.isArray(object)) return [...object];
  return Object.entries(object).flat();
}

function refill(object: object, contents: readonly unknown[]): void {
  if (object instanceof Map) {
    object.clear();
    for (let i = 0; i < contents.length; i += 2) object.set(contents[i], contents[i + 1]);
  } else if (object instanceof Set) {
    object.clear();
    for (const member of contents) object.add(member);
  } else if (Array.isArray(object)) object.splice(0, object.length, ...contents);
  else refillFields(object as Fields, contents);
}

function refillFields(object: Fields, contents: readonly unknown[]): void {
  const names = Object.keys(object);
  if (names.length * 2 !== contents.length) for (const name of names) if (!contents.includes(name)) delete object[name];
  for (let i = 0; i < contents.length; i += 2) {
    const name = contents[i] as string;
    if (object[name] !== contents[i + 1]) object[name] = contents[i + 1];
  }
}
