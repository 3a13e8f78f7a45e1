// The worker thread that holds the fold. All reading and answering happens here, so that the page stays responsive.
import { Fold, init } from "agentfold/slim";

import { Changed } from "./changed.js";
import { readFile } from "./file.js";
import { isBefore } from "./instant.js";
import { follow } from "./live.js";
import { lanes } from "./lanes.js";
import { report } from "./measures.js";

/** How often changes are sent to the page, in milliseconds. */
const EVERY = 1000;
/** How often doubts that depend only on time are checked, in milliseconds. */
const DOUBTS_EVERY = 10_000;

const compiled = WebAssembly.compileStreaming(fetch(new URL("agentfold.wasm", location.href))).then(init);

let fold;
let stop = new AbortController();
let changed;
/** `now`, `last` (the last event) or an instant. */
let chosen = "now";
let isDirty = false;
let pushedAt = 0;

const answers = {
  async file({ file }, id) {
    begin("last");
    const { signal } = stop;
    const onProgress = (progress) => signal.aborted || postMessage({ push: "progress", id, ...progress });
    const read = await readFile(file, fold, onProgress, signal);
    if (!signal.aborted) push();
    return { ...read, heard: fold.usualEventTimes() };
  },

  /** Resolves when the connection is live for the first time, or refused. */
  server({ account, token }) {
    begin("now");
    const { signal } = stop;
    return new Promise((settled) => {
      const onStatus = (connection) => {
        if (signal.aborted) return;
        postMessage({ push: "connection", connection });
        if (connection === "live") push();
        if (connection !== "connecting" && connection !== "reconnecting") settled({ connection });
      };
      const take = (event) => {
        const { changes } = fold.apply(event);
        for (const change of changes) changed.add(change);
        isDirty = true;
      };
      follow({ account, token, take, restore, onStatus, signal });
    });
  },

  instant({ at }) {
    const before = chosen;
    chosen = at;
    try {
      push();
    } catch (error) {
      chosen = before;
      throw error;
    }
  },

  lanes(asked) {
    return lanes(fold, asked, instant());
  },

  report(asked) {
    return report(fold, asked, instant());
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
}

function restore(saved) {
  fold.restore(saved);
  changed.all();
  isDirty = true;
}

/** Returns the chosen instant, at least that of the last event: a slow clock must not hide events. */
function instant() {
  const heard = fold.usualEventTimes();
  if (chosen === "last") return heard?.last ?? new Date().toISOString();
  if (chosen !== "now") return chosen;
  const now = new Date().toISOString();
  return heard && isBefore(now, heard.last) ? heard.last : now;
}

function push() {
  const at = instant();
  const isCurrent = chosen === "now" || chosen === "last";
  postMessage({ push: "board", at, chosen, heard: fold.usualEventTimes(), ...changed.take(at, isCurrent) });
  isDirty = false;
  pushedAt = Date.now();
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
