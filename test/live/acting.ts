// Really doing what `cgroupns can` was asked about: a short-lived process takes its place, its ids and its namespaces, makes
// the one call, takes it back, and says the errno. Knows nothing of the library.

import { spawnSync } from "node:child_process";

export interface Actor {
  /** Whose ids. */
  readonly uid: number;
  /** Where it is: a directory of the unified hierarchy. */
  readonly at: string;
  /** A process whose user, cgroup and mount namespaces it enters, as its own user. */
  readonly like?: number;
}

export type Call = readonly [name: string, ...args: string[]];

// The place before the ids: joining a cgroup is root's to do. Argument: at, uid, enter, call and its arguments.
const ACT = `
import os, sys, ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
at, uid, like = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
call, args = sys.argv[4], sys.argv[5:]
def check(result):
    if result < 0: raise OSError(ctypes.get_errno(), "")
def write(path, data):
    fd = os.open(path, os.O_WRONLY)
    try: os.write(fd, data.encode())
    finally: os.close(fd)
def setns(path, kind):
    fd = os.open(path, os.O_RDONLY)
    try: check(libc.setns(fd, kind))
    finally: os.close(fd)
write(at + "/cgroup.procs", "0")
if uid != 0:
    os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
if like:
    fds = [os.open("/proc/%d/ns/%s" % (like, kind), os.O_RDONLY) for kind in ("user", "cgroup", "mnt")]
    for fd in fds: check(libc.setns(fd, 0)); os.close(fd)
try:
    if call == "write": write(args[0], args[1])
    elif call == "mkdir": os.mkdir(args[0])
    elif call == "rmdir": os.rmdir(args[0])
    elif call == "unshare": check(libc.unshare(int(args[0])))
    elif call == "setns": setns(args[0], int(args[1]))
    elif call == "mount":
        check(libc.mount(b"none", args[0].encode(), b"cgroup2", 0, None))
        libc.umount2(args[0].encode(), 2)
    print("OK")
except OSError as error:
    print("EOPNOTSUPP" if error.errno == errno.EOPNOTSUPP else errno.errorcode[error.errno])
`;

// What is called python3 may be a script that looks for the right one each time.
let python: string | undefined;

/** "OK" or the errno's name. */
export function act({ uid, at, like = 0 }: Actor, call: Call): string {
  python ??= spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
  const { stdout, stderr } = spawnSync(python, ["-c", ACT, at, String(uid), String(like), ...call], { encoding: "utf8" });
  if (stdout === "") throw new Error(`the call could not be tried: ${stderr}`);
  return stdout.trim();
}

export const hasPython = (): boolean => spawnSync("python3", ["--version"]).status === 0;

export const BITS: Readonly<Record<string, number>> = { mnt: 0x20000, cgroup: 0x02000000, uts: 0x04000000, ipc: 0x08000000, user: 0x10000000, net: 0x40000000 };
