// Every probed rule switched off, one at a time: a change of one place in the model's sources. The text to change has to be
// there exactly once, so that the list cannot fall behind the sources unnoticed. What runs them is in mutation.ts.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches of source are text.

import type { Variant } from "./variant.ts";

export interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What no operation of a replay reaches is asked of the kernel itself: the answer has to differ. */
  readonly ask?: (variant: Variant) => unknown;
}

type Change = readonly [rule: string, from: string, to: string];

const inside = (file: string, changes: readonly Change[]): Mutant[] => changes.map(([rule, from, to]) => ({ rule, file: `ts/${file}`, from, to }));

const NEVER = "if (false) {";

const VIEWS: readonly Mutant[] = [
  ...inside("kernel/proc-text.ts", [
    ["1.1", `if (hierarchy.isUnified) return "";`, `if (hierarchy.isUnified) return namesOf(hierarchy.controllers).join(",");`],
    ["1.4", "if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path;", "if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path === undefined ? path : escapeBlanks(path);"],
    ["1.5", "return `${path} (deleted)`;", "return path;"],
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
    ["2.4", "return this.roots[hierarchy.slot] ?? hierarchy.root;", "const root = this.roots[hierarchy.slot] ?? hierarchy.root; return (root.dead && root.parent!.children.get(root.name)) || root;"],
    ["3.12", "if (this.pins > 0 || this.chargedTo === null) return;", "return;"],
    ["3.13", "for (const root of roots) root.hold();", "for (const root of roots) { root.hold(); root.populatedThreadedChildren += chargedTo === null ? 0 : 1; }"],
  ]),
  ...inside("kernel/cgroupfs.ts", [
    ["2.6", "cgroup.name = name;", ""],
    ["3.12", "node.cgroup.openFiles.add(file);\n    // rule 3.12\n    file.cgroupNs.pin();", ""],
  ]),
];

