// A user as /etc knows one: the group and further groups a login of it would have.

import { readFileSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Without an entry of its own a user has the group of its number and no others. */
export function userOf(uid: number): User {
  const own = linesOf("/etc/passwd").find(([, , number]) => Number(number) === uid);
  if (own === undefined) return { uid, gid: uid, groups: [] };
  const [name = "", , , gid] = own;
  const groups = linesOf("/etc/group").filter(([, , , members = ""]) => members.split(",").includes(name)).map(([, , number]) => Number(number));
  return { uid, gid: Number(gid), groups };
}

function linesOf(file: string): string[][] {
  try {
    return readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => line.split(":"));
  } catch {
    return [];
  }
}
