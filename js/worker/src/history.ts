import { Fold, parseEvent, type Agent } from "agentfold";

export const DAY_MS = 24 * 60 * 60_000;
/** How many days of an agent are read without a pause. */
export const PAUSE = 8;
const WEEK = 7;
/** How many agents are read or saved without a pause. */
const SLICE = 16;
/** The size of a part of a saved agent, in bytes. A row may have up to 2 MB. */
const PART = 1_000_000;

/** The ids of an agent, as a row of storage. */
type Ids = { account_id: string; agent_id: string };
type Bytes = { bytes: ArrayBuffer };

/**
 * The history of an account's agents, in SQLite. All of it is read and written agent by agent, so memory does not
 * grow with it.
 *
 * For each agent there are:
 * - `event`: events as received, which are not saved yet;
 * - `day`: the fold of all events of a day (UTC) alone. A late event changes only its own day;
 * - `base`: what is left of all earlier days at the start of a day. It is computed from the base and the days before;
 * - `stale`: the bases that a late event changes, until they are computed again. Answers do not use them meanwhile.
 *
 * INVARIANT: a base, joined with the days from its own on, is the agent's fold compacted at the begin of its day. The
 * law is `parts_by_time_make_the_whole_from_each_of_them_on` in the core. A day may also contain later transitions,
 * since a REST record tells of several instants.
 *
 * The last base of each week stays, so that an answer reads little more than its window.
 */
