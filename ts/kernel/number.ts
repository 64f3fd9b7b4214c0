// Numbers as control files read them: kstrtoint(), kstrtoull() and memparse(), with the errnos they give.

import type { Bytes } from "./bytes.ts";

export type NumberErrno = "EINVAL" | "ERANGE";

/** The largest int. */
export const INT_MAX: number = 2 ** 31 - 1;
const DIGITS: Readonly<Record<number, RegExp>> = { 8: /^[0-7]+/, 10: /^[0-9]+/, 16: /^[0-9a-fA-F]+/ };

interface Digits {
  readonly digits: Bytes;
  readonly base: 8 | 10 | 16;
  readonly rest: Bytes;
}

const PREFIX = { 8: "0o", 10: "", 16: "0x" } as const;
const toBigint = ({ digits, base }: Digits): bigint => BigInt(PREFIX[base] + digits);

/** The digits of 2 ** 64 in base 8: with more of them, whatever the base, it is beyond 64 bits. */
const MOST_DIGITS = 22;

// Base 0: 0x is hexadecimal, another leading 0 octal. No digits: undefined.
function digits(text: Bytes): Digits | undefined {
  const hex = /^0[xX](?=[0-9a-fA-F])/.test(text);
  const base = hex ? 16 : text.startsWith("0") ? 8 : 10;
  const body = hex ? text.slice(2) : text;
  const found = DIGITS[base]!.exec(body)?.[0];
  return found === undefined ? undefined : { digits: found, base, rest: body.slice(found.length) };
}

/** kstrtoull(text, 0): one `+` and one last newline are taken. */
export function unsigned64(text: Bytes): bigint | NumberErrno {
  const found = digits(text.startsWith("+") ? text.slice(1) : text);
  if (found === undefined) return "EINVAL";
  if (found.digits.length > MOST_DIGITS && found.digits.replace(/^0+/, "").length > MOST_DIGITS) return "ERANGE";
  const value = toBigint(found);
  if (value > 0xffffffffffffffffn) return "ERANGE";
  return found.rest === "" || found.rest === "\n" ? value : "EINVAL";
}

/** kstrtoll(text, 0). */
export function signed64(text: Bytes): bigint | NumberErrno {
  const negative = text.startsWith("-");
  if (negative && text.startsWith("-+")) return "EINVAL";
  const value = unsigned64(negative ? text.slice(1) : text);
  if (typeof value === "string") return value;
  if (value > (negative ? 2n ** 63n : 2n ** 63n - 1n)) return "ERANGE";
  return negative ? -value : value;
}

const PLAIN = /^(?:0|[1-9][0-9]{0,8})$/;

/** kstrtoint(text, 0). */
export function integer(text: Bytes): number | NumberErrno {
  if (PLAIN.test(text)) return Number(text);
  const value = signed64(text);
  if (typeof value === "string") return value;
  return value > INT_MAX || value < -INT_MAX - 1 ? "ERANGE" : Number(value);
}

const SUFFIX = "KMGTPE";

/** memparse(): a number wrapping at 64 bits and one suffix; undefined where something is left over. */
export function memorySize(text: Bytes): bigint | undefined {
  const found = digits(text);
  if (found === undefined) return text === "" ? 0n : undefined;
  const power = found.rest === "" ? -1 : SUFFIX.indexOf(found.rest[0]!.toUpperCase());
  const left = power === -1 ? found.rest : found.rest.slice(1);
  if (left !== "") return undefined;
  return BigInt.asUintN(64, BigInt.asUintN(64, toBigint(found)) << BigInt(10 * (power + 1)));
}
