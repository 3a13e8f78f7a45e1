// The page: one fold, three views of it, all as of one instant, in one time zone.
import { Chooser } from "./chooser.js";
import { byId, setOptions } from "./element.js";
import { Floor } from "./floor.js";
import { browserZone, number } from "./format.js";
import { Report } from "./report.js";
import { fail, source } from "./source.js";
import { tabs } from "./tabs.js";
import { ask, on } from "./thread.js";
import { Timeline } from "./timeline.js";

/** How often the timeline and the report are made anew while events come in. */
const HISTORY_EVERY = 30_000;
/** How often who listens is told of changes. */
const TELL_EVERY = 20_000;

const floor = new Floor(openTimeline);
const timeline = new Timeline();
const report = new Report();
const chooser = new Chooser(async (at) => {
  byId("problem").hidden = true;
  // Of what a server has compacted away, nothing can be told: the views stay as they were.
  await ask("instant", { at }).catch(({ message }) => fail(message));
  showHistory();
});

let board;
/** All that were seen: one that had no agents yet at an instant is there still. */
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

on("board", (told) => {
  const isFirst = !board;
  board = told;
  floor.take(told);
  chooser.take(told);
  byId("views").hidden = !told.heard;
  accounts = [...new Set([...accounts, ...accountsOf(floor.rows)])];
  setOptions(byId("account"), accounts);
  byId("account-field").hidden = accounts.length < 2;
  floor.show(byId("account").value);
  if (isFirst || Date.now() - historyAt > HISTORY_EVERY) showHistory();
  // The address may name an instant of the file that it names.
  const at = new URLSearchParams(location.search).get("at");
  if (isFirst && at) chooser.choose(at);
  announce();
});

/** The timeline and the report are made when they are looked at. */
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

/** The accounts, that with most agents first. */
function accountsOf(rows) {
  const counts = new Map();
  for (const { account_id } of rows) counts.set(account_id, (counts.get(account_id) ?? 0) + 1);
  return [...counts].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1)).map(([account]) => account);
}

/** Politely, and not at every change. */
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
  // Agents of one account are not those of another.
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
