// The v1 freezer: freezer.state stops every task of a subtree, SIGKILL included, until it is thawed (freezer-subsystem.rst).

import { strip } from "../bytes.ts";
import { thawed } from "../exit.ts";
import { FREEZER, freezesItself, isFrozenByFreezer } from "../freezer.ts";
import { refuse } from "../refusal.ts";
import { type FileType, READ_ONLY, READ_WRITE } from "./file.ts";
import type { ControllerFiles } from "./file.ts";

const bit = (yes: boolean): string => (yes ? "1\n" : "0\n");

const state: FileType = {
  name: "freezer.state", mode: READ_WRITE, where: "not root", controllers: FREEZER,
  show: (cgroup) => (isFrozenByFreezer(cgroup) ? "FROZEN\n" : "THAWED\n"),
  vetWrite: (cgroup, text) => {
    const word = strip(text);
    if (word !== "FROZEN" && word !== "THAWED") return refuse("EINVAL", "9.6", { cgroup, file: "freezer.state" });
    return () => {
      cgroup.settings.set("freezer.state", word === "FROZEN");
      thawed(cgroup);
    };
  },
};

export const FREEZER_FILES: ControllerFiles = {
  unified: [],
  legacy: [
    state,
    { name: "freezer.self_freezing", mode: READ_ONLY, where: "not root", controllers: FREEZER, show: (cgroup) => bit(freezesItself(cgroup)) },
    {
      name: "freezer.parent_freezing", mode: READ_ONLY, where: "not root", controllers: FREEZER,
      show: (cgroup) => bit(cgroup.parent !== null && isFrozenByFreezer(cgroup.parent)),
    },
  ],
};
