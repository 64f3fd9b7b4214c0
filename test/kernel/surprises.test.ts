// What a model built from the documents gets wrong: the thirty-one surprises, each as the kernel answers it.

import { describe, expect, test } from "vitest";
import { done, inhabited, seen, told, write } from "./told.ts";

const USER = { gid: 1000, groups: [], uid: 1000 };

describe("what is seen", () => {
  test("1: a path is cut at 4,095 bytes without a word, and only a way up that does not fit is ENAMETOOLONG", () => {
    const tell = inhabited({ a: "", deep: "" });
    const long = ["x".repeat(2100), `${"x".repeat(2100)}/${"y".repeat(2100)}`];
    for (const path of long) done(tell, ["mkdir", { path }], ["move", { target: "a", path }]);
    expect(seen(tell, "ctl", "a")).toBe(`/B/${"x".repeat(2100)}/${"y".repeat(4095 - 2104)}`);
    const names = Array.from({ length: 1365 }, () => "z");
    for (let depth = 1; depth <= 1365; depth++) done(tell, ["mkdir", { path: names.slice(0, depth).join("/") }]);
    done(tell, ["move", { target: "deep", path: names.slice(1).join("/") }], ["unshare", { agent: "deep" }]);
    expect(seen(tell, "deep", "ctl")).toBe("/..".repeat(1365));
    done(tell, ["move", { target: "deep", path: names.join("/") }], ["unshare", { agent: "deep" }]);
    expect(seen(tell, "deep", "ctl")).toBe("ENAMETOOLONG");
  });

  test("3: a dead process's v1 line is a bare / even for a reader whose root is elsewhere", () => {
    const tell = told();
    for (const path of ["x", "y"]) done(tell, ["mkdir", { path, hier: "pids" }], ["spawn", { agent: path, path, hier: "pids" }]);
    done(tell, ["unshare", { agent: "y" }]);
    expect(seen(tell, "y", "x", "pids")).toBe("/../x");
    done(tell, ["kill", { target: "x" }]);
    expect(seen(tell, "y", "x", "pids")).toBe("/");
  });

  test("6: a view is the reader's when it reads, credentials for a write are the opener's", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["open", { agent: "a", path: "proc:self/cgroup", fd: "f", mode: "r" }]);
    expect(tell("fdread", { agent: "a", fd: "f" })).toContain("0::/B/x\n");
    done(tell, ["unshare", { agent: "a" }]);
    expect(tell("fdread", { agent: "a", fd: "f" })).toContain("0::/\n");
    done(tell, ["open", { agent: "a", path: "cgroup.procs", fd: "p", mode: "w" }], ["setid", { agent: "a", ...USER }]);
    expect(write(tell, "cgroup.procs", "0", "a")).toBe("EACCES");
    expect(tell("fdwrite", { agent: "a", fd: "p", data: "0" })).toBe("ok");
    expect(seen(tell, "ctl", "a")).toBe("/B");
  });

  test("9: a namespace's root is a cgroup, not a name: made again it is /../q", () => {
    const tell = inhabited({ a: "p/q", b: "" });
    done(tell, ["unshare", { agent: "a" }], ["move", { target: "a", path: "p" }], ["rmdir", { path: "p/q" }], ["mkdir", { path: "p/q" }], ["move", { target: "b", path: "p/q" }]);
    expect(seen(tell, "a", "b")).toBe("/../q");
  });

  test("27: mountinfo read again shows other roots after unshare, though no mount has changed", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["mount", { at: "m" }]);
    const root = (): unknown => (tell("mountinfo", { agent: "a" }) as { root: string }[])[0]!.root;
    expect(root()).toBe("/");
    done(tell, ["unshare", { agent: "a" }]);
    expect(root()).toBe("/../..");
  });
});

