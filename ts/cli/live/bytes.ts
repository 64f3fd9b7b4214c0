// Text as the operations have it and bytes as the kernel has them. Inside the driver a byte is a character of the same
// number, so that names which are not UTF-8 go through a shell unharmed; in a result such a byte is a lone surrogate.

/** One character a byte, 0 to 255. */
export type Bytes = string;

const ESCAPED = 0xdc00;

/** UTF-8, with U+DC80 to U+DCFF standing for single bytes. */
export function bytesOf(text: string): Bytes {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return [...text].map((point) => (isByte(point) ? String.fromCharCode(point.charCodeAt(0) - ESCAPED) : utf8(point))).join("");
}

const isByte = (point: string): boolean => point.length === 1 && point >= "\udc80" && point <= "\udcff";
const utf8 = (text: string): Bytes => Buffer.from(text, "utf8").toString("latin1");

/** The inverse of bytesOf. */
export function textOf(bytes: Bytes): string {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((length) => whole(bytes.slice(at, at + length)) !== undefined);
    text += length === undefined ? String.fromCharCode(ESCAPED + bytes.charCodeAt(at)) : whole(bytes.slice(at, at + length))!;
    at += length ?? 1;
  }
  return text;
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// What the bytes say if they are whole characters.
function whole(bytes: Bytes): string | undefined {
  try {
    return STRICT.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

/** A word of a shell command, on one line: the shell has a newline in $NL. */
export function word(bytes: Bytes): Bytes {
  if (/^[\w./:=,-]+$/.test(bytes)) return bytes;
  return `'${bytes.replaceAll("'", `'\\''`).replaceAll("\n", `'"$NL"'`)}'`;
}

/** The argument of `printf %b` that prints these bytes. */
export function printable(bytes: Bytes): Bytes {
  return [...bytes].map((byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`).join("");
}
