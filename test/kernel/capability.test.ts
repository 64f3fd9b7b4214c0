// Names of capabilities as a kernel is given them (capabilities(7)).

import { expect, test } from "vitest";
import { Kernel } from "../../ts/index.ts";

const ALL = new Kernel().init.capabilities;

test("each of the 41 capabilities is told from every other, with or without CAP_", () => {
  expect(ALL).toHaveLength(41);
  for (const name of ALL) {
    for (const given of [name, `CAP_${name}`]) expect(new Kernel({ capabilities: [given] }).init.capabilities).toEqual([name]);
  }
});

test("some of them are that set, whatever their order", () => {
  for (let last = 0; last <= ALL.length; last++) {
    expect(new Kernel({ capabilities: ALL.slice(0, last).reverse() }).init.capabilities).toEqual(ALL.slice(0, last));
  }
});

test("a name of none is a TypeError, even one that every object knows", () => {
  for (const name of ["SYS_NOTHING", "constructor", "toString", "__proto__", ""]) {
    expect(() => new Kernel({ capabilities: [name] })).toThrow(/Expected `capabilities`/);
  }
});
