import { AgentfoldError, ReportSums, buckets, type Agent, type Fold, type RollUp, type Selection } from "agentfold";

import { FORMATS, rows, type Format, type Pages } from "./rows.ts";

const DAY_MS = 24 * 60 * 60_000;
/** The largest report. */
const ROW_LIMIT = 500_000;
/** How many rows of a report, and how many states, are computed without a pause. */
const PAGE = 64;

type Question = (fold: Fold, account: string, asked: URLSearchParams) => Pages;

/** The questions that can be asked over HTTP, by the last part of the path. */
const QUESTIONS: Record<string, Question> = {
  *state(fold, account, asked) {
    const at = asked.get("at");
    yield* paged(agents(fold, account, asked), (agent) => (at ? fold.stateAt(agent, at) : fold.state(agent)));
  },
  *floor(fold, account, asked) {
    yield fold.floor(asked.get("at") ?? now(), undefined, selection(account, asked));
  },
  *intervals(fold, account, asked) {
    const [span, track] = [window(asked), asked.get("track") ?? undefined];
    for (const agent of agents(fold, account, asked)) yield fold.intervals(agent, span, track);
  },
  *work_items(fold, account, asked) {
    const span = window(asked);
    for (const agent of agents(fold, account, asked)) yield fold.workItems(agent, span);
  },
  *report(fold, account, asked) {
    const [every, tz] = [asked.get("every") ?? "1h", asked.get("tz") ?? "UTC"];
    // `report` throws if it is not a `RollUp`.
    const by = (asked.get("by") ?? "agent") as RollUp;
    const limited = { ...buckets({ ...window(asked), every, tz }), row_limit: ROW_LIMIT };
    const selected = selection(account, asked);
    if (by === "agent") return yield* paged(fold.reportRows(limited, by, selected));
    using sums = new ReportSums(limited, by, selected);
    for (const agent of fold.agents()) {
      sums.add(fold, agent);
      yield [];
    }
    yield* paged(sums.rows());
  },
  *anomalies(fold) {
    yield fold.anomalies();
  },
};

/** The questions whose answers grow with the history. Only a few of them are answered at the same time. */
export const LONG = new Set(["intervals", "work_items", "report"]);

/** Rows in pages: those that `row` makes of values, if it makes any. */
function* paged<T>(values: Iterable<T>, row: (value: T) => unknown = (value) => value): Pages {
  let page: unknown[] = [];
  for (const value of values) {
    const made = row(value);
    if (made !== null) page.push(made);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Returns the response to a question about an account, as of now. Calls `done` once, when it was read. */
export async function answer(fold: Fold, url: URL, done: () => void): Promise<Response> {
  const [, , account = "", question = ""] = url.pathname.split("/");
  const ask = Object.hasOwn(QUESTIONS, question) && QUESTIONS[question];
  if (question === "fold" || !ask) {
    done();
    if (question === "fold") return answered(200, fold.save(), "application/octet-stream");
    return problem(404, "not_found", "this path does not exist");
  }
  const format = url.searchParams.get("format") ?? "json";
  if (!isFormat(format)) {
    done();
    const message = `\`format\` must be ${Object.keys(FORMATS).map((name) => `\`${name}\``).join(" or ")}`;
    return problem(400, "bad_argument", message, {}, "/format");
  }
  try {
    const pages = asOfNow(fold, (snapshot) => ask(snapshot, account, url.searchParams));
    return answered(200, await rows(pages, format, done), FORMATS[format].type);
  } catch (error) {
    if (!(error instanceof AgentfoldError) || error.code === "trapped") throw error;
    return problem(400, error.code, error.message, {}, error.path);
  }
}

/** The pages of a question to a snapshot, which is taken with the first page and freed after the last one. */
function* asOfNow(fold: Fold, ask: (snapshot: Fold) => Pages): Pages {
  using snapshot = fold.snapshot();
  yield* ask(snapshot);
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(FORMATS, text);
}

/** Returns the response of Zendesk's export of agent events, for one channel instead of Chat. */
export function exported(fold: Fold, channel: string, url: URL): Response {
  const { status, body } = fold.answerExport(channel, url.search.slice(1), { url: url.origin + url.pathname });
  return answered(status, body, "application/json");
}

export function json(status: number, value: unknown): Response {
  return answered(status, JSON.stringify(value), "application/json");
}

/** Returns an error response with `code`, `path` and `message`. */
export function problem(status: number, code: string, message: string, headers = {}, path = ""): Response {
  return answered(status, JSON.stringify({ code, path, message }), "application/json", headers);
}

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

function answered(status: number, body: Body, type: string, more = {}): Response {
  const headers = { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return new Response(body, { status, headers: { ...headers, ...more } });
}

/** Returns the requested agent, or all agents. */
function agents(fold: Fold, account: string, asked: URLSearchParams): Agent[] {
  const agent_id = asked.get("agent");
  return agent_id ? [{ account_id: account, agent_id }] : fold.agents();
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

function dayBefore(instant: string): string {
  const at = Date.parse(instant);
  // The fold refuses text that is not an instant.
  return Number.isNaN(at) ? instant : new Date(at - DAY_MS).toISOString();
}

function now(): string {
  return new Date().toISOString();
}
