// The table of what was asked of a kernel, row by row, every cell: the model gives the answer that was observed.

import { describe, expect, test } from "vitest";
import { Kernel } from "../../ts/index.ts";
import { done, inhabited, seen, type Tell, told, write } from "./told.ts";

const USER = { gid: 1000, groups: [], uid: 1000 };
const V1 = { hier: "pids" };

/** A user namespace of uid 1000's, mapped so that it is 0 inside. */
function enclose(tell: Tell, agent: string, flags: readonly string[]): void {
  done(tell, ["setid", { agent, ...USER }], ["unshare", { agent, flags }], ["idmap", { target: agent, map: "0 1000 1" }], ["setid", { agent, gid: 0, uid: 0 }]);
}

describe("namespaces are made", () => {
  test("unshare as uid 1000, as root without CAP_SYS_ADMIN, and of user and cgroup together", () => {
    const tell = inhabited({ user: "", bare: "", both: "" });
    done(tell, ["setid", { agent: "user", ...USER }], ["caps", { agent: "bare", drop: ["SYS_ADMIN"] }], ["setid", { agent: "both", ...USER }]);
    expect([tell("unshare", { agent: "user" }), tell("unshare", { agent: "bare" }), tell("unshare", { agent: "both", flags: ["user", "cgroup"] })]).toEqual(["EPERM", "EPERM", "ok"]);
  });

  test("unshare over the limit, and with a limit of 0", () => {
    const tell = inhabited({ a: "" });
    enclose(tell, "a", ["user", "cgroup"]);
    for (const value of ["1", "0"]) {
      done(tell, ["userlimit", { agent: "a", value }]);
      expect(tell("unshare", { agent: "a" }), value).toBe("ENOSPC");
    }
  });

  test("unshare of user in a process of several threads, and of cgroup in one thread", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["thread", { agent: "a", name: "t" }]);
    expect(tell("unshare", { agent: "t", flags: ["user"] })).toBe("EINVAL");
    expect(tell("unshare", { agent: "t" })).toBe("ok");
    expect(["a", "t"].map((target) => tell("nsid", { target }))).toEqual(["init", "ns1"]);
  });
});

describe("namespaces are entered", () => {
  test("setns without capability, of a zombie's pidfd, of a wrong type; link and pidfd without ptrace access", () => {
    const tell = inhabited({ a: "", zombie: "", user: "" });
    done(tell, ["kill", { target: "zombie" }], ["setid", { agent: "user", ...USER }]);
    expect(tell("setns", { agent: "a", target: "zombie", via: "pidfd" })).toBe("ESRCH");
    expect(tell("setns", { agent: "a", target: "a", ns: "uts", nstype: 0x02000000 })).toBe("EINVAL");
    expect(tell("nsopen", { agent: "user", target: "a", fd: "f" })).toBe("EACCES");
    expect(tell("setns", { agent: "user", target: "a", via: "pidfd" })).toBe("EPERM");
    done(tell, ["caps", { agent: "a", drop: ["SYS_ADMIN"] }]);
    expect(tell("setns", { agent: "a", target: "a" })).toBe("EPERM");
  });

  test("setns from a child user namespace up, to a sibling's, and by the owner with user and cgroup together", () => {
    const tell = inhabited({ a: "", b: "", owner: "", first: "" });
    for (const agent of ["a", "b"]) enclose(tell, agent, ["user", "cgroup"]);
    expect(tell("setns", { agent: "a", target: "first", via: "ctl" })).toBe("EPERM");
    expect(tell("setns", { agent: "a", target: "b", via: "ctl" })).toBe("EPERM");
    done(tell, ["setid", { agent: "owner", ...USER }], ["fork", { agent: "owner", child: "inner", flags: ["user", "cgroup"] }]);
    expect(tell("setns", { agent: "owner", target: "inner", via: "pidfd", nss: ["cgroup"] })).toBe("EPERM");
    expect(tell("setns", { agent: "owner", target: "inner", via: "pidfd", nss: ["user", "cgroup"] })).toBe("ok");
  });
});

