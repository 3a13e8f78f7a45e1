import { AgentfoldError, Fold, ReportSums, buckets, type Agent, type Names, type ReportRow, type RollUp, type Selection } from "agentfold";

import { DAY_MS, PAUSE, beginOf, dayOf, type History } from "./history.ts";
import { FORMATS, rows, type Format, type Pages, type Turns } from "./rows.ts";

/** The largest report, and the largest roll-up, which is held in memory. */
const ROW_LIMIT = 500_000;
const SUMS_LIMIT = 20_000;
/** The largest number of buckets. More would take long to make. */
const BUCKETS_LIMIT = 100_000;
/** By how much the estimate of a roll-up's size may be too low. */
const SLACK = 1.5;
/** The longest window of intervals and work items, which are computed at once for an agent. */
const LONGEST_DAYS = 31;
const MINUTE_MS = 60_000;
/** How many rows are computed without a pause. */
const PAGE = 64;
/** How many buckets, and how many days of them, are computed without a pause. */
const BUCKETS = 256;
const BUCKETS_DAYS = 8;

/** How many days of history before a window are read: versions missing from them make the window doubtful. */
const MARGIN = 7;

/** What is known of an account: in memory since the begin of a day, and all of it in storage. */
export interface Known {
  recent: Fold;
  since: number;
  history: History;
  names: Names;
  turns: Turns;
}

type Question = (known: Known, account: string, asked: URLSearchParams) => Pages;

/** The questions that can be asked over HTTP, by the last part of the path. */
const QUESTIONS: Record<string, Question> = {
  *state(known, account, asked) {
    const at = asked.get("at") ?? undefined;
    yield* paged(states(known, at, agents(known, account, asked)));
  },
  *floor(known, account, asked) {
    const at = asked.get("at") ?? now();
    const selected = selection(account, asked);
    if (!isStored(known, at)) {
      using fold = known.recent.snapshot();
      return yield fold.floor(at, undefined, selected);
    }
    using fold = new Fold();
    yield* paged(gathered(known, agents(known, account, asked), at, fold));
    yield fold.floor(at, undefined, selected);
  },
  *intervals(known, account, asked) {
    const [span, track] = [atMost(LONGEST_DAYS, window(asked)), asked.get("track") ?? undefined];
    yield* paged(each(known, account, asked, span.from, (fold, agent) => fold.intervals(agent, span, track)));
  },
  *work_items(known, account, asked) {
    const span = atMost(LONGEST_DAYS, window(asked));
    yield* paged(each(known, account, asked, span.from, (fold, agent) => fold.workItems(agent, span)));
  },
  *report(known, account, asked) {
    const [span, every, tz] = [window(asked), asked.get("every") ?? "1h", asked.get("tz") ?? "UTC"];
    // The report throws if it is not a `RollUp`.
    const by = (asked.get("by") ?? "agent") as RollUp;
    checkCount(span, every, tz);
    const limited = { ...buckets({ ...span, every, tz }), row_limit: by === "agent" ? ROW_LIMIT : SUMS_LIMIT * SLACK };
    const selected = selection(account, asked);
    // A table has rows of one kind.
    const row = asked.get("row") ?? (asked.get("format") === "csv" ? "channel" : undefined);
    const isAsked = (of: ReportRow) => row === undefined || of.row === row;
    const parts = [...inParts(limited.boundaries)];
    if (by === "agent") {
      // The rows of each agent, and of each part of the buckets, are limited by themselves, so all are counted before.
      known.recent.reportRows(limited, by, selected).return?.(undefined);
      const ofAgent = function* (fold: Fold) {
        for (const [first, last] of parts) {
          const part = { ...limited, boundaries: limited.boundaries.slice(first, last + 1) };
          yield* chosen(fold.reportRows(part, by, selected), isAsked);
          yield null;
        }
      };
      return yield* paged(each(known, account, asked, span.from, ofAgent));
    }
    yield* checked(known, limited.boundaries.length - 1, by, selected);
    using sums = new ReportSums(limited, by, selected);
    const add = function* (fold: Fold, agent: Agent) {
      for (const [first, last] of parts) {
        sums.add(fold, agent, first, last);
        yield null;
      }
    };
    yield* paged(each(known, account, asked, span.from, add));
    yield* paged(chosen(sums.rows(), isAsked));
  },
  *anomalies(known, account, asked) {
    yield* paged(each(known, account, asked, "", (fold) => fold.anomalies()));
  },
  *folds(known, account, asked) {
    const from = asked.get("from") ?? "";
    using nothing = new Fold();
    // Refuses text that is not an instant.
    if (from !== "") nothing.tellChat("", from, from);
    const saved = (fold: Fold, agent: Agent) => [{ ...agent, fold: base64(fold.saveAgent(agent)) }];
    yield* paged(each(known, account, asked, from, saved));
  },
};

