// What stat(2) and statfs(2) say of the model's files, as node:fs has them: Stats, BigIntStats, StatFs. The model keeps no
// times: every file is as old as the epoch.

import type { Inode } from "../filesystem.ts";
import type { Location } from "../mount.ts";
import { NsNode } from "../procfs.ts";
import type { Task } from "../task.ts";
import { CONSTANTS } from "./constants.ts";

const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK, S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK } = CONSTANTS;
const TYPE = { directory: S_IFDIR, file: S_IFREG, link: S_IFLNK } as const;
const BLOCK = 4096;
const NSFS_DEVICE = 4;

/** The fields that are numbers in Stats and bigints in BigIntStats. */
export interface StatFields<N extends number | bigint> {
  readonly dev: N;
  readonly ino: N;
  readonly mode: N;
  readonly nlink: N;
  readonly uid: N;
  readonly gid: N;
  readonly rdev: N;
  readonly size: N;
  readonly blksize: N;
  readonly blocks: N;
  readonly atimeMs: N;
  readonly mtimeMs: N;
  readonly ctimeMs: N;
  readonly birthtimeMs: N;
}

abstract class Kind<N extends number | bigint> {
  abstract readonly mode: N;
  readonly atime: Date = new Date(0);
  readonly mtime: Date = new Date(0);
  readonly ctime: Date = new Date(0);
  readonly birthtime: Date = new Date(0);

  isFile(): boolean {
    return this.#is(S_IFREG);
  }

  isDirectory(): boolean {
    return this.#is(S_IFDIR);
  }

  isSymbolicLink(): boolean {
    return this.#is(S_IFLNK);
  }

  isBlockDevice(): boolean {
    return this.#is(S_IFBLK);
  }

  isCharacterDevice(): boolean {
    return this.#is(S_IFCHR);
  }

  isFIFO(): boolean {
    return this.#is(S_IFIFO);
  }

  isSocket(): boolean {
    return this.#is(S_IFSOCK);
  }

  #is(type: number): boolean {
    return (Number(this.mode) & S_IFMT) === type;
  }
}

export class Stats extends Kind<number> implements StatFields<number> {
  readonly dev!: number;
  readonly ino!: number;
  readonly mode!: number;
  readonly nlink!: number;
  readonly uid!: number;
  readonly gid!: number;
  readonly rdev!: number;
  readonly size!: number;
  readonly blksize!: number;
  readonly blocks!: number;
  readonly atimeMs!: number;
  readonly mtimeMs!: number;
  readonly ctimeMs!: number;
  readonly birthtimeMs!: number;

  constructor(fields: StatFields<number>) {
    super();
    Object.assign(this, fields);
  }
}

export class BigIntStats extends Kind<bigint> implements StatFields<bigint> {
  readonly dev!: bigint;
  readonly ino!: bigint;
  readonly mode!: bigint;
  readonly nlink!: bigint;
  readonly uid!: bigint;
  readonly gid!: bigint;
  readonly rdev!: bigint;
  readonly size!: bigint;
  readonly blksize!: bigint;
  readonly blocks!: bigint;
  readonly atimeMs!: bigint;
  readonly mtimeMs!: bigint;
  readonly ctimeMs!: bigint;
  readonly birthtimeMs!: bigint;
  readonly atimeNs: bigint = 0n;
  readonly mtimeNs: bigint = 0n;
  readonly ctimeNs: bigint = 0n;
  readonly birthtimeNs: bigint = 0n;

  constructor(fields: StatFields<number>) {
    super();
    for (const [name, value] of Object.entries(fields)) Object.assign(this, { [name]: BigInt(value) });
  }
}

export function statOf(task: Task, { mount, node }: Location, options: unknown): Stats | BigIntStats {
  const { filesystem } = mount;
  const { inode, links, size } = filesystem.statistics(node);
  const { uid, gid, mode } = filesystem.owned(node);
  const { userNamespace } = task.credentials;
  const fields = {
    dev: node instanceof NsNode ? NSFS_DEVICE : deviceNumber(filesystem.device), ino: inode, mode: TYPE[node.kind] | (mode & 0o7777), nlink: links,
    uid: userNamespace.shownUid(uid), gid: userNamespace.shownGid(gid), rdev: 0, size, blksize: BLOCK, blocks: 8 * Math.ceil(blocksOf(node, size)),
    atimeMs: 0, mtimeMs: 0, ctimeMs: 0, birthtimeMs: 0,
  };
  return isBig(options) ? new BigIntStats(fields) : new Stats(fields);
}

/** As makedev(3) of major 0. */
const deviceNumber = (minor: number): number => (minor & 0xff) + (minor >>> 8) * 0x100000;
const blocksOf = (node: Inode, size: number): number => (node.kind === "file" ? size / BLOCK : 0);
const isBig = (options: unknown): boolean => (options as { bigint?: unknown } | null | undefined)?.bigint === true;

/** statfs(2)'s f_type. */
const MAGIC: Readonly<Record<string, number>> = { cgroup2: 0x63677270, cgroup: 0x27e0eb, proc: 0x9fa0, tmpfs: 0x01021994, overlay: 0x794c7630 };

/** What statfs(2) says: `type` tells cgroup2 from cgroup; the sizes are 0, as of every filesystem without blocks. */
export interface StatFs<N extends number | bigint = number> {
  readonly type: N;
  readonly bsize: N;
  readonly blocks: N;
  readonly bfree: N;
  readonly bavail: N;
  readonly files: N;
  readonly ffree: N;
}

export function statFsOf({ mount: { filesystem } }: Location, options: unknown): StatFs | StatFs<bigint> {
  const type = MAGIC[filesystem.type] ?? MAGIC.tmpfs!;
  if (!isBig(options)) return { type, bsize: BLOCK, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 };
  return { type: BigInt(type), bsize: BigInt(BLOCK), blocks: 0n, bfree: 0n, bavail: 0n, files: 0n, ffree: 0n };
}