describe("namespaces", () => {
  test("5: a namespace is of one thread; a mount does not keep it, an open control file does", () => {
    const tell = inhabited({ a: "x", b: "y" });
    done(tell, ["thread", { agent: "a", name: "t" }], ["unshare", { agent: "t" }]);
    expect([tell("nsid", { target: "a" }), tell("nsid", { target: "t" })]).toEqual(["init", "ns1"]);
    const dying = (): unknown => /nr_dying_descendants (\d+)/.exec(String(tell("read", { path: "cgroup.stat" })))?.[1];
    done(tell, ["unshare", { agent: "b" }], ["mount", { agent: "b", at: "m" }], ["kill", { target: "b" }], ["reap", { target: "b" }], ["rmdir", { path: "y" }]);
    expect(dying()).toBe("0");
    done(tell, ["open", { agent: "t", path: "cgroup.events", fd: "f", mode: "r" }], ["sendfd", { agent: "t", fd: "f", to: "ctl" }]);
    done(tell, ["kill", { target: "a" }], ["reap", { target: "a" }], ["rmdir", { path: "x" }]);
    expect(dying()).toBe("1");
    done(tell, ["close", { fd: "f" }]);
    expect(dying()).toBe("0");
  });

  test("7: entering one's own namespace needs CAP_SYS_ADMIN all the same", () => {
    const tell = inhabited({ a: "" });
    expect(tell("setns", { agent: "a", target: "a" })).toBe("ok");
    done(tell, ["caps", { agent: "a", drop: ["SYS_ADMIN"] }]);
    expect(tell("setns", { agent: "a", target: "a" })).toBe("EPERM");
  });

  test("8: a removed root cannot be mounted, a cgroup of its name made again is mounted in its place", () => {
    const tell = inhabited({ a: "x", b: "" });
    done(tell, ["unshare", { agent: "a" }], ["move", { target: "a" }], ["rmdir", { path: "x" }]);
    expect(tell("mount", { agent: "a", at: "m" })).toBe("ENOENT");
    done(tell, ["mkdir", { path: "x" }], ["move", { target: "b", path: "x" }]);
    expect(tell("mount", { agent: "a", at: "m" })).toBe("ok");
    expect(tell("read", { mnt: "m", path: "cgroup.procs", pids: true })).toEqual(["b"]);
    expect(tell("mountinfo", { agent: "a" })).toEqual([expect.objectContaining({ root: "/../x" })]);
  });

  test("10: a child cloned into a cgroup with another history of kills is killed, and clone3 says nothing", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["mkdir", { path: "x" }]);
    expect(tell("fork", { agent: "a", child: "before", into: "x" })).toBe("ok");
    expect(tell("state", { target: "before" })).toBe("S");
    expect(write(tell, "x/cgroup.kill", "1")).toBe("ok");
    expect(tell("fork", { agent: "a", child: "after", into: "x" })).toBe("ok");
    expect(tell("state", { target: "after" })).toBe("Z");
    expect(tell("fork", { agent: "a", child: "plain" })).toBe("ok");
    expect(tell("state", { target: "plain" })).toBe("S");
  });

  test("31: numbers of namespaces are given anew", () => {
    const tell = inhabited({ a: "", b: "" });
    done(tell, ["unshare", { agent: "a" }]);
    const number = tell("nsid", { target: "a", raw: true });
    expect(number).toMatch(/^cgroup:\[402653\d{4}\]$/);
    done(tell, ["kill", { target: "a" }], ["unshare", { agent: "b" }]);
    expect(tell("nsid", { target: "b", raw: true })).toBe(number);
  });
});

describe("nsdelegate", () => {
  const delegated = (): ReturnType<typeof told> => {
    const tell = inhabited({ a: "x", b: "y" }, { nsdelegate: true });
    done(tell, ["mkdir", { path: "x/c" }], ["unshare", { agent: "a" }]);
    return tell;
  };

  test("11: writing nothing always works on what is there, even where anything else would be EPERM", () => {
    const tell = delegated();
    for (const file of ["cgroup.max.depth", "cgroup.freeze", "cgroup.type", "cgroup.kill", "cgroup.events"]) expect(write(tell, `x/${file}`, "", "a"), file).toBe("ok");
    for (const file of ["cgroup.max.depth", "cgroup.freeze", "cgroup.type", "cgroup.kill", "cgroup.events"]) expect(write(tell, `x/${file}`, "1", "a"), file).toBe("EPERM");
  });

  test("18: it is global, and any cgroup2 mount from the initial namespace that does not name it clears it", () => {
    const tell = delegated();
    expect(write(tell, "x/cgroup.max.depth", "5", "a")).toBe("EPERM");
    done(tell, ["mount", { agent: "a", at: "m" }]);
    expect(write(tell, "x/cgroup.max.depth", "5", "a")).toBe("EPERM");
    done(tell, ["mount", { at: "n" }]);
    expect(write(tell, "x/cgroup.max.depth", "5", "a")).toBe("ok");
  });

  test("19: it guards the files at a namespace's root, not those above, beside or below", () => {
    const tell = delegated();
    expect(["x", "x/c", "y", ""].map((path) => write(tell, `${path}/cgroup.max.depth`, "5", "a"))).toEqual(["EPERM", "ok", "ok", "ok"]);
  });

  test("20: crossing the border is ENOENT, a file at the root EPERM", () => {
    const tell = delegated();
    expect(write(tell, "y/cgroup.procs", "0", "a")).toBe("ENOENT");
    expect(write(tell, "x/cgroup.procs", "{b}", "a")).toBe("ENOENT");
    expect(write(tell, "x/cgroup.freeze", "0", "a")).toBe("EPERM");
    expect(write(tell, "x/c/cgroup.procs", "0", "a")).toBe("ok");
  });
});

