// An open file description: where it is, how it was opened and by whom. Credentials and cgroup namespace are those of the
// opener for as long as it is open (rule 5.9); what is read is made for the reader (rule 1.10).

import type { Bytes } from "./bytes.ts";
import type { CgroupNs } from "./cgroup-namespace.ts";
import type { Credentials } from "./credentials.ts";
import type { NamespaceInodes } from "./inodes.ts";
import type { Location } from "./mount.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";

export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  /** O_PATH: a place, not a file that can be read or written. */
  readonly pathOnly: boolean;
}

export class OpenFile {
  readonly place: Location;
  readonly mode: OpenMode;
  readonly credentials: Credentials;
  readonly cgroupNs: CgroupNs;
  readonly inodes: NamespaceInodes;
  position = 0;
  /** Its text was made before. */
  wasRead = false;
  /** How far the text was read that `left` is the rest of. */
  private readTo = 0;
  private left: Bytes = "";
  /** Descriptors that share it. */
  shares = 0;

  constructor(place: Location, mode: OpenMode, by: Task) {
    this.place = place;
    this.mode = mode;
    this.credentials = by.credentials;
    this.cgroupNs = by.cgroupNs;
    this.inodes = by.kernel.inodes;
  }

  share(): this {
    if (this.shares++ === 0 && !this.mode.pathOnly) this.place.mount.filesystem.opened(this);
    if (this.shares === 1) this.place.mount.users++;
    return this;
  }

  unshare(): void {
    if (--this.shares > 0) return;
    if (!this.mode.pathOnly) this.place.mount.filesystem.closed(this);
    this.place.mount.leave();
  }

  seek(to: number): Refusal | undefined {
    if (this.mode.pathOnly) return refuse("EBADF", "open(2)");
    const gone = this.place.mount.filesystem.alive(this);
    if (gone !== undefined) return gone;
    if (!this.place.mount.filesystem.seekable(this.place.node)) return refuse("ESPIPE", "read(2)");
    this.position = to;
    return undefined;
  }

  /** Up to `count` bytes from where it stands. */
  read(by: Task, count: number): Bytes | Refusal {
    const { filesystem } = this.place.mount;
    if (!this.mode.read || this.mode.pathOnly) return refuse("EBADF", "read(2)");
    if (this.place.node.kind === "directory") return refuse("EISDIR", "read(2)");
    const fresh = this.position === 0 || this.position !== this.readTo;
    if (!fresh && this.left === "") return filesystem.alive(this) ?? "";
    if (fresh) {
      const text = filesystem.content(this, by);
      this.wasRead = true;
      if (isRefusal(text)) return text;
      this.left = this.position === 0 ? text : text.slice(this.position);
    }
    return this.#take(count);
  }

  /** @returns how many bytes were taken */
  write(by: Task, data: Bytes): number | Refusal {
    if (!this.mode.write || this.mode.pathOnly) return refuse("EBADF", "write(2)");
    return this.place.mount.filesystem.write(this, data, by);
  }

  #take(count: number): Bytes {
    const taken = this.left.slice(0, count);
    this.left = this.left.slice(count);
    this.position += taken.length;
    this.readTo = this.position;
    return taken;
  }
}
