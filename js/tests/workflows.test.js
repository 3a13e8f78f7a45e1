// GitHub's own checker accepts the workflows.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { folder, js } from "./package.js";

const workflows = join(js, "../.github/workflows");
const { problems } = await checker();

/** The checker as one module: it imports JSON in a way that only bundlers accept. */
async function checker() {
  const contents = `
    import { validate } from "@actions/languageservice";
    import { TextDocument } from "vscode-languageserver-textdocument";
    // It remembers a workflow by its address.
    export async function problems(name, text) {
      const found = await validate(TextDocument.create("file:///" + name, "yaml", 1, text), {});
      return found.map(({ range, message }) => (range.start.line + 1) + ": " + message);
    }`;
  const outfile = join(folder(), "checker.cjs");
  await build({ stdin: { contents, resolveDir: js }, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  return import(outfile);
}

for (const name of readdirSync(workflows)) {
  test(`${name} has no unknown keys, jobs, contexts or functions`, async () => {
    assert.deepEqual(await problems(name, readFileSync(join(workflows, name), "utf8")), []);
  });
}

test("the checker finds a key, a job and an output that do not exist", async () => {
  const workflow = `on: push
jobs:
  first:
    runs-on: ubuntu-24.04
    steps:
      - run: "true"
  second:
    runs-on: ubuntu-24.04
    needs: [first, third]
    timeout: 1
    steps:
      - run: \${{ steps.any.outputs.text }}
`;
  const lines = (await problems("wrong.yml", workflow)).map((problem) => problem.split(":")[0]);
  assert.deepEqual([...new Set(lines)].sort(), ["10", "12", "9"]);
});
