// How the kernel reads an integer that somebody wrote to a control file; the generator needs it to know whom it moved.

const SPACE = /^[\t-\r \u{dca0}]+|[\t-\r \u{dca0}]+$/gu;

/** The number, or undefined where there is none. */
export function parse(data: string): number | undefined {
  const text = data.split("\0")[0]!.replace(SPACE, "");
  const match = /^([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.exec(text);
  if (match === null) return undefined;
  const digits = match[2]!;
  const value = /^0x/i.test(digits) ? Number.parseInt(digits, 16) : Number.parseInt(digits, digits.startsWith("0") ? 8 : 10);
  return match[1] === "-" ? -value : value;
}

/** Right and wrong ways to write a number, given as decimal text (or as `{agent}`). */
export function spellings(number: string): string[] {
  return [
    `${number}\n`, ` ${number}`, `${number}  `, `\t${number}\x0b`, `\f${number}\r\n`, `\n\n${number}`, `+${number}`, `-${number}`, `++${number}`,
    `0x${number}`, `0X${number}`, `0${number}`, `00${number}`, `0o${number}`, `${number}\0`, `${number}\0junk`, `\0${number}`,
    `${number} ${number}`, `${number}\n${number}`, `${number}x`, `${number}.0`, `${number},`, `x${number}`, `+ ${number}`, `\udca0${number}\udca0`,
    `\udc85${number}`, `\u00a0${number}`, `${number}\x1c`, `${number}\u2003`, number.padEnd(4096), number.padEnd(4097), number.padStart(4000),
  ];
}

/** Numbers and non-numbers that stand for nobody. */
export const ODD = [
  "", "\n", " ", "\t\n", "\0", "0", "-0", "+0", "0x0", "00", "0x", "1", "-1", "-2", "+", "-", "99999", "4194304", "4194305", "2147483647",
  "2147483648", "-2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
  "1e3", "abc", "max", "MAX", "08", "0b1", "self", "\udcff", "é", " ".repeat(4096), " ".repeat(5000), "1".repeat(4096),
];