const NAMESPACES: readonly Mutant[] = [
  ...inside("kernel/unshare.ts", [
    ["3.1", `if (!flags.includes("user") && !isCapable(credentials, CAP.SYS_ADMIN, userNamespace)) {`, NEVER],
    ["3.1", `if (!flags.includes("user") && !isCapable(credentials, CAP.SYS_ADMIN, userNamespace)) {`, `if (!flags.includes("user") && credentials.uid !== 0) {`],
    ["3.2", `if (!flags.includes("user") && !isCapable(credentials, CAP.SYS_ADMIN, userNamespace)) {`, "if (!isCapable(credentials, CAP.SYS_ADMIN, userNamespace)) {"],
    ["3.2", "{ inode: kernel.inodes.take(), userNamespace, chargedTo } : undefined;", "{ inode: kernel.inodes.take(), userNamespace: task.credentials.userNamespace, chargedTo } : undefined;"],
    ["3.3", `if (flags.includes("cgroup") && fullUserNamespace(userNamespace, credentials.euid) !== undefined) {`, NEVER],
    ["3.4", "return new CgroupNs(made.inode, made.userNamespace, made.chargedTo, [...cgroups]);", "return new CgroupNs(made.inode, made.userNamespace, made.chargedTo, cgroups.map(({ hierarchy }) => hierarchy.root));"],
    ["3.4", "return new CgroupNs(made.inode, made.userNamespace, made.chargedTo, [...cgroups]);", "return new CgroupNs(made.inode, made.userNamespace, made.chargedTo, cgroups.map((one, slot) => (slot === 0 ? one : one.hierarchy.root)));"],
    ["3.5", "if (made.cgroup !== undefined) enterCgroupNs(task, cgroupNsOf(made.cgroup, task.cgroups));",
      "if (made.cgroup !== undefined) { enterCgroupNs(task, cgroupNsOf(made.cgroup, task.cgroups)); const from = task.cgroups[0]!; from.removeTask(task); from.hierarchy.root.addTask(task); task.cgroups[0] = from.hierarchy.root; }"],
    ["3.6", "task.cgroupNs = namespace;", "for (const each of task.process.threads) each.cgroupNs = namespace;"],
    ["3.6", `if (flags.includes("user") && !isAlone(task)) return refuse("EINVAL", "3.6");`, ""],
    ["3.6", `if (flags.includes("user") && !isAlone(task)) return refuse("EINVAL", "3.6");`, `if (!isAlone(task)) return refuse("EINVAL", "3.6");`],
  ]),
  ...inside("kernel/user-namespace.ts", [["3.3", "who = at.owner, at = at.parent) yield [at, who];", "at = null) yield [at, who];"]]),
  ...inside("replay/namespace-operations.ts", [
    ["3.8", `return invalid ? { err: "EINVAL", at: "unshare" } :`, "return"],
    ["4.4", `if (!(node instanceof NsNode) || invalid || namespaces.length > 1) return { err: "EINVAL", at: "setns" };`, `if (!(node instanceof NsNode) || invalid || namespaces.length > 1) return { err: "EBADF", at: "setns" };`],
  ]),
  ...inside("kernel/fork.ts", [
    ["3.7", "cgroupNsOf(made.cgroup, cgroups);", "cgroupNsOf(made.cgroup, parent.cgroups);"],
    ["3.9", "const { node } = place;", `const node = "cgroup" in place.node ? place.node.cgroup : place.node;`],
    ["3.9", `if (node.dead) return refuse("ENOENT", "3.9", { cgroup: node });`, `if (node.dead) return refuse("ENODEV", "3.9", { cgroup: node });`],
    ["3.9", `if (!node.hierarchy.isUnified) return refuse("EBADF", "3.9", { cgroup: node });`, ""],
    ["3.9", "vetCommonAncestor(node, node, { credentials }) ??", ""],
    ["3.9", "vetCommonAncestor(from, node, { credentials }) ??", ""],
    ["3.9", "vetNamespace(from, node, { cgroupNs }) ??", ""],
    ["3.9", "vetHost(node) ??", ""],
    ["3.9", `(unit === "thread" ? vetSameDomain(from, node) : undefined) ??`, "vetSameDomain(from, node) ??"],
    ["3.9", "cgroups[0] = to;", ""],
    ["3.10", "killed = to.killSeq !== cgroups[0]!.killSeq;", ""],
    ["3.10", "if (started.killed) killProcess(child.process, null);", `if (started.killed) { takeBack(parent, made); return refuse("EBUSY", "3.10"); }`],
    ["13.1", "const cgroups = [...parent.cgroups];", "const cgroups = [...parent.process.leader.cgroups];"],
    ["13.1", "made.cgroup === undefined ? parent.cgroupNs :", "made.cgroup === undefined ? parent.process.leader.cgroupNs :"],
    ["13.1", "task.credentials = afterExec(task.credentials);", "task.credentials = afterExec(task.credentials); task.cgroupNs = task.kernel.initialCgroupNs;"],
  ]),
  ...inside("kernel/setns.ts", [
    ["4.1", `if (types.includes("cgroup")) wanted.push(target.cgroupNs);`, ""],
    ["4.2", "if (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace) || !isCapable(own, CAP.SYS_ADMIN, owner)) {", "if (!isCapable(own, CAP.SYS_ADMIN, owner)) {"],
    ["4.2", "if (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace) || !isCapable(own, CAP.SYS_ADMIN, owner)) {", "if (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace)) {"],
    ["4.2", "if (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace) || !isCapable(own, CAP.SYS_ADMIN, owner)) {",
      "if (namespace !== task.cgroupNs && (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace) || !isCapable(own, CAP.SYS_ADMIN, owner))) {"],
    ["4.3", "else if (namespace instanceof CgroupNs) enterCgroupNs(task, namespace);",
      "else if (namespace instanceof CgroupNs) { enterCgroupNs(task, namespace); const [from, to] = [task.cgroups[0]!, namespace.roots[0]!]; if (!to.dead) { from.removeTask(task); to.addTask(task); task.cgroups[0] = to; } }"],
    ["4.4", `if (type !== undefined && type !== namespace.kind) return refuse("EINVAL", "4.4");`, ""],
    ["4.4", `if (types.length === 0 || types.some((type) => !NAMESPACE_FLAGS.includes(type))) return refuse("EINVAL", "4.4");`, ""],
    ["4.4", `if (!mayInspect(task, target, "real")) {`, NEVER],
    ["4.4", `return refuse("EPERM", "4.4", { credentials: task.credentials });`, `return refuse("EACCES", "4.4", { credentials: task.credentials });`],
    ["4.4", `if (target.state !== "running") {`, NEVER],
    ["4.5", "if (namespace instanceof UserNamespace) credentials = inUserNamespace(credentials, namespace);", ""],
    ["4.5", `if (types.includes("user")) wanted.push(target.credentials.userNamespace);`, ""],
    ["4.6", "const refusal = vetInstall(task, namespace, task.credentials);", `const refusal = namespace instanceof CgroupNs && namespace.roots[0]!.dead ? refuse("ENOENT", "4.4") : vetInstall(task, namespace, task.credentials);`],
    ["4.7", `if (namespace.kind === "time" && !isAlone(task))`, `if ((namespace.kind === "time" || namespace.kind === "cgroup") && !isAlone(task))`],
  ]),
  ...inside("kernel/exit.ts", [["13.2", "task.cgroupNs.unpin(kernel.inodes);", ""], ["1.7", "at.tasks.delete(task.numbers[level]!);", ""]]),
  ...inside("kernel/inodes.ts", [["3.11", "cgroup: 4026531835", "cgroup: 4026531935"]]),
];

