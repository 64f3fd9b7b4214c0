// Names of systemd units: which are valid (systemd.unit(5)), how cgroups escape them, and which session and user some of
// them name. Knows single names; must not know paths.

const TYPES = new Set([
  "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
  "snapshot", "busname",
]);
const LONGEST = 255;

const UNIT_BYTES = new Uint8Array(128);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@") UNIT_BYTES[letter.charCodeAt(0)] = 1;

/** The part after the last dot if it is a unit type, such as `scope`. */
export function unitType(name: string): string | undefined {
  const type = name.slice(name.lastIndexOf(".") + 1);
  return TYPES.has(type) ? type : undefined;
}

/**
 * Whether a process can live in a unit of that name: a plain name or an instance, not a template.
 *
 *     ssh.service   getty@tty1.service   dev-sda\x2d1.swap     are valid
 *     user@.service   @a.service   a b.service   ssh   .scope  are not
 */
export function isUnitName(name: string): boolean {
  const dot = name.lastIndexOf(".");
  if (dot < 1 || name.length > LONGEST || !TYPES.has(name.slice(dot + 1))) return false;
  for (let at = 0; at < dot; at++) {
    const code = name.charCodeAt(at);
    if (code > 127 || UNIT_BYTES[code] === 0) return false;
  }
  const at = name.indexOf("@");
  return at === -1 || (at > 0 && at < dot - 1);
}

/** Whether a component is a slice: valid, plain, ending in `.slice`. */
export function isSliceName(name: string): boolean {
  return name.endsWith(".slice") && !name.includes("@") && isUnitName(name);
}

/**
 * A component as the unit it stands for: systemd puts `_` before a name that would look like a file of a cgroup.
 *
 *     component: _cpu.service   __a.service   ssh.service
 *     result:    cpu.service    _a.service    ssh.service
 */
export function unescapeComponent(component: string): string {
  return component.startsWith("_") ? component.slice(1) : component;
}

/**
 * The text inside a unit name, as systemd-escape(1) wrote it: `\x2d` is `-`. What is no escape stays as it is.
 *
 *     name:   debian\x2dtree   a\x2   b
 *     result: debian-tree      a\x2   b
 */
export function unescapeName(name: string): string {
  return name.replace(/\\x([0-7][0-9a-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `2` of `session-2.scope`: letters and digits, as logind(8) names sessions. */
export function sessionOf(unit: string): string | undefined {
  return unit.startsWith("session-") ? /^session-([A-Za-z0-9]+)\.scope$/.exec(unit)?.[1] : undefined;
}

/** The user of `user-1000.slice`, or undefined: also for uids that no user has (2^16 - 1 and 2^32 - 1). */
export function ownerOf(slice: string): number | undefined {
  return slice.startsWith("user-") && slice.endsWith(".slice") ? uidOf(slice.slice("user-".length, -".slice".length)) : undefined;
}

/** Whether this is a user's manager, `user@1000.service`, below which that manager names the cgroups. */
export function isUserManager(unit: string): boolean {
  if (!unit.startsWith("user@") || !unit.endsWith(".service")) return false;
  return uidOf(unit.slice("user@".length, -".service".length)) !== undefined;
}

function uidOf(digits: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,9})$/.test(digits)) return undefined;
  const uid = Number(digits);
  return uid < 0xffffffff && uid !== 0xffff ? uid : undefined;
}
