// Sandboxes that bring a kernel of their own, and what gives them away: inside, no file of the host's is seen, so that who
// the container is cannot be told. Knows the marks; must not know identities.

import type { Machine } from "./machine.ts";

/**
 * Why a process under such a kernel shows no container, or undefined where there is no mark of one.
 *
 *     /proc/version                                                            gVisor's own kernel says always the same
 *     Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016
 *     mountinfo                                                                Kata's guest has its files from the host
 *     … / / rw - virtiofs kataShared rw
 */
export function guestKernel(machine: Machine, mountinfo: Uint8Array | undefined): string | undefined {
  const version = machine.readIfAny("/proc/version")?.toString("latin1") ?? "";
  if (/Sun Jan 10 15:06:54 PST 2016|gvisor/i.test(version)) {
    return "gVisor: its kernel shows nothing of the host's cgroups (/proc/version is gVisor's)";
  }
  if (mountinfo !== undefined && Buffer.from(mountinfo).includes(" kataShared ")) {
    return "Kata: a virtual machine's own kernel shows nothing of the host's cgroups (mountinfo has kataShared)";
  }
  return undefined;
}
