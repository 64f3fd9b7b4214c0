// The field's paths, as the command's own race has them.

import { fieldPaths, queries as bytesOf, random } from "../dist/ts/cli/field.js";

export { fieldPaths, random };

/** `count` of these paths, uniformly at random, as newline-separated bytes. */
export const queries = bytesOf;
