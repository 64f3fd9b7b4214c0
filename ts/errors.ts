// Errors as Node's own fs throws them: code, errno, syscall, path, dest — plus the kernel rule that refused.
// Knows nothing of cgroups; everything above throws through here.

/** The names of the errnos this library can throw. */
export type ErrnoCode =
  | "EPERM" | "ENOENT" | "ESRCH" | "EIO" | "E2BIG" | "EBADF" | "EAGAIN" | "ENOMEM"
  | "EACCES" | "EBUSY" | "EEXIST" | "ENODEV" | "ENOTDIR" | "EISDIR" | "EINVAL" | "ENOSPC"
  | "EROFS" | "ERANGE" | "ENAMETOOLONG" | "ENOTEMPTY" | "EILSEQ" | "EOPNOTSUPP" | "ESTALE"
  | "ECHILD" | "EXDEV" | "ELOOP" | "EUSERS" | "ESPIPE";

// name → [Linux errno, the words libuv says for it]
const ERRNO: Readonly<Record<ErrnoCode, readonly [number, string]>> = {
  EPERM: [1, "operation not permitted"],
  ENOENT: [2, "no such file or directory"],
  ESRCH: [3, "no such process"],
  EIO: [5, "i/o error"],
  E2BIG: [7, "argument list too long"],
  EBADF: [9, "bad file descriptor"],
  ECHILD: [10, "no child processes"],
  EAGAIN: [11, "resource temporarily unavailable"],
  ENOMEM: [12, "not enough memory"],
  EACCES: [13, "permission denied"],
  EBUSY: [16, "resource busy or locked"],
  EEXIST: [17, "file already exists"],
  EXDEV: [18, "cross-device link not permitted"],
  ENODEV: [19, "no such device"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "illegal operation on a directory"],
  EINVAL: [22, "invalid argument"],
  ENOSPC: [28, "no space left on device"],
  ESPIPE: [29, "invalid seek"],
  EROFS: [30, "read-only file system"],
  ERANGE: [34, "result too large"],
  ENAMETOOLONG: [36, "name too long"],
  ENOTEMPTY: [39, "directory not empty"],
  ELOOP: [40, "too many symbolic links encountered"],
  EILSEQ: [84, "illegal byte sequence"],
  EUSERS: [87, "too many users"],
  EOPNOTSUPP: [95, "operation not supported"],
  ESTALE: [116, "stale file handle"],
};

/** What an error says besides its code. `path` and `dest` are as the caller gave them. */
export interface ErrorDetails {
  readonly syscall?: string | undefined;
  readonly path?: string | Uint8Array | undefined;
  readonly dest?: string | Uint8Array | undefined;
  /** The kernel rule or man page behind the refusal, in one clause. */
  readonly rule?: string | undefined;
  /** 1-based line of a parsed text. */
  readonly line?: number | undefined;
}

const shown = (path: string | Uint8Array): string => (typeof path === "string" ? path : new TextDecoder().decode(path));

/** An error shaped like Node's ErrnoException: `EBUSY: resource busy or locked, rmdir '/a'`. */
export class CgroupError extends Error {
  readonly code: ErrnoCode;
  /** The negated Linux errno, as in Node. */
  readonly errno: number;
  readonly syscall: string | undefined;
  readonly path: string | undefined;
  readonly dest: string | undefined;
  readonly rule: string | undefined;
  readonly line: number | undefined;

  constructor(code: ErrnoCode, details: ErrorDetails = {}) {
    const { syscall, path, dest, rule, line } = details;
    const subject = path === undefined ? "" : ` '${shown(path)}'${dest === undefined ? "" : ` -> '${shown(dest)}'`}`;
    const doing = syscall === undefined ? "" : `, ${syscall}${subject}`;
    const where = line === undefined ? "" : `, line ${line}`;
    super(`${code}: ${ERRNO[code][1]}${doing}${where}${rule === undefined ? "" : ` (${rule})`}`);
    this.name = "CgroupError";
    this.code = code;
    this.errno = -ERRNO[code][0];
    this.syscall = syscall;
    this.path = path === undefined ? undefined : shown(path);
    this.dest = dest === undefined ? undefined : shown(dest);
    this.rule = rule;
    this.line = line;
  }
}

const CODES = new Map<number, ErrnoCode>(
  Object.entries(ERRNO).map(([code, [errno]]) => [errno, code as ErrnoCode]),
);

/** The name of a positive Linux errno; throws where the library does not know it, which is a bug of ours. */
export function errnoCode(errno: number): ErrnoCode {
  const code = CODES.get(errno);
  if (code === undefined) throw new RangeError(`unknown errno ${errno}`);
  return code;
}

/** A TypeError in the house's words: ``Expected `x` to be a string, got number``. */
export function expected(name: string, what: string, got: unknown): TypeError {
  const kind = got === null ? "null" : Array.isArray(got) ? "array" : typeof got;
  return new TypeError(`Expected \`${name}\` to be ${what}, got ${kind}`);
}
