// A small program on the core and on the model; whoever imports the library runs it with what was imported. It prints "ok".

export function program({ Hierarchy, CgroupNamespace, Kernel, parseProcCgroup }) {
  const tree = new Hierarchy();
  const job = tree.create("/batchjobs/c_job_id1", { recursive: true });
  const other = tree.create("/batchjobs/c_job_id2");
  const inside = new CgroupNamespace([job]);
  const seen = [job.viewFrom(inside), other.viewFrom(inside), inside.resolve("/../c_job_id2") === other];
  const [line] = parseProcCgroup(`0::${inside.view(other)}\n`);
  const many = tree.resolveMany(["/batchjobs/c_job_id1", "/nowhere"]);
  const kernel = new Kernel();
  kernel.init.fs.mkdirSync("/sys/fs/cgroup/a");
  const task = kernel.init.fork({ into: "/sys/fs/cgroup/a" });
  task.unshare("cgroup");
  const modelled = task.fs.readFileSync("/proc/self/cgroup", "utf8") === "0::/\n";
  const right = modelled && seen.join(" ") === "/ /../c_job_id2 true" && line.path === "/../c_job_id2" && tree.at(many, 0) === job && many.numbers[1] === 0;
  console.log(right ? "ok" : `wrong: ${seen} ${line.path}`);
}
