// The built library's limits as JSON: of a pid, or of whoever runs this.

const [library, pid] = process.argv.slice(2);
const { limits } = await import(library);
process.stdout.write(JSON.stringify(limits(pid ?? "self")));
