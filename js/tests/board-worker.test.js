// The page, served by the Worker that it connects to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { checkLive } from "./board-live.js";
import { reason } from "./browser.js";
import { buildPage, folder, js } from "./package.js";
import { bundled, Running, TOKENS } from "./worker.js";

test("the page shows the Worker's fold and then each new event", { skip: reason }, async (t) => {
  buildPage();
  const worker = await Running.start(bundled(), folder());
  t.after(() => worker.stop());
  await checkLive(t, { href: worker.url.href, token: TOKENS[2], deliver: (event) => worker.deliver(event) });
});

test("the page and its header have the same content security policy", () => {
  const [, inPage] = /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(join(js, "board/index.html"), "utf8"));
  const headers = readFileSync(join(js, "board/_headers"), "utf8");
  assert.ok(headers.includes(`${inPage}; frame-ancestors 'none'\n`));
});
