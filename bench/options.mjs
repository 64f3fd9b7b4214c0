// A command's options, or one line that says what is wrong with them, and exit 2.

import { parseArgs } from "node:util";

/** @param options as of node:util's `parseArgs`. */
export function optionsOf(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return misuse(error.message);
  }
}

export function misuse(message) {
  console.error(message);
  process.exit(2);
}
