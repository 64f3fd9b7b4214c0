// Machines in machined's sense, as components name them: LXC (with Incus and LXD, which use its names), systemd-nspawn,
// libvirt. Knows single components and the one before.

import type { MachineManager } from "./link.ts";
import { unescapeName } from "./unit-name.ts";

/** A machine, or the monitor that LXC keeps outside of one. */
export interface MachineName {
  readonly kind: "machine" | "monitor";
  readonly name: string;
  readonly manager: MachineManager;
}

/**
 * The machine that a component names, `before` being the component above it.
 *
 *     lxc/web   lxc.payload/web   lxc.payload.web                   LXC, Incus, LXD: web
 *     lxc.monitor.web                                               the monitor of web
 *     machine-debian\x2dtree.scope   systemd-nspawn@debian.service  nspawn
 *     machine-qemu\x2d1\x2dvm.scope   vm.libvirt-qemu               libvirt: qemu-1-vm, vm
 */
export function machineOf(component: string, before: string): MachineName | undefined {
  if (before.startsWith("lxc")) {
    if (before === "lxc" || before === "lxc.payload") return { kind: "machine", name: component, manager: "lxc" };
    if (before === "lxc.monitor") return { kind: "monitor", name: component, manager: "lxc" };
  }
  if (component.startsWith("lxc.payload.")) return { kind: "machine", name: component.slice("lxc.payload.".length), manager: "lxc" };
  if (component.startsWith("lxc.monitor.")) return { kind: "monitor", name: component.slice("lxc.monitor.".length), manager: "lxc" };
  if (component.startsWith("machine-") && component.endsWith(".scope")) return scope(component);
  if (component.startsWith("systemd-nspawn@") && component.endsWith(".service")) return nspawn(component);
  if (!component.includes(".libvirt-")) return undefined;
  const libvirt = /^(.+)\.libvirt-(?:qemu|lxc)$/.exec(component)?.[1];
  return libvirt === undefined ? undefined : { kind: "machine", name: libvirt, manager: "libvirt" };
}

function scope(component: string): MachineName | undefined {
  const name = unescapeName(component.slice("machine-".length, -".scope".length));
  if (name === "") return undefined;
  return { kind: "machine", name, manager: /^(?:qemu|lxc|libvirt|xen|bhyve|ch)-\d+-/.test(name) ? "libvirt" : "machined" };
}

function nspawn(component: string): MachineName | undefined {
  const name = unescapeName(component.slice("systemd-nspawn@".length, -".service".length));
  return name === "" ? undefined : { kind: "machine", name, manager: "systemd-nspawn" };
}