describe("moving", () => {
  test("4: a zombie's pid can be written, and nothing comes of it", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["mkdir", { path: "y" }], ["kill", { target: "a" }]);
    expect(write(tell, "y/cgroup.procs", "{a}")).toBe("ok");
    expect(seen(tell, "ctl", "a")).toBe("/B/x");
    expect(tell("rmdir", { path: "y" })).toBe("ok");
  });

  test("12: a pid may be signed, hexadecimal or octal; too large it is EINVAL, but a limit is ERANGE", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["mkdir", { path: "y" }]);
    for (const data of ["+{a}", "0x{a}", "0{a}", "-0"]) {
      done(tell, ["move", { target: "a", path: "x" }]);
      expect(write(tell, "y/cgroup.procs", data, "a"), data).toBe("ok");
      expect(seen(tell, "ctl", "a"), data).toBe("/B/y");
    }
    expect(write(tell, "y/cgroup.procs", "2147483648")).toBe("EINVAL");
    expect(write(tell, "y/cgroup.max.depth", "2147483648")).toBe("ERANGE");
  });

  test("15: moving to the cgroup it is in needs every permission", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["chown", { path: "x/cgroup.procs", uid: 1000 }], ["setid", { agent: "a", ...USER }]);
    done(tell, ["open", { agent: "a", path: "x/cgroup.procs", fd: "f", mode: "w" }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "0" })).toBe("ok");
    done(tell, ["chmod", { path: "x/cgroup.procs", mode: 0o444 }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "0" })).toBe("EACCES");
  });

  test("16: what counts is cgroup.procs of the common ancestor, not who owns directories", () => {
    const tell = inhabited({ a: "t/x" });
    done(tell, ["mkdir", { path: "t/y" }]);
    for (const path of ["t", "t/x", "t/y", "t/x/cgroup.procs", "t/y/cgroup.procs"]) done(tell, ["chown", { path, uid: 1000 }]);
    done(tell, ["setid", { agent: "a", ...USER }]);
    expect(write(tell, "t/y/cgroup.procs", "0", "a")).toBe("EACCES");
    done(tell, ["chown", { path: "t", uid: 0 }], ["chown", { path: "t/y", uid: 0 }], ["chown", { path: "t/cgroup.procs", uid: 1000 }]);
    expect(write(tell, "t/y/cgroup.procs", "0", "a")).toBe("ok");
  });

  test("17: v1 compares the opener's euid with the target's real and saved uid; capabilities and a user namespace's root do not count", () => {
    const tell = told();
    done(tell, ["mkdir", { path: "x", hier: "pids" }], ["chmod", { path: "x/cgroup.procs", hier: "pids", mode: 0o666 }]);
    const ids: Record<string, number[]> = { real: [1000, 0, 0], saved: [0, 0, 1000], effective: [0, 1000, 0], other: [0, 0, 0] };
    for (const [agent, uid] of Object.entries(ids)) done(tell, ["spawn", { agent }], ["setid", { agent, uid }]);
    done(tell, ["spawn", { agent: "user" }], ["setid", { agent: "user", uid: [1000, 1000, 0] }], ["spawn", { agent: "inner" }]);
    const moves = (by: string): unknown[] => Object.keys(ids).map((name) => write(tell, "x/cgroup.procs", `{${name}}`, by, { hier: "pids" }));
    expect(moves("user")).toEqual(["ok", "ok", "EACCES", "EACCES"]);
    done(tell, ["caps", { agent: "user", eff_all: true }]);
    expect(moves("user")).toEqual(["ok", "ok", "EACCES", "EACCES"]);
    done(tell, ["setid", { agent: "inner", ...USER }], ["unshare", { agent: "inner", flags: ["user"] }], ["idmap", { target: "inner", map: "0 1000 1" }], ["setid", { agent: "inner", uid: 0 }]);
    expect(moves("inner")).toEqual(["ok", "ok", "EACCES", "EACCES"]);
  });

  test("29: a move in another hierarchy may change the order of cgroup.procs, and nothing else of it", () => {
    const tell = inhabited({ a: "x", b: "x", c: "x" });
    done(tell, ["mkdir", { path: "y", hier: "pids" }], ["move", { target: "a", path: "y", hier: "pids" }]);
    expect(new Set(tell("read", { path: "x/cgroup.procs", pids: true }) as string[])).toEqual(new Set(["a", "b", "c"]));
  });
});

