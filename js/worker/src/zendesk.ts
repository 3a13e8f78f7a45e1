import { ExportCursor, exportEvents, parseNames, type ExportPage, type Names } from "agentfold";

/** How many pages of a list are read at most. */
const PAGES = 1000;
/** The largest page, in bytes. */
const PAGE_BYTES = 32_000_000;
const ANSWER_MS = 30_000;

/** How an account is asked at Zendesk: with an OAuth token, or with an e-mail address and an API token. */
export interface Credentials {
  /** The account's subdomain: `example` for `example.zendesk.com`. */
  subdomain: string;
  oauth_token?: string;
  email?: string;
  token?: string;
  /** Since when the Chat export is pulled. It is not pulled without this. */
  chat_since?: string;
  /** Where requests are sent instead, for tests. */
  url?: string;
}

/** Zendesk's REST API, asked with an account's credentials. */
export class Zendesk {
  #origin: string;
  #headers: Record<string, string>;

  constructor({ subdomain, url, oauth_token, email, token }: Credentials) {
    this.#origin = url ?? `https://${subdomain}.zendesk.com`;
    const authorization = oauth_token ? `Bearer ${oauth_token}` : `Basic ${btoa(`${email}/token:${token}`)}`;
    this.#headers = { authorization, accept: "application/json" };
  }

  /** The pages of the record of all agents' availability. */
  record(): AsyncGenerator<Uint8Array> {
    return this.#pages("/api/v2/agent_availabilities?include=channels&page[size]=100");
  }

  /** The names of agents and groups. */
  async names(): Promise<Names> {
    const all: Names = { agents: {}, groups: {} };
    const paths = ["/api/v2/users.json?role[]=agent&role[]=admin&page[size]=100", "/api/v2/groups.json?page[size]=100"];
    for (const path of paths) {
      for await (const page of this.#pages(path)) {
        const { agents, groups } = parseNames(page);
        Object.assign(all.agents, agents);
        Object.assign(all.groups, groups);
      }
    }
    return all;
  }

  /** The pages of the Chat export from a cursor on, until the last one or a pause that Zendesk asks for. */
  async *chats(cursor: ExportCursor): AsyncGenerator<ExportPage> {
    const { host } = new URL(this.#origin);
    const sleep = () => Promise.reject(new Pause());
    const origin = `https://${host}`;
    const sent: typeof fetch = (url, init) => {
      return fetch(String(url).replace(origin, this.#origin), { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    };
    try {
      yield* exportEvents({ cursor, host, headers: this.#headers, fetch: sent, sleep });
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
    }
  }

  async *#pages(path: string): AsyncGenerator<Uint8Array> {
    let next: string | undefined = this.#origin + path;
    for (let count = 0; next !== undefined && count < PAGES; count += 1) {
      // A redirect must not take the credentials to another host.
      const reply = await fetch(next, {
        headers: this.#headers,
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (reply.status !== 200) throw new Error(`Zendesk answered ${reply.status} to ${new URL(next).pathname}`);
      const page = await limited(reply);
      yield page;
      const { links, meta, next_page } = JSON.parse(new TextDecoder().decode(page)) as Linked;
      // The last page may have a link, too.
      next = meta?.has_more === false ? undefined : (links?.next ?? next_page ?? undefined);
      if (next !== undefined && new URL(next).origin !== this.#origin) throw new Error("Zendesk's next page is elsewhere");
    }
  }
}

type Linked = { links?: { next?: string | null }; meta?: { has_more?: boolean }; next_page?: string | null };

class Pause extends Error {}

/** Returns the body of a reply. */
async function limited(reply: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of reply.body ?? []) {
    size += part.length;
    if (size > PAGE_BYTES) throw new Error(`Zendesk's page has more than ${PAGE_BYTES} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
