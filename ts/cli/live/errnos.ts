// Which errno a program of util-linux or coreutils is talking about: in the C locale its message ends in strerror's words,
// glibc's or musl's; mount and umount have words of their own for some.

const STRERROR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    EPERM: ["Operation not permitted"],
    ENOENT: ["No such file or directory"],
    ESRCH: ["No such process"],
    EIO: ["Input/output error"],
    ENXIO: ["No such device or address"],
    E2BIG: ["Argument list too long"],
    EBADF: ["Bad file descriptor"],
    ECHILD: ["No child processes"],
    EAGAIN: ["Resource temporarily unavailable"],
    ENOMEM: ["Cannot allocate memory", "Out of memory"],
    EACCES: ["Permission denied"],
    EBUSY: ["Device or resource busy", "Resource busy"],
    EEXIST: ["File exists"],
    EXDEV: ["Invalid cross-device link", "Cross-device link"],
    ENODEV: ["No such device"],
    ENOTDIR: ["Not a directory"],
    EISDIR: ["Is a directory"],
    EINVAL: ["Invalid argument"],
    ETXTBSY: ["Text file busy"],
    EFBIG: ["File too large"],
    ENOSPC: ["No space left on device"],
    ESPIPE: ["Illegal seek", "Invalid seek"],
    EROFS: ["Read-only file system"],
    EMLINK: ["Too many links"],
    ERANGE: ["Numerical result out of range", "Result not representable"],
    ENAMETOOLONG: ["File name too long", "Filename too long"],
    ENOTEMPTY: ["Directory not empty"],
    ELOOP: ["Too many levels of symbolic links", "Symbolic link loop"],
    EOVERFLOW: ["Value too large for defined data type", "Value too large for data type"],
    EUSERS: ["Too many users"],
    EOPNOTSUPP: ["Operation not supported", "Not supported"],
    ESTALE: ["Stale file handle"],
  }).flatMap(([errno, texts]) => texts.map((text): [string, string] => [text, errno])),
);

// In mount(8)'s own words.
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/must be superuser to|only root can|: permission denied\.?$/, "EPERM"],
  [/mount point does not exist|special device .* does not exist|no mount point specified/, "ENOENT"],
  [/wrong fs type, bad option|mount point not mounted or bad option|: not mounted\.?$|: not a mount point/, "EINVAL"],
  [/already mounted|mount point busy|target is busy/, "EBUSY"],
  [/unknown filesystem type|not configured in kernel/, "ENODEV"],
  [/mount point is not a directory/, "ENOTDIR"],
];

/** The errno's name, or undefined where no line of the message tells. */
export function errnoOf(message: string): string | undefined {
  for (const line of message.split("\n")) {
    const last = line.slice(line.lastIndexOf(": ") + 1).trim().replace(/\.$/, "");
    const errno = STRERROR.get(last) ?? PHRASES.find(([phrase]) => phrase.test(line))?.[1];
    if (errno !== undefined) return errno;
  }
  return undefined;
}
