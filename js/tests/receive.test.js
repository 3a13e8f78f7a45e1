import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import * as api from "agentfold";

import { promises } from "./receive.js";
import { testInWorkerd } from "./workerd.js";

const all = promises(api);

for (const [name, holds] of Object.entries(all)) test(name, holds);

test("all of these tests pass in workerd", async () => {
  const outdir = mkdtempSync(join(tmpdir(), "agentfold-"));
  const printed = await testInWorkerd(
    `import * as api from "agentfold";
     import { promises } from "./receive.js";
     export default { async test() {
       const held = [];
       for (const [name, holds] of Object.entries(promises(api))) {
         await holds();
         held.push(name);
       }
       console.log(JSON.stringify(held));
     } };`,
    outdir,
  );
  assert.deepEqual(JSON.parse(printed), Object.keys(all));
});
