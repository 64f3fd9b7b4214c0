// A cgroup as the generator remembers it: just enough to aim operations at it. Nothing here decides what the kernel does.

export class Place {
  readonly hierarchy: string;
  readonly parent: Place | undefined;
  name: string;
  readonly children = new Map<string, Place>();
  dead = false;
  threaded = false;
  freeze = false;
  /** Successful writes to cgroup.kill that covered it. */
  kills = 0;
  /** Who made it, or was given it. */
  owner = 0;
  controlled = false;

  constructor(hierarchy: string, name: string, parent?: Place) {
    this.hierarchy = hierarchy;
    this.name = name;
    this.parent = parent;
  }

  get isRoot(): boolean {
    return this.parent === undefined;
  }

  get isBase(): boolean {
    return this.parent?.isRoot === true;
  }

  /** As the oracle takes it: relative to the base; `^` is the hierarchy's root. */
  get path(): string {
    if (this.parent === undefined) return "^";
    let path = "";
    for (let place: Place = this; !place.isBase; place = place.parent!) path = path === "" ? place.name : `${place.name}/${path}`;
    return path;
  }

  get depth(): number {
    let depth = 0;
    for (let place = this.parent; place !== undefined; place = place.parent) depth++;
    return depth;
  }

  /** The path of something in it. */
  inside(file: string): string {
    const { path } = this;
    return path === "" || path === "^" ? path + file : `${path}/${file}`;
  }

  add(name: string): Place {
    const child = new Place(this.hierarchy, name, this);
    this.children.set(name, child);
    return child;
  }

  remove(): void {
    this.dead = true;
    this.parent?.children.delete(this.name);
  }

  rename(name: string): void {
    this.parent?.children.delete(this.name);
    this.name = name;
    this.parent?.children.set(name, this);
  }

  *up(): Generator<Place> {
    for (let place: Place | undefined = this; place !== undefined; place = place.parent) yield place;
  }

  /** It and everything below, parents first. */
  all(): Place[] {
    const found: Place[] = [];
    const waiting: Place[] = [this];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      found.push(place);
      waiting.push(...[...place.children.values()].reverse());
    }
    return found;
  }

  covers(other: Place | undefined): boolean {
    for (let place = other; place !== undefined; place = place.parent) if (place === this) return true;
    return false;
  }

  get isFrozen(): boolean {
    for (let place: Place | undefined = this; place !== undefined; place = place.parent) if (place.freeze) return true;
    return false;
  }
}