describe("/proc/PID/cgroup", () => {
  test("a reader rooted at /B/p/q sees itself, child, parent, sibling, cousin, base and root", () => {
    const tell = inhabited({ r: "p/q", self: "p/q", child: "p/q/s", parent: "p", sibling: "p/q2", cousin: "z", base: "" });
    done(tell, ["unshare", { agent: "r" }]);
    const all = ["self", "child", "parent", "sibling", "cousin", "base", "ctl"].map((target) => seen(tell, "r", target));
    expect(all).toEqual(["/", "/s", "/..", "/../q2", "/../../z", "/../..", "/../../.."]);
  });

  test("a reader's root was removed and made again, with somebody in the new one", () => {
    const tell = inhabited({ r: "p/q", t: "" });
    done(tell, ["unshare", { agent: "r" }], ["move", { target: "r" }], ["rmdir", { path: "p/q" }], ["mkdir", { path: "p/q" }], ["move", { target: "t", path: "p/q" }]);
    expect(seen(tell, "r", "t")).toBe("/../q");
  });

  test("a zombie's lines on v2 and v1, its removed cgroup, and itself reaped: opened, and read through an open file", () => {
    const tell = inhabited({ r: "", z: "x" });
    done(tell, ["mkdir", { path: "x", ...V1 }], ["move", { target: "z", path: "x", ...V1 }], ["kill", { target: "z" }]);
    expect(tell("cgroup", { target: "z" })).toEqual({ pids: "/", v2: "/B/x" });
    done(tell, ["rmdir", { path: "x" }]);
    expect(seen(tell, "ctl", "z")).toBe("/B/x (deleted)");
    done(tell, ["open", { agent: "r", path: "proc:z/cgroup", fd: "f", mode: "r" }], ["reap", { target: "z" }]);
    expect(tell("cgroup", { target: "z" })).toBe("ENOENT");
    expect(tell("fdread", { agent: "r", fd: "f" })).toBe("ESRCH");
  });

  test("a path of more than 4,095 bytes, and more than 1,365 steps up", () => {
    const kernel = new Kernel();
    const { init } = kernel;
    const top = "/sys/fs/cgroup";
    for (const path of ["", `/${"y".repeat(1990)}`]) init.fs.mkdirSync(`${top}/${"x".repeat(2000)}${path}`);
    const fd = init.fs.openSync(`${top}/${"x".repeat(2000)}/${"y".repeat(1990)}/cgroup.procs`, "w");
    init.fs.writeSync(fd, String(init.pid));
    init.unshare("cgroup");
    init.mount({ type: "cgroup2", at: "/tmp" });
    init.fs.mkdirSync(`/tmp/${"z".repeat(200)}`);
    const child = init.fork();
    init.fs.writeFileSync(`/tmp/${"z".repeat(200)}/cgroup.procs`, String(child.pid));
    init.setns({ path: "/proc/2/ns/cgroup" });
    const path = init.fs.readFileSync(`/proc/${child.pid}/cgroup`, "utf8").slice(3, -1);
    expect(path).toBe(`/${"x".repeat(2000)}/${"y".repeat(1990)}/${"z".repeat(4095 - 2001 - 1991 - 1)}`);
    const tell = inhabited({ deep: "" });
    const names = Array.from({ length: 1365 }, () => "z");
    for (let depth = 1; depth <= 1365; depth++) done(tell, ["mkdir", { path: names.slice(0, depth).join("/") }]);
    done(tell, ["move", { target: "deep", path: names.join("/") }], ["unshare", { agent: "deep" }]);
    expect(seen(tell, "deep", "ctl")).toBe("ENAMETOOLONG");
  });

  test("opened in one namespace and read again in another", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["open", { agent: "a", path: "proc:self/cgroup", fd: "f", mode: "r" }]);
    const line = (): unknown => String(tell("fdread", { agent: "a", fd: "f" })).split("\n").at(-2);
    expect(line()).toBe("0::/B/x");
    done(tell, ["unshare", { agent: "a" }]);
    expect(line()).toBe("0::/");
  });
});