/** The questions whose answers grow with the history. Only a few of them are answered at the same time. */
export const LONG = new Set(["intervals", "work_items", "report", "anomalies", "folds"]);

/** Rows in pages. What is `null` is no row, and only counts for pauses. */
function* paged(rows: Iterable<unknown>): Pages {
  let [page, others]: [unknown[], number] = [[], 0];
  for (const row of rows) {
    if (row === null) others += 1;
    else page.push(row);
    if (page.length < PAGE && others < PAUSE) continue;
    yield page;
    [page, others] = [[], 0];
  }
  yield page;
}

/** The rows of each agent, whose history is read from storage when its turn comes, and a `null` after each. */
function* each(
  known: Known,
  account: string,
  asked: URLSearchParams,
  from: string,
  rows: (fold: Fold, agent: Agent) => Iterable<unknown>,
): Generator<unknown, void, void> {
  for (const agent of agents(known, account, asked)) {
    using fold = yield* known.history.loading(agent, dayOf(from) - MARGIN);
    yield* rows(fold, agent);
    yield null;
  }
}

/** Refuses a report of too many buckets before they are made, by those of the first day. */
function checkCount({ from, to }: { from: string; to: string }, every: string, tz: string): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (!(days > 1)) return;
  const day = buckets({ from, to: new Date(Date.parse(from) + DAY_MS).toISOString(), every, tz });
  const count = Math.round((day.boundaries.length - 1) * days);
  if (count <= BUCKETS_LIMIT) return;
  throw new Refusal("too_many_buckets", "/every", `there would be about ${count} buckets, and the most are ${BUCKETS_LIMIT}`);
}

/** Refuses a roll-up that would be too large, by the rows of one bucket at present. */
function* checked({ recent }: Known, count: number, by: RollUp, selected: Selection): Generator<undefined, void, void> {
  const at = now();
  const minute = [new Date(Date.parse(at) - MINUTE_MS).toISOString(), at];
  using sums = new ReportSums({ boundaries: minute, as_of: at }, by, selected);
  for (const [i, agent] of recent.agents().entries()) {
    sums.add(recent, agent);
    if (i % PAUSE === PAUSE - 1) yield undefined;
  }
  const rows = count * Math.max(1, [...sums.rows()].length);
  if (rows <= SUMS_LIMIT) return;
  const message = `there would be about ${rows} rows, and at most ${SUMS_LIMIT} are added up; ask for longer buckets or a shorter window`;
  throw new Refusal("too_many_rows", "/every", message);
}

/** The places of buckets that are computed without a pause, from one until another, exclusive. */
function* inParts(boundaries: string[]): Generator<[number, number], void, void> {
  const days = boundaries.map(dayOf);
  for (let first = 0, last = 1; first + 1 < boundaries.length; first = last, last += 1) {
    const isTogether = () => last - first < BUCKETS && (days[last + 1] as number) - (days[first] as number) <= BUCKETS_DAYS;
    while (last + 1 < boundaries.length && isTogether()) last += 1;
    yield [first, last];
  }
}

function* chosen<T>(values: Iterable<T>, isChosen: (value: T) => boolean): Generator<T, void, void> {
  for (const value of values) if (isChosen(value)) yield value;
}

/** The state of each agent, now or as of an instant, and a `null` after each that was read from storage. */
function* states(known: Known, at: string | undefined, agents: Agent[]): Generator<unknown, void, void> {
  if (at === undefined || !isStored(known, at)) {
    using fold = known.recent.snapshot();
    for (const agent of agents) yield at === undefined ? fold.state(agent) : fold.stateAt(agent, at);
    return;
  }
  for (const agent of agents) {
    using alone = yield* asOf(known, agent, at);
    yield alone.stateAt(agent, at);
    yield null;
  }
}

/** Adds agents to a fold, as of an instant that is before what is in memory. */
function* gathered(known: Known, agents: Agent[], at: string, fold: Fold): Generator<null, void, void> {
  for (const agent of agents) {
    using alone = yield* asOf(known, agent, at);
    fold.merge(alone);
  }
}

/** Whether an instant is before what is in memory. Text that is not an instant is left to the fold, which refuses it. */
function isStored(known: Known, at: string): boolean {
  return dayOf(at) < known.since;
}

