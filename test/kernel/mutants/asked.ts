// What a replay cannot say, since its controller lives in a pid namespace of its own and its numbers are not compared: asked of
// the kernel itself.

import { type Mutant, NEVER } from "./mutant.ts";

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

export const ASKED: readonly Mutant[] = [
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
    rule: "6.9", file: "ts/kernel/file-calls.ts", from: `if (by.mountNs.isMountPoint(doomed.node)) return refuse("EBUSY", "6.9");`, to: "",
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