const MIGRATION: readonly Mutant[] = [
  ...inside("kernel/open.ts", [
    ["5.1.1", "if (!mayAccess(by.credentials, mount.filesystem.owned(node), mask, isDirectory)) {", NEVER],
    ["12.3", "if (!mayAccess(by.credentials, mount.filesystem.owned(node), mask, isDirectory)) {", `if (!("cgroup" in node && node.name === "cgroup.procs") && !mayAccess(by.credentials, mount.filesystem.owned(node), mask, isDirectory)) {`],
    ["10.3", "if (request.write && mount.isReadOnly) return", "if (false) return"],
    ["6.11a", "if (request.truncate === true) place.mount", `if (request.truncate === true) return refuse("EINVAL", "open(2)"); else place.mount`],
  ]),
  ...inside("kernel/path-walk.ts", [
    ["5.1.1", "if (mayAccess(by.credentials, owned, MAY_EXEC, true)) return undefined;", "return undefined;"],
    ["6.2", `return path.length >= PATH_MAX ? refuse("ENAMETOOLONG", "6.2") : undefined;`, "return undefined;"],
    ["6.11a", `if (node.kind !== "directory") return refuse("ENOTDIR", "path_resolution(7)");\n  const owned`, `if (node.kind !== "directory") return refuse("ENOENT", "path_resolution(7)");\n  const owned`],
  ]),
  ...inside("kernel/cgroupfs.ts", [
    ["5.1.2", `if (data.length > (type?.longest ?? PAGE)) return refuse("E2BIG", "5.1.2");`, ""],
    ["5.1.3", "if (this.alive(file) !== undefined || type === undefined)", "if (type === undefined)"],
    ["7.5", "if (this.alive(file) !== undefined || type === undefined)", `if ((name !== "cgroup.subtree_control" && this.alive(file) !== undefined) || type === undefined)`],
    ["8.7", "if (this.alive(file) !== undefined || type === undefined)", `if ((name !== "cgroup.type" && this.alive(file) !== undefined) || type === undefined)`],
    ["5.1.4", `if (data === "") {`, NEVER],
    ["5.1.4", `if (data === "" || type.delegatable === true ||`, "if (type.delegatable === true ||"],
    ["5.1.5", "return type!.vetWrite(cgroup, upToNul(data), { credentials, cgroupNs, by });", "return type!.vetWrite(cgroup, data, { credentials, cgroupNs, by });"],
    ["5.9", "const { credentials, cgroupNs } = file;", "const { credentials, cgroupNs } = by;"],
    ["5.9", "const { credentials, cgroupNs } = file;", "const { cgroupNs } = by; const { credentials } = file;"],
  ]),
  ...inside("kernel/bytes.ts", [["5.1.5", "|| code === 0xa0;", "|| code === 0x85;"]]),
  ...inside("kernel/number.ts", [
    ["5.1.5", `const base = hex ? 16 : text.startsWith("0") ? 8 : 10;`, "const base = hex ? 16 : 10;"],
    ["5.1.5", "const hex = /^0[xX](?=[0-9a-fA-F])/.test(text);", "const hex = false;"],
    ["5.1.5", `digits(text.startsWith("+") ? text.slice(1) : text);`, "digits(text);"],
    ["6.6", `value > INT_MAX || value < -INT_MAX - 1 ? "ERANGE" : Number(value);`, `value > INT_MAX || value < -INT_MAX - 1 ? "EINVAL" : Number(value);`],
  ]),
  ...inside("kernel/migrate.ts", [
    ["5.1.5", "const number = integer(strip(text));", "const number = integer(text);"],
    ["5.1.5", `return refuse("EINVAL", "5.1.5");`, `return refuse(number === "ERANGE" ? "ERANGE" : "EINVAL", "5.1.5");`],
    ["5.1.5", "number < 0) {", "false) {"],
    ["5.1.6", "number === 0 ? by : by.pidNs.tasks.get(number);", "number === 0 ? by : by.kernel.initialPidNs.tasks.get(number);"],
    ["5.1.6", "number === 0 ? by : by.pidNs.tasks.get(number);", "by.pidNs.tasks.get(number);"],
    ["5.1.6", `return refuse("ESRCH", "5.1.6");`, `return refuse("EINVAL", "5.1.6");`],
    ["5.1.8", `if (mayAccess(use.credentials, fileOwned(common, "cgroup.procs"), MAY_WRITE, false)) return undefined;`, "return undefined;"],
    ["5.1.8", "const common = from.commonAncestor(to);", "const common = from;"],
    ["5.2", "const common = from.commonAncestor(to);", "const common = to;"],
    ["12.1", `if (mayAccess(use.credentials, fileOwned(common, "cgroup.procs"), MAY_WRITE, false)) return undefined;`, "if (mayAccess(use.credentials, common.owned, MAY_WRITE, true)) return undefined;"],
    ["5.1.9", "if (from.isDescendantOf(root) && to.isDescendantOf(root)) return undefined;", "return undefined;"],
    ["5.1.9", "if (from.isDescendantOf(root) && to.isDescendantOf(root)) return undefined;", "if (to.isDescendantOf(root)) return undefined;"],
    ["5.1.9", `return refuse("ENOENT", "5.1.9", { cgroup: root });`, `return refuse("EPERM", "5.1.9", { cgroup: root });`],
    ["12.4", "vetCommonAncestor(from, to, use) ??\n    vetNamespace(from, to, use) ??", "vetNamespace(from, to, use) ??\n    vetCommonAncestor(from, to, use) ??"],
    ["5.1.11", "if (from.domain === to.domain) return undefined;", "return undefined;"],
    ["5.1.11", "if (from.domain === to.domain) return undefined;", "if (from.domain === to.domain || from.populatedThreadedChildren === 0) return undefined;"],
    ["5.3", "const from = target.cgroupIn(to.hierarchy);", "const from = target.cgroupIn(to.hierarchy); if (from === to) return undefined;"],
    ["5.4", "if (found === undefined) {", `if (found === undefined || found.state !== "running") {`],
    ["5.4", `if (thread.state === "running") place(thread, to);`, "place(thread, to);"],
    ["5.4", `unit === "process" ? [...target.process.threads] : [target];`, `unit === "process" ? [target] : [target];`],
    ["5.5", `unit === "process" ? [...target.process.threads] : [target];`, `unit === "process" ? [...target.process.threads].slice(0, 1) : [target];`],
    ["5.6", "if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {", NEVER],
    ["5.6", "if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {", "if (euid !== 0 && euid !== target.credentials.uid) {"],
    ["5.6", "if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {", "if (euid !== 0 && euid !== target.credentials.suid) {"],
    ["5.6", "if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {", "if (euid !== 0 && euid !== target.credentials.euid && euid !== target.credentials.uid && euid !== target.credentials.suid) {"],
    ["5.6", "if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {", "if (euid !== use.credentials.userNamespace.uid(0) && euid !== target.credentials.uid && euid !== target.credentials.suid) {"],
    ["5.6", "if (!to.hierarchy.isUnified) return vetLegacy(target, to, use);", "if (!to.hierarchy.isUnified) return vetLegacy(target, to, use) ?? vetCommonAncestor(target.cgroupIn(to.hierarchy), to, use);"],
    ["9.4", "const from = target.cgroupIn(to.hierarchy);", `const from = target.cgroupIn(to.hierarchy); if (from.isFrozen && from !== to) return refuse("EBUSY", "5.1.10");`],
  ]),
  ...inside("kernel/domain.ts", [
    ["5.1.10", `return { code: "EBUSY", rule: "5.1.10" };`, "return undefined;"],
    ["8.1", `if (!isValidDomain(cgroup)) return "domain invalid";`, ""],
    ["8.1", `return isThreadRoot(cgroup) ? "domain threaded" : "domain";`, `return "domain";`],
    ["8.2", "if (at.isThreaded || (!isMixable(at) && isThreadRoot(at))) return false;", "if (!isMixable(at) && isThreadRoot(at)) return false;"],
    ["8.2", "if (at.isThreaded || (!isMixable(at) && isThreadRoot(at))) return false;", "if (at.isThreaded) return false;"],
    ["8.3", "if (cgroup.threadedChildren > 0) return true;", ""],
    ["8.4", "if (cgroup.isThreaded || cgroup.populatedDomainChildren > 0) return false;", "if (cgroup.isThreaded) return false;"],
    ["8.4", "return (cgroup.subtreeControl & ~THREADED) === 0;", "return true;"],
    ["8.6", "if (!isValidDomain(cgroup.domain)) {", NEVER],
    ["8.6", `return { code: "EOPNOTSUPP", rule: "8.6" };`, `return { code: "EBUSY", rule: "8.6" };`],
  ]),
  ...inside("kernel/files/legacy.ts", [
    ["5.7", "new Set(numbers)", "numbers"],
    ["5.7", ".filter((number) => number > 0)", ""],
    ["5.7", "[...cgroup.tasks].map((task) => task.process.leader.numberIn(by.pidNs));", "[...cgroup.tasks].filter((task) => task.isLeader).map((task) => task.process.leader.numberIn(by.pidNs));"],
    ["5.7", `vetPids(cgroup, text, use, "thread"),`, `vetPids(cgroup, text, use, "process"),`],
  ]),
];

