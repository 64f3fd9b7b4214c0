// What is seen: /proc/PID/cgroup, paths relative to a namespace, and what keeps a namespace (sections 1 to 3).

import { inside, type Mutant, NEVER } from "./mutant.ts";

export const VIEWS: readonly Mutant[] = [
  ...inside("kernel/cgroup.ts", [["2.6", "child.name = name;", ""]]),
  ...inside("kernel/hierarchy.ts", [["1.1", `\${this.isUnified ? "" : this.label}`, `\${this.label}`]]),
  ...inside("kernel/proc-text.ts", [
    ["1.4", "if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path;", "if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path === undefined ? path : escapeBlanks(path);"],
    ["1.5", "} (deleted)`;", "}`;"],
    ["1.5", "if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path;", "if (path === undefined || !cgroup.dead || cgroup.parent!.children.has(cgroup.name)) return path;"],
    ["1.6", `if (!hierarchy.isUnified && of.state !== "running") {`, NEVER],
    ["1.6", `if (!hierarchy.isUnified && of.state !== "running") {`, `if (of.state !== "running") {`],
    ["1.9", "if (path === undefined) return refuse(\"ENAMETOOLONG\", \"1.9\");", "if (path === undefined) continue;"],
    ["2.5", "const path = view(reader.cgroupNs.rootIn(hierarchy), cgroup);", "const path = view(reader.cgroupNs.rootIn(hierarchy), cgroup.dead ? cgroup.parent! : cgroup);"],
  ]),
  ...inside("kernel/procfs.ts", [
    ["1.7", `return refuse("ESRCH", "1.7");`, `return "";`],
    ["1.8", "cgroup: { mode: 0o444,", "cgroup: { mode: 0o400,"],
    ["1.10", "content({ place: { node } }: OpenFile, by: Task): Bytes | Refusal {",
      "content({ place: { node }, cgroupNs }: OpenFile, reader: Task): Bytes | Refusal { const by = Object.create(reader, { cgroupNs: { value: cgroupNs } });"],
    ["3.3", `if (typeof value === "string" || value > 0x7fffffffn) return refuse("EINVAL", "3.3");`, `if (typeof value === "string") return undefined;`],
    ["3.11", `if (!mayInspect(by, task, "fs")) return refuse(`, `if (false) return refuse(`],
    ["3.11", `if (task.state !== "running" && name !== "user") return refuse("ENOENT", "3.11");`, ""],
    ["13.2", `if (task.state !== "running" && name !== "user") return refuse("ENOENT", "3.11");`, `if (task.state !== "running" && name === "cgroup") return new NsNode(task.kernel.initialCgroupNs);`],
  ]),
  ...inside("kernel/view.ts", [
    ["1.9", "if (up * 3 > PATH_BYTES) {", NEVER],
    ["1.9", "return path.length > PATH_BYTES ? path.slice(0, PATH_BYTES) : path;", "return path;"],
    ["1.9", "return path.length > PATH_BYTES ? path.slice(0, PATH_BYTES) : path;", "return path.length > PATH_BYTES ? undefined : path;"],
    ["2.2", "if (root === to) {", NEVER],
    ["2.2", `let path = "/..".repeat(up);`, `let path = up > 0 ? "/.." : "";`],
    ["2.2", "for (let at = to; at !== common; at = at.parent!) names.push(at.name);", "for (let at = to; at !== common; at = at.parent!) if (!names.includes(at.name)) names.push(at.name);"],
    ["2.3", "const common = root.commonAncestor(to);", "const common = to.isDescendantOf(root) ? root : root.hierarchy.root;"],
    ["2.4", "if (root === to) {", "if (root === to || (root.dead && root.parent === to.parent && root.name === to.name)) {"],
    ["2.8", "const up = root.level - common.level;", "const up = root.level - common.level - (root.dead ? 1 : 0);"],
  ]),
  ...inside("kernel/cgroup-namespace.ts", [
    ["2.4", "if (root?.hierarchy === hierarchy) return root;", "if (root?.hierarchy === hierarchy) return (root.dead && root.parent!.children.get(root.name)) || root;"],
    ["3.12", "if (this.pins > 0 || this.chargedTo === null) return;", "return;"],
    ["3.13", "for (const root of roots) root.hold();", "for (const root of roots) { root.hold(); root.populatedThreadedChildren += chargedTo === null ? 0 : 1; }"],
  ]),
  ...inside("kernel/cgroupfs.ts", [
    ["3.12", "node.cgroup.openFiles.add(file);\n    // rule 3.12\n    file.cgroupNs.pin();", ""],
  ]),
];
