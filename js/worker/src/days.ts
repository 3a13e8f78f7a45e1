import { Fold, answerExport, type Agent, type ChatEvent } from "agentfold";

import type { Known } from "./answers.ts";
import { PAUSE, beginOf, dayOf, type History } from "./history.ts";
import type { Turns } from "./rows.ts";

const FIVE_MINUTES_MS = 5 * 60_000;
/** How many days of all agents are in memory. */
const SPAN = 2;

/** A page of Zendesk's export, as the package answers it. */
type Page = { status: number; body: string };

/** All agents as known of some days in a row, and what is left of the days before. */
export class Days {
  #history: History;
  #turns: Turns;
  #fold = new Fold();
  #from = NaN;
  #until = NaN;
  #lateDays = NaN;

  constructor(history: History, turns: Turns) {
    this.#history = history;
    this.#turns = turns;
  }

  /** Returns the fold of the days from one until another, exclusive. Reads what it does not have yet. */
  async of(from: number, until: number): Promise<Fold> {
    const isKnown = from >= this.#from && from <= this.#until && this.#lateDays === this.#history.lateDays;
    const [history, fold] = [this.#history, isKnown ? this.#fold : new Fold()];
    if (!isKnown) {
      this.#fold.free();
      this.#fold = fold;
      this.#lateDays = history.lateDays;
      this.#until = from;
      await this.#read(function* (agent) {
        using before = yield* history.loading(agent, from, from);
        fold.merge(before);
      });
    }
    if (from !== this.#from) fold.compact(beginOf(from));
    this.#from = from;
    const known = this.#until;
    if (until > known) {
      await this.#read((agent) => history.loadingDays(agent, known, until, fold));
      // Today goes on.
      this.#until = until === Infinity ? NaN : until;
    }
    return fold;
  }

  free(): void {
    this.#fold.free();
  }

  async #read(read: (agent: Agent) => Generator<null, void, void>): Promise<void> {
    let days = 0;
    for (const agent of this.#history.agents()) {
      for (const _ of read(agent)) if ((days += 1) % PAUSE === 0) await this.#turns.next();
    }
  }
}

/** Since when, and until which day, the export is known to have no event, unless a late one came since. */
export interface Quiet {
  begin: string;
  until: number;
  lateDays: number;
}

/** Returns a page of Zendesk's export of agent events, for one channel instead of Chat. Notes quiet days. */
export async function exportPage(
  { recent, since, history }: Known,
  days: Days,
  channel: string,
  url: URL,
  quiet: Quiet,
): Promise<Page> {
  const [query, served] = [url.search.slice(1), { url: url.origin + url.pathname }];
  // A page without events ends where it begins.
  using nothing = new Fold();
  const empty = nothing.answerExport(channel, query, served);
  if (empty.status !== 200) return empty;
  const begin = new Date((JSON.parse(empty.body) as { end_time: number }).end_time * 1000).toISOString();
  const first = Math.max(dayOf(begin), history.first);
  if (!(first < since)) return recent.answerExport(channel, query, served);
  const isQuiet = quiet.lateDays === history.lateDays && begin >= quiet.begin && first < quiet.until;
  if (!isQuiet) Object.assign(quiet, { begin, until: first, lateDays: history.lateDays });
  let day = quiet.until;
  const told: ChatEvent[] = [];
  // Few days at a time, and what they tell: a page may be of many days in which little happened.
  for (; day + SPAN <= since; day += SPAN) {
    const fold = await days.of(day, day + SPAN);
    // The export holds back what happened in the last five minutes.
    const now = new Date(Date.parse(beginOf(day + SPAN)) + FIVE_MINUTES_MS).toISOString();
    const of = { ...served, now };
    const isFull = ({ body }: Page) => !body.endsWith('"next_page":""}');
    const page = day === first && fold.answerExport(channel, query, of);
    if (page && isFull(page)) return page;
    told.push(...fold.tellChat(channel, later(begin, beginOf(day)), now));
    if (told.length === 0) quiet.until = day + SPAN;
    const more = answerExport(query, told, of);
    if (isFull(more)) return more;
  }
  const fold = day < since ? await days.of(day, Infinity) : recent;
  if (day === first) return fold.answerExport(channel, query, served);
  const now = new Date().toISOString();
  told.push(...fold.tellChat(channel, later(begin, beginOf(day)), now));
  return answerExport(query, told, { ...served, now });
}

/** The later of two instants, as JavaScript writes them. */
function later(a: string, b: string): string {
  return a > b ? a : b;
}
