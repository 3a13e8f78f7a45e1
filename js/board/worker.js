// The worker thread that holds the fold. All reading and answering happens here, so that the page stays responsive.
import { Fold, init } from "agentfold/slim";

import { aside } from "./aside.js";
import { Changed } from "./changed.js";
import { Earlier } from "./earlier.js";
import { FIRST, readFile } from "./file.js";
import { isBefore } from "./instant.js";
import { follow } from "./live.js";
import { lanes } from "./lanes.js";
import { namesIn } from "./names-file.js";
import { mostOnline } from "./opening.js";
import { alertsOf } from "./over.js";
import { reported } from "./reporting.js";

/** How often changes are sent to the page, in milliseconds. */
const EVERY = 1000;
/** How often doubts that depend only on time are checked, in milliseconds. */
const DOUBTS_EVERY = 10_000;
/** How often a server is asked for names and the like, in milliseconds. */
const ASIDE_EVERY = 600_000;
const ASIDE = ["names", "drift", "thresholds"];
/** How often alerts are looked for while events arrive, in milliseconds: of 1,000 agents, that takes half a second. */
const ALERTS_EVERY = 15_000;
/** How long no other question may come before alerts are looked for, in milliseconds. */
const REST = 300;

const compiled = WebAssembly.compileStreaming(fetch(new URL("agentfold.wasm", location.href))).then(init);

let fold;
let stop = new AbortController();
let changed;
/** The server's history of before what it sent first, if there is a server. */
let earlier;
/** `now`, `last` (the last event), `busy` (when most agents were online) or an instant. */
let chosen = "now";
let busyAt;
let isDirty = false;
let pushedAt = 0;
/** The thresholds of alerts; null if there are none. */
let thresholds = null;
let alertedAt = 0;
let alerting;
/** The names of agents and groups, for alerts. */
const known = { agents: {}, groups: {} };
/** The table of the last report, and how many reports were asked for. */
let table;
let reports = 0;

const answers = {
  /** Folds files of events, one after the other. The page opens at a moment when most agents were online. */
  async files({ files }, id) {
    begin("last");
    const { signal } = stop;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const all = { bytes: 0, size, events: 0, unreadable: 0, first: [] };
    for (const file of files) {
      const sum = (read) => ({ ...all, bytes: all.bytes + read.bytes, events: all.events + read.events });
      const onProgress = (read) => signal.aborted || postMessage({ push: "progress", id, ...sum(read) });
      const read = await readFile(file, fold, onProgress, signal);
      if (signal.aborted) return all;
      const first = files.length > 1 ? read.first.map((one) => ({ ...one, file: file.name })) : read.first;
      Object.assign(all, sum(read), { unreadable: all.unreadable + read.unreadable });
      all.first.push(...first.slice(0, FIRST - all.first.length));
    }
    open();
    return { ...all, heard: fold.usualEventTimes() };
  },

  /** Returns the names in a file, or null if it is no table of names. */
  async names({ file }) {
    const names = await namesIn(file);
    know(names);
    return names;
  },

  /** Drops the source. */
  close() {
    begin("last");
  },

  /** Resolves when the connection is live for the first time, or refused. */
  server({ account, token }) {
    begin("now");
    const { signal } = stop;
    earlier = new Earlier({ account, token, signal });
    let asking;
    signal.addEventListener("abort", () => clearInterval(asking));
    const askAside = async () => {
      for (const what of ASIDE) {
        const answer = await aside({ account, token, what, signal });
        if (signal.aborted) return;
        if (what === "names") know(answer);
        postMessage({ push: what, answer });
      }
    };
    return new Promise((settled) => {
      const onStatus = (connection) => {
        if (signal.aborted) return;
        postMessage({ push: "connection", connection });
        if (connection === "live") {
          push();
          clearInterval(asking);
          asking = setInterval(askAside, ASIDE_EVERY);
          askAside();
        }
        if (connection !== "connecting" && connection !== "reconnecting") settled({ connection });
      };
      const take = (event) => {
        earlier.note(event);
        const { changes } = fold.apply(event);
        for (const change of changes) changed.add(change);
        isDirty = true;
      };
      follow({ account, token, take, restore, onStatus, signal });
    });
  },

  async instant({ at }) {
    await reach(at);
    const before = [chosen, busyAt];
    try {
      choose(at);
      push();
    } catch (error) {
      [chosen, busyAt] = before;
      throw error;
    }
  },

  /** Returns the state of one agent at the chosen instant. */
  agent({ account_id, agent_id }) {
    const at = instant();
    const isCurrent = chosen === "now" || chosen === "last";
    const state = isCurrent ? fold.state({ account_id, agent_id }) : fold.stateAt({ account_id, agent_id }, at);
    return { at, state };
  },

  /** Sets the thresholds of alerts, or none with null. */
  thresholds(asked) {
    thresholds = asked.thresholds;
    alertedAt = 0;
    lookForAlerts();
  },

  async lanes(asked) {
    await reach(asked.from);
    return lanes(fold, asked, end());
  },

  async report(asked) {
    const mine = ++reports;
    const isStale = () => mine !== reports;
    await reach(asked.from ?? "");
    if (isStale()) return null;
    const answer = await reported(fold, asked, end(), isStale);
    if (isStale()) return null;
    table = answer.table;
    return { ...table.page(asked), charts: answer.charts, whose: answer.whose };
  },

  rows(asked) {
    return table.page(asked);
  },

  csv(asked) {
    return table.csv(asked);
  },
};

