// The program on the packed tarball.

import * as library from "cgroupns";
import { program } from "./program.mjs";

program(library);
