import { Fold, type Agent } from "agentfold";

import type { Known } from "./answers.ts";
import { beginOf, dayOf, inTurn, type History } from "./history.ts";

const FIVE_MINUTES_MS = 5 * 60_000;

/** A page of Zendesk's export, as the package answers it. */
type Page = { status: number; body: string };

/** All agents as known of some days in a row, and what is left of the days before. */
export class Days {
  #history: History;
  #fold = new Fold();
  #from = NaN;
  #until = NaN;
  #lateDays = NaN;

  constructor(history: History) {
    this.#history = history;
  }

  /** Returns the fold of the days from one until another, exclusive. Reads what it does not have yet. */
  async of(from: number, until: number): Promise<Fold> {
    const isKnown = from >= this.#from && from <= this.#until && this.#lateDays === this.#history.lateDays;
    if (!isKnown) {
      this.#fold.free();
      this.#fold = new Fold();
      this.#lateDays = this.#history.lateDays;
      this.#until = from;
      await this.#read((agent, fold) => {
        using before = new Fold();
        this.#history.load(agent, from, before, from);
        fold.merge(before);
      });
    }
    if (from !== this.#from) this.#fold.compact(beginOf(from));
    this.#from = from;
    if (until > this.#until) {
      await this.#read((agent, fold) => this.#history.loadDays(agent, this.#until, until, fold));
      // Today goes on.
      this.#until = until === Infinity ? NaN : until;
    }
    return this.#fold;
  }

  free(): void {
    this.#fold.free();
  }

  #read(read: (agent: Agent, fold: Fold) => void): Promise<void> {
    return inTurn(this.#history.agents(), (agents) => agents.forEach((agent) => read(agent, this.#fold)));
  }
}

/** Returns a page of Zendesk's export of agent events, for one channel instead of Chat. */
export async function exportPage({ recent, since, history }: Known, days: Days, channel: string, url: URL): Promise<Page> {
  const served = { url: url.origin + url.pathname };
  const page = (fold: Fold, more = {}) => fold.answerExport(channel, url.search.slice(1), { ...served, ...more });
  // A page without events ends where it begins.
  using nothing = new Fold();
  const empty = page(nothing);
  if (empty.status !== 200) return empty;
  const { end_time } = JSON.parse(empty.body) as { end_time: number };
  const from = Math.max(dayOf(new Date(end_time * 1000).toISOString()), history.first);
  if (!(from < since)) return page(recent);
  for (let span = 1; from + span <= since; span *= 2) {
    const begun = Date.parse(beginOf(from + span));
    // The export holds back what happened in the last five minutes.
    const answered = page(await days.of(from, from + span), { now: new Date(begun + FIVE_MINUTES_MS).toISOString() });
    if (!answered.body.endsWith('"next_page":""}')) return answered;
  }
  return page(await days.of(from, Infinity));
}
