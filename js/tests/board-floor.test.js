// The wallboard in a real browser: sources, the address, names and groups, and the screens that it is made for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { Fold, alertMessage } from "agentfold";
import axe from "axe-core";

import { account, assertFloor, board, cells, drop, simulated, token, zone } from "./board-page.js";
import { serve } from "./board-server.js";
import { reason } from "./browser.js";
import { js } from "./package.js";

const BUSY = "2026-01-05T06:45:00Z";
const names = JSON.parse(readFileSync(join(js, "board/sample-names.json"), "utf8"));

describe("the wallboard", { skip: reason }, () => {
  const all = board();
  const { path, events, fold, known, heard, opened, withDay } = all;
  const settings = (page) => new URLSearchParams(new URL(page.url()).hash.slice(1));
  const at = (page, text) => page.waitForFunction((text) => document.querySelector("#at").textContent.includes(text), text);
  const pressed = (page) => page.$$eval("#instant [aria-pressed=true]", (all) => all.map(({ id }) => id));
  const agents = (page) => page.$$eval("#agents tbody tr:not(.group) .link", (links) => links.map(({ dataset }) => dataset.agent));
  const states = fold.agents().filter((one) => one.account_id === account).map((agent) => fold.stateAt(agent, BUSY));

  test("the sample day is what its command makes, and each of its agents and groups has a name", () => {
    const sample = new Fold();
    sample.restore(gunzipSync(readFileSync(join(js, "board/sample.fold.gz"))));
    const own = new Fold();
    own.read(events.split("\n").filter((line) => line.startsWith(`{"account_id":${account},`)).join("\n"));
    const statesOf = (fold) => fold.agents().map((agent) => fold.state(agent));
    assert.deepEqual(statesOf(sample), statesOf(own));
    assert.deepEqual(Object.keys(names.agents), sample.agents().map(({ agent_id }) => agent_id));
    const groups = new Set(statesOf(sample).flatMap(({ group_ids }) => group_ids));
    assert.deepEqual(Object.keys(names.groups).sort(), [...groups].sort());
    assert.ok(readFileSync(join(js, "board/sample.fold.gz")).length < 150_000);
  });

  test("a button shows the sample day, and a reload shows it again", async (t) => {
    const page = await opened(t);
    await page.click("#sample");
    for (const open of [() => {}, () => page.reload()]) {
      await open();
      await page.waitForSelector("#agents tbody tr");
      assert.equal(await page.textContent("#source"), "Sample day, simulated");
      assert.match(await page.textContent("#agents tbody"), /Amira Haddad/);
    }
    assert.equal(settings(page).get("source"), "sample");
  });

  test("an address shows what it was copied from", async (t) => {
    const page = await opened(t, { address: "#source=sample" });
    await page.waitForSelector("#agents tbody tr");
    await page.fill("#local", "2026-01-05T05:20:00");
    await page.selectOption("#zone", "America/New_York");
    await page.selectOption("#channel", "messaging");
    await page.selectOption("#state", "online");
    await page.selectOption("#group", "360000045615");
    await page.check("#free");
    await page.check("#dense");
    await page.selectOption("#rows", "grouped");
    await page.fill("#find", "3600");
    await page.click("th[data-by='on messaging'] button");
    await page.waitForFunction(() => location.hash.includes("at="));
    const shown = async (page) => [await page.textContent("#at"), await cells(page, "#agents"), await page.textContent("#agents-pager")];
    const before = await shown(page);
    assert.match(before[0], /4 Jan 2026, 23:20:00/);
    assert.ok(before[1].length > 1);

    const other = await opened(t, { address: new URL(page.url()).hash });
    await other.waitForSelector("#agents tbody tr");
    await at(other, "23:20:00");
    assert.deepEqual(await shown(other), before);
    assert.equal(await other.getAttribute("th[data-by='on messaging']", "aria-sort"), "descending");
    assert.ok(await other.evaluate(() => document.body.classList.contains("dense")));
    const kept = ["find", "state", "channel", "group", "rows", "zone"];
    assert.deepEqual(await Promise.all(kept.map((id) => other.inputValue(`#${id}`))), ["3600", "online", "messaging", "360000045615", "grouped", "America/New_York"]);
  });

  test("Back and Forward move between views, and the standard view leaves the address clean", async (t) => {
    const page = await opened(t, { address: "#source=sample" });
    await page.waitForSelector("#agents tbody tr");
    const agent = await page.getAttribute("#agents tbody .link", "data-agent");
    await page.click("#agents tbody .link");
    await page.waitForSelector("#plots svg");
    assert.deepEqual(Object.fromEntries(settings(page)), { source: "sample", view: "timeline", agent });
    await page.click("#tab-report");
    await page.waitForSelector("#measures tbody tr");
    await page.goBack();
    await page.waitForSelector("#timeline:not([hidden])");
    assert.equal(await page.inputValue("#one"), agent);
    await page.goBack();
    await page.waitForSelector("#floor:not([hidden])");
    assert.equal(await page.inputValue("#one"), "");
    assert.equal(new URL(page.url()).hash, "#source=sample");
    await page.goForward();
    await page.waitForSelector("#timeline:not([hidden])");
    await page.reload();
    await page.waitForSelector("#plots svg");
    assert.equal(await page.inputValue("#one"), agent);
  });

  test("a reload asks for the local file, and then shows the same view", async (t) => {
    const page = await withDay(t);
    await page.click("#last");
    await page.selectOption("#channel", "talk");
    await page.waitForFunction(() => location.hash.includes("at=last"));
    await page.reload();
    assert.equal(await page.textContent("#again"), "Open day.ndjson again to see this view: a page can't open a file of yours by itself.");
    await page.setInputFiles("#file", path("day.ndjson"));
    await page.waitForSelector("#last[aria-pressed=true]");
    assert.equal(await page.inputValue("#channel"), "talk");
    assert.ok(await page.isHidden("#again"));

    // The instant of a different file means nothing here.
    await drop(page, "other.ndjson", events);
    await page.waitForFunction(() => document.querySelector("#source").textContent.startsWith("other"));
    await page.waitForSelector("#busy[aria-pressed=true]");
    assert.deepEqual([settings(page).get("at"), settings(page).get("name")], [null, "other.ndjson"]);
  });

  test("the address of a server has the account and never the token", async (t) => {
    known.restore(fold.save());
    const page = await opened(t, { address: `#source=server&account=${account}&channel=talk` });
    assert.equal(await page.inputValue("#server-account"), account);
    await page.fill("#server-token", token);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#source[data-connection=live]");
    await page.waitForSelector("#agents tbody tr");
    await page.click("#tab-timeline");
    await page.waitForSelector("#plots svg, #chart-caption:not(:empty)");
    assert.deepEqual(Object.fromEntries(settings(page)), { source: "server", account, channel: "talk", view: "timeline" });
    assert.ok(!page.url().includes(token));
    await page.reload();
    await page.waitForSelector("#source[data-connection=live]");
    await page.waitForSelector("#timeline:not([hidden])");
  });

  test("an instant in the query counts until another is chosen", async (t) => {
    const page = await opened(t, { address: "?at=2026-01-05T04:20:00Z" });
    await page.setInputFiles("#file", path("day.ndjson"));
    await at(page, "05:20:00");
    await assertFloor(page, fold, "2026-01-05T04:20:00Z");
    await page.click("#last");
    await page.waitForFunction(() => !location.search && location.hash.includes("at=last"));
  });

  test("agents stand under their groups, with counts by group and channel", async (t) => {
    const page = await withDay(t);
    await page.selectOption("#rows", "grouped");
    await page.check("#dense");
    const lines = await cells(page, "#agents");
    const groups = new Map();
    for (const state of states) {
      for (const group of state.group_ids) groups.set(group, [...(groups.get(group) ?? []), state]);
    }
    assert.equal(lines.length, groups.size + [...groups.values()].flat().length);
    assert.match(await page.textContent("#agents-pager"), /^20 agents in 9 groups/);
    await page.selectOption("#rows", "groups");
    const shown = await cells(page, "#agents");
    assert.deepEqual(shown.map(([group]) => group), [...groups.keys()].sort());
    for (const [group, , ...on] of shown) {
      const members = groups.get(group).map(({ channels }) => channels);
      for (const [i, channel] of ["messaging", "support", "talk"].entries()) {
        const ones = members.map((channels) => channels[channel]).filter((one) => one && one.access !== false);
        const load = ones.reduce((sum, one) => sum + one.load, 0);
        const room = ones.filter(({ state }) => state === "online").reduce((sum, one) => sum + (one.max_capacity ?? 0), 0);
        assert.equal(on[i], `${load}/${room}${ones.filter(({ accepting }) => accepting).length} free`);
      }
    }
    const [group] = groups.keys();
    await page.selectOption("#rows", "agents");
    await page.selectOption("#group", group);
    assert.deepEqual((await agents(page)).sort(), groups.get(group).map(({ agent_id }) => agent_id).sort());
  });

  test("names are read from files beside or after the events, and ids stay", async (t) => {
    const page = await opened(t);
    const [first] = Object.keys(names.agents);
    const [group] = Object.keys(names.groups);
    const users = { users: Object.entries(names.agents).map(([id, name]) => ({ id: Number(id), name })), count: 20 };
    await drop(page, "day.ndjson", events, "users.json", JSON.stringify(users));
    await page.waitForSelector("#agents tbody tr");
    const line = page.locator("#agents tbody tr", { hasText: "Amira Haddad" });
    assert.equal(await line.locator(".id").textContent(), first);
    assert.match(await page.textContent("#source"), /^day.ndjson: 11,188 events$/);
    const option = () => page.textContent(`#group option[value="${group}"]`);
    assert.equal(await option(), group);
    await drop(page, "groups.json", JSON.stringify({ groups: [{ id: Number(group), name: "Accounts" }] }));
    await page.waitForFunction((group) => document.querySelector(`#group option[value="${group}"]`).textContent === "Accounts", group);
    assert.equal(await page.textContent("#note"), "Names of agents: 0, of groups: 1.");
    await page.fill("#find", "haddad");
    assert.deepEqual(await agents(page), [first]);
    await page.fill("#find", first);
    assert.deepEqual(await agents(page), [first]);
    await page.fill("#find", "accounts");
    const members = states.filter(({ group_ids }) => group_ids.includes(group)).map(({ agent_id }) => agent_id);
    assert.deepEqual((await agents(page)).sort(), members.sort());
    assert.ok(!/Haddad|Amira/.test(decodeURIComponent(page.url())));
  });

  test("names alone ask for events, and are kept for them", async (t) => {
    const page = await opened(t);
    const lines = Object.entries(names.agents).map(([id, name]) => `${id};${name};agent`);
    await drop(page, "names.csv", ["id;name;kind", ...lines].join("\n"));
    await page.waitForSelector("#note:not([hidden])");
    assert.equal(await page.textContent("#note"), "Names of agents: 20, of groups: 0. Open a file of events to see them.");
    assert.ok(await page.isVisible("#welcome"));
    await page.setInputFiles("#file", path("day.ndjson"));
    await page.waitForSelector("#agents tbody tr");
    assert.match(await page.textContent("#agents tbody"), /Amira Haddad/);
  });

  test("several files of events make one fold", async (t) => {
    const page = await opened(t);
    const lines = events.trim().split("\n");
    await drop(page, "a.ndjson", lines.slice(0, 5000).join("\n"), "b.ndjson", [...lines.slice(5000), "not json"].join("\n"));
    await page.waitForSelector("#agents tbody tr");
    assert.equal(await page.textContent("#source"), "a.ndjson and 1 more: 11,188 events");
    assert.match(await page.textContent("#unreadable li"), /^b.ndjson, line 6,189: not_json /);
    await assertFloor(page, fold, BUSY);
  });

  test("a server's names and its differences from Zendesk's record are shown", async (t) => {
    const [state] = states;
    const { agent_id } = state;
    const of = { account_id: account, agent_id, aspect: "work_item", channel: "support", track: "work_item[7]", work_item: "7" };
    const differences = [
      { ...of, difference: "ghost_item", fold: "ACCEPTED", record: null },
      { account_id: account, agent_id, difference: "state", track: "state[talk]", aspect: "state", channel: "talk", work_item: null, fold: "online", record: "away" },
      { account_id: account, agent_id: "5", difference: "unknown_agent", track: null, aspect: null, channel: null, work_item: null, fold: null, record: 4 },
    ];
    const aside = { names, drift: { checked_at: "2026-01-06T03:00:00Z", differences } };
    const other = await serve({ folder: join(js, "board/dist"), account, token, fold, aside });
    t.after(() => other.close());
    const page = await all.browser.newPage({ locale: "en-GB", timezoneId: zone });
    t.after(() => page.close());
    await page.goto(`${other.url}#source=server&account=${account}`);
    await page.fill("#server-token", token);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#drift:not([hidden])");
    assert.equal(await page.textContent("#drift summary"), "3 differences from Zendesk's record, checked 6 Jan 2026, 04:00:00");
    await page.click("#drift summary");
    const name = names.agents[agent_id];
    assert.deepEqual(await page.$$eval("#drift li", (all) => all.map((one) => one.textContent)), [
      `${name} (${agent_id}), support, item 7: open here, but not in Zendesk`,
      `${name} (${agent_id}), talk: state is online here, away in Zendesk`,
      "5: no event of this agent was received",
    ]);
    assert.match(await page.textContent("#agents tbody"), new RegExp(name));
  });

  test("a token in the address connects the page, and leaves the address", async (t) => {
    const other = await serve({ folder: join(js, "board/dist"), account, token, fold, aside: {} });
    t.after(() => other.close());
    const page = await all.browser.newPage({ locale: "en-GB", timezoneId: zone });
    t.after(() => page.close());
    const address = `${other.url}#source=server&account=${account}`;
    await page.goto(`${address}&token=${token}`);
    await page.waitForSelector("#source[data-connection=live]");
    assert.doesNotMatch(page.url(), /token/);
    await page.evaluate(() => sessionStorage.clear());
    await page.goto("about:blank");
    await page.goto(address);
    await page.waitForSelector("#server[open]");
    // In the same tab, where nothing else of the address changes.
    await page.evaluate((given) => location.assign(given), `${address}&token=${token}`);
    await page.waitForSelector("#source[data-connection=live]");
    assert.doesNotMatch(page.url(), /token/);
    assert.equal(await page.locator("#server[open]").count(), 0);
  });

  test("a server without names and differences shows none", async (t) => {
    const other = await serve({ folder: join(js, "board/dist"), account, token, fold, aside: {} });
    t.after(() => other.close());
    const page = await all.browser.newPage({ locale: "en-GB", timezoneId: zone });
    t.after(() => page.close());
    await page.goto(`${other.url}#source=server&account=${account}`);
    await page.fill("#server-token", token);
    const asked = page.waitForResponse((response) => response.url().endsWith("/drift"));
    await page.keyboard.press("Enter");
    assert.equal((await asked).status(), 404);
    await page.waitForSelector("#agents tbody tr");
    assert.ok(await page.isHidden("#drift"));
    assert.ok(await page.isHidden("#problem"));
  });

  test("alerts are counted and listed by the thresholds of the dialog, which this browser keeps", async (t) => {
    const page = await opened(t, { address: "#source=sample" });
    await page.waitForSelector("#agents tbody tr");
    assert.ok(await page.isHidden("#alerts"));
    await page.click("#set-thresholds");
    assert.deepEqual(await page.$$eval("#kinds [type=checkbox]", (all) => all.map(({ checked }) => checked)), Array(6).fill(false));
    await page.check("[name=state]");
    await page.fill("[name=state-most]", "1");
    await page.check("[name=nobody_free]");
    await page.check("[name=load]");
    await page.click("#thresholds-save");
    const thresholds = {
      state: [{ state: "away", longer_than: "1m" }],
      nobody_free: ["messaging", "support", "talk"].map((channel) => ({ channel, longer_than: "5m" })),
      load: [{ share: 0.9 }],
    };
    const expected = fold.alerts(thresholds, BUSY, { accounts: [account] });
    assert.ok(expected.length > 3);
    const counted = () => page.waitForFunction((count) => document.querySelector("#alerts summary").textContent === `${count} alerts`, expected.length);
    await counted();
    await page.click("#alerts summary");
    const shown = await page.$$eval("#alerts li", (all) => all.map((one) => one.textContent));
    assert.deepEqual(shown, expected.map((alert) => JSON.parse(alertMessage(alert, "began", { names, at: BUSY })).text));
    assert.match(shown[0], /^Jonas Weber has been away/);

    await page.reload();
    await counted();
    await page.click("#set-thresholds");
    assert.equal(await page.inputValue("[name=state-most]"), "1");
    for (const kind of ["state", "nobody_free", "load"]) await page.uncheck(`[name=${kind}]`);
    await page.click("#thresholds-save");
    await page.waitForSelector("#alerts", { state: "hidden" });
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  });

  test("a server's thresholds apply until this browser has its own, and wrong ones are named", async (t) => {
    const aside = { names: null, drift: null, thresholds: { load: [{ share: 0.5 }] } };
    const other = await serve({ folder: join(js, "board/dist"), account, token, fold, aside });
    t.after(() => other.close());
    const page = await all.browser.newPage({ locale: "en-GB", timezoneId: zone });
    t.after(() => page.close());
    await page.goto(`${other.url}#source=server&account=${account}&at=${BUSY}`);
    await page.fill("#server-token", token);
    await page.keyboard.press("Enter");
    const expected = fold.alerts(aside.thresholds, BUSY, { accounts: [account] });
    await page.waitForFunction((count) => document.querySelector("#alerts summary").textContent === `${count} alerts`, expected.length);
    await page.click("#set-thresholds");
    assert.ok(await page.isVisible("#thresholds-served"));
    await page.keyboard.press("Escape");
    aside.thresholds = { load: [{ share: "much" }] };
    await page.reload();
    await page.waitForFunction(() => document.querySelector("#alerts-problem").textContent.startsWith("The thresholds can't be used: "));
  });

  test("a search without a result says what was searched, and clears", async (t) => {
    const page = await withDay(t);
    await page.fill("#find", "zzz");
    await page.selectOption("#channel", "talk");
    await page.check("#free");
    assert.equal(await page.textContent("#none-text"), "No agent matches “zzz” in names, ids, states and groups, channel talk, free only.");
    await page.click("#clear");
    assert.equal((await agents(page)).length, 20);
    assert.ok(await page.isHidden("#none"));
    assert.deepEqual(Object.fromEntries(settings(page)), { source: "file", name: "day.ndjson" });
  });

  test("after a bad file, the page says again what it takes", async (t) => {
    const page = await withDay(t);
    await drop(page, "bad.gz", new Uint8Array([0x1f, 0x8b, 1, 2, 3]));
    await page.waitForSelector("#problem:not([hidden])");
    assert.ok(await page.isVisible("#welcome"));
    assert.match(await page.textContent("#welcome"), /NDJSON, a page of the Chat export or a saved fold/);
    await drop(page, "bad.txt", "nothing");
    await page.waitForFunction(() => document.querySelector("#problem").textContent.startsWith("bad.txt contains no events"));
    assert.ok(await page.isVisible("#welcome"));
  });

  test("a tap shows the details of an agent, and what notes mean", async (t) => {
    const page = await withDay(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
    const state = states.find(({ channels }) => Object.values(channels).some(({ work_items }) => work_items.length > 0));
    await page.tap(`#agents tbody tr[data-key="${account}/${state.agent_id}"] .status`);
    await page.waitForSelector("#details[open]");
    assert.equal(await page.textContent("#details-title"), state.agent_id);
    const items = Object.values(state.channels).flatMap(({ work_items }) => work_items.map(({ id }) => id));
    const shown = await page.$$eval("#details li", (all) => all.map((one) => one.textContent.split(":")[0]));
    assert.deepEqual(shown, items);
    await page.tap("#details-timeline");
    await page.waitForSelector("#plots svg");
    assert.equal(await page.inputValue("#one"), state.agent_id);
    await page.goBack();
    await page.tap(".card details.notes summary");
    assert.match(await page.textContent(".card details[open] p"), /the table says why/);
  });

  test("dense rows are half as high, and a hundred make a page", async (t) => {
    const page = await opened(t, {}, undefined);
    const many = simulated("--agents", "260", "--hours", "9", "--seed", "3");
    await drop(page, "many.ndjson", many.replaceAll(/("account_id":"?)\d+/g, `$1${account}`));
    await page.waitForSelector("#agents tbody tr");
    const height = () => page.evaluate(() => document.querySelector("#agents tbody").offsetHeight / document.querySelectorAll("#agents tbody tr").length);
    const usual = await height();
    assert.equal((await agents(page)).length, 50);
    await page.check("#dense");
    assert.equal((await agents(page)).length, 100);
    assert.ok((await height()) < usual * 0.65, `${await height()} of ${usual}`);
  });

  test("on a wall, the page fills the screen without controls, turns its pages and stays awake", async (t) => {
    const page = await opened(t, { address: "#source=sample", viewport: { width: 1920, height: 1080 } });
    await page.addInitScript(() => {
      globalThis.locks = [];
      const request = async (kind) => {
        const lock = { kind, released: false, release: async () => (lock.released = true) };
        globalThis.locks.push(lock);
        return lock;
      };
      Object.defineProperty(navigator, "wakeLock", { value: { request } });
    });
    await page.clock.install();
    await page.reload();
    await page.waitForSelector("#agents tbody tr");
    await page.click("#kiosk");
    await page.waitForFunction(() => document.fullscreenElement);
    const seen = () => page.$$eval("button, input, select", (all) => all.filter((one) => one.checkVisibility({ opacityProperty: true }) && !one.closest("#agents")).map(({ id }) => id));
    const rows = () => page.waitForFunction(() => document.querySelectorAll("#agents tbody tr").length < 20);
    await rows();
    assert.deepEqual(await seen(), []);
    const isWhole = () => page.$$eval("#agents tbody tr", (all) => all.every((row) => row.getBoundingClientRect().bottom <= innerHeight));
    assert.ok(await isWhole());
    assert.deepEqual(await page.evaluate(() => globalThis.locks.map(({ kind, released }) => [kind, released])), [["screen", false]]);

    const turned = new Set();
    for (let i = 0; i < 3; i += 1) {
      for (const agent of await agents(page)) turned.add(agent);
      await page.clock.runFor(10_000);
    }
    assert.equal(turned.size, 20);
    assert.equal(settings(page).get("kiosk"), "yes");

    // A reload restores it: without the screen's edges, which a browser gives for a click only.
    await page.reload();
    await page.waitForSelector("#agents tbody tr");
    await rows();
    assert.deepEqual(await seen(), []);
    await page.mouse.move(100, 100);
    await page.waitForSelector("#leave.shown");
    await page.click("#leave");
    assert.equal(settings(page).get("kiosk"), null);
    assert.ok(await page.isVisible("#filters"));
    assert.equal((await agents(page)).length, 20);
    assert.deepEqual(await page.evaluate(() => globalThis.locks.map(({ released }) => released)), [true]);
  });

  test("on a phone the floor comes first, and the controls are folded away", async (t) => {
    const page = await withDay(t, { viewport: { width: 390, height: 844 } });
    const { y, height } = await page.locator(".card").first().boundingBox();
    assert.ok(y + height < 844 / 2, `the first card ends at ${y + height}`);
    for (const control of ["#find", "#slider", "#zone", "#last"]) assert.ok(await page.isHidden(control), control);
    await page.click("#controls");
    assert.equal(await page.getAttribute("#controls", "aria-expanded"), "true");
    for (const control of ["#find", "#slider", "#zone", "#last"]) assert.ok(await page.isVisible(control), control);
    await page.selectOption("#state", "away");
    await page.click("#controls");
    assert.ok(await page.isHidden("#find"));
  });

  test("no text of the wallboard is cut, whatever the width", async (t) => {
    // Ids as long as they get, with and without names.
    const long = events.replaceAll(/("agent_id": ?"?)(\d+)/g, (_, key, id) => `${key}${id.padStart(19, "1")}`);
    for (const [width, address] of [[1440, ""], [820, ""], [390, ""], [1440, "#dense=yes"], [820, "#dense=yes"], [820, "#rows=grouped"]]) {
      const page = await withDay(t, { viewport: { width, height: 900 }, address }, long);
      for (const named of [false, true]) {
        if (named) {
          const table = Object.fromEntries((await agents(page)).map((id) => [id, "Wolfeschlegelsteinhausen the Third"]));
          await drop(page, "names.json", JSON.stringify(table));
          await page.waitForFunction(() => document.querySelector("#agents tbody").textContent.includes("the Third"));
        }
        const cut = await page.evaluate(() => {
          const inside = (one, box) => one.left >= box.left - 1 && one.right <= box.right + 1;
          const cells = [...document.querySelectorAll("#agents tbody tr > *")];
          const parts = cells.flatMap((cell) => [...cell.querySelectorAll("*")].filter((part) => part.textContent && part.checkVisibility()).map((part) => [part, cell]));
          const wrong = parts.filter(([part, cell]) => !inside(part.getBoundingClientRect(), cell.getBoundingClientRect()) || part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0);
          return [document.documentElement.scrollWidth <= innerWidth, wrong.slice(0, 3).map(([part]) => part.textContent)];
        });
        assert.deepEqual(cut, [true, []], `${width} ${address} ${named}`);
      }
    }
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds no violation in groups, details, dense rows, on a phone and on a wall, in ${colorScheme}`, async (t) => {
      const page = await opened(t, { colorScheme, address: "#source=sample&rows=grouped" });
      await page.addInitScript(axe.source);
      await page.reload();
      await page.waitForSelector("#agents tbody tr");
      const check = async (view) => {
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        const shown = violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`);
        assert.deepEqual(shown, []);
      };
      await check("groups");
      await page.check("#dense");
      await page.click(".card details.notes summary");
      await check("dense");
      await page.click("#agents tbody .more");
      await page.waitForSelector("#details[open]");
      await check("details");
      await page.keyboard.press("Escape");
      await page.fill("#find", "zzz");
      await check("nothing found");
      await page.click("#clear");
      await page.click("#set-thresholds");
      await check("thresholds");
      await page.check("[name=load]");
      await page.click("#thresholds-save");
      await page.click("#alerts summary");
      await check("alerts");
      await page.setViewportSize({ width: 390, height: 844 });
      await check("phone");
      await page.click("#controls");
      await check("controls");
      await page.setViewportSize({ width: 1920, height: 1080 });
      await page.click("#kiosk");
      await page.waitForSelector(".kiosk");
      await check("wall");
    });
  }

  test("1,000 agents and a day open at their moment in less than half a second more", async (t) => {
    const day = simulated("--agents", "1000", "--hours", "24", "--seed", "3", "--drop", "0.002").replaceAll(/("account_id":"?)\d+/g, `$1${account}`);
    const many = new Fold();
    many.read(day);
    const page = await opened(t);
    const saved = many.save();
    await drop(page, "day.fold", saved);
    await page.waitForSelector("#busy[aria-pressed=true]");
    let least = Infinity;
    // A machine that is busy with other tests is slow, but not in every round.
    for (let round = 0; round < 5 && least > 500; round += 1) {
      const took = async (act, chosen) => {
        const began = performance.now();
        await act();
        await page.waitForSelector(`#instant[data-chosen="${chosen}"]`);
        return performance.now() - began;
      };
      const instant = await took(() => page.fill("#local", `2026-01-05T08:0${round}:00`), `2026-01-05T07:0${round}:00Z`);
      const busy = await took(() => page.click("#busy"), "busy");
      t.diagnostic(`${Math.round(busy)} ms, and ${Math.round(instant)} ms for any other instant`);
      least = Math.min(least, busy - instant);
    }
    assert.ok(least < 500, `${Math.round(least)} ms`);
  });
});
