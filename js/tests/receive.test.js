import assert from "node:assert/strict";
import { test } from "node:test";

import * as api from "agentfold";

import { folder } from "./package.js";
import { promises } from "./receive.js";
import { testInWorkerd } from "./workerd.js";

const all = promises(api);

for (const [name, holds] of Object.entries(all)) test(name, holds);

test("all of these tests pass in workerd", async () => {
  const outdir = folder();
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
