// Numbers as the kernel reads them, beside what arithmetic says of the same digits.

import fc from "fast-check";
import { expect, test } from "vitest";
import { signed64, unsigned64 } from "../../ts/kernel/number.ts";

const BASES = [["", 10, "123456789", "0123456789"], ["0", 8, "1234567", "01234567"], ["0x", 16, "123456789abcdef", "0123456789abcdefABCDEF"]] as const;
const NUMERAL = fc.constantFrom(...BASES).chain(([prefix, base, first, rest]) =>
  fc.tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...rest), maxLength: 70 }), fc.nat({ max: base === 10 ? 0 : 40 }))
    .map(([head, tail, zeros]) => ({ text: `${prefix}${"0".repeat(zeros)}${head}${tail}`, digits: `${head}${tail}`, base })),
);

const worthOf = (digits: string, base: number): bigint => [...digits].reduce((value, digit) => value * BigInt(base) + BigInt(Number.parseInt(digit, 16)), 0n);

test("a number of any length is its value, or ERANGE beyond 64 bits", () => {
  fc.assert(
    fc.property(NUMERAL, ({ text, digits, base }) => {
      const value = worthOf(digits, base);
      expect(unsigned64(text)).toBe(value < 2n ** 64n ? value : "ERANGE");
      expect(signed64(text)).toBe(value < 2n ** 63n ? value : "ERANGE");
      expect(signed64(`-${text}`)).toBe(value <= 2n ** 63n ? -value : "ERANGE");
    }),
    { numRuns: 2000 },
  );
});

test("the largest number has its 22 octal digits, and as many zeros as there is room for change nothing", () => {
  expect([unsigned64("01777777777777777777777"), unsigned64("02000000000000000000000")]).toEqual([2n ** 64n - 1n, "ERANGE"]);
  expect([unsigned64(`${"0".repeat(4000)}17`), unsigned64(`0x${"0".repeat(4000)}1f`), unsigned64("0".repeat(4000))]).toEqual([15n, 31n, 0n]);
});

test("too large comes before what is left over", () => {
  expect([unsigned64(`${"9".repeat(30)}x`), unsigned64("99999999999999999999x"), unsigned64("9x")]).toEqual(["ERANGE", "ERANGE", "EINVAL"]);
});
