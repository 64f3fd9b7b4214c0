// A command's options or its number, or one line that says what is wrong with them, and exit 2.

import process from "node:process";
import { parseArgs } from "node:util";

/** @param options as of node:util's `parseArgs`. */
export function optionsOf(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return misuse(error.message);
  }
}

/** The one number a command takes, or `usual` without one. */
export function countOf(usual, most = Number.MAX_SAFE_INTEGER) {
  const [text = String(usual), ...more] = process.argv.slice(2);
  const count = Number(text);
  return more.length === 0 && Number.isInteger(count) && count > 0 && count <= most ? count : misuse(`one number from 1 to ${most} is taken, got '${[text, ...more].join(" ")}'`);
}

export function misuse(message) {
  console.error(message);
  process.exit(2);
}
