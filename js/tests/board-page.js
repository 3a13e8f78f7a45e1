// The page in a real browser, for tests: a server, simulated days, and what the tables show.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";

import { Fold } from "agentfold";

import { serve } from "./board-server.js";
import { launched } from "./browser.js";
import { buildPage, folder, js } from "./package.js";

export const zone = "Europe/Berlin";
export const token = "a-token";
/** The account with the most agents in the simulated events. */
export const account = "10000345";

/** Builds and serves the page for a suite of tests, with a day of events in a file. */
export function board() {
  const files = folder();
  const path = (name) => join(files, name);
  const events = simulated("--agents", "40", "--seed", "7", "--drop", "0.01", "--duplicate", "0.03", "--shuffle", "120");
  const fold = new Fold();
  const known = new Fold();
  fold.read(events);
  const all = { path, events, fold, known, heard: fold.firstAndLastEventAt(), opened, withDay };

  before(async () => {
    buildPage();
    writeFileSync(path("day.ndjson"), events);
    all.server = await serve({ folder: join(js, "board/dist"), account, token, fold: known });
    all.browser = await launched();
  });

  after(async () => {
    await all.browser?.close();
    await all.server?.close();
  });

  /** Opens the page. Errors that it logs or throws, and requests to other hosts, fail the test. */
  async function opened(t, { address = "", ...options } = {}) {
    const page = await all.browser.newPage({ locale: "en-GB", timezoneId: zone, viewport: { width: 1280, height: 800 }, ...options });
    const wrong = [];
    page.on("pageerror", (error) => wrong.push(error.stack));
    page.on("console", (message) => message.type() === "error" && !/401|WebSocket/.test(message.text()) && wrong.push(message.text()));
    page.on("request", (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(all.server.url)) wrong.push(request.url());
    });
    t.after(async () => {
      await page.close();
      assert.deepEqual(wrong, []);
    });
    await page.goto(`${all.server.url}${address}`);
    return page;
  }

  async function withDay(t, options, text) {
    const page = await opened(t, options);
    const buffer = text && Buffer.from(text);
    await page.setInputFiles("#file", text ? { name: "day.ndjson", mimeType: "text/plain", buffer } : path("day.ndjson"));
    await page.waitForSelector("#agents tbody tr");
    return page;
  }

  return all;
}

export function simulated(...args) {
  const built = ["release", "debug"].map((profile) => join(js, "../target", profile, "agentfold")).find(existsSync);
  const [program, first] = built ? [built, []] : ["cargo", ["run", "--quiet", "--package", "agentfold-cli", "--"]];
  const options = { cwd: join(js, ".."), encoding: "utf8", maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] };
  return execFileSync(program, [...first, "simulate", ...args], options);
}

/** Drops a file on the page, or several: names and bytes in turn. */
export async function drop(page, ...namesAndBytes) {
  const files = [];
  for (let i = 0; i < namesAndBytes.length; i += 2) {
    files.push({ name: namesAndBytes[i], base64: Buffer.from(namesAndBytes[i + 1]).toString("base64") });
  }
  await page.evaluate(async (files) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of files) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
}

/** Returns the texts of the body of a table. */
export function cells(page, place) {
  return page.$$eval(`${place} tbody tr`, (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

export function clock(ns) {
  if (ns === null) return "–";
  const seconds = Math.floor(ns / 1e9);
  const two = (value) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Compares cards and rows with the floor and the states of the package at an instant. */
export async function assertFloor(page, fold, at) {
  const floor = fold.floor(at).filter((one) => one.account_id === account);
  const cards = await page.$$eval(".card", (all) =>
    all.map((card) => ["h3", ".big", ".capacity", ".notes summary, p.notes"].map((part) => card.querySelector(part)?.textContent ?? "")),
  );
  const expected = floor.map((one) => {
    const { channel, accepting, spare, max_capacity, load, unlimited, unsure, doubtful, agents } = one;
    const notes = [unlimited && `${unlimited} without a limit`, unsure && `${unsure} may be free`, doubtful && `${doubtful} of ${agents.length} doubtful`];
    return [channel, `${accepting} free`, `${spare} of ${max_capacity} places free, ${load} open`, notes.filter(Boolean).join(" · ")];
  });
  assert.deepEqual(cards, expected);
  const shown = new Map((await cells(page, "#agents")).map(([agent, ...rest]) => [agent, rest]));
  const since = (instant) => clock((Date.parse(at) - Date.parse(instant)) * 1e6);
  const states = fold.agents().map((agent) => fold.stateAt(agent, at)).filter((state) => state?.account_id === account);
  assert.equal(shown.size, states.length);
  for (const { agent_id, unified_state, channels } of states) {
    const [status, ...on] = shown.get(agent_id);
    const name = unified_state?.name ?? unified_state?.id ?? "unknown";
    assert.equal(status, name.replaceAll("_", " ") + (unified_state ? since(unified_state.since) : ""));
    for (const [i, { channel }] of floor.entries()) {
      const one = channels[channel];
      if (!one) continue;
      const free = { true: "free", false: "", null: "free?" }[one.accepting];
      const state = `${(one.state ?? "unknown").replaceAll("_", " ")}${one.since ? since(one.since) : ""}`;
      assert.equal(on[i], `${one.load}/${one.max_capacity ?? "–"}${free}${state}`);
    }
    const doubts = new Set(floor.flatMap(({ agents }) => agents.find((one) => one.agent_id === agent_id)?.doubts ?? []));
    assert.equal(on.at(-1).split("; ").filter(Boolean).length, doubts.size);
  }
}

/** Waits until the rows show the current states of a fold. Compares no durations, because the clock runs. */
export async function assertStates(page, fold) {
  const expected = fold
    .agents()
    .filter((agent) => agent.account_id === account)
    .map((agent) => fold.state(agent))
    .map(({ agent_id, unified_state, channels }) => [
      agent_id,
      (unified_state?.name ?? unified_state?.id ?? "unknown").replaceAll("_", " "),
      Object.entries(channels).map(([name, { load, max_capacity }]) => `${name} ${load}/${max_capacity ?? "–"}`).sort().join(),
    ])
    .sort();
  let shown;
  for (let tries = 0; tries < 50; tries += 1) {
    shown = await page.$$eval("#agents tbody tr", (rows) =>
      rows.map((row) => [
        row.cells[0].textContent,
        row.querySelector(".status .name").textContent,
        [...row.querySelectorAll(".channel:not(.none)")].map((cell) => `${cell.dataset.label} ${cell.querySelector(".of").textContent}`).sort().join(),
      ]),
    );
    shown.sort();
    if (JSON.stringify(shown) === JSON.stringify(expected)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.deepEqual(shown, expected);
}
