// The report and the timeline of the page in a real browser: their numbers, marks and controls.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Fold, buckets } from "agentfold";
import axe from "axe-core";

import { Table } from "../board/table.js";
import { account, board, cells, clock, simulated, zone } from "./board-page.js";
import { reason } from "./browser.js";
import { js } from "./package.js";

const accounts = [account];
const PAGE = 100;

describe("the report and the timeline", { skip: reason }, () => {
  const { path, events, fold, heard, opened } = board();

  /** Opens the page with a file of events, at a tab. */
  async function at(t, tab, { text, ...options } = {}) {
    const page = await opened(t, options);
    if (text) writeFileSync(path("other.ndjson"), text);
    await page.setInputFiles("#file", path(text ? "other.ndjson" : "day.ndjson"));
    await page.waitForSelector("#agents tbody tr");
    await page.click(`#tab-${tab}`);
    if (tab === "report") await drawn(page);
    else await page.waitForSelector("#plots svg");
    return page;
  }

  /** Returns the rows about channels of the package. */
  function channelRows(every, by = "account", between = heard) {
    const parts = buckets({ from: between.first, to: between.last, every, tz: zone, as_of: heard.last });
    return fold.report(parts, by, { accounts }).filter(({ row }) => row === "channel");
  }

  test("the report by 15 minutes has the rows of the package, page by page", async (t) => {
    const page = await at(t, "report");
    assert.equal(await page.inputValue("#every"), "15m");
    const rows = channelRows("15m");
    assert.ok(rows.length > 2 * PAGE);
    const share = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)}%`);
    for (let first = 0; first < rows.length; first += PAGE) {
      await page.waitForFunction((first) => document.querySelector("#report-pager").textContent.startsWith(`${first + 1}–`), first);
      const shown = await cells(page, "#measures");
      const expected = rows.slice(first, first + PAGE).map((row) => [
        row.channel,
        (row.online_ns / 9e11).toFixed(1),
        clock(row.online_ns),
        ...[row.occupancy, row.utilisation].map(share),
        ...[row.offered, row.accepted, row.handle_time.count].map(String),
        ...[row.handle_time.p50_ns, row.handle_time.p90_ns].map(clock),
      ]);
      // The last bucket ends at the last event.
      const isWhole = (_, i) => rows[first + i].length_ns % 9e11 === 0;
      assert.deepEqual(shown.map(([channel, , , ...rest]) => [channel, ...rest.slice(0, -1)]).filter(isWhole), expected.filter(isWhole));
      if (first + PAGE < rows.length) await page.click("#report-pager button:last-child");
    }
  });

  test("a click or a key sorts the table in both directions", async (t) => {
    const page = await at(t, "report");
    const rows = channelRows("15m");
    const column = (i) => page.$$eval(`#measures tbody tr > :nth-child(${i})`, (cells) => cells.map((cell) => cell.textContent));
    const head = page.locator("#measures thead th", { hasText: "occupancy" });
    assert.equal(await page.locator("#measures th[aria-sort]").count(), 0);
    await head.getByRole("button").click();
    await page.waitForSelector("#measures th[aria-sort=descending]");
    const known = rows.map(({ occupancy }) => occupancy).filter((one) => one !== null).sort((a, b) => b - a);
    const percent = (value) => `${(100 * value).toFixed(1)}%`;
    await until(async () => assert.deepEqual(await column(6), known.slice(0, PAGE).map(percent)));

    await head.getByRole("button").focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#measures th[aria-sort=ascending]");
    await until(async () => assert.deepEqual(await column(6), known.toReversed().slice(0, PAGE).map(percent)));
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "occupancy");

    // What is missing comes last in both directions.
    for (let i = 0; i < Math.floor((rows.length - 1) / PAGE); i += 1) await page.click("#report-pager button:last-child");
    await until(async () => assert.equal((await column(6)).at(-1), "–"));
    await page.locator("#measures thead th", { hasText: "channel" }).getByRole("button").click();
    const names = rows.map(({ channel }) => channel).sort();
    await until(async () => assert.deepEqual(await column(1), names.slice(0, PAGE)));
    assert.equal(await page.locator("#measures th[aria-sort]").count(), 1);
  });

  test("the CSV file has the table as it is sorted, and is named after what it contains", async (t) => {
    const page = await at(t, "report");
    await page.selectOption("#every", "1h");
    await page.waitForSelector("#measures[data-of='channels account 1h']");
    await page.locator("#measures thead th", { hasText: "offered" }).getByRole("button").click();
    await page.waitForSelector("#measures th[aria-sort=descending]");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
    assert.equal(download.suggestedFilename(), `agentfold-${account}-channels-1h-2026-01-05-2026-01-05.csv`);
    const [head, ...lines] = readFileSync(await download.path(), "utf8").trim().split("\r\n");
    assert.equal(head.split(",").slice(0, 6).join(), "channel,from,to,agents online,online_s,occupancy");
    const rows = channelRows("1h").sort((a, b) => b.offered - a.offered);
    assert.deepEqual(
      lines.map((line) => [0, 1, 2, 4, 5, 7].map((i) => line.split(",")[i])),
      rows.map((row) => [row.channel, row.from, row.to, row.online_ns / 1e9, row.occupancy ?? "", row.offered].map(String)),
    );
  });

  test("the report follows the roll-up, the time zone and the table that are chosen", async (t) => {
    const page = await at(t, "report");
    await page.selectOption("#of", "states");
    await page.selectOption("#by", "agent");
    await page.selectOption("#every", "1d");
    await page.selectOption("#zone", "America/New_York");
    await page.waitForSelector("#measures[data-of='states agent 1d'] caption:has-text('America/New_York')");
    const days = buckets({ from: heard.first, to: heard.last, every: "1d", tz: "America/New_York" });
    const rows = fold.report(days, "agent", { accounts }).filter(({ row, ns }) => row === "unified_state" && ns > 0);
    const shown = await cells(page, "#measures");
    const [first] = rows;
    const line = shown.find(([agent, on]) => agent === first.agent_id && on === "unified state");
    assert.deepEqual([line[4], line[6]], [first.name ?? first.id ?? "unknown", clock(first.ns)]);

    // One agent.
    const one = rows.at(-1).agent_id;
    await page.selectOption("#who", one);
    await page.waitForSelector(`#measures[data-of='states agent ${one} 1d']`);
    assert.deepEqual(new Set((await cells(page, "#measures")).map(([agent]) => agent)), new Set([one]));
    assert.match(await page.textContent("#staffing figcaption"), /^Agents online/);
  });

  test("the bars of the charts are as high as the numbers of the package, with the uncertain part striped", async (t) => {
    const page = await at(t, "report");
    const rows = channelRows("15m");
    const sure = new Set(["observed", "assumed"]);
    const uncertainOf = ({ state }) => {
      const online = state.filter((one) => one.state === "online");
      const sum = (of) => of.reduce((total, { ns }) => total + ns, 0);
      return sum(online) > 0 ? sum(online.filter(({ basis }) => !sure.has(basis))) / sum(online) : 0;
    };
    const length = ({ from, to }) => (Date.parse(to) - Date.parse(from)) * 1e6;
    const charts = {
      occupancy: { rows: rows.filter(({ occupancy }) => occupancy !== null), value: ({ occupancy }) => occupancy, most: 1 },
      staffing: { rows, value: (row) => row.online_ns / length(row) },
    };
    charts.staffing.most = Math.max(...rows.map(charts.staffing.value));
    for (const [id, { rows, value, most }] of Object.entries(charts)) {
      const bars = await page.$$eval(`#${id} [data-tip]`, (all) => all.map((bar) => [Number(bar.getAttribute("height")), bar.dataset.tip]));
      // A row of bars for each channel, in the order of the package.
      const channels = [...new Set(rows.map(({ channel }) => channel))];
      const ordered = channels.flatMap((name) => rows.filter(({ channel }) => channel === name));
      const inOrder = bars.toSorted(([, a], [, b]) => channels.indexOf(a.split(",")[0]) - channels.indexOf(b.split(",")[0]));
      assert.equal(bars.length, rows.length, id);
      const whole = Math.max(...bars.map(([height]) => height)) / (Math.max(...rows.map(value)) / most);
      assert.ok(whole > 40);
      inOrder.forEach(([height, tip], i) => assert.ok(Math.abs(height / whole - value(ordered[i]) / most) < 0.02, `${id}: ${tip}: ${height}`));
      assert.ok(inOrder[5][1].startsWith(`${ordered[5].channel}, 5 Jan 2026, `), inOrder[5][1]);
      const striped = await page.$$eval(`#${id} g[fill='url(#disputed)'] rect`, (all) => all.map((bar) => Number(bar.getAttribute("height"))));
      const expected = ordered.map((row) => (whole * value(row) * uncertainOf(row)) / most).filter((height) => height > 0);
      assert.ok(expected.length > 3);
      assert.ok(Math.abs(striped.reduce((a, b) => a + b, 0) - expected.reduce((a, b) => a + b, 0)) < 1, id);
    }
  });

  test("the states stack up to all agents, and the handle times to all handled items", async (t) => {
    const page = await at(t, "report");
    const tips = (id) => page.$$eval(`#${id} [data-tip]`, (all) => all.map((bar) => [Number(bar.getAttribute("height")), bar.dataset.tip]));
    const agents = fold.agents().filter(({ account_id }) => account_id === account).length;
    const stacks = new Map();
    for (const [height, tip] of await tips("states")) {
      const bucket = tip.split(": ")[0];
      stacks.set(bucket, (stacks.get(bucket) ?? 0) + height);
    }
    assert.equal(stacks.size, new Set(channelRows("15m").map(({ from }) => from)).size);
    const heights = [...stacks.values()];
    for (const height of heights) assert.ok(Math.abs(height - Math.max(...heights)) < 1);
    // The bars of a bucket stand on each other.
    const columns = await page.$$eval("#states [data-tip]", (all) => {
      const of = Map.groupBy(all, (bar) => bar.dataset.tip.split(": ")[0]);
      return [...of.values()].map((bars) => {
        const ends = bars.map((bar) => [Number(bar.getAttribute("y")), Number(bar.getAttribute("y")) + Number(bar.getAttribute("height"))]);
        return Math.max(...ends.map(([, bottom]) => bottom)) - Math.min(...ends.map(([top]) => top));
      });
    });
    columns.forEach((height, i) => assert.ok(Math.abs(height - heights[i]) < 1));
    const online = (await tips("states")).filter(([, tip]) => tip.startsWith("5 Jan 2026, 05:00") && tip.includes(": online,"));
    const parts = buckets({ from: heard.first, to: heard.last, every: "15m", tz: zone });
    const [row] = fold.report(parts, "account", { accounts }).filter((one) => one.from === "2026-01-05T04:00:00Z" && one.name === "online");
    assert.equal(online.length, 1);
    assert.ok(Math.abs(online[0][0] / Math.max(...heights) - row.ns / 9e11 / agents) < 0.01);
    assert.match(online[0][1], new RegExp(`online, ${(row.ns / 9e11).toFixed(1)} agents`));
    assert.ok(await page.locator("#states g[fill='url(#disputed)'] rect, #states rect[fill='url(#disputed)']").count());

    const whole = fold.report({ boundaries: [heard.first, heard.last], as_of: heard.last }, "account", { accounts });
    for (const { channel, handle_time } of whole.filter(({ row }) => row === "channel")) {
      const bars = (await tips("handled")).filter(([, tip]) => tip.startsWith(`${channel},`));
      const counts = bars.map(([, tip]) => Number(/: ([\d,]+) items$/.exec(tip)[1].replace(",", "")));
      assert.equal(counts.reduce((sum, count) => sum + count, 0), handle_time.count);
      const unit = bars[0][0] / counts[0];
      bars.forEach(([height], i) => assert.ok(Math.abs(height - unit * counts[i]) < 1));
      assert.ok(await page.locator(`#handled text:text-is('p90 ${clock(handle_time.p90_ns)}')`).count());
    }
  });

  test("uncertain time is striped whichever view was seen before", async (t) => {
    const page = await at(t, "timeline");
    await page.click("#tab-report");
    await drawn(page);
    // A pattern in a hidden view, or a second one with its id, draws nothing.
    const found = () => page.$$eval("#disputed, #inferred, #unknown", (all) => all.map((one) => [one.id, one.closest("svg").checkVisibility()]));
    const all = [["inferred", true], ["disputed", true], ["unknown", true]];
    assert.deepEqual(await found(), all);
    const bar = page.locator("#states g[fill='url(#disputed)'] rect, #states rect[fill='url(#disputed)']");
    const striped = await colours(page, bar);
    assert.ok(striped > 1, `${striped}`);
    await page.click("#tab-timeline");
    assert.deepEqual(await found(), all);
  });

  test("the charts compare agents and groups with each other", async (t) => {
    const page = await at(t, "report");
    for (const by of ["agent", "group"]) {
      await page.selectOption("#by", by);
      await page.waitForSelector(`#measures[data-of='channels ${by} 15m']`);
      await page.waitForFunction((by) => document.querySelector("#handled svg")?.getAttribute("aria-label").startsWith("Handle time: medians") && document.querySelector("#occupancy svg").getAttribute("aria-label").includes(by), by);
      const whole = fold.report({ boundaries: [heard.first, heard.last], as_of: heard.last }, by, { accounts });
      const channels = whole.filter(({ row }) => row === "channel");
      const tips = await page.$$eval("#occupancy [data-tip]", (all) => all.map(({ dataset }) => dataset.tip));
      const expected = channels.filter(({ occupancy }) => occupancy !== null).map((row) => `${row[`${by}_id`]}, ${row.channel}: occupancy ${(100 * row.occupancy).toFixed(1)}%`);
      assert.deepEqual(tips.map((tip) => tip.replace(/(%).*/, "$1")).sort(), expected.sort());
      const handled = await page.locator("#handled [data-tip]").count();
      assert.equal(handled, channels.filter(({ handle_time }) => handle_time.count > 0).length);
    }
  });

  test("a mark tells its numbers to the pointer, the keyboard and a finger", async (t) => {
    const page = await at(t, "report", { hasTouch: true, viewport: { width: 820, height: 1180 } });
    const marks = page.locator("#occupancy [data-tip]");
    const tip = page.locator("#tip");
    const [first, second] = [await marks.nth(0).getAttribute("data-tip"), await marks.nth(1).getAttribute("data-tip")];
    await page.locator("#occupancy").scrollIntoViewIfNeeded();
    await marks.nth(0).hover();
    assert.equal(await tip.textContent(), first);
    await page.mouse.move(2, 2);
    assert.ok(await tip.isHidden());
    await page.focus("#occupancy svg");
    await page.keyboard.press("ArrowRight");
    assert.equal(await tip.textContent(), first);
    await page.keyboard.press("ArrowRight");
    assert.equal(await tip.textContent(), second);
    assert.equal(await marks.nth(1).getAttribute("class"), "active");
    await page.keyboard.press("Escape");
    assert.ok(await tip.isHidden());
    const box = await marks.nth(2).boundingBox();
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    assert.equal(await tip.textContent(), await marks.nth(2).getAttribute("data-tip"));
    const shown = await tip.boundingBox();
    assert.ok(shown.x >= 0 && shown.x + shown.width <= 820);
    await page.touchscreen.tap(5, 5);
    assert.ok(await tip.isHidden());
  });

  test("the period is a day, the day before, seven days, all, or from one day to another", async (t) => {
    const text = simulated("--agents", "8", "--hours", "120", "--seed", "3");
    const days = new Fold();
    days.read(text);
    const last = days.firstAndLastEventAt().last;
    const local = (day) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(Date.parse(last) - day * 86_400_000);
    const page = await at(t, "report", { text });
    const seen = async (period, from, to) => {
      if (period) await page.selectOption("#period", period);
      await until(async () => {
        assert.deepEqual([await page.inputValue("#from"), await page.inputValue("#to")], [from, to]);
        assert.equal(await page.getAttribute("#report", "aria-busy"), null);
      });
      const shown = await cells(page, "#measures");
      return new Set(shown.map(([, at]) => at.split(",")[0]));
    };
    await page.selectOption("#every", "1d");
    await page.waitForSelector("#measures[data-of='channels account 1d']");
    const named = (day) => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: zone }).format(Date.parse(last) - day * 86_400_000);
    assert.equal(await page.inputValue("#period"), "today");
    assert.deepEqual(await seen(null, local(0), local(0)), new Set([named(0)]));
    assert.deepEqual(await page.$$eval("#period option", ([today, yesterday]) => [today.textContent, yesterday.textContent]), [named(0), named(1)]);
    assert.deepEqual(await seen("yesterday", local(1), local(1)), new Set([named(1)]));
    assert.equal((await seen("all", "2026-01-05", local(0))).size, 5);
    assert.equal((await seen("week", local(6), local(0))).size, 5);
    // 480 bars beside each other would be too narrow.
    await page.selectOption("#every", "15m");
    await page.waitForSelector("#staffing small:text-is('average per hour')");
    await page.selectOption("#every", "1d");
    await page.waitForSelector("#staffing small:text-is('average per day')");
    assert.ok(await page.isHidden("#from"));
    await page.selectOption("#period", "between");
    await page.fill("#from", local(2));
    await page.fill("#to", local(1));
    assert.deepEqual(await seen(null, local(2), local(1)), new Set([named(2), named(1)]));
    await page.fill("#from", "2025-12-01");
    await page.fill("#to", "2025-12-02");
    await page.waitForSelector("#measures caption span:text-is('There are no events in this period.')");
    assert.ok(await page.isHidden("#occupancy"));
    assert.ok(await page.isDisabled("#csv"));
  });

  test("a report that is too large says so, and the next one is shown", async (t) => {
    // A year with few events has many quarters of an hour.
    const first = events.split("\n").slice(0, 500).join("\n");
    const months = Array.from({ length: 12 }, (_, i) => String(i + 1).padStart(2, "0"));
    const text = months.map((month) => `${first.replaceAll("2026-01-05", `2026-${month}-05`)}\n`).join("");
    const page = await at(t, "report", { text });
    await page.selectOption("#by", "agent");
    await page.selectOption("#period", "all");
    await page.waitForSelector("#report-problem:not(:empty)");
    assert.match(await page.textContent("#report-problem"), /too large: the page holds 100,000 rows/);
    assert.equal(await page.locator("#measures tbody tr").count(), 0);
    assert.ok(await page.isHidden("#problem"));
    await page.selectOption("#every", "1d");
    await page.waitForSelector("#measures[data-of='channels agent 1d'] tbody tr");
    assert.equal(await page.textContent("#report-problem"), "");
  });

  test("the page goes on while a report is computed, and a newer question ends it", async (t) => {
    const page = await at(t, "report", { text: simulated("--agents", "120", "--hours", "96", "--seed", "3") });
    await page.selectOption("#period", "all");
    await page.selectOption("#by", "agent");
    await page.waitForSelector("#report[aria-busy]");
    // Another instant is answered before the report.
    await page.fill("#local", "2026-01-06T05:20:00");
    await page.waitForFunction(() => document.querySelector("#at").textContent.includes("05:20:00"));
    assert.ok(await page.evaluate(() => document.querySelector("#report").hasAttribute("aria-busy")));
    await page.selectOption("#by", "account");
    await page.selectOption("#every", "all");
    await page.waitForSelector("#measures[data-of='channels account all']");
    await page.waitForFunction(() => !document.querySelector("#report").hasAttribute("aria-busy"));
    assert.equal((await cells(page, "#measures")).length, 3);
    assert.ok(await page.isHidden("#problem"));
  });

  test("the header stays in view, and on a phone the first column and the caption too", async (t) => {
    for (const width of [1440, 390]) {
      const page = await at(t, "report", { viewport: { width, height: 844 } });
      const before = await page.evaluate(() => {
        const scrolled = document.querySelector("#measures").closest(".scroll");
        scrolled.scrollIntoView();
        scrolled.scrollTo(400, 600);
        const [head, cell, caption] = ["thead th", "tbody tr:nth-child(12) th", "caption span"].map((place) => document.querySelector(`#measures ${place}`).getBoundingClientRect());
        const { top, left, width } = scrolled.getBoundingClientRect();
        return { head: head.top - top, cell: cell.left - left, caption: caption.left - left, isWhole: caption.width <= width, isScrolled: scrolled.scrollTop };
      });
      assert.ok(before.isScrolled > 500);
      assert.ok(Math.abs(before.head) < 1 && Math.abs(before.cell) < 1 && Math.abs(before.caption) < 1 && before.isWhole, JSON.stringify(before));
    }
  });

  test("the timeline moves and zooms by buttons, keys, fields and dragging", async (t) => {
    const page = await at(t, "timeline");
    const range = () => page.getAttribute("#plots", "data-range");
    const becomes = (from, to) => until(async () => assert.equal(await range(), `${from} ${to}`));
    const lanes = async () => {
      const [from, to] = (await range()).split(" ");
      const agents = fold.agents().filter(({ account_id }) => account_id === account);
      const all = agents.flatMap((agent) => fold.intervals(agent, { from, to, as_of: heard.last }, "unified_state"));
      assert.equal(await page.locator("#plots [data-tip]").count(), all.filter(({ value }) => value !== null).length);
    };
    await becomes("2026-01-05T00:00:00.000Z", heard.last);
    await page.fill("#timeline-from", "2026-01-05T04:00");
    await page.fill("#timeline-to", "2026-01-05T08:00");
    await becomes("2026-01-05T03:00:00.000Z", "2026-01-05T07:00:00.000Z");
    await lanes();
    await page.click("#zoom-in");
    await becomes("2026-01-05T04:00:00.000Z", "2026-01-05T06:00:00.000Z");
    await page.click("#earlier");
    await becomes("2026-01-05T03:00:00.000Z", "2026-01-05T05:00:00.000Z");
    await lanes();
    assert.equal(await page.inputValue("#timeline-from"), "2026-01-05T04:00");
    await page.focus("#plots svg");
    await page.keyboard.press("Shift+ArrowRight");
    await becomes("2026-01-05T04:00:00.000Z", "2026-01-05T06:00:00.000Z");
    await page.keyboard.press("-");
    await becomes("2026-01-05T03:00:00.000Z", "2026-01-05T07:00:00.000Z");
    await page.keyboard.press("+");
    await becomes("2026-01-05T04:00:00.000Z", "2026-01-05T06:00:00.000Z");
    // A drag over the middle half.
    const ends = await page.evaluate(() => {
      const { range } = document.querySelector("#plots svg").scale("x");
      const { left, top } = document.querySelector("#plots svg").getBoundingClientRect();
      return [left + range[0], left + range[1], top + 60];
    });
    const width = ends[1] - ends[0];
    await page.mouse.move(ends[0] + width / 4, ends[2]);
    await page.mouse.down();
    await page.mouse.move(ends[0] + width / 2, ends[2], { steps: 3 });
    assert.ok(await page.isVisible(".drawn"));
    await page.mouse.move(ends[1] - width / 4, ends[2], { steps: 3 });
    await page.mouse.up();
    await until(async () => {
      const [from, to] = (await range()).split(" ").map((at) => (Date.parse(at) - Date.parse("2026-01-05T04:00:00Z")) / 60_000);
      assert.ok(Math.abs(from - 30) <= 1 && Math.abs(to - 90) <= 1, await range());
    });
    assert.equal(await page.locator(".drawn").count(), 0);
    await page.fill("#timeline-to", "2026-01-05T03:00");
    assert.equal(await page.textContent("#chart-caption"), "The end of the range must be after its beginning.");
    await page.fill("#day", "2026-01-05");
    await page.dispatchEvent("#day", "change");
    await becomes("2026-01-05T00:00:00.000Z", heard.last);
    assert.equal(await page.getAttribute("#later", "aria-disabled"), "true");
  });

  test("days of the timeline have as many hours as the day has", async (t) => {
    // The clocks change on 29 March 2026.
    const text = simulated("--agents", "4", "--hours", "72", "--seed", "3").replaceAll("2026-01-0", "2026-03-2").replaceAll("2026-03-25", "2026-03-28").replaceAll("2026-03-26", "2026-03-29").replaceAll("2026-03-27", "2026-03-30");
    const page = await at(t, "timeline", { text });
    await page.fill("#day", "2026-03-29");
    const range = () => page.getAttribute("#plots", "data-range");
    await until(async () => assert.equal(await range(), "2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z"));
    await page.click("#earlier");
    await until(async () => assert.match(await range(), / 2026-03-28T23:00:00.000Z$/));
    await page.click("#later");
    await until(async () => assert.equal(await range(), "2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z"));
    // Two days have their dates on the axis.
    await page.fill("#timeline-from", "2026-03-28T00:00");
    await page.waitForSelector("#plots text:text-is('29 Mar')");
  });

  test("the hours of an axis do not touch each other, in clocks of 12 and of 24 hours", async (t) => {
    for (const locale of ["en-US", "de-DE"]) {
      const page = await at(t, "timeline", { locale, viewport: { width: 1440, height: 900 } });
      await page.waitForSelector("#plots svg text");
      const boxes = await page.locator("#plots svg").first().locator("text").evaluateAll((texts) =>
        texts
          .filter((text) => /^\d+:\d\d/.test(text.textContent))
          .map((text) => text.getBoundingClientRect())
          .map(({ left, right, top }) => ({ left, right, top })),
      );
      assert.ok(boxes.length > 5, `${boxes.length} labels`);
      for (const [i, { left, top }] of boxes.entries()) {
        const before = boxes[i - 1];
        if (before && before.top === top) assert.ok(left - before.right >= 8, `${locale}: ${left - before.right} px`);
      }
    }
  });

  test("a finger on the timeline shows the period below it", async (t) => {
    const page = await at(t, "timeline", { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    const mark = page.locator("#plots [data-tip]").nth(2);
    await mark.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await mark.boundingBox();
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    assert.match(await page.textContent("#tip"), /^\d+: .+, \d\d:\d\d:\d\d to \d\d:\d\d:\d\d \(\d+:\d\d:\d\d\), \w+$/);
    assert.ok(await page.isVisible("#tip"));
  });

  test("an address shows the report and the range that it was copied from", async (t) => {
    const page = await at(t, "report");
    const agent = fold.agents().find(({ account_id }) => account_id === account).agent_id;
    await page.selectOption("#every", "1h");
    await page.selectOption("#of", "states");
    await page.selectOption("#by", "agent");
    await page.waitForSelector("#measures[data-of='states agent 1h']");
    await page.selectOption("#who", agent);
    await page.selectOption("#period", "between");
    await page.fill("#to", "2026-01-06");
    await page.locator("#measures thead th", { hasText: "time" }).getByRole("button").click();
    await page.waitForSelector(`#measures[data-of='states agent ${agent} 1h'] th[aria-sort=descending]`);
    const table = await cells(page, "#measures");
    await page.click("#tab-timeline");
    await page.selectOption("#track", "state[talk]");
    await page.fill("#timeline-from", "2026-01-05T04:00");
    await page.fill("#timeline-to", "2026-01-05T08:00");
    await page.waitForSelector("#plots[data-range='2026-01-05T03:00:00.000Z 2026-01-05T07:00:00.000Z']");
    const marks = await page.$$eval("#plots [data-tip]", (all) => all.map(({ dataset }) => dataset.tip));

    const other = await opened(t, { address: new URL(page.url()).hash });
    await other.setInputFiles("#file", path("day.ndjson"));
    await other.waitForSelector("#plots[data-range='2026-01-05T03:00:00.000Z 2026-01-05T07:00:00.000Z']");
    assert.deepEqual(await other.$$eval("#plots [data-tip]", (all) => all.map(({ dataset }) => dataset.tip)), marks);
    assert.equal(await other.inputValue("#track"), "state[talk]");
    await other.click("#tab-report");
    await other.waitForSelector(`#measures[data-of='states agent ${agent} 1h'] th[aria-sort=descending]`);
    assert.deepEqual(await cells(other, "#measures"), table);
    assert.deepEqual([await other.inputValue("#period"), await other.inputValue("#to"), await other.inputValue("#who")], ["between", "2026-01-06", agent]);
  });

  test("names stand for ids in charts, tables, tips and the CSV file", async (t) => {
    const page = await at(t, "timeline");
    const names = JSON.parse(readFileSync(join(js, "board/sample-names.json"), "utf8"));
    await page.setInputFiles("#file", [path("day.ndjson"), join(js, "board/sample-names.json")]);
    const [[id, name]] = Object.entries(names.agents);
    await page.waitForSelector(`#plots text:text-is('${name}')`);
    assert.ok((await page.locator("#plots [data-tip]").first().getAttribute("data-tip")).startsWith(`${name} (${id}): `));
    await page.click("#tab-report");
    await page.selectOption("#by", "agent");
    await page.waitForSelector(`#measures[data-of='channels agent 15m'] th:text-is('${name}')`);
    await page.waitForSelector(`#occupancy text:text-is('${name}')`);
    assert.equal(await page.textContent(`#who option[value='${id}']`), `${name} (${id})`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
    const [head, first] = readFileSync(await download.path(), "utf8").split("\r\n");
    assert.ok(head.startsWith("agent,agent name,channel,"));
    assert.ok(first.startsWith(`${id},${name},`));
    await page.selectOption("#by", "group");
    const [, group] = Object.entries(names.groups)[0];
    await page.waitForSelector(`#measures[data-of='channels group 15m'] th:text-is('${group}')`);
    await page.waitForSelector(`#states text:text-is('${group}')`);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds no violation in charts, tips and messages, in ${colorScheme}`, async (t) => {
      const page = await at(t, "report", { colorScheme, viewport: { width: 390, height: 844 } });
      const check = async (view) => {
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`), []);
      };
      await page.click("#controls");
      await page.selectOption("#every", "1d");
      await page.waitForSelector("#measures[data-of='channels account 1d']");
      await page.locator("#measures thead button").first().click();
      await page.waitForSelector("#measures th[aria-sort]");
      await check("sorted");
      await page.selectOption("#by", "agent");
      await page.waitForSelector("#measures[data-of='channels agent 1d']");
      // The last chart to be drawn.
      await page.waitForSelector("#handled svg[aria-label*=medians]");
      await page.focus("#states svg");
      await page.keyboard.press("ArrowRight");
      await page.waitForSelector("#tip:not([hidden])");
      await check("agents, with a tip");
      await page.click("#tab-timeline");
      await page.waitForSelector("#plots svg");
      await page.click("#zoom-in");
      await check("timeline");
    });
  }
});

