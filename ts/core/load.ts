// From inlined base64 to an instance of the core: compiled once, lazily and synchronously, on first use.
// Works without a file system, a network or an await: Node, Deno, Bun, browsers.

import { instantiateSync } from "@assemblyscript/loader";
import { ABI_VERSION } from "../../assembly/abi.ts";
import { wasm } from "../../build/release.ts";

/** What the module exports; assembly/index.ts is the menu and assembly/door.ts and bulk.ts the meaning. */
export type Exports = {
  memory: WebAssembly.Memory;
  key: WebAssembly.Global;
  viewEnd: WebAssembly.Global;
  _start(): void;
  abiVersion(): number;
  open(): number;
  setLimit(pages: number): void;
  scratch(bytes: number): number;
  takePages(count: number, zeroed: number): number;
  createHierarchy(id: bigint): number;
  create(parent: number, birth: number, length: number, id: bigint): number;
  remove(node: number, birth: number): number;
  rename(node: number, birth: number, length: number): number;
  pin(node: number, birth: number): number;
  unpin(node: number, birth: number): number;
  child(parent: number, birth: number, length: number): number;
  resolve(from: number, birth: number, length: number): number;
  resolveLines(from: number, birth: number, at: number, length: number, lengths: number, count: number, nodes: number): number;
  createLines(root: number, birth: number, at: number, length: number, given: number, recursive: number, nodes: number, errnos: number): number;
  setNextId(id: bigint): void;
  nextId(): bigint;
  expect(count: number, bytes: number): number;
  viewLines(root: number, birth: number, at: number, count: number, stamp: number, out: number, room: number): number;
  viewBytes(): number;
  idsOf(at: number, count: number, stamp: number, out: number): void;
  levelsOf(at: number, count: number, stamp: number, out: number): void;
  parentsOf(at: number, count: number, stamp: number, out: number): void;
  ancestorsAt(at: number, count: number, stamp: number, level: number, out: number): void;
  areDescendants(at: number, stamp: number, ancestors: number, ancestorsStamp: number, count: number, out: number): void;
  commonAncestors(a: number, aStamp: number, b: number, bStamp: number, count: number, out: number): void;
  resolveIds(root: number, birth: number, at: number, count: number, out: number): number;
  reservePids(root: number, birth: number, at: number, count: number): number;
  putPids(root: number, birth: number, pids: number, starts: number, nodes: number, stamp: number, count: number): number;
  getPids(root: number, birth: number, pids: number, starts: number, count: number, out: number): number;
  removePids(root: number, birth: number, pids: number, starts: number, count: number): number;
  writeImage(root: number, birth: number, after: number, room: number): number;
  readImage(after: number, length: number, isLast: number): number;
  lastNode(): number;
  recordCount(): number;
  highestId(): bigint;
  checksum(sum: bigint, length: number): bigint;
  view(root: number, rootBirth: number, node: number, birth: number): number;
  pathOf(node: number, birth: number): number;
  name(node: number, birth: number): number;
  byId(hierarchy: number, id: bigint): number;
  id(node: number, birth: number): bigint;
  level(node: number, birth: number): number;
  hierarchy(node: number, birth: number): number;
  pins(node: number, birth: number): number;
  ancestorAt(node: number, birth: number, level: number): number;
  commonAncestor(a: number, aBirth: number, b: number, bBirth: number): number;
  isDescendant(node: number, birth: number, ancestor: number, ancestorBirth: number): number;
  walk(top: number, birth: number, after: number, room: number): number;
  children(parent: number, birth: number, after: number, room: number): number;
  isKnown(root: number, node: number, stamp: number): number;
  birth(node: number): number;
  isLive(node: number, birth: number): number;
  stamp(): number;
  liveCount(): number;
  idlePages(): number;
  tombstoneCount(): number;
  statistics(byId: number, what: number): number;
};

let compiled: WebAssembly.Module | undefined;

/** A fresh core: its own memory, nothing shared. */
export function instantiate(): Exports {
  compiled ??= new WebAssembly.Module(fromBase64(wasm));
  const exports = instantiateSync<Exports>(compiled).instance.exports as unknown as Exports;
  exports._start();
  if (exports.abiVersion() !== ABI_VERSION) {
    throw new Error(`cgroupns: the core speaks ABI ${exports.abiVersion()}, this library ${ABI_VERSION}; build it again`);
  }
  return exports;
}

// The fastest decoder that the platform has.
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (native !== undefined) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
