// Files that are there whole or not at all, whoever reads and whenever the machine stops: images of trees and captures.

import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Cgroup, Hierarchy, type HierarchyOptions } from "../index.ts";
import type { Capture } from "./host.ts";

/**
 * Writes the image of a tree, or of one from a cgroup on, to a file; what was there before stays until all of it is written.
 * @throws CgroupError ENODEV for a removed cgroup; what `fs` throws for the file
 */
export function writeImage(top: Cgroup | Hierarchy, file: string): void {
  writeWhole(file, top instanceof Hierarchy ? top.toImage() : top.hierarchy.toImage(top));
}

/**
 * The tree that `writeImage` wrote.
 * @throws CgroupError EINVAL for a file that is no image or a damaged one, ENOMEM; what `fs` throws for the file
 */
export function readImage(file: string, options: Omit<HierarchyOptions, "rootId" | "beside"> = {}): Hierarchy {
  return Hierarchy.fromImage(readFileSync(file), options);
}

/** Writes a capture as JSON to a file, as `cgroupns capture` does. @throws what `fs` throws for the file */
export function writeCapture(capture: Capture, file: string): void {
  writeWhole(file, `${JSON.stringify(capture)}\n`);
}

function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const descriptor = openSync(temporary, "wx");
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
