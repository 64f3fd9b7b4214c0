// One member of a JSON value that is being read, and where it stands: every step says what it expected there.

import { CgroupError } from "../errors.ts";
import { parseProcCgroup } from "../proc/cgroup-file.ts";

export class Field {
  readonly value: unknown;
  readonly where: string;

  constructor(value: unknown, where: string) {
    this.value = value;
    this.where = where;
  }

  get(member: string | number): Field {
    const { value } = this;
    if (typeof value !== "object" || value === null) throw this.bad("an object");
    if (typeof member === "number" && !Array.isArray(value)) throw this.bad("a list");
    const where = typeof member === "number" ? `${this.where}[${member}]` : `${this.where}.${member}`;
    return new Field(Object.hasOwn(value, member) ? (value as Record<string | number, unknown>)[member] : undefined, where);
  }

  bad(expected: string): CgroupError {
    return new CgroupError("EINVAL", { syscall: "parse", rule: `${this.where} must be ${expected}` });
  }

  string(): string {
    if (typeof this.value !== "string") throw this.bad("a string");
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") throw this.bad("true or false");
    return this.value;
  }

  integer(least = 0): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < least) throw this.bad(`an integer from ${least} on`);
    return this.value as number;
  }

  /** Decimal digits as a string: a namespace's number. */
  number(): string {
    const digits = this.string();
    if (!/^[0-9]{1,20}$/.test(digits)) throw this.bad("decimal digits in a string");
    return digits;
  }

  /** A 64-bit cgroup id, decimal digits as a string. */
  id(): bigint {
    const id = BigInt(this.number());
    if (id > 0xffffffffffffffffn) throw this.bad("a 64-bit id");
    return id;
  }

  bytes(): Uint8Array {
    const { value } = this;
    if (typeof value === "string" && value.isWellFormed()) return Buffer.from(value, "utf8");
    const encoded = typeof value === "object" && value !== null ? (value as { base64?: unknown }).base64 : undefined;
    if (typeof encoded !== "string") throw this.bad('a string or { "base64": … }');
    return Buffer.from(encoded, "base64");
  }

  /** A path as a view prints it. */
  path(): Uint8Array {
    const bytes = this.bytes();
    this.#line(Buffer.concat([Buffer.from("1:name=x:"), bytes, Buffer.from("\n")]));
    return bytes;
  }

  /** One path component. */
  name(): Uint8Array {
    const bytes = this.bytes();
    if (bytes.includes(0x2f) || (bytes.length < 3 && /^\.*$/.test(String(bytes)))) throw this.bad("the name of a cgroup");
    this.#line(Buffer.concat([Buffer.from("1:name=x:/"), bytes, Buffer.from("\n")]));
    return bytes;
  }

  /** The text of a /proc/PID/cgroup. */
  procCgroup(): Uint8Array {
    const bytes = this.bytes();
    try {
      parseProcCgroup(bytes, { encoding: "buffer" });
    } catch (error) {
      throw this.bad(`the text of a /proc/PID/cgroup: ${(error as Error).message}`);
    }
    return bytes;
  }

  or<T>(none: null, read: (field: Field) => T): T | null {
    return this.value === null ? none : read(this);
  }

  /** An object whose members are all strings. */
  strings(): Record<string, string> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value)) throw this.bad("an object of strings");
    return Object.fromEntries(Object.keys(this.value).map((name) => [name, this.get(name).string()]));
  }

  list<T>(read: (field: Field, index: number) => T): T[] {
    if (!Array.isArray(this.value)) throw this.bad("a list");
    return this.value.map((value, index) => read(new Field(value, `${this.where}[${index}]`), index));
  }

  #line(line: Uint8Array): void {
    try {
      if (parseProcCgroup(line, { encoding: "buffer" }).length !== 1) throw this.bad("a path");
    } catch {
      throw this.bad("a path as the kernel prints it");
    }
  }
}
