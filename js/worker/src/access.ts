import type { Alerting } from "./outbox.ts";
import type { Credentials } from "./zendesk.ts";

/** The secrets and tokens of an account. */
export interface Access {
  /** The secrets of its webhooks: the old and the new one while they are rotated. */
  secrets: string[];
  /** The tokens that allow reading its data. */
  tokens: string[];
  /** How the account is asked at Zendesk, if it is. */
  zendesk?: Credentials;
  /** What it is alerted of. */
  alerts?: Alerting;
}

/** The characters allowed in a token. A WebSocket sends it as the name of a protocol. */
const TOKEN = /^[A-Za-z0-9._~+-]{16,}$/;

const OWN = "AGENTFOLD_ACCOUNT_";

/** The secrets of the Worker: one with all accounts, some with an account each, or both. */
export interface Secrets {
  AGENTFOLD_ACCOUNTS?: string;
  [own: `AGENTFOLD_ACCOUNT_${string}`]: string | undefined;
}

/** The secrets and tokens of all accounts, from the JSON in the secrets of the Worker. */
export class Accounts {
  #accounts = new Map<string, Access>();

  /** @throws {Error} If the JSON does not have the documented format. The message contains no part of it. */
  constructor(env: Secrets) {
    const own = Object.keys(env).filter((name) => name.startsWith(OWN)) as (keyof Secrets)[];
    if (!env.AGENTFOLD_ACCOUNTS && own.length === 0) {
      throw new Error("the secret AGENTFOLD_ACCOUNTS is not set; see README.md");
    }
    const shared = env.AGENTFOLD_ACCOUNTS ? parsed(env, "AGENTFOLD_ACCOUNTS") : {};
    for (const [id, access] of Object.entries(shared)) this.#accounts.set(id, checked("AGENTFOLD_ACCOUNTS", id, access));
    for (const name of own) {
      const id = name.slice(OWN.length);
      if (this.#accounts.has(id)) throw new Error(`AGENTFOLD_ACCOUNTS has the account of the secret ${name}, too`);
      this.#accounts.set(id, checked(name, id, parsed(env, name)));
    }
  }

  /** Returns the secrets of an account's webhooks; an empty list for an unknown account. */
  secrets(account: string): string[] {
    return this.#accounts.get(account)?.secrets ?? [];
  }

  /** Returns what is to be done regularly, by account. */
  get tended(): [account: string, access: Access][] {
    return [...this.#accounts].filter(([, { zendesk, alerts }]) => zendesk ?? alerts);
  }

  /** Returns what is set up for an account. */
  of(account: string): Access | undefined {
    return this.#accounts.get(account);
  }

  /** Returns the account that a token is of. */
  async readBy(token: string | undefined): Promise<string | undefined> {
    const given = await digest(token ?? "");
    let found: string | undefined;
    // Compares all tokens, so that the time reveals nothing.
    for (const [account, { tokens }] of this.#accounts) {
      for (const known of tokens) {
        if (crypto.subtle.timingSafeEqual(given, await digest(known))) found = account;
      }
    }
    return found;
  }
}

/** Returns the object in a secret. */
function parsed(env: Secrets, name: keyof Secrets): object {
  let given: unknown;
  try {
    given = JSON.parse(env[name] ?? "");
  } catch {
    throw new Error(`the secret ${name} is not valid JSON`);
  }
  if (typeof given !== "object" || given === null) throw new Error(`the secret ${name} is not an object; see README.md`);
  return given;
}

function checked(name: string, id: string, access: Partial<Access> | null): Access {
  const { secrets = [], tokens = [], zendesk, alerts } = access ?? {};
  // Ids are compared as text, so they must be written as Zendesk writes them.
  if (!/^[1-9]\d*$/.test(id)) throw new Error(`${name} has a key or a name that is not an account id`);
  if (!listed(secrets, /./) || !listed(tokens, TOKEN)) {
    throw new Error(
      `${name} has an account whose \`secrets\` are not strings, or whose \`tokens\` do not match ${TOKEN}`,
    );
  }
  if (zendesk !== undefined && !isCredentials(zendesk)) {
    throw new Error(
      `${name} has an account whose \`zendesk\` has no \`subdomain\`, or neither \`oauth_token\` nor \`email\` and \`token\``,
    );
  }
  if (alerts !== undefined && !isAlerting(alerts)) {
    throw new Error(`${name} has an account whose \`alerts\` have no \`thresholds\`, or \`send\` without a \`url\``);
  }
  return { secrets, tokens, zendesk, alerts };
}

function isAlerting(given: Partial<Alerting> | null): given is Alerting {
  const { thresholds, send = [] } = given ?? {};
  const isSent = Array.isArray(send) && send.every((to) => /^https?:\/\/./.test(String(to?.url)));
  return typeof thresholds === "object" && thresholds !== null && isSent;
}

function isCredentials(given: Partial<Credentials> | null): given is Credentials {
  const { subdomain = "", oauth_token, email, token, chat_since = "1970-01-01" } = given ?? {};
  const isText = (...texts: unknown[]) => texts.every((text) => typeof text === "string" && text !== "");
  const isNamed = /^[a-z0-9][a-z0-9-]*$/i.test(String(subdomain));
  return isNamed && (isText(oauth_token) || isText(email, token)) && !Number.isNaN(Date.parse(String(chat_since)));
}

function listed(texts: unknown, pattern: RegExp): boolean {
  return Array.isArray(texts) && texts.every((text) => typeof text === "string" && pattern.test(text));
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** Returns the token of a request: of Bearer, of Zendesk's Basic (`{email}/token:{token}`), or of a WebSocket. */
export function tokenOf({ headers }: Request): string | undefined {
  const [scheme = "", value = ""] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() === "basic") {
    try {
      return /\/token:(.*)$/.exec(atob(value))?.[1];
    } catch {
      return undefined;
    }
  }
  // The only header that browsers let scripts set on a WebSocket.
  return headers.get("sec-websocket-protocol")?.split(/,\s*/)[1];
}
