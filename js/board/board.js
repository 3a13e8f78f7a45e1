// The page: one fold and three views of it, all as of one instant and in one time zone.
import { Chooser } from "./chooser.js";
import { byId, setOptions } from "./element.js";
import { Floor } from "./floor.js";
import { browserZone, number } from "./format.js";
import { Report } from "./report.js";
import { fail, source } from "./source.js";
import { tabs } from "./tabs.js";
import { ask, on } from "./thread.js";
import { Timeline } from "./timeline.js";

/** How often the timeline and the report are refreshed while events arrive, in milliseconds. */
const HISTORY_EVERY = 30_000;
/** How often changes are announced to screen readers, in milliseconds. */
const TELL_EVERY = 20_000;

const floor = new Floor(openTimeline);
const timeline = new Timeline();
const report = new Report();
const chooser = new Chooser(async (at) => {
  byId("problem").hidden = true;
  // History that the server has compacted can't be shown: the views keep their content.
  await ask("instant", { at }).catch(({ message }) => fail(message));
  showHistory();
});

let board;
/** All accounts seen so far, including those without agents at the chosen instant. */
let accounts = [];
let shown = "floor";
let toldAt = 0;
let historyAt = 0;

const show = tabs(document.querySelector("[role=tablist]"), (id) => {
  shown = id;
  showHistory();
});

source({
  began() {
    board = undefined;
    accounts = [];
    byId("views").hidden = true;
    for (const view of [floor, timeline, report]) view.clear();
  },
});

on("board", (update) => {
  const isFirst = !board;
  board = update;
  floor.take(update);
  chooser.take(update);
  byId("views").hidden = !update.heard;
  accounts = [...new Set([...accounts, ...accountsOf(floor.rows)])];
  setOptions(byId("account"), accounts);
  byId("account-field").hidden = accounts.length < 2;
  floor.show(byId("account").value);
  if (isFirst || Date.now() - historyAt > HISTORY_EVERY) showHistory();
  // The URL may name an instant next to the file.
  const at = new URLSearchParams(location.search).get("at");
  if (isFirst && at) chooser.choose(at);
  announce();
});

/** Refreshes the timeline or the report if it is visible. */
function showHistory() {
  if (!board) return;
  historyAt = Date.now();
  const zone = byId("zone").value;
  const account = byId("account").value;
  const about = { account, zone, heard: board.heard, at: board.at };
  if (shown === "timeline") {
    const agents = [...floor.rows].filter((row) => row.account_id === account).map((row) => row.agent_id);
    timeline.show({ ...about, agents, channels: floor.channels, hasChat: floor.hasChat });
  }
  if (shown === "report") report.show(about);
}

function openTimeline(agent) {
  byId("one").value = agent;
  show("timeline");
  byId("timeline").focus();
}

/** Returns the accounts, the one with the most agents first. */
function accountsOf(rows) {
  const counts = new Map();
  for (const { account_id } of rows) counts.set(account_id, (counts.get(account_id) ?? 0) + 1);
  return [...counts].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1)).map(([account]) => account);
}

/** Announces a summary to screen readers, at most every `TELL_EVERY`. */
function announce() {
  if (board.chosen !== "now" || shown !== "floor" || Date.now() - toldAt < TELL_EVERY) return;
  toldAt = Date.now();
  byId("told").textContent = floor.summary;
}

byId("filters").addEventListener("change", () => {
  byId("told").textContent = `${number(floor.count)} agents`;
});

const zones = new Set([browserZone, "UTC", ...Intl.supportedValuesOf("timeZone")]);
setOptions(byId("zone"), [...zones]);
chooser.show(byId("zone").value);
byId("zone").onchange = () => {
  chooser.show(byId("zone").value);
  showHistory();
};
byId("account").onchange = () => {
  floor.show(byId("account").value);
  // Each account has its own agents.
  byId("one").value = "";
  showHistory();
};

addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason.message);
});

setInterval(() => {
  if (!board || document.hidden) return;
  chooser.tick();
  if (shown === "floor") floor.tick();
}, 1000);