const FILES: readonly Mutant[] = [
  ...inside("kernel/file-calls.ts", [
    ["6.1", "  // rule 6.1, 6.3\n  if (found !== undefined) return refuse(\"EEXIST\", \"6.1\");", `if (found !== undefined) return mayChange(by, parent.directory) ? refuse("EEXIST", "6.1") : denied(by, parent.directory, "6.1");`],
    ["6.1", `if (parent.last !== "name") return refuse("EEXIST", "6.1");`, `if (parent.last !== "name") return refuse("EBUSY", "6.1");`],
    ["6.1", "if (!mayChange(by, parent.directory)) {", NEVER],
    ["6.3", "  // rule 6.1, 6.3\n  if (found !== undefined) return", `  if (found !== undefined && found.kind === "directory") return`],
    ["10.3", "if (mount.isReadOnly) return refuse(\"EROFS\", \"10.3\");\n  if (!mayChange(by, parent.directory)) {", "if (!mayChange(by, parent.directory)) {"],
    ["6.7", "(mode & 0o1777 & ~by.fsInfo.umask)", "(mode & 0o1777)"],
    ["6.7", "{ uid: fsuid, gid: inherits", "{ uid: parentOwned.uid, gid: inherits"],
    ["6.9", `if (parent.last === "dotdot") return refuse("ENOTEMPTY", "6.9");`, `if (parent.last === "dotdot") return refuse("EINVAL", "6.9");`],
    ["6.9", `if (parent.last === "dot") return refuse("EINVAL", "6.9");`, `if (parent.last === "dot") return refuse("EBUSY", "6.9");`],
    ["6.9", `if (node === undefined) return refuse("ENOENT", rule);`, `if (node === undefined) return mayChange(by, directory) ? refuse("ENOENT", rule) : denied(by, directory, rule);`],
    ["6.9", "if (!mayChange(by, directory)) return denied(by, directory, rule);", ""],
    ["6.9", `if (doomed.node.kind !== "directory") return refuse("ENOTDIR", "6.9");`, `if (doomed.node.kind !== "directory") return refuse("EPERM", "6.9");`],
    ["6.10", `if ("hierarchy" in node && node.dead) return refuse("ENOENT", "6.10", { cgroup: node });`, `if ("hierarchy" in node && node.dead) return refuse("ENODEV", "6.10", { cgroup: node });`],
    ["6.11", `if (doomed.node.kind === "directory") return refuse("EISDIR", "unlink(2)");`, ""],
    ["6.11", `if (isAbove(filesystem.parentOf.bind(filesystem), node, next.directory.node)) return refuse("EINVAL", "rename(2)");`, ""],
    ["6.13", `return uidOk && gidOk ? undefined : refuse("EPERM", "6.13", { credentials });`, "return undefined;"],
    ["6.13", `if (!isOwner(credentials, owned)) return refuse("EPERM", "6.13", { credentials });`, ""],
    ["13.3", `if (wanted.uid === NO_ID || wanted.gid === NO_ID) return refuse("EINVAL", "6.13", { credentials: by.credentials });`, ""],
  ]),
  ...inside("kernel/cgroupfs.ts", [
    ["6.2", "readonly longestName: number = 4096;", "readonly longestName: number = 255;"],
    ["6.4", `// rule 6.4\n  if (name.includes("\\n")) return refuse("EINVAL", "6.4");`, ""],
    ["6.4", `    if (name.includes("\\n")) return refuse("EINVAL", "6.4");\n    if (node instanceof`, "    if (node instanceof"],
    ["6.5", "if (at.descendants < at.maxDescendants && level < at.maxDepth) continue;", "if (level < at.maxDepth) continue;"],
    ["6.5", "if (at.descendants < at.maxDescendants && level < at.maxDepth) continue;", "if (at.descendants < at.maxDescendants) continue;"],
    ["6.5", "if (at.descendants < at.maxDescendants && level < at.maxDepth) continue;", "if (at !== parent || (at.descendants < at.maxDescendants && level < at.maxDepth)) continue;"],
    ["6.5", "if (at.descendants < at.maxDescendants && level < at.maxDepth) continue;", "if (at.descendants + at.dyingDescendants < at.maxDescendants && level < at.maxDepth) continue;"],
    ["6.7", "links: 2 + cgroup.children.size,", "links: 2,"],
    ["6.8", `return show === undefined ? refuse("EINVAL", "6.8", { cgroup: node.cgroup, file: node.name }) :`, `return show === undefined ? "" :`],
    ["6.8", `if (type!.vetWrite === undefined) return refuse("EINVAL", "6.8", { cgroup, file: name });`, `if (type!.vetWrite === undefined) return NOTHING_TO_DO;`],
    ["6.9", "if (cgroup.isPopulated) return refuse(", "if (false) return refuse("],
    ["6.9", "if (cgroup.children.size > 0) return refuse(\"EBUSY\"", "if (cgroup.children.size > 0) return refuse(\"ENOTEMPTY\""],
    ["6.10", "if (cgroup.isPopulated) return refuse(", "if (cgroup.isPopulated || cgroup.exited.size > 0) return refuse("],
    ["6.10", "if (cgroup.isPopulated) return refuse(", "if (cgroup.isPopulated || cgroup.openFiles.size > 0) return refuse("],
    ["6.10", `return refuse("ENODEV", "6.10", { cgroup: node.cgroup });`, "return undefined;"],
    ["6.10", `return refuse("ENODEV", "6.10", { cgroup: node.cgroup });`, `return refuse("ENOENT", "6.10", { cgroup: node.cgroup });`],
    ["3.13", "if (cgroup.isPopulated) return refuse(", "if (cgroup.isPopulated || cgroup.held > cgroup.exited.size) return refuse("],
    ["6.11", `// rule 6.11\n    return refuse("EPERM", "6.11");`, `return refuse("EISDIR", "6.11");`],
    ["6.11", `if (this.hierarchy.isUnified) return refuse("EPERM", "6.11");`, ""],
    ["6.11", `if (from !== to) return refuse("EIO", "6.11");`, `if (from !== to) return refuse("EXDEV", "6.11");`],
    ["6.11", `if (target !== undefined) return refuse("EEXIST", "6.11");`, `if (target !== undefined) return refuse("EBUSY", "6.11");`],
    ["6.11", `if (node instanceof ControlFile) return refuse("ENOTDIR", "6.11");`, `if (node instanceof ControlFile) return refuse("EPERM", "6.11");`],
    ["6.12", "if (file.cgroupNs.isInitial || file.cgroupNs.rootIn(this.hierarchy) !== cgroup) return undefined;", "return undefined;"],
    ["6.12", "if (file.cgroupNs.isInitial || file.cgroupNs.rootIn(this.hierarchy) !== cgroup) return undefined;", "if (file.cgroupNs.isInitial || cgroup.isDescendantOf(file.cgroupNs.rootIn(this.hierarchy)) === false) return undefined;"],
    ["6.12", "if (file.cgroupNs.isInitial || file.cgroupNs.rootIn(this.hierarchy) !== cgroup) return undefined;", "if (file.cgroupNs.isInitial || (file.cgroupNs.rootIn(this.hierarchy) !== cgroup && cgroup.isDescendantOf(file.cgroupNs.rootIn(this.hierarchy)))) return undefined;"],
    ["6.12", "type.delegatable === true || !this", "!this"],
    ["6.12", `return refuse("EPERM", "6.12", { cgroup, file: name });`, `return refuse("ENOENT", "6.12", { cgroup, file: name });`],
    ["10.4", "const path = view(reader.cgroupNs.rootIn(this.hierarchy), cgroupOf(root));", "const path = view(this.hierarchy.root, cgroupOf(root));"],
    ["10.4", "return name.replace(/[ \\t\\n\\\\]/g, (blank) =>", "return name.replace(/[\\n\\\\]/g, (blank) =>"],
    ["10.7", "if (cgroup.dead) return [];", ""],
  ]),
  ...inside("kernel/files/table.ts", [
    ["6.7", "?? { uid: cgroup.creator.uid, gid: cgroup.creator.gid,", "?? { uid: 0, gid: 0,"],
    ["12.2", "?? { uid: cgroup.creator.uid, gid: cgroup.creator.gid,", "?? { uid: cgroup.owned.uid, gid: cgroup.owned.gid,"],
    ["6.8", `file.where !== (cgroup.isRoot ? "not root" : "root only") &&`, ""],
  ]),
  ...inside("kernel/credentials.ts", [["13.3", "(credentials.effective & capability) !== 0n && credentials.userNamespace.maps(file.uid, file.gid);", "(credentials.effective & capability) !== 0n;"]]),
  ...inside("kernel/exit.ts", [
    ["9.5", "const doomed = new Set<Process>();\n  for (const cgroup of top.subtree()) {", "const doomed = new Set<Process>();\n  for (const cgroup of [top]) {"],
    ["9.5", "for (const process of doomed) killProcess(process, sender);", "for (const process of doomed) if (process !== sender?.process) killProcess(process, sender);"],
    ["9.5", "if (task.isLeader && !task.process.isDead && !task.kernelThread) doomed.add(task.process);", "if (task.isLeader && !task.process.isDead && !task.kernelThread && task.credentials.uid === sender?.credentials.euid) doomed.add(task.process);"],
    ["9.4", "if (cgroup !== undefined && isFrozenByFreezer(cgroup)) {", "if (kernel.isFrozen(thread)) {"],
    ["9.6", "if (cgroup !== undefined && isFrozenByFreezer(cgroup)) {", NEVER],
    ["9.6", "if (isFrozenByFreezer(cgroup)) continue;\n", "continue;\n"],
    ["9.1", "cgroup.exited.add(task);\n    cgroup.removeTask(task);", "cgroup.exited.add(task);\n    if (!process.isDead && process.threads.size > 1) cgroup.removeTask(task);"],
  ]),
];

