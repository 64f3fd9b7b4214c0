// Trees as hosts have them, seeded: Kubernetes with systemd's names and sessions of users; and two extremes, one parent of
// everything and chains of 64 levels.

import { Paths } from "./paths.mjs";
import { Random } from "./random.mjs";

const CONTAINERS = 5;
const LEVELS = 64;

/** Pods with containers in them, every twentieth a user with a session instead. */
export function hostPaths(count, seed = 1) {
  const random = new Random(seed);
  const paths = new Paths(count);
  const add = (parent, name) => (paths.length < count ? paths.add(parent, name) : parent);
  const [kubepods, users] = ["kubepods.slice", "user.slice"].map((name) => add(-1, name));
  const classes = ["burstable", "besteffort"].map((qos) => [qos, add(kubepods, `kubepods-${qos}.slice`)]);
  for (let n = 0; paths.length < count; n++) {
    if (n % 20 === 19) {
      const user = add(users, `user-${1000 + n}.slice`);
      add(add(user, `user@${1000 + n}.service`), "app.slice");
      add(user, `session-${n}.scope`);
      continue;
    }
    const [qos, above] = classes[random.next() < 0.7 ? 0 : 1];
    const uid = [8, 4, 4, 4, 12].map((length) => random.hex(length)).join("_");
    const pod = add(above, `kubepods-${qos}-pod${uid}.slice`);
    for (let c = 0; c < CONTAINERS; c++) add(pod, `cri-containerd-${random.hex(64)}.scope`);
  }
  return paths;
}

/** All of them children of one cgroup, with names of 150 bytes. */
export function widePaths(count, seed = 1, firstId = 2) {
  const random = new Random(seed);
  const paths = new Paths(count, { firstId });
  const top = paths.add(-1, "machine.slice");
  while (paths.length < count) paths.add(top, `machine-${random.hex(136)}.scope`);
  return paths;
}

/** Chains of 64 levels. */
export function deepPaths(count, seed = 1) {
  const random = new Random(seed);
  const paths = new Paths(count, { bytesEach: 420 });
  let parent = -1;
  for (let level = 0; paths.length < count; level++) {
    if (level % LEVELS === 0) parent = -1;
    parent = paths.add(parent, `n${random.hex(10)}`);
  }
  return paths;
}
