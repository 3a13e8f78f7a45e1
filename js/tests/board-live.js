// The page, served by a server that it connects to.
import assert from "node:assert/strict";

import { launched } from "./browser.js";
import { availability } from "./worker.js";

const at = (minutes) => (Date.now() - Date.parse("2026-01-05T08:00:00Z")) / 1000 - minutes * 60;
const state = (id, minutes, new_state) =>
  availability({ id, seconds: at(minutes), type: "state_changed", event: { new_state, channel: "messaging" } });

/** Opens the page of a server that has account 2, and checks that it shows the fold and then each new event. */
export async function checkLive(t, { href, token, deliver }) {
  const browser = await launched();
  t.after(() => browser.close());
  assert.equal(await deliver(state("long-ago", 10 * 1440, "away")), 200);
  assert.equal(await deliver(state("a", 30, "online")), 200);

  const page = await browser.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.stack));
  // What a server may have beside events, and this one has not, is no error.
  const isAside = (message) => /\/(names|drift|thresholds)$/.test(message.location().url);
  page.on("console", (message) => message.type() === "error" && !isAside(message) && wrong.push(message.text()));
  const served = await page.goto(href);
  assert.match(served.headers()["content-security-policy"], /frame-ancestors 'none'/);
  await page.click("#connect");
  await page.fill("#server-account", "2");
  await page.fill("#server-token", token);
  await page.keyboard.press("Enter");
  const row = page.locator("#agents tbody tr");
  await row.waitFor();
  assert.match(await row.textContent(), /online/);
  await page.locator("#source[data-connection=live]").waitFor();

  assert.equal(await deliver(state("b", 1, "away")), 200);
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("away"));

  // History of before yesterday is fetched when it is looked at, and new events still come.
  const asked = page.waitForRequest((request) => request.url().includes("/folds?"));
  const ago = new Date(Date.now() - 5 * 86_400_000).toISOString();
  await page.evaluate((at) => (location.hash = new URLSearchParams({ at })), ago);
  await asked;
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("away"));
  await page.evaluate(() => (location.hash = ""));
  assert.equal(await deliver(state("c", 0, "offline")), 200);
  await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("offline"));
  assert.deepEqual(wrong, []);
}
