// The same through require(): prints "ok".

const { Hierarchy } = require("cgroupns");
const { Host } = require("cgroupns/host");

const tree = new Hierarchy();
const job = tree.create("/a/b", { recursive: true });
console.log(job.viewFrom(job.parent) === "/b" && typeof Host.readSync === "function" ? "ok" : "wrong");
