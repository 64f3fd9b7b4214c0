// Octal escapes, as the kernel's seq_escape() writes them: a backslash and three digits for each byte of a given set.
// Knows bytes only, not which field escapes what.

const BACKSLASH = 0x5c;
const ZERO = 0x30;

/**
 * Each byte of `set`, which is all ASCII, as `\ooo`.
 *
 *     from:   /a b\c      set: space, tab, newline, backslash
 *     result: /a\040b\134c
 */
export function mangle<T extends string | Uint8Array>(text: T, set: string): T;
export function mangle(text: string | Uint8Array, set: string): string | Uint8Array {
  return typeof text === "string" ? mangleString(text, set) : mangleBytes(text, set);
}

function mangleString(text: string, set: string): string {
  if (!holdsAny(text, set)) return text;
  return Array.from(text, (character) => (set.includes(character) ? octal(character.charCodeAt(0)) : character)).join("");
}

function holdsAny(text: string, set: string): boolean {
  for (let at = 0; at < set.length; at++) if (text.includes(set.charAt(at))) return true;
  return false;
}

function mangleBytes(bytes: Uint8Array, set: string): Uint8Array {
  const codes = Array.from(set, (character) => character.charCodeAt(0));
  const out: number[] = [];
  for (const byte of bytes) {
    if (!codes.includes(byte)) out.push(byte);
    else out.push(BACKSLASH, ZERO + (byte >> 6), ZERO + ((byte >> 3) & 7), ZERO + (byte & 7));
  }
  return Uint8Array.from(out);
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/**
 * Every `\ooo` up to `\377` as its byte; a backslash before anything else stays.
 *
 *     from:   \040   \134x   \12x   \400   \\
 *     result: space  \x      \12x   \400   \\
 */
export function unmangle(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; length++) {
    const byte = escapedByte(bytes, at);
    out[length] = byte < 0 ? bytes[at]! : byte;
    at += byte < 0 ? 1 : 4;
  }
  return out.slice(0, length);
}

function escapedByte(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== BACKSLASH || at + 3 >= bytes.length) return -1;
  const [high, middle, low] = [bytes[at + 1]! - ZERO, bytes[at + 2]! - ZERO, bytes[at + 3]! - ZERO];
  const octal = high >= 0 && high <= 3 && middle >= 0 && middle <= 7 && low >= 0 && low <= 7;
  return octal ? (high << 6) | (middle << 3) | low : -1;
}

/** Text for a word that is not UTF-8: its bytes above ASCII as octal escapes. */
export function mangledText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : octal(byte))).join("");
}
