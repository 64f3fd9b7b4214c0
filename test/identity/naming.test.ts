// systemd's names in a path, as systemd's own library reads them: units, slices, sessions, owners, and what it escapes.

import { describe, expect, test } from "vitest";
import { identifyPath } from "../../ts/index.ts";

type Names = [unit: string | null, userUnit: string | null, slice: string, userSlice: string | null, session: string | null, uid: number | null];

function names(path: string): Names {
  const { unit, userUnit, slice, userSlice, session, owner } = identifyPath(path);
  return [unit?.name ?? null, userUnit?.name ?? null, slice!.name, userSlice?.name ?? null, session?.name ?? null, owner?.uid ?? null];
}

const read: [sentence: string, path: string, ...Names][] = [
  ["a service in a slice", "/system.slice/ssh.service", "ssh.service", null, "system.slice", null, null, null],
  ["a unit at the root is in -.slice", "/init.scope", "init.scope", null, "-.slice", null, null, null],
  ["nested slices: the innermost", "/a.slice/a-b.slice/a-b-c.slice/x.service", "x.service", null, "a-b-c.slice", null, null, null],
  ["an instance of a template", "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", null, "system-getty.slice", null, null, null],
  ["an escaped instance keeps its escapes", "/system.slice/system-a.slice/a@b\\x2dc.service", "a@b\\x2dc.service", null, "system-a.slice", null, null, null],
  ["a template is no unit", "/system.slice/user@.service", null, null, "system.slice", null, null, null],
  ["nor is one without a prefix", "/system.slice/@a.service", null, null, "system.slice", null, null, null],
  ["a slice has no instances", "/a@b.slice/x.service", null, null, "-.slice", null, null, null],
  ["a delegated sub-tree is the unit's", "/system.slice/web.service/workers/3", "web.service", null, "system.slice", null, null, null],
  ["units below a delegated cgroup are not read", "/system.slice/web.service/workers/fake.service", "web.service", null, "system.slice", null, null, null],
  ["a directory that is not systemd's ends the reading", "/container/x.service", null, null, "-.slice", null, null, null],
  ["a session", "/user.slice/user-1000.slice/session-7.scope", "session-7.scope", null, "user-1000.slice", null, "7", 1000],
  ["a session's name has letters and digits", "/user.slice/user-0.slice/session-c2.scope", "session-c2.scope", null, "user-0.slice", null, "c2", 0],
  ["what only looks like a session", "/user.slice/user-0.slice/session-a_b.scope", "session-a_b.scope", null, "user-0.slice", null, null, 0],
  ["a service called like one", "/user.slice/user-0.slice/session-7.service", "session-7.service", null, "user-0.slice", null, null, 0],
  ["a user's unit in a session", "/user.slice/user-1000.slice/session-3.scope/app.slice/a.service", "session-3.scope", "a.service", "user-1000.slice", "app.slice", "3", 1000],
  ["a user's unit", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-a.scope", "user@1000.service", "app-a.scope", "user-1000.slice", "app.slice", null, 1000],
  ["nested slices of a user's", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.slice/y.service/sub", "user@1000.service", "y.service", "user-1000.slice", "app-x.slice", null, 1000],
  ["the manager itself", "/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", "init.scope", "user-1000.slice", null, null, 1000],
  ["a manager of nobody", "/user.slice/user@me.service/x.service", "user@me.service", null, "user.slice", null, null, null],
  ["a scope called like a manager", "/user.slice/user@1000.scope/x.service", "user@1000.scope", null, "user.slice", null, null, null],
  ["an instance of another template", "/user.slice/name@1000.service/x.service", "name@1000.service", null, "user.slice", null, null, null],
  ["units below a user's unit are not read", "/user.slice/user@1.service/a.service/b.service", "user@1.service", "a.service", "user.slice", null, null, null],
  ["a uid that nobody has", "/user.slice/user-65535.slice/x.scope", "x.scope", null, "user-65535.slice", null, null, null],
  ["another", "/user.slice/user-4294967295.slice/x.scope", "x.scope", null, "user-4294967295.slice", null, null, null],
  ["a uid that is spelled otherwise", "/user.slice/user-01000.slice/x.scope", "x.scope", null, "user-01000.slice", null, null, null],
  ["an owner is the innermost slice's", "/user.slice/user-1000.slice/user-1000-x.slice/a.scope", "a.scope", null, "user-1000-x.slice", null, null, null],
  ["`_` before a name that looks like a file", "/system.slice/_cpu.service", "cpu.service", null, "system.slice", null, null, null],
  ["`_` before a `_`", "/system.slice/__a.service", "_a.service", null, "system.slice", null, null, null],
  ["an escaped slice", "/_cpu.slice/x.service", "x.service", null, "cpu.slice", null, null, null],
  ["a name that systemd would not allow ends the reading", "/system.slice/a b.service/x.service", null, null, "system.slice", null, null, null],
  ["a slice of such a name too", "/a b.slice/x.service", null, null, "-.slice", null, null, null],
  ["letters beyond ASCII are none of systemd's", "/system.slice/\u00e9.service", null, null, "system.slice", null, null, null],
  ["a colon is", "/system.slice/a:b.service", "a:b.service", null, "system.slice", null, null, null],
  ["a type without a name", "/system.slice/.service", null, null, "system.slice", null, null, null],
  ["256 bytes: one too many", `/${"a".repeat(248)}.service`, null, null, "-.slice", null, null, null],
  ["255 bytes", `/${"a".repeat(247)}.service`, `${"a".repeat(247)}.service`, null, "-.slice", null, null, null],
  ["a slice is no unit here", "/system.slice", null, null, "system.slice", null, null, null],
  ["`/..` is passed over", "/../../user.slice/user-501.slice/session-3.scope", "session-3.scope", null, "user-501.slice", null, "3", 501],
  ["the root", "/", null, null, "-.slice", null, null, null],
  ["inside a container another manager begins, outside counts", `/system.slice/docker-${"ab".repeat(32)}.scope/system.slice/cron.service`, `docker-${"ab".repeat(32)}.scope`, null, "system.slice", null, null, null],
];

describe("systemd's names", () => {
  test.each(read)("%s", (_, path, ...wanted) => expect(names(path)).toEqual(wanted));
});

test("every type of unit that systemd has or had, and no other", () => {
  for (const type of ["service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "scope", "snapshot", "busname"]) {
    expect(names(`/system.slice/a.${type}`)[0]).toBe(`a.${type}`);
  }
  expect(names("/system.slice/a.conf")[0]).toBeNull();
});

// Directly below the machine's cgroup, or in the sub-cgroup that its manager makes for what runs inside.
test.each([
  ["LXC", "/lxc.payload.web"], ["LXC in Proxmox", "/lxc/101/ns"], ["systemd-nspawn", "/machine.slice/systemd-nspawn@web.service/payload"],
  ["Podman with crun", `/machine.slice/libpod-${"ab".repeat(32)}.scope/container`],
])("the chain has the inner manager's names too: %s", (_, path) => {
  const { chain } = identifyPath(`${path}/system.slice/cron.service`);
  expect(chain.slice(-2)).toMatchObject([{ depth: 1, kind: "slice", name: "system.slice" }, { depth: 1, kind: "unit", name: "cron.service" }]);
});
