import { AgentfoldError, answerExport, buckets, type Agent, type Fold, type RollUp, type Selection } from "agentfold";

const DAY_MS = 24 * 60 * 60_000;
/** The largest report: an isolate has 128 MB, and a row takes about 4 kB of them. */
const ROW_LIMIT = 20_000;
/** An instant before all events. */
const LONG_AGO = "1970-01-01T00:00:00Z";

type Question = (fold: Fold, account: string, asked: URLSearchParams) => unknown;

/** The questions that can be asked over HTTP, by the last part of the path. */
const QUESTIONS: Record<string, Question> = {
  state: (fold, account, asked) => {
    const at = asked.get("at");
    const state = (agent: Agent) => (at ? fold.stateAt(agent, at) : fold.state(agent));
    return agents(fold, account, asked).map(state).filter(Boolean);
  },
  floor: (fold, account, asked) => fold.floor(asked.get("at") ?? now(), undefined, selection(account, asked)),
  intervals: (fold, account, asked) => {
    const track = asked.get("track") ?? undefined;
    return agents(fold, account, asked).flatMap((agent) => fold.intervals(agent, window(asked), track));
  },
  work_items: (fold, account, asked) =>
    agents(fold, account, asked).flatMap((agent) => fold.workItems(agent, window(asked))),
  report: (fold, account, asked) => {
    const [every, tz] = [asked.get("every") ?? "1h", asked.get("tz") ?? "UTC"];
    // `report` throws if it is not a `RollUp`.
    const by = (asked.get("by") ?? "agent") as RollUp;
    const limited = { ...buckets({ ...window(asked), every, tz }), row_limit: ROW_LIMIT };
    return fold.report(limited, by, selection(account, asked));
  },
  anomalies: (fold) => fold.anomalies(),
};

/** Returns the response to a question about an account. */
export function answer(fold: Fold, url: URL): Response {
  const [, , account = "", question = ""] = url.pathname.split("/");
  if (question === "fold") return answered(200, fold.save(), "application/octet-stream");
  const ask = Object.hasOwn(QUESTIONS, question) && QUESTIONS[question];
  if (!ask) return problem(404, "not_found", "this path does not exist");
  try {
    return json(200, ask(fold, account, url.searchParams));
  } catch (error) {
    if (!(error instanceof AgentfoldError) || error.code === "trapped") throw error;
    return problem(400, error.code, error.message, {}, error.path);
  }
}

/** Returns the response of Zendesk's export of agent events, for one channel instead of Chat. */
export function exported(fold: Fold, channel: string, url: URL): Response {
  const events = fold.tellChat(channel, LONG_AGO, now());
  const { status, body } = answerExport(url.search.slice(1), events, { url: url.origin + url.pathname });
  return answered(status, body, "application/json");
}

export function json(status: number, value: unknown): Response {
  return answered(status, JSON.stringify(value), "application/json");
}

/** Returns an error response with `code`, `path` and `message`. */
export function problem(status: number, code: string, message: string, headers = {}, path = ""): Response {
  return answered(status, JSON.stringify({ code, path, message }), "application/json", headers);
}

function answered(status: number, body: string | Uint8Array<ArrayBuffer>, type: string, more = {}): Response {
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