describe("files and names", () => {
  test("2: a name is bounded by no 255 bytes, on either version", () => {
    const tell = told();
    for (const hier of ["v2", "pids"]) for (const size of [256, 1000, 4000]) expect(tell("mkdir", { path: "n".repeat(size), hier }), `${hier} ${size}`).toBe("ok");
  });

  test("13: mkdir on the name of a file that is there is EEXIST before EACCES", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["setid", { agent: "a", ...USER }]);
    expect(["cgroup.procs", "new"].map((path) => tell("mkdir", { agent: "a", path }))).toEqual(["EEXIST", "EACCES"]);
  });

  test("14: a removed cgroup's control file is ENODEV, its directory and CLONE_INTO_CGROUP are ENOENT", () => {
    const tell = inhabited({ a: "" });
    done(tell, ["mkdir", { path: "x" }], ["open", { agent: "a", path: "x", fd: "d", mode: "dir" }], ["open", { agent: "a", path: "x/cgroup.procs", fd: "f" }], ["rmdir", { path: "x" }]);
    expect(tell("fdwrite", { agent: "a", fd: "f", data: "0" })).toBe("ENODEV");
    expect(tell("fdread", { agent: "a", fd: "f" })).toBe("ENODEV");
    expect(tell("fdmkdir", { agent: "a", fd: "d", name: "y" })).toBe("ENOENT");
    expect(tell("fork", { agent: "a", child: "c", into_fd: "d" })).toBe("ENOENT");
  });

  test("21: cgroup.controllers without controllers is empty, not a newline", () => {
    const tell = told({ rootControllers: ["hugetlb"] });
    done(tell, ["mkdir", { path: "x" }]);
    expect(["", "x/"].map((path) => tell("read", { path: `${path}cgroup.controllers` }))).toEqual(["hugetlb\n", ""]);
  });

  test("22: the last token wins, so that a controller which is not there can be asked for and taken back", () => {
    const tell = told();
    expect(["+hugetlb", "-hugetlb", "+hugetlb -hugetlb", "-hugetlb +hugetlb"].map((data) => write(tell, "cgroup.subtree_control", data))).toEqual(["ENOENT", "ok", "ok", "ENOENT"]);
  });

  test("23: one threaded child makes its siblings invalid domains, and without it they are valid again", () => {
    const tell = told();
    for (const path of ["t", "t/a", "t/b"]) done(tell, ["mkdir", { path }]);
    const types = (): unknown[] => ["t", "t/b"].map((path) => tell("read", { path: `${path}/cgroup.type` }));
    expect(types()).toEqual(["domain\n", "domain\n"]);
    done(tell, ["write", { path: "t/a/cgroup.type", data: "threaded" }]);
    expect(types()).toEqual(["domain threaded\n", "domain invalid\n"]);
    done(tell, ["rmdir", { path: "t/a" }]);
    expect(types()).toEqual(["domain\n", "domain\n"]);
  });

  test("24: cgroup.procs of a threaded cgroup can be written, but not read", () => {
    const tell = inhabited({ a: "" });
    for (const path of ["t", "t/a"]) done(tell, ["mkdir", { path }]);
    done(tell, ["write", { path: "t/a/cgroup.type", data: "threaded" }]);
    expect(write(tell, "t/a/cgroup.procs", "{a}")).toBe("ok");
    expect(tell("read", { path: "t/a/cgroup.procs" })).toBe("EOPNOTSUPP");
    expect(tell("read", { path: "t/cgroup.procs", pids: true })).toEqual(["a"]);
  });

  test("25: cgroup.kill asks for nothing but permission to write the file", () => {
    const tell = inhabited({ victim: "x", user: "" });
    done(tell, ["setid", { agent: "user", ...USER }]);
    expect(tell("kill", { agent: "user", target: "victim" })).toBe("EPERM");
    expect(write(tell, "x/cgroup.kill", "1", "user")).toBe("EACCES");
    done(tell, ["chown", { path: "x/cgroup.kill", uid: 1000 }]);
    expect(write(tell, "x/cgroup.kill", "1", "user")).toBe("ok");
    expect(tell("state", { target: "victim" })).toBe("Z");
  });

  test("26: a dead leader with live threads stays in cgroup.procs, but not in cgroup.threads", () => {
    const tell = inhabited({ a: "x" });
    done(tell, ["thread", { agent: "a", name: "t" }], ["exit", { agent: "a", raw: true }]);
    expect(["procs", "threads"].map((file) => tell("read", { path: `x/cgroup.${file}`, pids: true }))).toEqual([["a"], ["t"]]);
  });

  test("28: a cgroup may be called cgroup.foo", () => {
    const tell = told();
    expect(["cgroup.foo", "cgroup.procs"].map((path) => tell("mkdir", { path }))).toEqual(["ok", "EEXIST"]);
  });

  test("30: ids advance by the number of files and one", () => {
    const tell = told();
    const ids = ["x", "y"].map((path) => {
      done(tell, ["mkdir", { path }]);
      return (tell("handle", { path }) as { id: number }).id;
    });
    const { files } = tell("ls", { path: "x", files: true }) as { files: string[] };
    expect([ids[1]! - ids[0]!, files.length + 1]).toEqual([19, 19]);
  });
});
