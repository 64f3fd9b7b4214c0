// Views as one would write them in JavaScript, from one viewer, into newline-separated bytes: names joined up the parents,
// and full paths that are stored and cut. Each in two ways, of which the faster is taken.

import { Buffer } from "node:buffer";
import { over } from "./lane.mjs";
import { BATCH } from "./queries.mjs";

export const JOINED_LANES = ["JS, names joined, line by line", "JS, names joined, at once"];
export const CUT_LANES = ["JS, stored paths cut, as bytes", "JS, stored paths cut, as strings"];

const out = Buffer.alloc(BATCH * 1024);

/** The names and parents of all cgroups, as seen from one of them. */
export class JoinedViews {
  #names = [];
  #parents;
  // How far above the viewer: -1 for who is no ancestor of it; the hierarchy's root comes last.
  #above;
  #root;

  constructor(paths, viewer) {
    this.#parents = paths.parents;
    this.#above = new Int32Array(paths.length + 1).fill(-1);
    for (let i = 0; i < paths.length; i++) this.#names.push(paths.name(i));
    let climbed = 0;
    for (let at = viewer; at >= 0; at = paths.parents[at]) this.#above[at] = climbed++;
    this.#above[paths.length] = climbed;
    this.#root = paths.length;
  }

  view(index) {
    let text = "";
    let at = index;
    const root = this.#root;
    while (this.#above[at] < 0) {
      text = `/${this.#names[at]}${text}`;
      at = this.#parents[at];
      if (at < 0) at = root;
    }
    return "/..".repeat(this.#above[at]) + text || "/";
  }

  lanes(batches) {
    return [over(JOINED_LANES[0], whole(batches), ({ indexes }) => lineByLine(indexes, this)), over(JOINED_LANES[1], whole(batches), ({ indexes }) => atOnce(indexes, this))];
  }
}

/** All full paths as strings, and as bytes; what the viewer's own path is cut off from. */
export class CutViews {
  #paths;
  #strings = [];
  #own;
  #prefix;

  constructor(paths, viewer) {
    this.#paths = paths;
    this.#own = paths.path(viewer);
    this.#prefix = Buffer.from(`${this.#own}/`, "latin1");
    for (let i = 0; i < paths.length; i++) this.#strings.push(paths.path(i));
  }

  view(index) {
    const path = this.#strings[index];
    return path.startsWith(this.#own) && path[this.#own.length] === "/" ? path.slice(this.#own.length) : this.#climb(path);
  }

  lanes(batches) {
    return [over(CUT_LANES[0], whole(batches), ({ indexes }) => this.#copyAll(indexes)), over(CUT_LANES[1], whole(batches), ({ indexes }) => lineByLine(indexes, this))];
  }

  #copyAll(indexes) {
    const prefix = this.#prefix;
    let at = 0;
    for (const index of indexes) {
      const path = this.#paths.bytes(index);
      if (path.length > prefix.length && prefix.compare(path, 0, prefix.length) === 0) at += path.copy(out, at, prefix.length - 1);
      else at += out.latin1Write(this.#climb(path.latin1Slice()), at);
      out[at++] = 10;
    }
    return at > 0 ? indexes.length : 0;
  }

  #climb(path) {
    const own = this.#own.split("/");
    const other = path.split("/");
    let same = 1;
    while (same < own.length && own[same] === other[same]) same++;
    const rest = other.slice(same);
    return "/..".repeat(own.length - same) + (rest.length > 0 ? `/${rest.join("/")}` : "") || "/";
  }
}

const whole = (batches) => batches.map((batch) => ({ ...batch, hits: BATCH }));

function lineByLine(indexes, views) {
  let at = 0;
  for (const index of indexes) {
    at += out.latin1Write(views.view(index), at);
    out[at++] = 10;
  }
  return at > 0 ? indexes.length : 0;
}

function atOnce(indexes, views) {
  const lines = [];
  for (const index of indexes) lines.push(views.view(index));
  return out.latin1Write(`${lines.join("\n")}\n`) > 0 ? lines.length : 0;
}
