// What threads share of the file tree: working directory and umask (the kernel's fs_struct, CLONE_FS). A thread that unshares
// a mount namespace gets its own.

import type { Location } from "./mount.ts";

export class FsInfo {
  workingDirectory: Location;
  umask: number;
  /** Threads that share it. */
  sharers = 0;

  constructor(workingDirectory: Location, umask: number) {
    this.workingDirectory = workingDirectory;
    this.umask = umask;
  }

  copy(): FsInfo {
    return new FsInfo(this.workingDirectory, this.umask);
  }
}