describe("directories", () => {
  test("mkdir of names of 256 and 4000 bytes, with a newline, of files, of others like them, of . and over a limit", () => {
    const tell = told();
    const made = ["n".repeat(256), "n".repeat(4000), "a\nb", "cgroup.procs", "cgroup.foo", "."].map((path) => tell("mkdir", { path }));
    expect(made).toEqual(["ok", "ok", "EINVAL", "EEXIST", "ok", "EEXIST"]);
    done(tell, ["write", { path: "cgroup.max.descendants", data: "3" }]);
    expect(tell("mkdir", { path: "over" })).toBe("EAGAIN");
  });

  test("mkdir by somebody else: an existing file, a new name, a newline", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["setid", { agent: "a", ...USER }]);
    expect(["cgroup.procs", "new", "a\nb"].map((path) => tell("mkdir", { agent: "a", path }))).toEqual(["EEXIST", "EACCES", "EACCES"]);
  });

  test("rmdir of the populated, of parents, files, ., .. and of what holds only a zombie", () => {
    const tell = inhabited({ a: "full", z: "grave" });
    for (const path of ["parent", "parent/child"]) done(tell, ["mkdir", { path }]);
    done(tell, ["kill", { target: "z" }]);
    const removed = ["full", "parent", "cgroup.procs", "parent/.", "parent/..", "grave"].map((path) => tell("rmdir", { path }));
    expect(removed).toEqual(["EBUSY", "EBUSY", "ENOTDIR", "EINVAL", "ENOTEMPTY", "ok"]);
  });

  test("an open file after rmdir: write, lseek, read; mkdir in the open directory", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["mkdir", { path: "x" }], ["open", { agent: "a", path: "x/cgroup.procs", fd: "f" }], ["open", { agent: "a", path: "x", fd: "d", mode: "dir" }], ["rmdir", { path: "x" }]);
    const old = [["fdwrite", { data: "0" }], ["fdread", {}], ["fdread", { noseek: true }]] as const;
    expect(old.map(([op, more]) => tell(op, { agent: "a", fd: "f", ...more }))).toEqual(["ENODEV", "ENODEV", "ENODEV"]);
    expect(tell("fdmkdir", { agent: "a", fd: "d", name: "y" })).toBe("ENOENT");
  });

  test("rename on v2; on v1 within a directory, to another, onto a directory, onto a file", () => {
    const tell = told();
    for (const hier of ["v2", "pids"]) for (const path of ["x", "y"]) done(tell, ["mkdir", { path, hier }]);
    expect(tell("rename", { path: "x", to: "w" })).toBe("EPERM");
    expect(["w", "y/w", "y", "cgroup.procs"].map((to, index) => tell("rename", { path: index === 0 ? "x" : "w", to, ...V1 }))).toEqual(["ok", "EIO", "EEXIST", "ENOTDIR"]);
  });
});

