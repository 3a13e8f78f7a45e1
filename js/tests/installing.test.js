// What is installed has a checksum, and runs no program meanwhile, but for what is named here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { js } from "./package.js";

/** They place a runtime where the tests start it; `make` runs them alone. */
const RUN = ["bun", "node-22", "node-24"];
/** They check something or save a moment; the packages work without. */
const LEFT = ["@parcel/watcher", "deno", "esbuild", "sharp", "workerd"];

function read(path) {
  return readFileSync(join(js, path), "utf8");
}

/** Returns the names of the packages with a script that `npm install` would run. */
function scripted(lock) {
  const { packages } = JSON.parse(read(lock));
  const paths = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
  return new Set(paths.map((path) => path.split("node_modules/").at(-1)));
}

test("a script that is new in a lock file is noticed", () => {
  assert.deepEqual([...scripted("package-lock.json")].sort(), [...RUN, ...LEFT].sort());
  assert.deepEqual([...scripted("docs/package-lock.json")], []);
  assert.deepEqual([...scripted("board/package-lock.json")], ["esbuild"]);
});

test("npm runs no scripts, and make runs the named ones", () => {
  for (const folder of [".", "board", "docs"]) assert.match(read(`${folder}/.npmrc`), /^ignore-scripts=true$/m);
  const [, names] = read("../Makefile").match(/npm rebuild --ignore-scripts=false (.+?)\)/);
  assert.deepEqual(names.split(" "), RUN);
});

test("every package in a lock file has a checksum", () => {
  for (const folder of [".", "board", "docs", "bench/receiver"]) {
    const { packages } = JSON.parse(read(`${folder}/package-lock.json`));
    const without = Object.keys(packages).filter((path) => path !== "" && !packages[path].integrity);
    assert.deepEqual(without, [], folder);
  }
});

test("what requirements-dev.txt names is locked with checksums", () => {
  const pins = (path) => [...read(path).matchAll(/^(\w\S*?)(?:\[.*\])?==([^\s;]+)(.*)$/gm)];
  const locked = new Map(pins("../python/requirements-dev.lock").map(([, name, version, rest]) => [`${name} ${version}`, rest]));
  const named = pins("../python/requirements-dev.txt");
  assert.ok(named.length > 20);
  for (const [, name, version] of named) assert.ok(locked.has(`${name} ${version}`), `${name} ${version}: run \`make lock\``);
  for (const [name, rest] of locked) assert.ok(rest.endsWith("\\"), `${name} has no checksum`);
});
