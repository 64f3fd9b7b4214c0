// Every number both sides of the door share: integer literals only, read by asc and by tsc alike.
// Change one, or an export of index.ts: raise ABI_VERSION.

export const ABI_VERSION = 7;

// Linux errno; a call across the door answers `-errno`.
export const ENOENT = 2;
export const ENOMEM = 12;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENOSPC = 28;
export const EAGAIN = 11;
export const ENAMETOOLONG = 36;

/** Longest name of a cgroup, in bytes: PATH_MAX without the NUL; there is no 255-byte limit. */
export const NAME_MAX = 4095;
/** Longest path the kernel prints, in bytes. */
export const VIEW_MAX = 4095;
/** Beside the length of a view: all its bytes are below 128. */
export const ASCII = 0x40000000;
/** Where in the scratch buffer a whole path begins: names are copied in whole blocks, from the last one up. */
export const BLOCK_BYTES = 16;
/** Deepest level a cgroup can have. */
export const LEVEL_MAX = 524287;
/** Hierarchies in one core. */
export const HIERARCHY_MAX = 255;
/** Pids are below: PID_MAX_LIMIT of a 64-bit kernel. */
export const PID_LIMIT = 4194304;
/** Bytes of secret key that the caller fills in before the first hierarchy is made. */
export const KEY_BYTES = 4128;
/** Bytes of one page of linear memory. */
export const PAGE_BYTES = 65536;