describe("moving", () => {
  test("what may be written to cgroup.procs", () => {
    const tell = inhabited({ a: "" });
    const data = ["", "\n", "-1", "-0", "+{a}", "0x{a}", "{a}\0junk", "{a} {a}", "2147483648", "99999", " ".repeat(5000)];
    const answers = data.map((text) => write(tell, "cgroup.procs", text, "a"));
    expect(answers).toEqual(["ok", "EINVAL", "EINVAL", "ok", "ok", "ok", "ok", "EINVAL", "EINVAL", "ESRCH", "E2BIG"]);
  });

  test("uid 1000 owns only the destination, then the ancestor as well", () => {
    const tell = inhabited({ a: "p/x" });
    done(tell, ["mkdir", { path: "p/y" }], ["chown", { path: "p/y/cgroup.procs", uid: 1000 }], ["setid", { agent: "a", ...USER }]);
    done(tell, ["open", { agent: "a", path: "p/y/cgroup.procs", fd: "f", mode: "w" }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "0" })).toBe("EACCES");
    done(tell, ["chown", { path: "p/cgroup.procs", uid: 1000 }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "0" })).toBe("ok");
  });

  test("a descriptor opened by root, written by uid 1000", () => {
    const tell = inhabited({ a: "x", b: "x" });
    done(tell, ["open", { agent: "a", path: "cgroup.procs", fd: "f", mode: "w" }], ["setid", { agent: "a", ...USER }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "{b}" })).toBe("ok");
    expect(seen(tell, "ctl", "b")).toBe("/B");
  });

  test("v1: the real uid matches, the saved, only the effective; and root of a user namespace", () => {
    const tell = inhabited({ real: "", saved: "", effective: "", user: "", inner: "", kin: "" });
    done(tell, ["chmod", { path: "cgroup.procs", mode: 0o666, ...V1 }], ["setid", { agent: "user", ...USER }]);
    for (const [agent, uid] of [["real", [1000, 0, 0]], ["saved", [0, 0, 1000]], ["effective", [0, 1000, 0]]] as const) done(tell, ["setid", { agent, uid }]);
    expect(["real", "saved", "effective"].map((name) => write(tell, "cgroup.procs", `{${name}}`, "user", V1))).toEqual(["ok", "ok", "EACCES"]);
    enclose(tell, "inner", ["user"]);
    done(tell, ["setid", { agent: "kin", gid: 1001, uid: 1001 }]);
    expect(write(tell, "cgroup.procs", "{kin}", "inner", V1)).toBe("EACCES");
  });

  test("a zombie's pid to cgroup.procs, and a thread to another domain's cgroup.threads", () => {
    const tell = inhabited({ z: "x", a: "x" });
    done(tell, ["mkdir", { path: "y" }], ["kill", { target: "z" }]);
    expect(write(tell, "y/cgroup.procs", "{z}")).toBe("ok");
    expect(seen(tell, "ctl", "z")).toBe("/B/x");
    expect(write(tell, "y/cgroup.threads", "{a}")).toBe("EOPNOTSUPP");
  });

  test("kthreadd to cgroup.procs of v2", () => {
    const { fs } = new Kernel().init;
    fs.mkdirSync("/sys/fs/cgroup/x");
    expect(fs.readFileSync("/proc/2/comm", "utf8")).toBe("kthreadd\n");
    expect(() => fs.writeFileSync("/sys/fs/cgroup/x/cgroup.procs", "2")).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });
});

describe("nsdelegate", () => {
  test("moves out and in, cgroup.max.depth at the root, cgroup.procs, a child, a file outside, and nothing", () => {
    const tell = inhabited({ a: "x", b: "y" }, { nsdelegate: true });
    done(tell, ["mkdir", { path: "x/c" }], ["unshare", { agent: "a" }]);
    const writes = [["y/cgroup.procs", "0"], ["x/cgroup.procs", "{b}"], ["x/cgroup.max.depth", "5"], ["x/cgroup.procs", "0"], ["x/c/cgroup.max.depth", "5"], ["cgroup.max.depth", "5"], ["x/cgroup.max.depth", ""]];
    expect(writes.map(([path, data]) => write(tell, path!, data!, "a"))).toEqual(["ENOENT", "ENOENT", "EPERM", "ok", "ok", "ok", "ok"]);
  });

  test("a second mount without the option from the initial namespace clears it for all, from another it changes nothing", () => {
    const tell = inhabited({ a: "x" }, { nsdelegate: true });
    const shown = (): unknown => [...new Set((tell("mountinfo", { all: true }) as { fstype: string; super: string }[]).filter(({ fstype }) => fstype === "cgroup2").map((mount) => mount.super))];
    done(tell, ["unshare", { agent: "a" }], ["mount", { agent: "a", at: "m" }]);
    expect(shown()).toEqual(["rw,nsdelegate"]);
    done(tell, ["mount", { at: "n" }]);
    expect(shown()).toEqual(["rw"]);
  });
});