export class History {
  #storage: DurableObjectStorage;
  #sql: SqlStorage;
  #next: number;
  /** How often a day that was over was changed, since the object started. */
  lateDays = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS event (
        account_id TEXT, agent_id TEXT, seq INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (account_id, agent_id, seq)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS day (
        account_id TEXT, agent_id TEXT, day INTEGER, part INTEGER, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, day, part)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS base (
        account_id TEXT, agent_id TEXT, day INTEGER, part INTEGER, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, day, part)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS agent (
        account_id TEXT, agent_id TEXT, PRIMARY KEY (account_id, agent_id)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS stale (
        account_id TEXT, agent_id TEXT, day INTEGER, PRIMARY KEY (account_id, agent_id, day)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS unarchived (day INTEGER PRIMARY KEY, changes INTEGER NOT NULL);
    `);
    this.#next = 1 + (this.#sql.exec<{ last: number | null }>("SELECT max(seq) AS last FROM event").one().last ?? 0);
  }

  /** The first day with events. */
  get first(): number {
    return Math.max(this.#storage.kv.get<number>("first") ?? Infinity, this.cut ?? -Infinity);
  }

  /** The first day of which history is kept; earlier events are not accepted. */
  get cut(): number | undefined {
    return this.#storage.kv.get<number>("cut");
  }

  set cut(day: number) {
    this.#storage.kv.put("cut", day);
  }

  /** The agents of which anything is stored, sorted by id as numbers. */
  agents(): Agent[] {
    const rows = this.#sql.exec<Ids>(`
      SELECT * FROM (SELECT * FROM agent UNION SELECT account_id, agent_id FROM event WHERE agent_id <> '')
      ORDER BY length(account_id), account_id, length(agent_id), agent_id
    `);
    return rows.toArray();
  }

  /** The agents of which events are not saved yet. */
  heardOf(): Agent[] {
    return this.#sql.exec<Ids>("SELECT DISTINCT account_id, agent_id FROM event").toArray();
  }

  /** How many events are not saved yet. */
  get received(): number {
    return this.#sql.exec<{ events: number }>("SELECT count(*) AS events FROM event").one().events;
  }

  /** Keeps an event as received, until it is saved. Events of no agent are only read again after a restart. */
  keep(bytes: Uint8Array, agent: Agent | null): void {
    const { account_id = "", agent_id = "" } = agent ?? {};
    const { buffer } = bytes.slice();
    this.#sql.exec("INSERT INTO event VALUES (?, ?, ?, ?)", account_id, agent_id, this.#next++, buffer);
  }

  /** Saves the received events of an agent in their days. */
  save(agent: Agent): void {
    const days = new Map<number, Fold>();
    try {
      for (const bytes of agent.agent_id === "" ? [] : this.#received(agent)) {
        const { at } = parseEvent(bytes);
        // Of events of unknown types, and of before the cut, only versions are known.
        const day = Math.max(at === null ? today() : dayOf(at), this.cut ?? -Infinity);
        const fold = days.get(day) ?? new Fold();
        if (this.cut !== undefined) fold.compact(beginOf(this.cut));
        days.set(day, fold);
        fold.apply(bytes);
      }
      for (const [day, fold] of days) this.add(agent, day, fold);
    } finally {
      for (const fold of days.values()) fold.free();
    }
    this.#sql.exec("DELETE FROM event WHERE account_id = ? AND agent_id = ?", ...ids(agent));
  }

  /** Adds what a fold knows of an agent to a day. It has nothing of an earlier day. */
  add(agent: Agent, day: number, fold: Fold): void {
    if (day < today()) this.lateDays += 1;
    this.#sql.exec("INSERT OR IGNORE INTO agent VALUES (?, ?)", ...ids(agent));
    this.#sql.exec("INSERT INTO unarchived VALUES (?, 1) ON CONFLICT DO UPDATE SET changes = changes + 1", day);
    if (day < this.first) this.#storage.kv.put("first", day);
    const stored = this.#stored("day", agent, day);
    if (stored) fold.restore(stored);
    this.#store("day", agent, day, fold);
    this.#sql.exec(
      "INSERT OR IGNORE INTO stale SELECT DISTINCT account_id, agent_id, day FROM base WHERE account_id = ? AND agent_id = ? AND day > ?",
      ...ids(agent),
      bound(day),
    );
  }

  /** The bases that have to be computed again, each in its agent's order. */
  stale(): (Agent & { day: number })[] {
    return this.#sql.exec<Ids & { day: number }>("SELECT * FROM stale ORDER BY account_id, agent_id, day").toArray();
  }

  /** Computes a base again. */
  renew({ day, ...agent }: Agent & { day: number }): void {
    // It may have been removed meanwhile.
    if (this.#days("base", agent, day, day + 1).length > 0) this.#rebase(agent, day);
    else this.#delete("stale", agent, day);
  }

  /**
   * Restores an agent into a fold, as known from a day on: that day and later ones until another, exclusive, and what is
   * left of the days before. History of a week before may come with it. From infinity on, as few days as possible.
   */
  load(agent: Agent, from: number, fold: Fold, until = Infinity): void {
    for (const _ of this.#restoring(agent, from, until, fold));
    if (this.cut !== undefined) fold.compact(beginOf(this.cut));
  }

  /** Returns a fold of what `load` restores. Yields after each day, so that other work can be done in between. */
  *loading(agent: Agent, from: number, until = Infinity): Generator<null, Fold, void> {
    let fold: Fold | undefined = new Fold();
    try {
      const { cut } = this;
      yield* this.#restoring(agent, from, until, fold);
      // Days that were not read yet may have been removed.
      if (this.cut !== cut) return yield* this.loading(agent, from, until);
      if (cut !== undefined) fold.compact(beginOf(cut));
      const loaded = fold;
      fold = undefined;
      return loaded;
    } finally {
      fold?.free();
    }
  }

  /** The days before one that changed since they were archived, and how often. */
  unarchived(before: number): { day: number; changes: number }[] {
    type Row = { day: number; changes: number };
    return this.#sql.exec<Row>("SELECT * FROM unarchived WHERE day < ? ORDER BY day", before).toArray();
  }

  /** Notes that a day is archived as it was after so many changes. */
  noteArchived({ day, changes }: { day: number; changes: number }): void {
    this.#sql.exec("DELETE FROM unarchived WHERE day = ? AND changes = ?", day, changes);
  }

  /** Restores some days of an agent into a fold, until one, exclusive. Yields after each. */
  *loadingDays(agent: Agent, from: number, until: number, fold: Fold): Generator<null, void, void> {
    // First, since they may be saved in their days meanwhile. Then they are read twice, which changes nothing.
    if (until === Infinity) for (const received of this.#received(agent)) fold.apply(received);
    for (const day of this.#days("day", agent, from, until)) {
      const stored = this.#stored("day", agent, day);
      if (stored) fold.restore(stored);
      yield null;
    }
  }

  /** Replaces the days before one by a base. Bases in between are kept for each week. */
  settle(agent: Agent, day: number): void {
    const bases = this.#days("base", agent);
    const [last = -Infinity] = bases.slice(-1);
    if (last >= day || this.#days("day", agent, last, day).length === 0) return;
    this.#rebase(agent, day);
    if (bases.length > 1 && Math.floor(last / WEEK) === Math.floor(day / WEEK)) this.#delete("base", agent, last);
  }

  /** Removes an agent's history of before a day, except for what is left of it at its begin. */
  forget(agent: Agent, day: number): void {
    const [days, bases] = [this.#days("day", agent, -Infinity, day), this.#days("base", agent, -Infinity, day)];
    if (days.length + bases.length === 0) return;
    this.#rebase(agent, day);
    for (const stored of days) this.#delete("day", agent, stored);
    for (const stored of bases) this.#delete("base", agent, stored);
  }

  /** Computes the base of a day again. */
  #rebase(agent: Agent, day: number): void {
    using fold = new Fold();
    for (const _ of this.#restoring(agent, day - 1, day, fold));
    fold.compact(beginOf(day));
    this.#store("base", agent, day, fold);
    // Nothing may compute it a second time: the days before it may be gone then.
    this.#delete("stale", agent, day);
  }

  /** Restores the last base of a day or before, and the days from it on until another, exclusive. */
  *#restoring(agent: Agent, from: number, until: number, fold: Fold): Generator<null, void, void> {
    // If there is none, and nothing of before the first one is stored, that is what `forget` left.
    const base = this.#sql
      .exec<{ day: number | null }>(
        `SELECT coalesce(
          (SELECT max(day) FROM base WHERE account_id = ?1 AND agent_id = ?2 AND day <= ?3 AND day < ?4 AND day NOT IN (
            SELECT day FROM stale WHERE account_id = ?1 AND agent_id = ?2
          )),
          (SELECT min(day) FROM base WHERE account_id = ?1 AND agent_id = ?2 AND day < ?4 AND NOT EXISTS (
            SELECT 1 FROM day WHERE day.account_id = ?1 AND day.agent_id = ?2 AND day.day < base.day
          ))
        ) AS day`,
        ...ids(agent),
        bound(from),
        bound(until),
      )
      .one().day;
    const saved = base === null ? undefined : this.#stored("base", agent, base);
    if (saved) fold.restore(saved);
    yield* this.loadingDays(agent, base ?? -Infinity, until, fold);
  }

  #received(agent: Agent): Uint8Array[] {
    const rows = this.#sql.exec<Bytes>("SELECT bytes FROM event WHERE account_id = ? AND agent_id = ?", ...ids(agent));
    return rows.toArray().map(({ bytes }) => new Uint8Array(bytes));
  }

  /** The days of which a table has a row of an agent, in order, until one, exclusive. */
  #days(table: "base" | "day", agent: Agent, from = -Infinity, until = Infinity): number[] {
    const rows = this.#sql.exec<{ day: number }>(
      `SELECT day FROM ${table} WHERE account_id = ? AND agent_id = ? AND day >= ? AND day < ? AND part = 0 ORDER BY day`,
      ...ids(agent),
      bound(from),
      bound(until),
    );
    return rows.toArray().map(({ day }) => day);
  }

  #stored(table: "base" | "day", agent: Agent, day: number): Uint8Array | undefined {
    const query = `SELECT bytes FROM ${table} WHERE account_id = ? AND agent_id = ? AND day = ? ORDER BY part`;
    const parts = this.#sql.exec<Bytes>(query, ...ids(agent), day).toArray();
    return parts.length > 0 ? joined(parts.map(({ bytes }) => bytes)) : undefined;
  }

  #store(table: "base" | "day", agent: Agent, day: number, fold: Fold): void {
    this.#delete(table, agent, day);
    const saved = fold.saveAgent(agent);
    for (let part = 0; saved && part * PART < saved.length; part += 1) {
      const { buffer } = saved.slice(part * PART, (part + 1) * PART);
      this.#sql.exec(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`, ...ids(agent), day, part, buffer);
    }
  }

