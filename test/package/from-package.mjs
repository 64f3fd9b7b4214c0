// The program on the packed tarball.

import * as library from "cgroupns";
import { Replay } from "cgroupns/replay";
import { program } from "./program.mjs";

if (!("ok" in new Replay().run({ op: "mkdir", path: "x" }))) throw new Error("the replay does nothing");

program(library);
