// The story this project began with, told as a shell would show it. Every answer comes from the model: trees, namespaces
// and the kernel's own text formats.

import { type Cgroup, CgroupNamespace, formatMountinfo, formatProcCgroup, Hierarchy } from "../index.ts";

/** A process with a shell: in a cgroup, in a namespace, with the cgroup filesystems it has mounted. */
class Job {
  readonly name: string;
  readonly cgroup: Cgroup;
  namespace: CgroupNamespace;
  readonly mounts: { readonly root: Cgroup; readonly at: string }[];

  constructor(name: string, cgroup: Cgroup, namespace: CgroupNamespace) {
    this.name = name;
    this.cgroup = cgroup;
    this.namespace = namespace;
    this.mounts = [{ root: cgroup.hierarchy.root, at: "/sys/fs/cgroup" }];
  }

  unshare(): void {
    this.namespace = new CgroupNamespace([this.cgroup]);
  }

  /** A new mount shows the mounter's root. */
  mount(at: string): void {
    this.mounts.push({ root: this.namespace.rootIn(this.cgroup.hierarchy), at });
  }

  procCgroup(of: Job): string {
    const path = this.namespace.view(of.cgroup);
    return formatProcCgroup([{ hierarchyId: 0, controllers: [], name: null, path, deleted: false }]);
  }

  mountinfo(): string {
    return formatMountinfo(
      this.mounts.map(({ root, at }, n) => ({
        mountId: 40 + n, parentId: 31, major: 0, minor: 26, root: this.namespace.view(root), mountPoint: at,
        mountOptions: ["rw", "relatime"], optionalFields: [], fsType: "cgroup2", source: "cgroup2", superOptions: ["rw"],
      })),
    );
  }
}

/** Lines of the story, each step with its answer. */
export function* story(): Generator<string, void, undefined> {
  const tree = new Hierarchy();
  const initial = new CgroupNamespace([tree.root]);
  const job = new Job("job", tree.create("/batchjobs/c_job_id1", { recursive: true }), initial);
  tree.create("/batchjobs/c_job_id1/worker");
  tree.create("/batchjobs/c_job_id2");

  yield "A job in /batchjobs/c_job_id1 looks at itself, unshares its cgroup namespace, and looks again.";
  yield* asked("job", "cat /proc/self/cgroup", job.procCgroup(job));
  job.unshare();
  yield* asked("job", "unshare --cgroup", "");
  yield* asked("job", "cat /proc/self/cgroup", job.procCgroup(job));

  yield "Two containers: one rooted at /groups/a looks at a process in another, rooted at /groups/b.";
  const a = new Job("a", tree.create("/groups/a", { recursive: true }), initial);
  const b = new Job("b", tree.create("/groups/b"), initial);
  a.unshare();
  b.unshare();
  yield* asked("a", "cat /proc/self/cgroup", a.procCgroup(a));
  yield* asked("a", "cat /proc/$B/cgroup", a.procCgroup(b));
  yield* asked("b", "cat /proc/self/cgroup", b.procCgroup(b));

  yield "The job mounts a cgroup filesystem: it is rooted where the job's namespace is. The old mount starts above it.";
  job.mount("/mnt");
  yield* asked("job", "mount -t cgroup2 none /mnt", "");
  yield* asked("job", "grep cgroup2 /proc/self/mountinfo", job.mountinfo());
  yield* asked("job", "ls -d /mnt/*/", below(job.mounts[1]!.root, "/mnt"));
  yield* asked("host", "ls -d /sys/fs/cgroup/batchjobs/*/", below(tree.resolve("/batchjobs"), "/sys/fs/cgroup/batchjobs"));
}

function* asked(prompt: string, command: string, answer: string): Generator<string, void, undefined> {
  yield `  ${prompt}$ ${command}`;
  for (const line of answer.split("\n")) if (line !== "") yield `  ${line}`;
}

const below = (root: Cgroup, at: string): string => [...root.children()].map(({ name }) => `${at}/${name}/`).join("\n");
