// A variant of the model: its sources with something changed, compiled and linked in memory, as the test runner does it with
// the true ones. Knows nothing of what is changed or why.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleRunnerTransform, transformWithOxc } from "vite";
import type { Kernel } from "../../ts/kernel/kernel.ts";
import type { Replay } from "../../ts/replay/replay.ts";

const TOP = fileURLToPath(new URL("../../", import.meta.url));

/** What a variant is used through. */
export interface Variant {
  readonly Replay: typeof Replay;
  readonly Kernel: typeof Kernel;
}

/** The source with the change, or the same. */
export type Edit = (file: string, source: string) => string;

type Exports = Record<string, unknown>;
type Importer = (to: string) => Promise<Exports>;
type Body = (exports: Exports, name: (key: string, get: () => unknown) => void, load: Importer, all: (from: Exports) => void) => Promise<void>;

const PARAMETERS = ["__vite_ssr_exports__", "__vite_ssr_exportName__", "__vite_ssr_import__", "__vite_ssr_exportAll__"];
const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Body;

/** A source as a function that fills in its exports. */
async function compiled(file: string, source: string): Promise<Body> {
  const plain = await transformWithOxc(source, file, { sourcemap: false });
  const linked = await moduleRunnerTransform(plain.code, null, file, plain.code);
  return new AsyncFunction(...PARAMETERS, "__vite_ssr_dynamic_import__", `"use strict";${linked!.code}`);
}

const sources = new Map<string, string>();

/** A source of the model, by its path from the project's top. */
export function sourceOf(file: string): string {
  if (!sources.has(file)) sources.set(file, readFileSync(join(TOP, file), "utf8"));
  return sources.get(file)!;
}

const unchanged = new Map<string, Promise<Body>>();

function bodyOf(file: string, edit: Edit): Promise<Body> {
  const source = edit(file, sourceOf(file));
  if (source !== sourceOf(file)) return compiled(file, source);
  if (!unchanged.has(file)) unchanged.set(file, compiled(file, source));
  return unchanged.get(file)!;
}

/** Loads modules as they are imported; in a circle one gets what is there so far. */
class Linker {
  readonly #edit: Edit;
  readonly #made = new Map<string, Exports>();

  constructor(edit: Edit) {
    this.#edit = edit;
  }

  async load(file: string): Promise<Exports> {
    const known = this.#made.get(file);
    if (known !== undefined) return known;
    const exports: Exports = {};
    this.#made.set(file, exports);
    const name = (key: string, get: () => unknown): unknown => Object.defineProperty(exports, key, { enumerable: true, configurable: true, get });
    const all = (from: Exports): void => {
      for (const key of Object.keys(from)) if (!Object.hasOwn(exports, key)) name(key, () => from[key]);
    };
    const body = await bodyOf(file, this.#edit);
    await body(exports, name, (to) => (to.startsWith(".") ? this.load(join(dirname(file), to)) : import(/* @vite-ignore */ to)), all);
    return exports;
  }
}

/** The model so changed, ready to run. */
export async function variant(edit: Edit): Promise<Variant> {
  const linker = new Linker(edit);
  const replay = await linker.load("ts/replay/replay.ts");
  const kernel = await linker.load("ts/kernel/kernel.ts");
  return { Replay: replay.Replay, Kernel: kernel.Kernel } as Variant;
}
