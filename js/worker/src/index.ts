import { receive } from "agentfold";

import { Accounts, tokenOf, type Access, type Secrets } from "./access.ts";
import type { Account } from "./account.ts";
import { json, problem } from "./answers.ts";
import { Lockout } from "./lockout.ts";
import { mistake } from "./parameters.ts";
import type { Credentials } from "./zendesk.ts";
import openapi from "../openapi.json" with { type: "json" };

export { Account } from "./account.ts";

/** The bindings and variables in `wrangler.jsonc`. README.md describes each. */
export interface Env extends Secrets {
  ACCOUNT: DurableObjectNamespace<Account>;
  EXPORT_CHANNEL: string;
  RETENTION_DAYS: string;
  SAVE_AFTER_SECONDS: string;
  ARCHIVE?: R2Bucket;
}

const lockout = new Lockout();

/** The paths of the Chat export: the current one and the one in Zendesk's documentation. */
const EXPORT = /^\/api\/v2\/(chat\/)?incremental\/agent_events(\.json)?$/;
const QUESTION = /^\/accounts\/(\d+)\/(\w+)$/;
const COMPARE = /^\/accounts\/\d+\/compare$/;

// Static files are served before this handler is called.
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/zendesk") return delivered(request, env);
    if (pathname === "/healthz") return health(env);
    if (pathname === "/openapi.json") return json(200, openapi);
    const [, asked, question = ""] = QUESTION.exec(pathname) ?? [];
    if (!asked && !EXPORT.test(pathname)) return problem(404, "not_found", "this path does not exist");
    const methods = COMPARE.test(pathname) ? ["POST"] : ["GET", "HEAD"];
    if (!methods.includes(request.method)) {
      return problem(405, "wrong_method", `use ${methods[0]}`, { allow: methods.join(", ") });
    }
    const [client, token] = [request.headers.get("cf-connecting-ip") ?? "", tokenOf(request)];
    if (lockout.holds(client, token)) {
      return problem(429, "too_many_wrong_tokens", "too many wrong tokens; wait a minute", { "retry-after": "60" });
    }
    try {
      const accounts = new Accounts(env);
      const account = await accounts.readBy(token);
      if (!account) {
        if (token) lockout.noteWrong(client, token);
        const challenge = { "www-authenticate": "Bearer" };
        return problem(401, "unauthorized", "send a token of the account", challenge);
      }
      if (token) lockout.noteRight(token);
      if (asked && asked !== account) return problem(403, "forbidden", "the token belongs to a different account");
      const wrong = asked && mistake(question, searchParams);
      if (wrong) return problem(400, "bad_argument", wrong.message, {}, `/${wrong.name}`);
      if (request.method === "POST") return await compared(env, account, accounts.of(account)?.zendesk);
      if (pathname.endsWith("/thresholds")) return thresholds(accounts.of(account));
      return await env.ACCOUNT.getByName(account).fetch(request);
    } catch (error) {
      console.error(String(error));
      return problem(503, "unavailable", "temporarily unavailable; retry later", { "retry-after": "5" });
    }
  },

  /** Lets all accounts do what is due. `wrangler.jsonc` says how often. */
  async scheduled(_, env) {
    const { tended } = new Accounts(env);
    const tending = tended.map(([account, access]) => env.ACCOUNT.getByName(account).tend(access));
    for (const { reason } of (await Promise.allSettled(tending)).filter(isRejected)) console.error(String(reason));
  },
} satisfies ExportedHandler<Env>;

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === "rejected";
}

/** Tells of what an account is alerted, and not who receives the messages. */
function thresholds(access: Access | undefined): Response {
  if (access?.alerts) return json(200, access.alerts.thresholds);
  return problem(404, "no_thresholds", "the secrets of the Worker have no `alerts` for this account");
}

/** Compares the agents with Zendesk's record now. */
async function compared(env: Env, account: string, zendesk: Credentials | undefined): Promise<Response> {
  if (!zendesk) return problem(409, "no_credentials", "the secrets of the Worker have no `zendesk` for this account");
  const compared = await env.ACCOUNT.getByName(account).compare(zendesk);
  switch (compared) {
    case "compared_just_now":
      return problem(429, compared, "the agents were compared within the last minute", { "retry-after": "60" });
    case "zendesk_failed":
      return problem(502, compared, "Zendesk did not answer, or refused the credentials; see the log");
    default:
      return json(200, compared);
  }
}

/** Says whether the Worker is set up, and nothing of what it holds. */
function health(env: Env): Response {
  try {
    new Accounts(env);
    return json(200, { status: "ok" });
  } catch (error) {
    console.error(String(error));
    return problem(503, "not_configured", "a secret of the Worker is missing or wrong; see the log");
  }
}

/** Handles a webhook delivery. If it can't be stored, the response is 409, and Zendesk sends it again. */
async function delivered(request: Request, env: Env): Promise<Response> {
  try {
    const account = request.headers.get("x-zendesk-account-id") ?? "";
    const secrets = new Accounts(env).secrets(account);
    const answered = await receive(request, {
      secrets,
      // An unknown account has no secrets, so its deliveries are refused without an id.
      account_id: secrets.length > 0 ? account : undefined,
      apply: async (bytes, { agent }) => ({
        outcome: await env.ACCOUNT.getByName(account).deliver(bytes, agent),
      }),
    });
    tell(answered);
    return answered.response;
  } catch (error) {
    console.error(String(error));
    return new Response(null, { status: 409 });
  }
}

/** Logs why a delivery was refused. The response does not contain the reason. */
function tell(answered: Awaited<ReturnType<typeof receive>>): void {
  switch (answered.outcome) {
    case "expired":
      return console.warn("expired: the event is from before the retention, and was not taken in");
    case "limit":
      return console.warn("limit: the event would exceed a limit of the fold, and was not taken in");
    case "untrusted":
    case "too_large":
      return console.warn(answered.outcome, ...answered.flaws.map(({ code, path }) => `${code} ${path}`));
    case "unreadable":
      return console.warn(answered.outcome, ...answered.issues.map(({ code, path }) => `${code} ${path}`));
    case "not_stored":
      return console.error(answered.outcome, String(answered.error));
  }
}
