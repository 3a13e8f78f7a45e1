// The page, embedded in the command and served by `agentfold serve`.
import { test } from "node:test";

import { checkLive } from "./board-live.js";
import { reason } from "./browser.js";
import { built, Serving } from "./serving.js";

test("the page shows the fold of `agentfold serve` and then each new event", { skip: reason }, async (t) => {
  const serving = await Serving.start(built());
  t.after(() => serving.stop());
  await checkLive(t, { href: serving.url.href, token: serving.token, deliver: (event) => serving.deliver(event) });
});
