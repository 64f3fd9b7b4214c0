// Run by the live suites as somebody else or somewhere else: reads the machine with the built library and prints every
// view between the tasks named on the command line, and the namespaces, as JSON.
// Arguments: the library, the options of Host.read as JSON, viewers, targets.

const [library, options, viewers, targets] = process.argv.slice(2);
const { Host } = await import(library);
const host = await Host.read({ threads: true, ...JSON.parse(options) });

const views = {};
for (const viewer of viewers.split(",").filter(Boolean)) {
  for (const target of targets.split(",").filter(Boolean)) {
    const { text, how, reason } = host.view(target, { from: viewer, encoding: "buffer" });
    views[`${viewer} ${target}`] = { text: text === null ? null : Buffer.from(text).toString("base64"), how, reason };
  }
}
const namespaces = host.namespaces().map(({ ns, pid, roots }) => ({
  ns, pid, roots: roots.map(({ hierarchy, how, path, below, reason }) => ({ hierarchy, how, path: path && String(path), below, reason })),
}));
// How many mounts each hierarchy was read through.
const tops = host.snapshot.hierarchies.map(({ cgroups }) => cgroups.filter(({ parent }) => parent === -1).length);
console.log(JSON.stringify({ views, namespaces, tops }));
