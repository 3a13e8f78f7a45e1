// Runs the examples in the READMEs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { js, run } from "./package.js";

for (const readme of ["README.md", "../README.md"]) {
  test(`the examples of ${readme} run`, () => {
    const text = readFileSync(join(js, readme), "utf8");
    const programs = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, program]) => program);
    assert.ok(programs.length > 0);
    for (const program of programs) {
      run(process.execPath, ["--input-type=module", "--eval", program], import.meta.dirname);
    }
  });
}
