import { receive } from "agentfold";

import { Accounts } from "./access.ts";
import type { Account } from "./account.ts";
import { problem } from "./answers.ts";

export { Account } from "./account.ts";

/** What `wrangler.jsonc` binds; the guide tells what each is for. */
export interface Env {
  ACCOUNT: DurableObjectNamespace<Account>;
  AGENTFOLD_ACCOUNTS?: string;
  EXPORT_CHANNEL: string;
  RETENTION_DAYS: string;
  SAVE_AFTER_SECONDS: string;
}

/** Where Zendesk serves the Chat export today, and where its document has it. */
const EXPORT = /^\/api\/v2\/(chat\/)?incremental\/agent_events(\.json)?$/;
const QUESTION = /^\/accounts\/(\d+)\/\w+$/;

// Files, if there are such at a path, were served before this is asked.
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/zendesk") return delivered(request, env);
    const asked = QUESTION.exec(pathname)?.[1];
    if (!asked && !EXPORT.test(pathname)) return problem(404, "not_found", "there is nothing at this path");
    if (request.method !== "GET") {
      return problem(405, "wrong_method", "only GET is answered here", { allow: "GET" });
    }
    try {
      const account = await new Accounts(env.AGENTFOLD_ACCOUNTS).readBy(request);
      if (!account) {
        const challenge = { "www-authenticate": "Bearer" };
        return problem(401, "unauthorized", "a token of the account is needed", challenge);
      }
      if (asked && asked !== account) return problem(403, "forbidden", "this is another account's token");
      return await env.ACCOUNT.getByName(account).fetch(request);
    } catch (error) {
      console.error(String(error));
      return problem(503, "unavailable", "this can't be answered now", { "retry-after": "5" });
    }
  },
} satisfies ExportedHandler<Env>;

/** Zendesk's webhook: what can't be stored is answered so that it comes again. */
async function delivered(request: Request, env: Env): Promise<Response> {
  try {
    const account = request.headers.get("x-zendesk-account-id") ?? "";
    const secrets = new Accounts(env.AGENTFOLD_ACCOUNTS).secrets(account);
    const answered = await receive(request, {
      secrets,
      // Whoever is not known has no secret, and needs no id to be refused by.
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

/** Tells the log why a delivery was refused, since its sender is not told. */
function tell(answered: Awaited<ReturnType<typeof receive>>): void {
  switch (answered.outcome) {
    case "untrusted":
    case "too_large":
      return console.warn(answered.outcome, ...answered.flaws.map(({ code, path }) => `${code} ${path}`));
    case "unreadable":
      return console.warn(answered.outcome, ...answered.issues.map(({ code, path }) => `${code} ${path}`));
    case "not_stored":
      return console.error(answered.outcome, String(answered.error));
  }
}
