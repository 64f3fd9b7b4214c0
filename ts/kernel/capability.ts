// Capabilities as sets of bits, in the order of capabilities(7). Knows nothing of who holds them.

const NAMES = [
  "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
  "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
  "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
  "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
  "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
  "CHECKPOINT_RESTORE",
] as const;

export type CapabilityName = (typeof NAMES)[number];

/** A set of capabilities: bit n is capability number n. */
export type Capabilities = bigint;

export const ALL: Capabilities = (1n << BigInt(NAMES.length)) - 1n;
export const NONE: Capabilities = 0n;

/** Each capability as a set of one. */
export const CAP: Readonly<Record<CapabilityName, Capabilities>> = Object.fromEntries(
  NAMES.map((name, bit) => [name, 1n << BigInt(bit)]),
) as Record<CapabilityName, Capabilities>;

const SETS: ReadonlyMap<string, Capabilities> = new Map(Object.entries(CAP));

/** The set with these names (with or without `CAP_`), or undefined where one is unknown. */
export function capabilitySet(names: readonly string[]): Capabilities | undefined {
  let set = NONE;
  for (const name of names) {
    const one = SETS.get(name.startsWith("CAP_") ? name.slice(4) : name);
    if (one === undefined) return undefined;
    set |= one;
  }
  return set;
}

export const capabilityNames = (set: Capabilities): CapabilityName[] => NAMES.filter((name) => (set & CAP[name]) !== 0n);
