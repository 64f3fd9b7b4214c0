// The program on the TypeScript source, as Deno imports it.

import * as library from "../../ts/index.ts";
// @ts-expect-error: a program in JavaScript
import { program } from "./program.mjs";

program(library);
