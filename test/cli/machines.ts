// Machines, captures and pasted texts that are made up for what the command says of them: as the options that name them.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { captureFile, textFile } from "./run.ts";

// biome-ignore lint/suspicious/noExplicitAny: a capture taken apart
export type Json = any;
export const sample = (): string[] => ["--from-file", captureFile()];

/** The sample with a change, as the options that name it. */
export function changed(change: (capture: Json) => void): string[] {
  const capture = JSON.parse(JSON.stringify(sampleCapture()));
  change(capture);
  return ["--from-file", captureFile(capture)];
}

/** A machine that is a folder of files, as the options that name it. */
export function machine(files: Readonly<Record<string, string>>): string[] {
  const root = dirname(textFile("root", ""));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return ["--root", root];
}

/** Hierarchies of either version beside the unified one, where process 411 is at different depths. */
export function hybrid(c: Json): void {
  const limits = { files: {}, unread: {} };
  const legacy = (id: number, controllers: string[], name: string | null, at: string, ...more: Json[]) =>
    ({ id, controllers, name, origin: "1", mounts: [{ root: "/", mountPoint: at, hidden: false }], cgroups: [[-1, "/", "1", limits], ...more] });
  c.hierarchies.unshift(legacy(9, [], "systemd", "/systemd"), legacy(5, ["memory"], null, "/memory"), legacy(4, ["cpu", "cpuacct"], null, "/cpu", [0, "system.slice", "2", limits], [0, "only-here", "3", limits]));
  c.tasks[1].cgroup = "9:name=systemd:/\n5:memory:/\n4:cpu,cpuacct:/system.slice\n0::/system.slice/ssh.service\n";
  for (const namespace of c.namespaces) for (const id of [9, 5, 4]) namespace.roots.push({ hierarchy: id, how: "exact", path: "/", below: 0, reason: null });
}

/** A capture that shows a sub-tree only. */
export function part(c: Json): void {
  const level = (parent: number, name: string, id: string, max: string) => [parent, name, id, { files: { "pids.max": max }, unread: {} }];
  c.hierarchies[0] = { ...c.hierarchies[0], origin: "0", mounts: [{ root: "/system.slice", mountPoint: "/m", hidden: false }], cgroups: [level(-1, "/system.slice", "77", "5\n"), level(0, "ssh.service", "78", "max\n")] };
}

export const A = "a1".repeat(32);
export const B = "0b".repeat(32);
export const S = "5a".repeat(32);
export const TASK = "c0ffee00".repeat(4);
export const UID = "121157b5-c67d-4c3e-9052-cb27bbb711fb";
export const SANDBOX = `44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${S}/hostname /etc/hostname rw - ext4 sda rw\n`;
export const PODS = `45 1 8:1 /var/lib/kubelet/pods/${UID}/etc-hosts /etc/hosts rw - ext4 sda rw\n`;
export const pasted = (cgroup: string): string[] => ["--cgroup", textFile("cgroup", cgroup)];
