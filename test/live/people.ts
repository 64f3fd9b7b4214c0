// Who lives in the world: one process for each situation that the kernel tells apart.

import type { Person, World } from "./world.ts";

/** Nested, sibling and unrelated namespaces; live, empty, removed and re-created roots; odd names; threads; zombies. */
export function settle(world: World): void {
  const init = (name: string, path: string | Buffer): Person => world.spawn(name, path);
  const private_ = (name: string, path: string | Buffer): Person => world.spawn(name, path, { unshare: ["-C"] });
  for (const path of ["a/x/y", "b", "c", "d/e", "empty/deep", "gone/f", "gone/again", "lost/h/i"]) world.mkdir(path);
  init("in the base", "");
  init("in a", "a");
  private_("rooted at a", "a");
  const nested = private_("rooted at a/x", "a/x");
  world.spawn("nested in a/x, rooted at a/x/y", "a/x/y", { from: nested, unshare: ["-C"] });
  world.spawn("in b with the namespace of a/x", "b", { from: nested });
  private_("rooted at b", "b");
  private_("rooted at the base", "");
  movedAway(world, "rooted at empty/deep with nobody there", "empty/deep", "c");
  movedAway(world, "rooted at d/e, now above", "d/e", "d");
  movedAway(world, "rooted at removed gone/f", "gone/f", "gone").root = { path: "gone", below: 1 };
  movedAway(world, "rooted at removed lost/h/i", "lost/h/i", "b").root = { path: "lost", below: 2 };
  movedAway(world, "rooted at removed and re-created gone/again", "gone/again", "b").root = { path: "gone", below: 1 };
  world.rmdir("gone/f");
  world.rmdir("lost/h/i");
  world.rmdir("lost/h");
  world.rmdir("gone/again");
  world.mkdir("gone/again");
  init("in the re-created gone/again", "gone/again");
  oddNames(world);
  world.mkdir("threads");
  world.spawnThread("a thread rooted elsewhere than its leader", "threads");
  world.mkdir("dead/here");
  world.spawnZombie("a zombie", "dead/here");
  buried(world);
}

function movedAway(world: World, name: string, root: string, to: string): Person {
  const person = world.spawn(name, root, { unshare: ["-C"] });
  world.move(person.pid, to);
  return person;
}

function oddNames(world: World): void {
  const odd = ["sp ace", "co:lon", "back\\slash", "x (deleted)", "\x01", "ünï", "n".repeat(300)];
  for (const name of odd) {
    world.mkdir(`odd/${name}`);
    world.spawn(`in odd/${name.slice(0, 20)}`, `odd/${name}`, name.length > 5 ? { unshare: ["-C"] } : {});
  }
  const bytes = Buffer.concat([Buffer.from("odd/"), Buffer.from([0xff, 0xfe, 0x41])]);
  world.mkdir(bytes);
  world.spawn("in a name that is not UTF-8", bytes);
}

// A zombie whose cgroup is removed; then one whose cgroup is removed and made again.
function buried(world: World): void {
  for (const again of [false, true]) {
    const place = again ? "dead/again" : "dead/gone";
    world.mkdir(place);
    world.spawnZombie(`a zombie in removed ${place}`, place);
    const parent = world.people.at(-2)!;
    world.move(parent.pid, "dead");
    world.rmdir(place);
    if (again) world.mkdir(place);
  }
}
