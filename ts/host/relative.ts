// Paths as one cgroup namespace sees them: up by `/..`, then down by names. Arithmetic on them, no tree needed.
// Names are latin1 strings here: one character a byte, whatever the bytes mean.
//
//   seen by the reader  seen from inside   the namespace's root is
//   /a/b/c              /c                 /a/b             (exactly: what both end in is below it)
//   /a/b/c              /                  /a/b/c
//   /a/x                /../x              somewhere below /a, one level deeper than it

export interface Relative {
  readonly ups: number;
  readonly names: readonly string[];
}

export function relative(path: Uint8Array): Relative {
  const parts = latin1(path).split("/").slice(1);
  let ups = 0;
  while (parts[ups] === "..") ups++;
  const names = parts.slice(ups);
  return { ups, names: names.length === 1 && names[0] === "" ? [] : names };
}

export function bytesOf({ ups, names }: Relative): Uint8Array {
  const text = "/..".repeat(ups) + names.map((name) => `/${name}`).join("");
  return Buffer.from(text === "" ? "/" : text, "latin1");
}

/** Levels below the root of whoever sees it that way; negative above. */
export const depthOf = ({ ups, names }: Relative): number => names.length - ups;

export function ancestor({ ups, names }: Relative, levels: number): Relative {
  const kept = names.length - levels;
  return kept >= 0 ? { ups, names: names.slice(0, kept) } : { ups: ups - kept, names: [] };
}

export const child = ({ ups, names }: Relative, name: string): Relative => ({ ups, names: [...names, name] });

export const same = (a: Relative, b: Relative): boolean => key(a) === key(b);

/** Is `lower` the cgroup at `upper` or one below it? */
export function isAtOrBelow(lower: Relative, upper: Relative): boolean {
  if (upper.ups > lower.ups) return upper.names.length === 0;
  return upper.ups === lower.ups && upper.names.every((name, i) => lower.names[i] === name);
}

export const key = (path: Relative): string => latin1(bytesOf(path));

/** What one cgroup, seen from both sides, says of the inner side's root. */
export interface Finding {
  /** An ancestor of the root, the root itself if `below` is 0. */
  readonly above: Relative;
  /** Levels from there to the root. */
  readonly below: number;
}

/** Undefined where the two cannot be the same cgroup: it moved between the two looks. */
export function compare(outside: Relative, inside: Relative): Finding | undefined {
  const shared = Math.min(outside.names.length, inside.names.length);
  for (let i = 1; i <= shared; i++) {
    if (outside.names.at(-i) !== inside.names.at(-i)) return undefined;
  }
  return { above: ancestor(outside, inside.names.length), below: inside.ups };
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
