// Runs the examples in the READMEs and in the guide.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { js, run } from "./package.js";

const docs = readdirSync(join(js, "../docs")).filter((name) => name.endsWith(".md"));
const readmes = ["README.md", "../README.md"];

for (const page of [...readmes, ...docs.map((name) => `../docs/${name}`)]) {
  const text = readFileSync(join(js, page), "utf8");
  const programs = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, program]) => program);
  assert.ok(programs.length > 0 || !readmes.includes(page));
  for (const [place, program] of programs.entries()) {
    test(`example ${place} of ${page} runs`, () => {
      run(process.execPath, ["--input-type=module", "--eval", program], import.meta.dirname);
    });
  }
}