/** Returns an agent as of an instant that is before what is in memory. */
function* asOf({ history }: Known, agent: Agent, at: string): Generator<null, Fold, void> {
  const day = dayOf(at);
  const fold = yield* history.loading(agent, day - 1, Math.max(day, history.cut ?? day) + 1);
  // As much history as a question about now has.
  fold.compact(beginOf(day - 1));
  return fold;
}

/** Returns the response to a question about an account. Calls `done` once, when it was read. */
export async function answer(known: Known, url: URL, done: () => void): Promise<Response> {
  const [, , account = "", question = ""] = url.pathname.split("/");
  const ask = Object.hasOwn(QUESTIONS, question) && QUESTIONS[question];
  if (question === "fold" || !ask) {
    done();
    if (question === "fold") return answered(200, await saved(known), "application/octet-stream");
    return problem(404, "not_found", "this path does not exist");
  }
  const format = url.searchParams.get("format") ?? "json";
  if (!isFormat(format)) {
    done();
    const message = `\`format\` must be ${Object.keys(FORMATS).map((name) => `\`${name}\``).join(" or ")}`;
    return problem(400, "bad_argument", message, {}, "/format");
  }
  try {
    const pages = ask(known, account, url.searchParams);
    return answered(200, await rows(pages, format, known.names, known.turns, done), FORMATS[format].type);
  } catch (error) {
    const isRefused = error instanceof Refusal || (error instanceof AgentfoldError && error.code !== "trapped");
    if (!isRefused) throw error;
    return problem(400, error.code, error.message, {}, error.path);
  }
}

/** Returns what is in memory as bytes, as of now. */
async function saved({ recent, since, turns }: Known): Promise<Uint8Array<ArrayBuffer>> {
  using snapshot = recent.snapshot();
  using whole = new Fold();
  whole.compact(beginOf(since));
  for (const [i, agent] of [...snapshot.agents(), ...snapshot.unknownAgents()].entries()) {
    whole.restore(snapshot.saveAgent(agent) as Uint8Array);
    if (i % PAUSE === PAUSE - 1) await turns.next();
  }
  return whole.save();
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(FORMATS, text);
}

export function json(status: number, value: unknown): Response {
  return answered(status, JSON.stringify(value), "application/json");
}

/** Returns an error response with `code`, `path` and `message`. */
export function problem(status: number, code: string, message: string, headers = {}, path = ""): Response {
  return answered(status, JSON.stringify({ code, path, message }), "application/json", headers);
}

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

export function answered(status: number, body: Body, type: string, more = {}): Response {
  const headers = { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return new Response(body, { status, headers: { ...headers, ...more } });
}

/** Returns the requested agent, or all agents. */
function agents({ recent, history }: Known, account: string, asked: URLSearchParams): Agent[] {
  const agent_id = asked.get("agent");
  if (!agent_id) return history.agents();
  const agent = { account_id: account, agent_id };
  // Refuses text that is not an id.
  recent.cutOf(agent);
  return [agent];
}

/** Returns the requested agent and channel, if any, as a selection. */
function selection(account: string, asked: URLSearchParams): Selection {
  const [agent_id, channel] = [asked.get("agent"), asked.get("channel")];
  return {
    agents: agent_id ? [{ account_id: account, agent_id }] : [],
    channels: channel ? [channel] : [],
  };
}

/** Returns the requested window. Default: the last 24 hours. */
function window(asked: URLSearchParams) {
  const as_of = asked.get("as_of") ?? now();
  const to = asked.get("to") ?? as_of;
  return { from: asked.get("from") ?? dayBefore(to), to, as_of };
}

/** Returns a window, unless it is too long. */
function atMost<W extends { from: string; to: string }>(days: number, window: W): W {
  // The fold refuses text that is not an instant.
  if (!(Date.parse(window.to) - Date.parse(window.from) > days * DAY_MS)) return window;
  throw new Refusal("window_too_long", "/from", `the window is longer than ${days} days; ask for one part after the other`);
}

/** A question that the Worker does not answer. */
class Refusal extends Error {
  constructor(readonly code: string, readonly path: string, message: string) {
    super(message);
  }
}

function dayBefore(instant: string): string {
  const at = Date.parse(instant);
  // The fold refuses text that is not an instant.
  return Number.isNaN(at) ? instant : new Date(at - DAY_MS).toISOString();
}

function now(): string {
  return new Date().toISOString();
}

/** Bytes as text that fits into JSON. */
function base64(bytes: Uint8Array | null): string | null {
  if (!bytes) return null;
  let text = "";
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