  #delete(table: "base" | "day" | "stale", agent: Agent, day: number): void {
    this.#sql.exec(`DELETE FROM ${table} WHERE account_id = ? AND agent_id = ? AND day = ?`, ...ids(agent), day);
  }
}

/** The day of an instant, in UTC, counted from 1970; `NaN` if the text is not an instant. */
export function dayOf(instant: string): number {
  return Math.floor(Date.parse(instant) / DAY_MS);
}

/** The current day. */
export function today(): number {
  return Math.floor(Date.now() / DAY_MS);
}

/** The instant at which a day begins. */
export function beginOf(day: number): string {
  return new Date(day * DAY_MS).toISOString();
}

/** A day as a number of storage, which has no infinity. `NaN` is before all days. */
function bound(day: number): number {
  return Math.max(-1e9, Math.min(1e9, day || -1e9));
}

function ids({ account_id, agent_id }: Agent): [string, string] {
  return [account_id, agent_id];
}

function joined(parts: ArrayBuffer[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), end);
    end += part.byteLength;
  }
  return whole;
}

/** Calls a function with some agents at a time. Events and questions are handled in between. */
export async function inTurn(agents: Agent[], some: (agents: Agent[]) => void): Promise<void> {
  for (let done = 0; done < agents.length; done += SLICE) {
    some(agents.slice(done, done + SLICE));
    await scheduler.wait(0);
  }
}
