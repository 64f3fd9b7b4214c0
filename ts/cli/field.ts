// Cgroup paths as hosts have them, seeded: pods of Kubernetes with systemd's names, containers in each, sessions of
// users. Over 150 bytes on average, no two the same, every parent before its children.

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

export function fieldPaths(count: number, seed = 1): string[] {
  const next = random(seed);
  const hex = (length: number): string => {
    let text = "";
    while (text.length < length) text += ((next() * 0x100000000) >>> 0).toString(16).padStart(8, "0");
    return text.slice(0, length);
  };
  const paths = ["/kubepods.slice", "/user.slice", "/system.slice"];
  for (const qos of ["burstable", "besteffort"]) paths.push(`/kubepods.slice/kubepods-${qos}.slice`);
  for (let n = 0; paths.length < count; n++) {
    if (n % 20 === 19) {
      paths.push(`/user.slice/user-${1000 + n}.slice`, `/user.slice/user-${1000 + n}.slice/session-${n}.scope`);
      continue;
    }
    const qos = next() < 0.7 ? "burstable" : "besteffort";
    const uid = [8, 4, 4, 4, 12].map(hex).join("_");
    const pod = `/kubepods.slice/kubepods-${qos}.slice/kubepods-${qos}-pod${uid}.slice`;
    paths.push(pod);
    for (let c = 0; c < 5; c++) paths.push(`${pod}/cri-containerd-${hex(64)}.scope`);
  }
  return paths.slice(0, count);
}

/** `count` of these paths, uniformly at random, newline-separated. */
export function queries(paths: readonly string[], count: number, seed = 2): Buffer {
  const next = random(seed);
  const chosen = Array.from({ length: count }, () => paths[(next() * paths.length) | 0]);
  return Buffer.from(`${chosen.join("\n")}\n`);
}