describe("threaded cgroups", () => {
  const threaded = (): Tell => {
    const tell = inhabited({ a: "", b: "other" });
    for (const path of ["t", "t/c"]) done(tell, ["mkdir", { path }]);
    done(tell, ["write", { path: "t/c/cgroup.type", data: "threaded" }]);
    return tell;
  };

  test("cgroup.procs read, kill of 1 and 0, a thread across domains, a process into it", () => {
    const tell = threaded();
    expect(tell("read", { path: "t/c/cgroup.procs" })).toBe("EOPNOTSUPP");
    expect(["1", "0"].map((data) => write(tell, "t/c/cgroup.kill", data))).toEqual(["EOPNOTSUPP", "ERANGE"]);
    expect(write(tell, "t/c/cgroup.threads", "{b}")).toBe("EOPNOTSUPP");
    expect(write(tell, "t/c/cgroup.procs", "{b}")).toBe("ok");
  });

  test("cgroup.type: threaded when populated, below an invalid parent, and domain", () => {
    const tell = threaded();
    expect(write(tell, "other/cgroup.type", "threaded")).toBe("EOPNOTSUPP");
    for (const path of ["t/d", "t/d/e"]) done(tell, ["mkdir", { path }]);
    expect(tell("read", { path: "t/d/cgroup.type" })).toBe("domain invalid\n");
    expect(write(tell, "t/d/e/cgroup.type", "threaded")).toBe("EOPNOTSUPP");
    expect(write(tell, "t/d/cgroup.type", "domain")).toBe("EINVAL");
  });
});

describe("other calls", () => {
  test("CLONE_INTO_CGROUP with a file, a v1 directory, a removed cgroup, and another history of kills", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["open", { agent: "a", path: "cgroup.procs", fd: "file" }], ["open", { agent: "a", path: "", ...V1, fd: "v1", mode: "dir" }]);
    done(tell, ["mkdir", { path: "x" }], ["open", { agent: "a", path: "x", fd: "gone", mode: "dir" }], ["rmdir", { path: "x" }], ["mkdir", { path: "k" }], ["write", { path: "k/cgroup.kill", data: "1" }]);
    expect(["file", "v1", "gone"].map((fd) => tell("fork", { agent: "a", child: `by-${fd}`, into_fd: fd }))).toEqual(["EBADF", "EBADF", "ENOENT"]);
    expect(tell("fork", { agent: "a", child: "k", into: "k" })).toBe("ok");
    expect(tell("state", { target: "k" })).toBe("Z");
  });

  test("mount with user and mount namespaces, with a cgroup namespace too; of a removed root, and one made again", () => {
    const tell = inhabited({ two: "", three: "x", other: "" });
    enclose(tell, "two", ["user", "mnt"]);
    expect(tell("mount", { agent: "two", at: "m" })).toBe("EPERM");
    enclose(tell, "three", ["user", "mnt", "cgroup"]);
    expect(tell("mount", { agent: "three", at: "m" })).toBe("ok");
    done(tell, ["move", { target: "three" }], ["rmdir", { path: "x" }]);
    expect(tell("mount", { agent: "three", at: "n" })).toBe("ENOENT");
    done(tell, ["mkdir", { path: "x" }]);
    expect(tell("mount", { agent: "three", at: "n" })).toBe("ok");
    done(tell, ["move", { target: "other", path: "x" }]);
    const roots = tell("mountinfo", { agent: "three" }) as { at: string; root: string }[];
    expect(roots.map(({ root }) => root)).toEqual(["/", "/../x"]);
    expect(tell("ls", { agent: "three", mnt: "m" })).toEqual([]);
  });

  test("cgroup.subtree_control without controllers: +hugetlb, +blkio, -memory, and one both ways", () => {
    const tell = told();
    done(tell, ["mkdir", { path: "x" }]);
    const data = ["+hugetlb", "+blkio", "-memory", "-hugetlb +hugetlb", "+hugetlb -hugetlb"];
    expect(data.map((tokens) => write(tell, "x/cgroup.subtree_control", tokens))).toEqual(["ENOENT", "EINVAL", "ok", "ENOENT", "ok"]);
  });

  test("values of cgroup.freeze, cgroup.kill and cgroup.max.depth", () => {
    const tell = told();
    done(tell, ["mkdir", { path: "x" }]);
    const all = (file: string, ...data: string[]): unknown[] => data.map((text) => write(tell, `x/cgroup.${file}`, text));
    expect(all("freeze", "2", "x", "")).toEqual(["ERANGE", "EINVAL", "ok"]);
    expect(all("kill", "0", "x")).toEqual(["ERANGE", "EINVAL"]);
    expect(all("max.depth", "-1", "foo", "2147483648")).toEqual(["ERANGE", "EINVAL", "ERANGE"]);
  });
});
