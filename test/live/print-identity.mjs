// The built library's identity as JSON: of a pid, or of whoever runs this.

const [library, pid] = process.argv.slice(2);
const { identify } = await import(library);
process.stdout.write(JSON.stringify(identify(pid ?? "self")));
