// Identities in bulk: row by row what identifyPath says, whatever lies beside, and the same through the nodes of a tree.

import { describe, expect, test } from "vitest";
import { Hierarchy, type Identities, identifyMany, identifyNodes, identifyPath } from "../../ts/index.ts";

const hex = (seed: number, length = 64): string => Array.from({ length }, (_, at) => ((seed * 31 + at * 7 + ((seed * at) >> 2)) & 15).toString(16)).join("");
const uid = (seed: number): string => [8, 4, 4, 4, 12].map((length) => hex(seed + length, length)).join("-");

const paths: string[] = [];
for (let n = 0; n < 300; n++) {
  const pod = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid(n >> 2).replaceAll("-", "_")}.slice`;
  paths.push(pod, `${pod}/cri-containerd-${hex(n)}.scope`, `/kubepods/besteffort/pod${uid(n)}/${hex(n)}`, `/docker/${hex(n)}`, `/jobs/${hex(n)}`);
  paths.push(`/user.slice/user-${n}.slice/session-${n}.scope`, `/system.slice/docker-${hex(n)}.scope/init`, `/libpod_parent/${hex(n)}/libpod-${hex(n + 1)}`);
  paths.push(`/lxc/${hex(n)}`, `/machine.slice/libpod-conmon-${hex(n)}.scope`, `/ecs/${hex(n, 32)}/${hex(n, 32)}-${n}`, `/docker/${hex(n)}.x`, `/ecs/${hex(n)}`);
  paths.push(`/system.slice/crio-${hex(n)}.scope`, `/system.slice/nerdctl-${hex(n)}`, `/libpod_parent/${hex(n)}`, `/garden/${hex(n)}`, `/mesos/${hex(n)}`);
}
const odd = ["", "/", "x", `docker/${hex(1)}`, `/docker/${hex(1)}/`, `//docker/${hex(2)}`, `/docker//${hex(3)}`, `/é.slice/docker-${hex(4)}.scope`, `/pod${uid(1)}`, `/a-pod${uid(1)}/x`, "/\u{1f600}", `xdocker-${hex(5)}.scope`, `/kubepods/pod${uid(2)}/`, hex(6)];

function row(identities: Identities, at: number): object {
  return { id: identities.containerId(at), runtime: identities.runtime(at), pod: identities.podUid(at), identity: identities.at(at) };
}

function alone(path: string): object {
  const identity = identifyPath(path);
  return { id: identity.container?.id ?? null, runtime: identity.container?.runtime ?? null, pod: identity.pod?.uid ?? null, identity };
}

describe("identifyMany", () => {
  test.each([["with a newline at the end", "\n"], ["without", ""]])("gives a row for each line, %s", (_, end) => {
    const all = [...paths, ...odd, ...paths.slice(0, 50).reverse(), "/last"];
    const rows = identifyMany(Buffer.from(all.join("\n") + end));
    expect(rows.length).toBe(all.length);
    for (const [at, path] of all.entries()) expect(row(rows, at), path).toEqual(alone(path));
  });

  test.each(["\n", ""])("the last line is read to its end, which is %j", (end) => {
    for (const last of [`/docker/${hex(1)}`, `/docker/${hex(1)}0`, `/docker/${hex(1)}.x`]) {
      const rows = identifyMany(Buffer.from(`/a\n${last}${end}`));
      expect([rows.length, row(rows, 1)]).toEqual([2, alone(last)]);
    }
  });

  test("answers rows in any order, and nothing beyond them", () => {
    const rows = identifyMany(Buffer.from(paths.join("\n")));
    for (let at = paths.length - 1; at >= 0; at -= 13) expect(row(rows, at)).toEqual(alone(paths[at]!));
    expect(row(rows, paths.length)).toEqual({ id: null, runtime: null, pod: null, identity: undefined });
    expect(rows.at(-1)).toBeUndefined();
  });

  test("no bytes are no rows", () => expect(identifyMany(new Uint8Array(0)).length).toBe(0));

  test("takes bytes only", () => expect(() => identifyMany("/a" as unknown as Uint8Array)).toThrow("Expected `paths` to be a Uint8Array, got string"));

  test("texts longer than a window of decoding come out whole", () => {
    const many = Array.from({ length: 3000 }, (_, n) => `/é/docker-${hex(n)}.scope\n/docker/${hex(n + 7)}\n`).join("");
    const rows = identifyMany(Buffer.from(many));
    for (let n = 0; n < 3000; n++) expect([rows.containerId(2 * n), rows.containerId(2 * n + 1)]).toEqual([hex(n), hex(n + 7)]);
  });
});

test("parents that end alike are told apart, however long they are", () => {
  for (const letter of "abcdefghijklmnopqrstuvwxyz") {
    const end = `/${letter.repeat(30)}`;
    const many = Array.from({ length: 400 }, (_, n) => `/docker/${"x".repeat(n + 1)}${end}/${hex(n)}\n${end}/${hex(n)}\n`).join("");
    const rows = identifyMany(Buffer.from(many));
    for (let n = 0; n < 400; n++) expect([rows.containerId(2 * n), rows.containerId(2 * n + 1)]).toEqual([hex(n), null]);
  }
});

test("identifyNodes answers for the nodes of a tree, and not for those that are gone", () => {
  const tree = new Hierarchy({ seed: 1 });
  const chosen = paths.slice(0, 40);
  for (const path of chosen) tree.create(path, { recursive: true });
  const nodes = tree.resolveMany([...chosen, "/nowhere"]);
  const rows = identifyNodes(tree, nodes);
  for (const [at, path] of chosen.entries()) expect(row(rows, at), path).toEqual(alone(path));
  expect(row(rows, chosen.length)).toEqual({ id: null, runtime: null, pod: null, identity: undefined });
  tree.resolve(chosen[3]!).remove();
  expect(identifyNodes(tree, nodes).at(3)).toBeUndefined();
  const odd = Buffer.from(`/\xff/docker-${hex(9)}.scope`, "latin1");
  tree.create(odd, { recursive: true });
  expect(row(identifyNodes(tree, tree.resolveMany(odd)), 0)).toMatchObject({ id: hex(9), identity: identifyPath(odd) });
});