/** Starts a new source and drops everything of the previous one. */
function begin(at) {
  stop.abort();
  stop = new AbortController();
  fold?.free();
  fold = new Fold();
  changed = new Changed(fold);
  chosen = at;
  isDirty = false;
  table = undefined;
  earlier = undefined;
  reports += 1;
  clearTimeout(alerting);
}

function know(names) {
  for (const what of ["agents", "groups"]) Object.assign(known[what], names?.[what]);
}

/** Sends what is over a threshold, once the thread has nothing else to do. */
function lookForAlerts() {
  if (!fold || !thresholds || (chosen === "now" && Date.now() - alertedAt < ALERTS_EVERY)) return;
  clearTimeout(alerting);
  alerting = setTimeout(() => {
    alertedAt = Date.now();
    try {
      postMessage({ push: "alerts", accounts: alertsOf(fold, thresholds, instant(), known) });
    } catch ({ message }) {
      postMessage({ push: "alerts", accounts: {}, problem: message });
    }
  }, REST);
}

/** Fetches history since an instant, or since `last` and the like, if the server has some that is not here. */
async function reach(from) {
  if (!earlier || !/^\d/.test(from)) return;
  await earlier.reach(from, (whole) => {
    fold.free();
    fold = whole;
    changed.goOn(fold);
    isDirty = true;
  });
}

function restore(saved) {
  // Earlier history would be compacted by the merge.
  fold.free();
  fold = new Fold();
  fold.restore(saved);
  changed.goOn(fold);
  earlier?.begin(fold);
  isDirty = true;
}

function choose(at) {
  chosen = at;
  if (at !== "busy") return;
  const heard = fold.usualEventTimes();
  busyAt = heard && mostOnline(fold, heard);
  if (!heard || busyAt === heard.last) chosen = "last";
}

/** Shows what was read at a moment when people worked, unless that was compacted for some agent. */
function open() {
  try {
    choose("busy");
    push();
  } catch {
    choose("last");
    push();
  }
}

/** Returns the chosen instant, at least that of the last event: a slow clock must not hide events. */
function instant() {
  const heard = fold.usualEventTimes();
  if (chosen === "busy") return busyAt;
  if (chosen === "last") return heard?.last ?? new Date().toISOString();
  if (chosen !== "now") return chosen;
  const now = new Date().toISOString();
  return heard && isBefore(now, heard.last) ? heard.last : now;
}

/** Returns the end of history. The moment at which a file opens hides nothing of the day. */
function end() {
  return chosen === "busy" ? fold.usualEventTimes().last : instant();
}

function push() {
  const at = instant();
  const isCurrent = chosen === "now" || chosen === "last";
  postMessage({ push: "board", at, chosen, heard: fold.usualEventTimes(), ...changed.take(at, isCurrent) });
  isDirty = false;
  pushedAt = Date.now();
  lookForAlerts();
}

setInterval(() => {
  if (!fold || chosen !== "now") return;
  if (!isDirty && Date.now() - pushedAt < DOUBTS_EVERY) return;
  push();
}, EVERY);

onmessage = async ({ data: { id, ask, ...asked } }) => {
  try {
    await compiled;
    postMessage({ id, answer: await answers[ask](asked, id) });
  } catch (error) {
    postMessage({ id, error: { code: error.code ?? error.name, message: error.message } });
  }
};
