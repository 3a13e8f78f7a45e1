// All that names agentfold's version names the same one.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { js, run } from "./package.js";

const root = resolve(js, "..");
const [, version] = read("Cargo.toml").match(/^version = "(.+)"$/m);

function read(path) {
  return readFileSync(join(root, path), "utf8");
}

/** Returns what the pattern's group matches in a file, in all places. */
function found(path, pattern) {
  return [...read(path).matchAll(pattern)].map(([, text]) => text);
}

test("crates and packages have one version", () => {
  for (const needed of found("Cargo.toml", /^agentfold.* version = "([^"]+)"/gm)) assert.equal(needed, version);
  const crates = ["bindings", "crates"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
  for (const crate of crates.filter((crate) => !["crates/guide", "crates/xtask"].includes(crate))) {
    assert.match(read(`${crate}/Cargo.toml`), /^version\.workspace = true$/m, crate);
  }
  for (const path of ["js/package.json", "js/create/package.json", "js/package-lock.json"]) {
    assert.equal(JSON.parse(read(path)).version, version, path);
  }
  assert.equal(JSON.parse(read("js/package-lock.json")).packages[""].version, version);
  assert.match(read("python/pyproject.toml"), /^dynamic = \["version"\]$/m);
});

test("the descriptions of APIs have the version", () => {
  for (const path of ["js/worker/openapi.json", "schemas/openapi.json", "schemas/asyncapi.json"]) {
    assert.equal(JSON.parse(read(path)).info.version, version, path);
  }
});

test("the changelog begins with the version", () => {
  assert.equal(found("CHANGELOG.md", /^## ([^,\s]+)/gm)[0], version);
});

test("documents name the version", () => {
  const documents = run("git", ["ls-files", "*.md"], root).trim().split("\n");
  assert.ok(documents.includes("README.md"));
  for (const path of documents) {
    // As in `agentfold-0.1.0.tgz`, `agentfold@0.1.0`, `agentfold:0.1`, `agentfold==0.1.0` and `agentfold = "0.1"`.
    for (const named of found(path, /agentfold[a-z-]*(?:[-@:]| ?==? ?"?)(\d+\.\d+(?:\.\d+)?)\b/g)) {
      assert.ok(version === named || version.startsWith(`${named}.`), `${path} names ${named}`);
    }
  }
  for (const named of found("README.md", /^Version (\S+) /gm)) assert.equal(named, version);
});
