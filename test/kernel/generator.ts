// Random scripts: a main family, some others and the world, step by step, each step knowing what came of the last.

import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { at } from "./scene.ts";
import type { Family, Step } from "./family.ts";
import controllers, { tokens } from "./families/controllers.ts";
import delegation, { restore } from "./families/delegation.ts";
import descriptors from "./families/descriptors.ts";
import files from "./families/files.ts";
import freezer, { thaw } from "./families/freezer.ts";
import legacy from "./families/legacy.ts";
import limits from "./families/limits.ts";
import mounts from "./families/mounts.ts";
import moves from "./families/moves.ts";
import threads from "./families/threads.ts";
import userns from "./families/userns.ts";
import users from "./families/users.ts";
import views, { abyss } from "./families/views.ts";
import world from "./families/world.ts";
import zombies from "./families/zombies.ts";
import { hangs, isForgotten, settle } from "./hazard.ts";
import { learn } from "./learn.ts";
import { Random } from "./random.ts";
import { Scene } from "./scene.ts";

export const FAMILIES: readonly Family[] = [
  views, moves, users, userns, threads, limits, tokens, freezer, legacy, mounts, descriptors, zombies, files, delegation, controllers,
];

/** Births an operation, beside the first ones: making a process costs as much as a hundred other operations. */
const FEW_BIRTHS = 1 / 200;
const MANY_BIRTHS = 1 / 40;

/** One operation on some machine. */
export type Run = (op: Operation) => Result;

export interface Script {
  readonly seed: number;
  readonly main: string;
  readonly options: ReplayOptions;
  readonly ops: Operation[];
  /** The family each operation came from. */
  readonly tags: string[];
  /** What came of each, on the machine it was made with. */
  readonly results: Result[];
}

const ABYSS_SHARE = 1 / 100;
/** An abyss and what can be done in it. */
const ABYSS_SIZE = 1800;

/** How often a family is a script's main one, beside the others: those of few operations more often, that each gets its part. */
const MAIN_WEIGHT: Readonly<Record<string, number>> = { zombies: 4.4, freezer: 2.2, files: 1.7, mounts: 1.6, legacy: 2.4, descriptors: 1.9, users: 2.3, moves: 1.9, threads: 1.6, userns: 1.3, limits: 1.6 };

/** The families that make sense under these options. */
export function fitting({ nsdelegate, rootControllers = [] }: ReplayOptions): readonly Family[] {
  const have = { nsdelegate: nsdelegate === true, controllers: rootControllers.length > 0 };
  return FAMILIES.filter(({ needs }) => needs === undefined || have[needs]);
}

class Author {
  readonly script: Script;
  readonly scene: Scene;
  readonly #run: Run;
  readonly #size: number;

  constructor(script: Script, scene: Scene, run: Run, size: number) {
    this.script = script;
    this.scene = scene;
    this.#run = run;
    this.#size = size;
  }

  get isFull(): boolean {
    return this.script.ops.length >= this.#size;
  }

  /** Runs a step to its end, or until the script is full. */
  play(tag: string, step: Step): void {
    let next = step.next();
    while (!next.done && !this.isFull) next = step.next(this.#say(tag, next.value));
  }

  #say(tag: string, op: Operation): Result {
    if (hangs(this.scene, op)) return { refused: "somebody would hang" };
    if (isForgotten(this.scene, op)) return { refused: "too late to say" };
    const result = this.#perform(tag, op);
    for (const wait of settle(this.scene, op, result)) this.#perform(tag, wait);
    return result;
  }

  #perform(tag: string, op: Operation): Result {
    const result = this.#run(op);
    this.script.ops.push(op);
    this.script.tags.push(tag);
    this.script.results.push(result);
    learn(this.scene, op, result);
    return result;
  }
}

/** A script on a fresh machine: the same for the same seed, options and machine. */
export function generate(seed: number, options: ReplayOptions, run: Run, wanted?: number): Script {
  const random = new Random(seed);
  const families = fitting(options);
  // The families that need these options are what the options are there for.
  const special = families.filter(({ needs }) => needs !== undefined);
  const ordinary = random.weighted(families.map((family) => [MAIN_WEIGHT[family.name] ?? 1, family] as const));
  const main = special.length > 0 && random.chance(0.6) ? random.pick(special) : ordinary;
  const isAbyss = random.chance(ABYSS_SHARE);
  // What is short changes more; what is long gets to where nothing is simple any more.
  const size = isAbyss ? ABYSS_SIZE : (wanted ?? (random.chance(0.7) ? random.between(200, 700) : random.between(700, 2000)));
  const scene = new Scene(options, random, main === zombies ? MANY_BIRTHS : FEW_BIRTHS);
  const author = new Author({ seed, main: main.name, options, ops: [], tags: [], results: [] }, scene, run, size);
  begin(author, isAbyss);
  const mix: [number, Family][] = [[6, main], [1, random.pick(families)], [1, random.pick(families)], [2, world]];
  while (!author.isFull) {
    const { name, next } = random.weighted(mix);
    author.play(name, next(scene));
    repopulate(author);
  }
  return author.script;
}

function begin(author: Author, isAbyss: boolean): void {
  const { scene, script } = author;
  if (script.options.nsdelegate === true) author.play("delegation", restore(scene));
  if (isAbyss) {
    author.play("world", opening(scene));
    author.play("views", abyss(scene));
  }
  author.play("world", opening(scene));
}

function* opening(scene: Scene): Step {
  for (const hierarchy of scene.hierarchies) {
    for (const name of ["a", "b"]) yield { op: "mkdir", ...at(scene.base(hierarchy), name) };
  }
  for (let times = 2; times > 0; times--) {
    const free = scene.places("v2", ({ controlled, threaded, isFrozen, path }) => !controlled && !threaded && !isFrozen && path.length < 1000)[0] ?? scene.base();
    yield { op: "spawn", agent: scene.fresh("p"), showpid: true, ...at(free) };
  }
}

/** A script in which nobody can act any more would only ask. */
function repopulate(author: Author): void {
  const { scene } = author;
  if (scene.actors().length >= 3) return;
  author.play("freezer", thaw(scene));
  author.play("world", opening(scene));
}