test("a table refuses rows beyond its limit, and sorts ids as numbers and what is missing last", () => {
  const table = new Table([{ name: "agent", kind: "id" }, { name: "online", kind: "duration" }]);
  for (let i = 0; i < 100_000; i += 1) table.add([String(99_999 - i), i === 7 ? null : i]);
  assert.throws(() => table.add(["1", 2]), { code: "too_many_rows" });
  const first = (by, isDown) => table.page({ sort: { by, isDown }, first: 0, most: 1 }).rows[0];
  const last = (by, isDown) => table.page({ sort: { by, isDown }, first: 99_999, most: 1 }).rows[0];
  assert.deepEqual([first("agent", false)[0], first("agent", true)[0]], ["0", "99999"]);
  assert.deepEqual([first("online", false)[1], last("online", false)[1], last("online", true)[1]], [0, null, null]);
});

test("no two colours of states look alike, also to the colour-blind", () => {
  const css = readFileSync(join(js, "board/board.css"), "utf8");
  const [light, dark] = css.split("prefers-color-scheme: dark");
  // Machado, Oliveira and Fernandes (2009), for complete loss of a kind of cone.
  const eyes = {
    usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  };
  const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, one, i) => sum + one * vector[i], 0));
  const linear = (hex) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  // Oklab, in which distances are as they are seen.
  const seen = (rgb) => {
    const lms = times([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], rgb.map((c) => Math.min(1, Math.max(0, c))));
    return times([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], lms.map(Math.cbrt));
  };
  for (const [scheme, text] of Object.entries({ light, dark })) {
    const tones = [...text.matchAll(/--tone-([\w-]+): (#[\da-f]{6});/g)].map(([, name, hex]) => [name, linear(hex)]);
    assert.equal(tones.length, 11);
    for (const [eye, matrix] of Object.entries(eyes)) {
      const points = tones.map(([name, rgb]) => [name, seen(times(matrix, rgb))]);
      for (const [i, [a, one]] of points.entries()) {
        for (const [b, other] of points.slice(0, i)) {
          const distance = Math.hypot(...one.map((c, axis) => c - other[axis]));
          assert.ok(distance > 0.08, `${scheme}, ${eye}: ${a} and ${b}: ${distance.toFixed(3)}`);
        }
      }
    }
  }
});

/** Returns how many colours the largest of some bars has on the screen. */
async function colours(page, bars) {
  const heights = await bars.evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().height));
  const bar = bars.nth(heights.indexOf(Math.max(...heights)));
  await bar.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await bar.boundingBox();
  const clip = { x: Math.ceil(x) + 1, y: Math.ceil(y) + 1, width: Math.floor(width) - 2, height: Math.floor(height) - 2 };
  const picture = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
    return seen.size;
  }, picture);
}

async function drawn(page) {
  await page.waitForSelector("#measures tbody tr");
  await page.waitForSelector("#charts[data-drawn]");
}

/** Repeats a check until it holds, for five seconds. */
async function until(check) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await check();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
