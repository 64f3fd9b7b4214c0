// Byte strings: names, paths and file contents as the kernel has them, one character a byte (0–255), so that any name
// can be a Map key and text is joined and cut by bytes. Knows nothing of cgroups.

/** A string of bytes: every character code is below 256. */
export type Bytes = string;

const BEYOND_ASCII = /[\u0080-\uffff]/;
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

export function fromText(text: string): Bytes {
  return BEYOND_ASCII.test(text) ? fromBuffer(encoder.encode(text)) : text;
}

/** As UTF-8; what is not UTF-8 becomes U+FFFD, as Node's `utf8` encoding has it. */
export function toText(bytes: Bytes): string {
  return BEYOND_ASCII.test(bytes) ? lenient.decode(toBuffer(bytes)) : bytes;
}

/** As UTF-8, or undefined where the bytes are not. */
export function toStrictText(bytes: Bytes): string | undefined {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  try {
    return strict.decode(toBuffer(bytes));
  } catch {
    return undefined;
  }
}

export function fromBuffer(buffer: Uint8Array): Bytes {
  let text = "";
  for (let at = 0; at < buffer.length; at += 8192) text += String.fromCharCode(...buffer.subarray(at, at + 8192));
  return text;
}

export function toBuffer(bytes: Bytes): Uint8Array {
  const buffer = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) buffer[i] = bytes.charCodeAt(i);
  return buffer;
}

export const given = (value: string | Uint8Array): Bytes => (typeof value === "string" ? fromText(value) : fromBuffer(value));

/** What the kernel's isspace() takes for a blank: 09–0D, 20 and A0. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13) || code === 0xa0;
}

/** As the kernel's strstrip(). */
export function strip(bytes: Bytes): Bytes {
  let from = 0;
  let to = bytes.length;
  while (from < to && isBlank(bytes.charCodeAt(from))) from++;
  while (to > from && isBlank(bytes.charCodeAt(to - 1))) to--;
  return from === 0 && to === bytes.length ? bytes : bytes.slice(from, to);
}

/** Text as a control file's handler gets it: up to the first NUL. */
export function upToNul(bytes: Bytes): Bytes {
  const nul = bytes.indexOf("\0");
  return nul === -1 ? bytes : bytes.slice(0, nul);
}

const BLANK = /[ \t\n\\]/;
const BLANKS = /[ \t\n\\]/g;

/** A path as mountinfo shows it: blanks and backslashes in octal. */
export const escapeBlanks = (path: Bytes): Bytes =>
  BLANK.test(path) ? path.replace(BLANKS, (blank) => `\\${blank.charCodeAt(0).toString(8).padStart(3, "0")}`) : path;
