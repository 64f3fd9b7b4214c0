// Cgroup paths as hosts have them, seeded: pods of Kubernetes with systemd's names, a container or three in each, and
// the sessions of users. Over 150 bytes on average.

/** mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** About `count` distinct paths, every parent before its children. */
export function fieldPaths(count, seed = 1) {
  const next = random(seed);
  const hex = (length) => Array.from({ length }, () => ((next() * 16) | 0).toString(16)).join("");
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

/** `count` of these paths, uniformly at random, as newline-separated bytes. */
export function queries(paths, count, seed = 2) {
  const next = random(seed);
  const chosen = Array.from({ length: count }, () => paths[(next() * paths.length) | 0]);
  return { strings: chosen, bytes: Buffer.from(`${chosen.join("\n")}\n`) };
}