const CONTROL: readonly Mutant[] = [
  ...inside("kernel/files/core.ts", [
    ["5.8", `if (cgroup.isThreaded) {\n    // rule 5.8`, "if (false) {\n    // rule 5.8"],
    ["5.8", "if (cgroup.threadedChildren === 0) return;", "return;"],
    ["5.8", "for (const task of member.exited) if (task.isLeader && !task.process.isDead)", "for (const task of []) if (task)"],
    ["5.8", "for (const task of cgroup.tasks) text += `${task.numberIn(by.pidNs)}\\n`;", "for (const task of [...cgroup.tasks, ...cgroup.exited]) text += `${task.numberIn(by.pidNs)}\\n`;"],
    ["6.6", `const value = word === "max" ? INT_MAX : integer(word);`, `const value = word.toLowerCase() === "max" ? INT_MAX : integer(word);`],
    ["6.6", `const value = word === "max" ? INT_MAX : integer(word);`, "const value = integer(word);"],
    ["6.6", `if (value < 0) return refuse("ERANGE", "6.6");`, `if (value < 0) return refuse("EINVAL", "6.6");`],
    ["6.6", "cgroup[key] === INT_MAX ?", "cgroup[key] === INT_MAX + 1 ?"],
    ["7.2", `words.length === 0 ? "" :`, `words.length === 0 ? "\\n" :`],
    ["8.4", `if (strip(text) !== "threaded") {`, `if (!strip(text).startsWith("threaded")) {`],
    ["8.4", `if (strip(text) !== "threaded") {`, `if (text !== "threaded") {`],
    ["8.4", `if (cgroup.isThreaded) return NOTHING_TO_DO;`, `if (cgroup.isThreaded) return refuse("EOPNOTSUPP", "8.4", { cgroup });`],
    ["8.4", "const settled = cgroup.isPopulated ||", "const settled = cgroup.tasks.size > 0 ||"],
    ["8.4", "const settled = cgroup.isPopulated || (cgroup.subtreeControl & ~THREADED) !== 0;", "const settled = cgroup.isPopulated;"],
    ["8.6", "if (settled || !isValidDomain(domain) ||", "if (settled ||"],
    ["8.5", "if (below === cgroup || below.isThreaded) below.domain = domain;", "below.domain = domain;"],
    ["8.5", "if (below === cgroup || below.isThreaded) below.domain = domain;", "if (below === cgroup) below.domain = domain;"],
    ["8.5", "cgroup.parent!.threadedChildren++;", ""],
    ["9.1", "populated ${bit(cgroup.isPopulated)}", "populated ${bit(cgroup.tasks.size > 0)}"],
    ["9.2", "nr_descendants ${cgroup.descendants}", "nr_descendants ${cgroup.children.size}"],
    ["9.2", "nr_descendants ${cgroup.descendants}", "nr_descendants ${cgroup.descendants + cgroup.dyingDescendants}"],
    ["9.3", `return value < 0 || value > 1 ? refuse("ERANGE", rule) : value;`, `return value < 0 || value > 1 ? refuse("EINVAL", rule) : value;`],
    ["9.3", "show: (cgroup) => `${bit(cgroup.freeze)}\\n`", "show: (cgroup) => `${bit(cgroup.isFrozen)}\\n`"],
    ["9.3", "frozen ${bit(cgroup.isFrozen)}", "frozen ${bit(cgroup.freeze)}"],
    ["9.5", `if (value !== 1) return refuse("ERANGE", "9.5");`, `if (value !== 1) return refuse("EINVAL", "9.5");`],
    ["9.5", `if (cgroup.isThreaded) return refuse("EOPNOTSUPP", "9.5", { cgroup });`, ""],
    ["9.5", `if (value !== 1) return refuse("ERANGE", "9.5");\n  if (cgroup.isThreaded) return refuse("EOPNOTSUPP", "9.5", { cgroup });`, `if (cgroup.isThreaded) return refuse("EOPNOTSUPP", "9.5", { cgroup });\n  if (value !== 1) return refuse("ERANGE", "9.5");`],
  ]),
  ...inside("kernel/cgroup.ts", [
    ["6.5", "at.descendants--;", ""],
    ["8.5", "parent.threadedChildren--;", ""],
    ["9.3", "while (at !== null && !at.freeze) at = at.parent;", "if (!this.freeze) at = null;"],
  ]),
  ...inside("kernel/available.ts", [
    ["7.2", "return cgroup.isThreaded ? parent.subtreeControl & THREADED : parent.subtreeControl;", "return hierarchy.controllers & ~(INHIBITED | IMPLICIT);"],
    ["7.2", "hierarchy.controllers & ~(INHIBITED | IMPLICIT) :", "hierarchy.controllers & ~INHIBITED :"],
  ]),
  ...inside("kernel/subtree-control.ts", [
    ["7.3", `(sign !== "+" && sign !== "-") ||`, ""],
    ["7.3", "(known & (1 << bit)) === 0", "false"],
    ["7.3", `if (token === "") continue;`, ""],
    ["7.3", "[enable | (1 << bit), disable & ~(1 << bit)];", "[enable | (1 << bit), disable];"],
    ["7.3", "[enable & ~(1 << bit), disable | (1 << bit)];", "[enable, disable | (1 << bit)];"],
    ["7.3", `for (const token of text.split(" ")) {`, `for (const token of text.split(/\\s/)) {`],
    ["7.3", "const asked = parse(strip(text), known(cgroup));", "const asked = parse(text, known(cgroup));"],
    ["7.4", "else if ((available & one) === 0) {", "else if (false) {"],
    ["7.4", "if (on) enable &= ~one;", `if (on) return refuse("EBUSY", "7.4");`],
    ["7.4", "if (!on) disable &= ~one;", `if (!on) return refuse("ENOENT", "7.4");`],
    ["7.4", "else if ([...cgroup.children.values()].some((child) => (child.subtreeControl & one) !== 0)) {", "else if (false) {"],
    ["7.4", `if (isThreadRoot(cgroup) || cgroup.isThreaded) return refuse("EOPNOTSUPP", "7.4", { cgroup });`, ""],
    ["7.4", "return cgroup.tasks.size > 0 ? refuse(", "return false ? refuse("],
    ["6.7", "child.fileOwned.set(name, child.passedOn({ uid, gid, mode }, 0));", ""],
  ]),
];

