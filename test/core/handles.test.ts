// The table of handles beside a Map, over sequences; numbers that are at home in one place included.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Handles } from "../../ts/core/handles.ts";

// The inverse of the factor that spreads them: these are at home in one place or its neighbours, at the end of the table too.
const crowded = fc.integer({ min: 0, max: 40 }).map((n) => Math.imul(n < 20 ? n + 1 : -n, INVERSE) >>> 0);
const INVERSE = inverse(0x9e3779b1);
const step = fc.record({ node: fc.oneof(crowded, fc.integer({ min: 1, max: 60 })), isDelete: fc.boolean() });

test("a table of handles answers as a Map, whatever was put and deleted before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const handles = new Handles<{ node: number }>();
      const twin = new Map<number, { node: number }>();
      for (const { node, isDelete } of steps) {
        if (isDelete) {
          if (twin.delete(node)) handles.delete(node);
        } else if (!twin.has(node)) {
          const handle = { node };
          handles.set(node, handle);
          twin.set(node, handle);
        }
        for (const one of new Set(steps.map(({ node: other }) => other))) if (handles.get(one) !== twin.get(one)) return false;
      }
      return true;
    }),
    { numRuns: 150 },
  );
});

test("it grows as far as it is asked to, and loses nobody", () => {
  const handles = new Handles<number>();
  for (let n = 1; n <= 100_000; n++) handles.set(n * 7, n);
  for (let n = 1; n <= 100_000; n += 2) handles.delete(n * 7);
  for (let n = 1; n <= 100_000; n++) if (handles.get(n * 7) !== (n % 2 === 0 ? n : undefined)) expect.fail(`${n * 7} is ${handles.get(n * 7)}`);
});

// Of an odd number, modulo 2^32.
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x >>> 0;
}
