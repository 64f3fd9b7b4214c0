// The naive twin: cgroup trees as plain objects, in as few lines as they take. It judges the core under random sequences.
// Names and paths are latin1 strings, one character a byte. Knows nothing of the library.

export interface TwinNode {
  readonly id: bigint;
  name: string;
  readonly parent: TwinNode | undefined;
  readonly children: Map<string, TwinNode>;
  readonly tree: Twin;
  removed: boolean;
  pins: number;
}

export class TwinError extends Error {}

const fail = (code: string): never => {
  throw new TwinError(code);
};

export const isName = (name: string): boolean =>
  name.length > 0 && name.length <= 4095 && name !== "." && name !== ".." && !/[/\n\0]/.test(name);

export class Twin {
  readonly root: TwinNode;
  lastId = 1n;

  constructor() {
    this.root = { id: 1n, name: "", parent: undefined, children: new Map(), tree: this, removed: false, pins: 0 };
  }

  create(parent: TwinNode, name: string, id = this.lastId + 1n): TwinNode {
    if (parent.removed) fail("ENOENT");
    if (name.length > 4095) fail("ENAMETOOLONG");
    if (!isName(name)) fail("EINVAL");
    if (parent.children.has(name) || this.byId(id) !== undefined) fail("EEXIST");
    const node = { id, name, parent, children: new Map(), tree: this, removed: false, pins: 0 };
    parent.children.set(name, node);
    if (id > this.lastId) this.lastId = id;
    return node;
  }

  remove(node: TwinNode): void {
    if (node.removed) fail("ENODEV");
    if (node.parent === undefined || node.children.size > 0) fail("EBUSY");
    node.parent!.children.delete(node.name);
    node.removed = true;
  }

  rename(node: TwinNode, name: string): void {
    if (node.removed) fail("ENODEV");
    if (node.parent === undefined) fail("EBUSY");
    if (name.length > 4095) fail("ENAMETOOLONG");
    if (!isName(name)) fail("EINVAL");
    if (name === node.name) return;
    if (node.parent!.children.has(name)) fail("EEXIST");
    const { children } = node.parent!;
    children.delete(node.name);
    node.name = name;
    children.set(name, node);
  }

  resolve(from: TwinNode, path: string): TwinNode {
    if (!path.startsWith("/")) fail("EINVAL");
    const names = path === "/" ? [] : path.slice(1).split("/");
    let at: TwinNode | undefined = from;
    while (names[0] === "..") {
      at = at?.parent;
      names.shift();
    }
    if (names.some((name) => name.length > 4095 && !names.slice(0, names.indexOf(name)).some((n) => !isName(n)))) fail("ENAMETOOLONG");
    if (!names.every(isName)) fail("EINVAL");
    for (const name of names) at = at?.children.get(name);
    return at === undefined || at.removed ? fail("ENOENT") : at;
  }

  byId(id: bigint): TwinNode | undefined {
    return id === 0n ? undefined : [...this.walk(this.root)].find((node) => node.id === id);
  }

  *walk(top: TwinNode): Generator<TwinNode> {
    yield top;
    for (const child of top.children.values()) yield* this.walk(child);
  }
}

export function ancestors(node: TwinNode): TwinNode[] {
  const line: TwinNode[] = [];
  for (let at: TwinNode | undefined = node; at !== undefined; at = at.parent) line.push(at);
  return line;
}

/** Is the record still kept? Alive, pinned, or with a removed child that is. */
export function isKept(node: TwinNode, all: readonly TwinNode[]): boolean {
  if (!node.removed || node.pins > 0) return true;
  return all.some((other) => other.removed && other.parent === node && isKept(other, all));
}

export function common(a: TwinNode, b: TwinNode): TwinNode {
  if (a.tree !== b.tree) fail("EINVAL");
  const above = new Set(ancestors(a));
  return ancestors(b).find((node) => above.has(node))!;
}

export function path(node: TwinNode): string {
  return ancestors(node).slice(0, -1).reverse().map(({ name }) => `/${name}`).join("") || "/";
}

/** Rule 2.2, and the two lengths of rule 1.9. */
export function view(root: TwinNode, node: TwinNode): string {
  const top = common(root, node);
  const climbed = "/..".repeat(ancestors(root).indexOf(top));
  if (climbed.length > 4095) fail("ENAMETOOLONG");
  const line = ancestors(node);
  const names = line.slice(0, line.indexOf(top)).reverse();
  return (climbed + names.map(({ name }) => `/${name}`).join("") || "/").slice(0, 4095);
}
