// The page: one fold and three views of it, all as of one instant and in one time zone.
import { address } from "./address.js";
import { Alerts } from "./alerts.js";
import { Chooser } from "./chooser.js";
import { Details } from "./details.js";
import { drift } from "./drift.js";
import { byId, choose, setOptions } from "./element.js";
import { Floor } from "./floor.js";
import { browserZone, number } from "./format.js";
import { kiosk } from "./kiosk.js";
import { addNames } from "./names.js";
import { Report } from "./report.js";
import { fail, source } from "./source.js";
import { tabs } from "./tabs.js";
import { ask, on } from "./thread.js";
import { Timeline } from "./timeline.js";

/** How often the timeline and the report are refreshed while events arrive, in milliseconds. */
const HISTORY_EVERY = 30_000;
/** How often changes are announced to screen readers, in milliseconds. */
const TELL_EVERY = 20_000;

let board;
/** All accounts seen so far, including those without agents at the chosen instant. */
let accounts = [];
let shown = "floor";
let toldAt = 0;
let historyAt = 0;

const zones = new Set([browserZone, "UTC", ...Intl.supportedValuesOf("timeZone")]);
setOptions(byId("zone"), [...zones]);
address.keep(byId("zone"), "zone", browserZone);
address.keep(byId("one"), "agent");

const details = new Details(openTimeline);
const floor = new Floor(openTimeline, (row) => details.show(row, byId("zone").value));
const alerts = new Alerts();
const timeline = new Timeline();
const report = new Report();
const chooser = new Chooser(async (at) => {
  byId("problem").hidden = true;
  // History that the server has compacted can't be shown: the views keep their content.
  await ask("instant", { at }).catch(({ message }) => fail(message));
  showHistory();
});
chooser.show(byId("zone").value);

const show = tabs(document.querySelector("[role=tablist]"), (id) => {
  shown = id;
  address.set({ view: id === "floor" ? null : id }, { isStep: true });
  showHistory();
});
const showInAddress = () => show(["timeline", "report"].includes(address.get("view")) ? address.get("view") : "floor");
showInAddress();
kiosk({ floor, show });

source({
  began(isSame) {
    board = undefined;
    accounts = [];
    byId("views").hidden = true;
    drift(null);
    alerts.clear();
    floor.clear();
    chooser.clear();
    // The days and the agent of another source mean nothing here.
    if (!isSame) for (const view of [timeline, report]) view.clear();
  },

  named(names) {
    addNames(names);
    if (!board) return;
    floor.refresh();
    showHistory();
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
  if (isFirst) choose(byId("account"), address.get("account") ?? accounts[0] ?? "");
  byId("account-field").hidden = accounts.length < 2;
  showFloor();
  details.refresh();
  if (isFirst || Date.now() - historyAt > HISTORY_EVERY) showHistory();
  if (isFirst) chooser.restore();
  announce();
});

on("drift", ({ answer }) => drift(answer, () => byId("zone").value));

function showFloor() {
  floor.show(byId("account").value);
  alerts.show(byId("account").value, floor.channels);
}

/** Refreshes the timeline or the report if it is visible. */
function showHistory() {
  if (!board) return;
  historyAt = Date.now();
  const zone = byId("zone").value;
  const account = byId("account").value;
  // The moment at which a file opens hides nothing of the day.
  const at = board.chosen === "busy" ? board.heard.last : board.at;
  const about = { account, zone, heard: board.heard, at };
  if (shown === "timeline") {
    const agents = [...floor.rows].filter((row) => row.account_id === account).map((row) => row.agent_id);
    timeline.show({ ...about, agents, channels: floor.channels, hasChat: floor.hasChat });
  }
  if (shown === "report") report.show(about);
}

function openTimeline(agent) {
  byId("one").value = agent;
  address.set({ view: "timeline", agent }, { isStep: true });
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

byId("zone").onchange = () => {
  chooser.show(byId("zone").value);
  showHistory();
};
byId("account").onchange = () => {
  address.set({ account: byId("account").value, agent: null }, { isStep: true });
  showFloor();
  // Each account has its own agents.
  byId("one").value = "";
  showHistory();
};

address.onMove(() => {
  chooser.show(byId("zone").value);
  showInAddress();
  if (!board) return;
  choose(byId("account"), address.get("account") ?? accounts[0] ?? "");
  showFloor();
  floor.refresh();
  chooser.restore();
  showHistory();
});

// On a phone, the controls are folded away until they are asked for.
byId("controls").onclick = () => {
  const isOpen = document.body.classList.toggle("controls");
  byId("controls").setAttribute("aria-expanded", isOpen);
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