const MOUNTS: readonly Mutant[] = inside("kernel/mounting.ts", [
  ["10.1", "if (!isCapable(task.credentials, CAP.SYS_ADMIN, task.mountNs.userNamespace)) {", NEVER],
  ["10.1", "if (!isCapable(task.credentials, CAP.SYS_ADMIN, owner)) {", NEVER],
  ["10.2", `return found ?? refuse("ENOENT", "10.2", { cgroup: task.cgroupNs.rootIn(hierarchy) });`, "return found ?? task.cgroupNs.rootIn(hierarchy);"],
  ["10.2", `return found ?? refuse("ENOENT", "10.2", { cgroup: task.cgroupNs.rootIn(hierarchy) });`, "return found === task.cgroupNs.rootIn(hierarchy) ? found : refuse(\"ENOENT\", \"10.2\");"],
  ["10.2", `return found ?? refuse("ENOENT", "10.2", { cgroup: task.cgroupNs.rootIn(hierarchy) });`, "return hierarchy.root;"],
  ["10.3", `else if (!GENERIC.includes(option)) return refuse("EINVAL", "10.3", { needs: option });`, ""],
  ["10.3", `const GENERIC = ["ro",`, "const GENERIC = ["],
  ["10.5", "const root = mountedRoot(task, found);", `const root = task.cgroupNs.isInitial ? mountedRoot(task, found) : refuse("EPERM", "10.5");`],
  ["10.6", "if (task.cgroupNs.isInitial) hierarchy.options = new Set(options);", "hierarchy.options = new Set(options);"],
  ["10.6", "if (task.cgroupNs.isInitial) hierarchy.options = new Set(options);", "if (task.cgroupNs.isInitial) hierarchy.options = new Set([...hierarchy.options, ...options]);"],
  ["10.7", "filesystem, root: from.node, source, flags, lockedFlags });", "filesystem, root: from.mount.root, source, flags, lockedFlags });"],
]);

