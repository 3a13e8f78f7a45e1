/** Who may do what with an account. */
interface Access {
  /** The secrets of its webhooks; several while they are rotated. */
  secrets: string[];
  /** The tokens that its data can be read with. */
  tokens: string[];
}

/** What a token can be made of: a WebSocket carries it as the name of a protocol. */
const TOKEN = /^[A-Za-z0-9._~+-]{16,}$/;

/** The access to all accounts, by id: the JSON of the secret `AGENTFOLD_ACCOUNTS`. */
export class Accounts {
  #accounts: Map<string, Access>;

  /** @throws {Error} If it is not what the guide says; without its text, which is secret. */
  constructor(json: string | undefined) {
    if (!json) throw new Error("the secret AGENTFOLD_ACCOUNTS is not set: see the guide");
    let given: unknown;
    try {
      given = JSON.parse(json);
    } catch {
      throw new Error("the secret AGENTFOLD_ACCOUNTS is no JSON");
    }
    if (typeof given !== "object" || given === null) {
      throw new Error("the secret AGENTFOLD_ACCOUNTS is no object by the ids of accounts");
    }
    this.#accounts = new Map(Object.entries(given).map(([id, access]) => [id, checked(id, access)]));
  }

  /** The secrets of an account's webhooks; none if it is not known. */
  secrets(account: string): string[] {
    return this.#accounts.get(account)?.secrets ?? [];
  }

  /** The account that a request may read. */
  async readBy(request: Request): Promise<string | undefined> {
    const given = await digest(token(request) ?? "");
    let found: string | undefined;
    // All are looked at, so that the time tells nothing.
    for (const [account, { tokens }] of this.#accounts) {
      for (const known of tokens) {
        if (crypto.subtle.timingSafeEqual(given, await digest(known))) found = account;
      }
    }
    return found;
  }
}

function checked(id: string, access: Partial<Access> | null): Access {
  const { secrets = [], tokens = [] } = access ?? {};
  // As Zendesk writes ids, since they are compared as text.
  if (!/^[1-9]\d*$/.test(id)) throw new Error("AGENTFOLD_ACCOUNTS has a key that is no account's id");
  if (!listed(secrets, /./) || !listed(tokens, TOKEN)) {
    throw new Error(
      `AGENTFOLD_ACCOUNTS has an account whose \`secrets\` are no texts, or whose \`tokens\` don't match ${TOKEN}`,
    );
  }
  return { secrets, tokens };
}

function listed(texts: unknown, pattern: RegExp): boolean {
  return Array.isArray(texts) && texts.every((text) => typeof text === "string" && pattern.test(text));
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** A bearer's token, the password of Zendesk's kind of Basic (`{email}/token:{token}`), or a WebSocket's. */
function token({ headers }: Request): string | undefined {
  const [scheme = "", value = ""] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() === "basic") {
    try {
      return /\/token:(.*)$/.exec(atob(value))?.[1];
    } catch {
      return undefined;
    }
  }
  // Browsers can send nothing else with a WebSocket.
  return headers.get("sec-websocket-protocol")?.split(/,\s*/)[1];
}
