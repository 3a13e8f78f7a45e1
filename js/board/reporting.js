// Computes a report in pieces, so that the worker thread answers other questions in between.
import { ReportSums } from "agentfold/slim";

import { isBefore } from "./instant.js";
import { WHO, bucketsOf, columnsOf, linesOf } from "./measures.js";
import { HandleTimes, Series } from "./series.js";
import { Table } from "./table.js";

/** The maximum number of bars beside each other in a chart. */
const BARS = 400;
/** The lengths of bars, from the shortest. */
const LENGTHS = ["15m", "1h", "1d", "7d"];
/** How long to work between two pauses, in milliseconds. */
const PIECE = 20;

/**
 * Returns the table of one account and the numbers of its charts, in buckets of a time zone. `asked.who` selects one
 * agent or group of the roll-up `by`. Ends with the error `superseded` when `isStale` says so, and with `too_many_rows`
 * at the limits of the package and of the table.
 */
export async function reported(fold, asked, as_of, isStale) {
  const table = new Table(columnsOf(asked));
  const parts = bucketsOf(asked, as_of);
  if (!parts) return { table, charts: null, whose: [] };
  const pause = paused(isStale);
  // Events that arrive in the meantime must not count for some agents alone.
  const known = fold.snapshot();
  try {
    return { table, ...(await new Asking(known, asked, parts, pause).fill(table)) };
  } finally {
    known.free();
  }
}

/** Returns a function that lets other work run now and then, and ends the report if it is stale. */
function paused(isStale) {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE) return;
    await new Promise((done) => setTimeout(done));
    if (isStale()) throw Object.assign(new Error("a newer report was asked for"), { code: "superseded" });
    since = performance.now();
  };
}

class Asking {
  #fold;
  #asked;
  #as_of;
  #parts;
  #pause;
  #agents;
  #selection;

  constructor(fold, asked, parts, pause) {
    [this.#fold, this.#asked, this.#parts, this.#pause] = [fold, asked, parts, pause];
    this.#as_of = parts.as_of;
    this.#agents = fold.agents().filter(({ account_id }) => account_id === asked.account);
    this.#selection = { accounts: [asked.account] };
    if (asked.by === "agent" && asked.who !== "") this.#selection.agents = [{ account_id: asked.account, agent_id: asked.who }];
  }

  async fill(table) {
    const { by, who } = this.#asked;
    const isOne = who !== "" || !WHO[by];
    const [charted, every] = isOne ? this.#barsOf() : [this.#whole, "all"];
    const isSame = charted.boundaries.length === this.#parts.boundaries.length;
    const series = new Series(isOne ? null : by);
    const whose = new Set();
    for await (const row of this.#rows(this.#parts)) {
      if (by === "group") whose.add(row.group_id);
      if (!this.#isAbout(row)) continue;
      for (const cells of linesOf(this.#asked, row)) table.add(cells);
      if (isSame) series.take(row);
    }
    if (!isSame) for await (const row of this.#rows(charted)) if (this.#isAbout(row)) series.take(row);
    const handled = isOne ? await this.#handled() : {};
    const names = by === "agent" ? this.#agents.map(({ agent_id }) => agent_id) : [...whose].filter(Boolean);
    const { boundaries } = this.#parts;
    const window = { from: boundaries[0], to: boundaries.at(-1) };
    return { charts: { along: isOne ? "time" : by, every, window, ...series.end(), ...handled }, whose: names };
  }

  get #whole() {
    const { boundaries, as_of } = this.#parts;
    return { boundaries: [boundaries[0], boundaries.at(-1)], as_of };
  }

  /** Returns the buckets of the charts and their length: those of the table, or longer ones if bars would be too narrow. */
  #barsOf() {
    let [parts, length] = [this.#parts, this.#asked.every];
    for (const every of LENGTHS) {
      if (parts.boundaries.length <= BARS + 1) break;
      [parts, length] = [bucketsOf({ ...this.#asked, every }, this.#as_of), every];
    }
    return [parts, length];
  }

  #isAbout(row) {
    const { by, who } = this.#asked;
    return who === "" || row[WHO[by]] === who;
  }

  async *#rows(parts) {
    const { by } = this.#asked;
    if (by === "agent") {
      // One by one: the rows of a large report take much more memory than their cells.
      for (const row of this.#fold.reportRows(parts, by, this.#selection)) {
        yield row;
        await this.#pause();
      }
      return;
    }
    const sums = new ReportSums(parts, by, this.#selection);
    for (const agent of this.#agents) {
      sums.add(this.#fold, agent);
      await this.#pause();
    }
    for (const row of sums.rows()) {
      yield row;
      await this.#pause();
    }
  }

  /** Returns the quantiles of the handle time over the whole period, and its spread except of a group. */
  async #handled() {
    const { by, who } = this.#asked;
    const whole = new Series(null);
    for await (const row of this.#rows(this.#whole)) if (this.#isAbout(row)) whole.take(row);
    const quantiles = whole.end().channels.map(({ channel, handled }) => ({ channel, ...handled }));
    if (by === "group") return { quantiles };
    const { boundaries, as_of } = this.#whole;
    const [from, to] = boundaries;
    const times = new HandleTimes();
    for (const agent of this.#agents) {
      if (by === "agent" && agent.agent_id !== who) continue;
      for (const item of this.#fold.workItems(agent, { from, to, as_of })) {
        // An item counts in the period in which it is closed, as in the table.
        if (item.closed_at !== null && !isBefore(item.closed_at, from) && isBefore(item.closed_at, to)) times.add(item);
      }
      await this.#pause();
    }
    return { quantiles, handled: times.end() };
  }
}
