// The thread that holds the fold: whatever is read or asked takes place here, so that the page never waits.
import { Fold, init } from "agentfold/slim";

import { Changed } from "./changed.js";
import { readFile } from "./file.js";
import { isBefore } from "./instant.js";
import { follow } from "./live.js";
import { lanes } from "./lanes.js";
import { report } from "./measures.js";

/** How often the page hears of changes. */
const EVERY = 1000;
/** How often doubts that come by time alone are looked for. */
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
    const told = (progress) => signal.aborted || postMessage({ push: "progress", id, ...progress });
    const read = await readFile(file, fold, told, signal);
    if (!signal.aborted) push();
    return { ...read, heard: fold.firstAndLastEventAt() };
  },

  /** Answers once it is live for the first time, or refused. */
  server({ account, token }) {
    begin("now");
    const { signal } = stop;
    return new Promise((settled) => {
      const told = (connection) => {
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
      follow({ account, token, take, restore, told, signal });
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

/** Another source: nothing of the one before is left. */
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

/** The chosen instant as the fold takes it. A clock that is behind hides no event. */
function instant() {
  const heard = fold.firstAndLastEventAt();
  if (chosen === "last") return heard?.last ?? new Date().toISOString();
  if (chosen !== "now") return chosen;
  const now = new Date().toISOString();
  return heard && isBefore(now, heard.last) ? heard.last : now;
}

function push() {
  const at = instant();
  const isCurrent = chosen === "now" || chosen === "last";
  postMessage({ push: "board", at, chosen, heard: fold.firstAndLastEventAt(), ...changed.take(at, isCurrent) });
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
