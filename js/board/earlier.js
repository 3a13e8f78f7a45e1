// History of before what a server sends first: it is fetched when a view needs it.
import { Fold } from "agentfold/slim";

import { isBefore } from "./instant.js";

/** How many days are fetched at most: more might not fit into the memory of a browser. */
const DAYS = 31;

/** The history that a server has beside its recent fold. */
export class Earlier {
  #url;
  #init;
  /** Since when the fold has history; null if it has all. */
  #since = null;
  /** The events that came while history is fetched. */
  #came = [];
  #reached = Promise.resolve();

  constructor({ account, token, signal }) {
    this.#url = `/accounts/${encodeURIComponent(account)}/folds?format=ndjson&from=`;
    this.#init = { headers: { authorization: `Bearer ${token}` }, signal, cache: "no-store" };
  }

  /** Notes that the fold is what the server sent first. */
  begin(fold) {
    this.#since = fold.cut();
  }

  /** Notes an event, in case that history is being fetched. */
  note(event) {
    this.#came.push(event);
  }

  /** Calls `replace` with a fold that has the history since an instant, if the present one has not. */
  reach(from, replace) {
    this.#reached = this.#reached.catch(() => {}).then(() => this.#fetch(from, replace));
    return this.#reached;
  }

  async #fetch(from, replace) {
    const since = this.#since;
    if (since === null || !isBefore(from, since)) return;
    if (Date.now() - Date.parse(from) > (DAYS + 1) * 86_400_000) {
      throw new Error(`from a server, the page shows the last ${DAYS} days; ask the server itself for reports of earlier ones`);
    }
    this.#came = [];
    const reply = await fetch(this.#url + encodeURIComponent(from), this.#init);
    if (reply.status === 429) throw new Error("the server answers others; try again in a moment");
    if (!reply.ok) throw new Error(`the server did not send earlier history: ${reply.status}`);
    const whole = new Fold();
    for await (const line of lines(reply.body)) whole.restore(bytesOf(JSON.parse(line).fold));
    // A reconnection has replaced the fold meanwhile.
    if (this.#since !== since) return whole.free();
    for (const event of this.#came) whole.apply(event);
    this.#since = from;
    return replace(whole);
  }
}

async function* lines(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
