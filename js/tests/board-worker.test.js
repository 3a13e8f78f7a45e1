// The page, served by the Worker that it connects to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { launched, reason } from "./browser.js";
import { folder, js, run } from "./package.js";
import { availability, bundled, Running, TOKENS } from "./worker.js";

const at = (minutes) => (Date.now() - Date.parse("2026-01-05T08:00:00Z")) / 1000 - minutes * 60;
const state = (id, minutes, new_state) =>
  availability({ id, seconds: at(minutes), type: "state_changed", event: { new_state, channel: "messaging" } });

test("the page shows the Worker's fold and then each new event", { skip: reason }, async (t) => {
  run("npm", ["run", "board"], js);
  const worker = await Running.start(bundled(), folder());
  t.after(() => worker.stop());
  const browser = await launched();
  t.after(() => browser.close());
  assert.equal(await worker.deliver(state("long-ago", 10 * 1440, "away")), 200);
  assert.equal(await worker.deliver(state("a", 30, "online")), 200);

  const page = await browser.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.stack));
  // What a server may have beside events, and this one has not, is no error.
  const isAside = (message) => /\/(names|drift|thresholds)$/.test(message.location().url);
  page.on("console", (message) => message.type() === "error" && !isAside(message) && wrong.push(message.text()));
  const served = await page.goto(worker.url.href);
  assert.match(served.headers()["content-security-policy"], /frame-ancestors 'none'/);
  await page.click("#connect");
  await page.fill("#server-account", "2");
  await page.fill("#server-token", TOKENS[2]);
  await page.keyboard.press("Enter");
  const row = page.locator("#agents tbody tr");
  await row.waitFor();
  assert.match(await row.textContent(), /online/);
  await page.locator("#source[data-connection=live]").waitFor();

  assert.equal(await worker.deliver(state("b", 1, "away")), 200);
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("away"));

  // History of before yesterday is fetched when it is looked at, and new events still come.
  const asked = page.waitForRequest((request) => request.url().includes("/folds?"));
  const ago = new Date(Date.now() - 5 * 86_400_000).toISOString();
  await page.evaluate((at) => (location.hash = new URLSearchParams({ at })), ago);
  await asked;
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("away"));
  await page.evaluate(() => (location.hash = ""));
  assert.equal(await worker.deliver(state("c", 0, "offline")), 200);
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("offline"));
  assert.deepEqual(wrong, []);
});

test("the page and its header have the same content security policy", () => {
  const [, inPage] = /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(join(js, "board/index.html"), "utf8"));
  const headers = readFileSync(join(js, "board/_headers"), "utf8");
  assert.ok(headers.includes(`${inPage}; frame-ancestors 'none'\n`));
});
