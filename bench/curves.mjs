// Curves of nanoseconds over the size of the tree, as an SVG that is readable on light and on dark ground.

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 56;
const RIGHT = 224;
const TOP = 40;
const BOTTOM = 44;
const COLOURS = ["#d1495b", "#2e86ab", "#8f6bb3", "#3a9d5d", "#e08e1b", "#7a7a7a"];
const STYLE = "text{font:13px system-ui,sans-serif;fill:#24292f}.axis{stroke:#8c959f;stroke-width:1}.grid{stroke:#8c959f;stroke-opacity:.25}path{fill:none;stroke-width:2.5}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}";

/** `curves`: for each lane a name and its [size, ns] points. */
export function drawCurves(title, curves) {
  const sizes = [...new Set(curves.flatMap(({ points }) => points.map(([size]) => size)))].sort((a, b) => a - b);
  const top = niceAbove(Math.max(...curves.flatMap(({ points }) => points.map(([, ns]) => ns))));
  const [low, high] = [Math.log(sizes[0]), Math.log(sizes.at(-1))];
  const x = (size) => LEFT + ((Math.log(size) - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (ns) => HEIGHT - BOTTOM - (ns / top) * (HEIGHT - TOP - BOTTOM);
  const parts = [text(LEFT, 20, title), ...grid(top, y), ...sizes.map((size) => text(x(size), HEIGHT - 22, short(size), "middle"))];
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 5, "cgroups", "middle"));
  const labels = spread(curves.map(({ points }) => y(points.at(-1)[1])));
  for (const [i, { name, points }] of curves.entries()) {
    const colour = COLOURS[i % COLOURS.length];
    const line = points.map(([size, ns], n) => `${n === 0 ? "M" : "L"}${x(size).toFixed(1)} ${y(ns).toFixed(1)}`).join("");
    parts.push(`<path stroke="${colour}" d="${line}"/>`);
    for (const [size, ns] of points) parts.push(`<circle cx="${x(size).toFixed(1)}" cy="${y(ns).toFixed(1)}" r="3.5" fill="${colour}"/>`);
    parts.push(`<circle cx="${WIDTH - RIGHT + 16}" cy="${(labels[i] - 1).toFixed(1)}" r="4" fill="${colour}"/>`, text(WIDTH - RIGHT + 26, labels[i] + 4, name));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}"><style>${STYLE}</style>\n${parts.join("\n")}\n</svg>\n`;
}

function grid(top, y) {
  return [0, 1, 2, 3, 4].flatMap((quarter) => {
    const ns = (top * quarter) / 4;
    const line = `<line class="${quarter === 0 ? "axis" : "grid"}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ns)}" y2="${y(ns)}"/>`;
    return [line, text(LEFT - 8, y(ns) + 4, `${ns}`, "end")];
  });
}

// Labels beside the ends of their curves, moved down until none covers another.
function spread(heights) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const placed = [];
  let free = TOP;
  for (const i of order) {
    placed[i] = Math.max(heights[i], free);
    free = placed[i] + 18;
  }
  const over = Math.max(0, free - 18 - (HEIGHT - BOTTOM));
  return placed.map((height) => height - over);
}

function niceAbove(value) {
  const step = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((times) => times * step).find((nice) => nice >= value);
}

const short = (size) => (size >= 1e6 ? `${size / 1e6} M` : `${size / 1e3} k`);
const escaped = (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const text = (x, y, value, anchor = "start") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(value)}</text>`;