interface CodeOf {
  readonly code?: string;
}

/** The errno of what throws, or what it gives. */
function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as CodeOf).code ?? String(error);
  }
}

const TOP = "/sys/fs/cgroup";

/** What a replay cannot say: its controller lives in a pid namespace of its own, its numbers are not compared. */
const ASKED: readonly Mutant[] = [
  { rule: "6.7", file: "ts/kernel/hierarchy.ts", from: "mode: 0o555 });", to: "mode: 0o755 });", ask: ({ Kernel }) => new Kernel().init.fs.statSync(TOP).mode },
  {
    rule: "7.4", file: "ts/kernel/subtree-control.ts", from: `if (!isValidDomain(cgroup.domain)) return refuse("EOPNOTSUPP", "7.4", { cgroup });`, to: "",
    ask: ({ Kernel }) => {
      const { fs } = new Kernel().init;
      for (const [path, file, text] of [["", "cgroup.subtree_control", "+pids"], ["/r", "cgroup.subtree_control", "+pids"], ["/r/t", "cgroup.type", "threaded"]]) {
        fs.mkdirSync(TOP + path!, { recursive: true });
        fs.writeFileSync(`${TOP}${path}/${file}`, text!);
      }
      fs.mkdirSync(`${TOP}/r/invalid`);
      return codeOf(() => fs.writeFileSync(`${TOP}/r/invalid/cgroup.subtree_control`, "+pids"));
    },
  },
  { rule: "5.1.7", file: "ts/kernel/migrate.ts", from: "if (target.kernelThread) {", to: NEVER, ask: ({ Kernel }) => codeOf(() => new Kernel().init.fs.writeFileSync(`${TOP}/cgroup.procs`, "2")) },
  {
    rule: "3.8", file: "ts/kernel/unshare.ts", from: "if (flags.some((flag) => !NAMESPACE_FLAGS.includes(flag))) {", to: NEVER,
    ask: ({ Kernel }) => codeOf(() => new Kernel().init.unshare("cgroups" as "cgroup")),
  },
  {
    rule: "4.4", file: "ts/kernel/setns.ts", from: `if (!(node instanceof NsNode)) return refuse("EINVAL", "4.4");`, to: "",
    ask: ({ Kernel }) => codeOf(() => new Kernel().init.setns({ path: "/proc/self/cgroup" })),
  },
  {
    rule: "6.11a", file: "ts/kernel/cgroupfs.ts", from: `return refuse("EACCES", "6.11a");`, to: `return refuse("EPERM", "6.11a");`,
    ask: ({ Kernel }) => codeOf(() => new Kernel().init.fs.writeFileSync(`${TOP}/new`, "")),
  },
  {
    rule: "6.11a", file: "ts/kernel/cgroupfs.ts", from: `return refuse("EPERM", "6.11a");`, to: `return refuse("EACCES", "6.11a");`,
    ask: ({ Kernel }) => codeOf(() => new Kernel().init.fs.symlinkSync("a", `${TOP}/b`)),
  },
  {
    rule: "6.9", file: "ts/kernel/file-calls.ts", from: `if (parent.directory.mount.children.has(doomed.node)) return refuse("EBUSY", "6.9");`, to: "",
    ask: ({ Kernel }) => {
      const { init } = new Kernel();
      init.fs.mkdirSync(`${TOP}/m`);
      init.mount({ type: "tmpfs", at: `${TOP}/m` });
      return codeOf(() => init.fs.rmdirSync(`${TOP}/m`));
    },
  },
  {
    rule: "10.5", file: "ts/kernel/mounting.ts", from: `if (!cgroupNs.isInitial) return refuse("EPERM", "10.5");`, to: "",
    ask: ({ Kernel }) => {
      const { init } = new Kernel();
      init.unshare("cgroup");
      return codeOf(() => init.mount({ type: "cgroup", at: "/tmp", options: "pids" }));
    },
  },
  {
    rule: "11.1", file: "ts/kernel/cgroupfs.ts", from: "return { inode: cgroup.id, links:", to: "return { inode: cgroup.level + 1, links:",
    ask: ({ Kernel }) => {
      const { init } = new Kernel();
      for (const name of ["a", "b"]) init.fs.mkdirSync(`${TOP}/${name}`);
      return ["", "/a", "/b"].map((name) => init.fs.statSync(`${TOP}${name}`).ino);
    },
  },
  {
    rule: "11.2", file: "ts/kernel/hierarchy.ts", from: "this.lastId += 1 + fileCount(cgroup);", to: "this.lastId += 1;",
    ask: ({ Kernel }) => {
      const { init } = new Kernel();
      for (const name of ["a", "b"]) init.fs.mkdirSync(`${TOP}/${name}`);
      return init.fs.statSync(`${TOP}/b`).ino - init.fs.statSync(`${TOP}/a`).ino;
    },
  },
];

export const MUTANTS: readonly Mutant[] = [...VIEWS, ...NAMESPACES, ...MIGRATION, ...FILES, ...CONTROL, ...MOUNTS, ...ASKED].sort(byRule);

/** 5.1.9 before 5.1.10. */
function byRule(a: Mutant, b: Mutant): number {
  return a.rule.localeCompare(b.rule, "en", { numeric: true });
}

/** Those of sections 1 to 13 that were asked of a kernel, and that the model has a say in. */
export const PROBED: readonly string[] = [
  "1.1", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "2.2", "2.3", "2.4", "2.5", "2.6", "2.8",
  "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7",
  "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.5", "5.1.6", "5.1.7", "5.1.8", "5.1.9", "5.1.10", "5.1.11", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9",
  "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "6.11", "6.11a", "6.12", "6.13", "7.2", "7.3", "7.4", "7.5",
  "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7", "9.1", "9.2", "9.3", "9.4", "9.5", "9.6",
  "10.1", "10.2", "10.3", "10.4", "10.5", "10.6", "10.7", "11.1", "11.2", "12.1", "12.2", "12.3", "12.4", "13.1", "13.2", "13.3",
];
