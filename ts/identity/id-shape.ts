// The shapes of ids, as runtimes make them. A shape alone proves nothing: a convention has to put it there.
// Knows characters; must not know paths or runtimes.

const HEX = new Uint8Array(128);
for (const digit of "0123456789abcdef") HEX[digit.charCodeAt(0)] = 1;

/** How many characters of `text` from `start` on are lower-case hex digits, up to `end`. */
export function hexRun(text: string, start = 0, end: number = text.length): number {
  let at = start;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > 127 || HEX[code] === 0) break;
  }
  return at - start;
}

/** 64 lower-case hex digits: what Docker, containerd's CRI, CRI-O and Podman draw for a container. */
export function isLongId(text: string): boolean {
  return text.length === 64 && hexRun(text) === 64;
}

/** 12 to 40 hex digits: a shortened id. Longer ones short of 64 have lost digits and would name nothing. */
export function isShortId(text: string): boolean {
  return text.length >= 12 && text.length <= 40 && hexRun(text) === text.length;
}

/** 32 hex digits: an ECS task, or the uid of a pod that the kubelet read from a file. */
export function isTaskId(text: string): boolean {
  return text.length === 32 && hexRun(text) === 32;
}

/** A UUID with `-` or, as the kubelet's systemd driver writes it, `_`. */
export function isUuid(text: string): boolean {
  return text.length === 36 && isGrouped(text, [8, 4, 4, 4, 12]);
}

/** What Garden draws for a container: 8-4-4-4 and at least four more digits. */
export function isGardenId(text: string): boolean {
  return text.length >= 28 && text.length <= 36 && isGrouped(text, [8, 4, 4, 4, text.length - 24]);
}

/**
 * A container of Fargate: its task's id, then the 32-bit FNV-1a hash of the container's name as a decimal number, which is
 * why it mostly has ten digits and often nine: `web` is 265927825.
 */
export function isFargateId(text: string): boolean {
  if (text.charAt(32) !== "-" || hexRun(text, 0, 32) < 32) return false;
  const number = text.slice(33);
  return /^[0-9]{1,10}$/.test(number) && Number(number) <= 0xffffffff;
}

// Whether the text is groups of as many hex digits, which with what divides them make up its length.
function isGrouped(text: string, groups: readonly number[]): boolean {
  let at = 0;
  for (const length of groups) {
    if (at > 0 && text.charAt(at - 1) !== "-" && text.charAt(at - 1) !== "_") return false;
    if (hexRun(text, at, at + length) < length) return false;
    at += length + 1;
  }
  return true;
}
