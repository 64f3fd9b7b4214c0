// Pressure stall information of a cgroup: nothing stalls here, so the figures are zeroes; triggers are checked as the kernel
// checks them (psi.rst).

import type { Bytes } from "../bytes.ts";
import { CAP } from "../capability.ts";
import { isCapable } from "../credentials.ts";
import { refuse } from "../refusal.ts";
import { type FileType, NOTHING_TO_DO, READ_WRITE } from "./file.ts";

const NOTHING = "avg10=0.00 avg60=0.00 avg300=0.00 total=0";

/** `some|full THRESHOLD WINDOW` in microseconds; the unprivileged only get windows of whole multiples of 2 s. */
function isTrigger(text: Bytes, privileged: boolean): boolean {
  const [, , threshold, window] = /^(some|full)\s*(\d+)\s+(\d+)/.exec(text) ?? [];
  if (threshold === undefined || window === undefined) return false;
  const us = Number(window);
  if (us < 500_000 || us > 10_000_000 || (!privileged && us % 2_000_000 !== 0)) return false;
  return Number(threshold) > 0 && Number(threshold) <= us;
}

const pressureFile = (resource: Bytes): FileType => ({
  name: `${resource}.pressure`, mode: READ_WRITE, pressure: true,
  show: () => `some ${NOTHING}\nfull ${NOTHING}\n`,
  vetWrite: (cgroup, text, { credentials }) => {
    let top = credentials.userNamespace;
    while (top.parent !== null) top = top.parent;
    if (isTrigger(text, isCapable(credentials, CAP.SYS_RESOURCE, top))) return NOTHING_TO_DO;
    return refuse("EINVAL", "6.8", { cgroup, file: `${resource}.pressure` });
  },
});

export const PRESSURE_FILES: readonly FileType[] = ["cpu", "io", "memory"].map(pressureFile);
