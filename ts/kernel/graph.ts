// Any graph of objects as JSON and back: every object a numbered record, every reference a number, so that what was shared
// or cyclic is so again. Knows the classes it is told of, nothing of kernels. Walks, never recurses: trees may be deep.

/** A class whose instances can be written down: its name there, and an instance whose fields are then replaced. */
export interface Recorded {
  readonly name: string;
  readonly of: new (...given: never[]) => object;
  blank(): object;
}

type Reference = readonly ["@", number];
/** A value in a record: JSON's own, a reference, a bigint, nothing. */
type Value = string | number | boolean | null | Reference | readonly ["n", string] | readonly ["u"];
/** What an object is, and what is in it: values in the order of its class's fields, or entries. */
export type GraphRecord = readonly [kind: string, content: readonly unknown[]];

/** Objects by number, the first the one that was written; and the fields of each class. */
export interface Graph {
  readonly classes: Readonly<Record<string, readonly string[]>>;
  readonly objects: readonly GraphRecord[];
}

// ---- writing

/** @throws TypeError for what cannot be written: a function, an object of an unknown class */
export function writeGraph(top: object, classes: readonly Recorded[]): Graph {
  const writer = new Writer(classes);
  writer.number(top);
  const objects: GraphRecord[] = [];
  // Records add objects as they find them.
  for (const object of writer.found) objects.push(writer.record(object));
  return { classes: writer.fields, objects };
}

class Writer {
  readonly found: object[] = [];
  readonly fields: Record<string, string[]> = {};
  readonly #numbers = new Map<object, number>();
  readonly #names: Map<unknown, string>;

  constructor(classes: readonly Recorded[]) {
    this.#names = new Map(classes.map((one) => [one.of, one.name]));
  }

  number(object: object): number {
    let number = this.#numbers.get(object);
    if (number === undefined) {
      number = this.found.push(object) - 1;
      this.#numbers.set(object, number);
    }
    return number;
  }

  record(object: object): GraphRecord {
    if (Array.isArray(object)) return ["Array", object.map((item) => this.#value(item))];
    if (object instanceof Map) return ["Map", [...object].map(([key, item]) => [this.#value(key), this.#value(item)])];
    if (object instanceof Set) return ["Set", [...object].map((item) => this.#value(item))];
    const entries = Object.entries(object);
    if (object.constructor === Object) return ["Object", entries.map(([key, item]) => [key, this.#value(item)])];
    const name = this.#names.get(object.constructor);
    if (name === undefined) throw new TypeError(`a ${object.constructor?.name} cannot be written down`);
    this.fields[name] ??= entries.map(([key]) => key);
    return [name, entries.map(([, item]) => this.#value(item))];
  }

  #value(value: unknown): Value {
    if (typeof value === "object") return value === null ? null : ["@", this.number(value)];
    if (typeof value === "bigint") return ["n", String(value)];
    if (value === undefined) return ["u"];
    if (typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
    throw new TypeError(`a ${typeof value} cannot be written down`);
  }
}

// ---- reading

/** The first object again. @throws TypeError for what was not written so */
export function readGraph({ classes, objects }: Graph, known: readonly Recorded[]): object {
  const made = objects.map((record) => blank(record, known));
  const values = new Reader(made);
  for (const [index, [kind, content]] of objects.entries()) values.fill(made[index]!, content, classes[kind]);
  return made[0] ?? wrong("it is empty");
}

const wrong = (why: string): never => {
  throw new TypeError(why);
};

function blank(record: GraphRecord, known: readonly Recorded[]): object {
  if (!Array.isArray(record) || !Array.isArray(record[1])) return wrong("a record is damaged");
  const [kind] = record;
  if (kind === "Array") return [];
  if (kind === "Map") return new Map();
  if (kind === "Set") return new Set();
  if (kind === "Object") return {};
  const found = known.find(({ name }) => name === kind);
  return found === undefined ? wrong("a record is of no known kind") : found.blank();
}

class Reader {
  readonly #made: readonly object[];

  constructor(made: readonly object[]) {
    this.#made = made;
  }

  fill(object: object, content: readonly unknown[], fields: readonly string[] | undefined): void {
    if (Array.isArray(object)) object.push(...content.map((item) => this.#value(item)));
    else if (object instanceof Map) for (const entry of content) object.set(...this.#entry(entry));
    else if (object instanceof Set) for (const item of content) object.add(this.#value(item));
    else if (fields === undefined) for (const entry of content) this.#define(object, ...this.#entry(entry));
    else this.#fillFields(object, content, fields);
  }

  /** As its class has them: the same fields, each of the same type as long as it has one. */
  #fillFields(object: object, content: readonly unknown[], fields: readonly string[]): void {
    const own = Object.entries(object);
    if (own.length !== fields.length || content.length !== fields.length) wrong("a record has other fields");
    for (const [index, [key, usual]] of own.entries()) {
      const value = this.#value(content[index]);
      if (fields[index] !== key || !isLike(value, usual)) wrong(`'${key}' of a record is damaged`);
      this.#define(object, key, value);
    }
  }

  #entry(entry: unknown): [unknown, unknown] {
    if (!Array.isArray(entry) || entry.length !== 2) return wrong("an entry is damaged");
    return [this.#value(entry[0]), this.#value(entry[1])];
  }

  #define(object: object, key: unknown, value: unknown): void {
    Object.defineProperty(object, String(key), { value, writable: true, enumerable: true, configurable: true });
  }

  #value(value: unknown): unknown {
    if (!Array.isArray(value)) return typeof value === "object" && value !== null ? wrong("a value is damaged") : value;
    const [tag, of] = value;
    if (tag === "@") return this.#made[of] ?? wrong("a reference leads nowhere");
    if (tag === "n" && typeof of === "string" && /^-?\d+$/.test(of)) return BigInt(of);
    return tag === "u" ? undefined : wrong("a value is damaged");
  }
}

function isLike(value: unknown, usual: unknown): boolean {
  if (usual === null || usual === undefined) return true;
  if (typeof usual !== "object") return typeof value === typeof usual;
  const container = [Map, Set, Array].find((one) => usual instanceof one);
  return container === undefined ? typeof value === "object" : value instanceof container;
}
