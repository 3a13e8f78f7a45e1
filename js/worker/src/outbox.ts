import { webhook, type AlertMessageOptions, type Episode, type Thresholds } from "agentfold";

/** How many messages wait for a receiver at most, and how long they are tried. */
const WAITING = 10_000;
const TRIED_MS = 60 * 60_000;
/** How long messages are sent at a time, and how long an answer is waited for. */
const SENDING_MS = 20_000;
const ANSWER_MS = 5000;
/** How many episodes a row has. A row may have up to 2 MB. */
const PART = 1000;

/** What an account is alerted of, and where messages about it are sent. */
export interface Alerting {
  thresholds: Thresholds;
  send?: Receiver[];
}

/** A receiver of messages. With a secret, they are signed as Zendesk signs its webhooks. */
interface Receiver {
  url: string;
  secret?: string;
  form?: AlertMessageOptions["form"];
}

/**
 * The alerts that were reported, and messages that wait to be sent. A message that a receiver took or refused is not sent
 * again; one that it did not answer is tried for an hour, so a message whose answer was lost arrives twice.
 */
export class Outbox {
  #kv: SyncKvStorage;
  #sql: SqlStorage;

  constructor({ kv, sql }: DurableObjectStorage) {
    this.#kv = kv;
    this.#sql = sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS message (
        seq INTEGER PRIMARY KEY, url TEXT NOT NULL, body TEXT NOT NULL, since INTEGER NOT NULL
      );
      CREATE INDEX IF NOT EXISTS message_by_url ON message (url, seq);
      CREATE TABLE IF NOT EXISTS told (part INTEGER PRIMARY KEY, episodes TEXT NOT NULL);
    `);
  }

  get told(): Episode[] {
    const parts = this.#sql.exec<{ episodes: string }>("SELECT episodes FROM told ORDER BY part").toArray();
    return parts.flatMap(({ episodes }) => JSON.parse(episodes) as Episode[]);
  }

  set told(all: Episode[]) {
    this.#sql.exec("DELETE FROM told");
    for (let at = 0; at < all.length; at += PART) {
      this.#sql.exec("INSERT INTO told VALUES (?, ?)", at / PART, JSON.stringify(all.slice(at, at + PART)));
    }
  }

  /** How many messages wait. */
  get waiting(): number {
    return this.#sql.exec<{ messages: number }>("SELECT count(*) AS messages FROM message").one().messages;
  }

  /** How many messages no receiver took, of those that are no longer sent. */
  get dropped(): number {
    return this.#kv.get<number>("dropped") ?? 0;
  }

  add(url: string, bodies: string[]): void {
    for (const body of bodies) this.#sql.exec("INSERT INTO message VALUES (NULL, ?, ?, ?)", url, body, Date.now());
    this.#drop(
      "too many wait",
      "seq IN (SELECT seq FROM message WHERE url = ?1 ORDER BY seq DESC LIMIT -1 OFFSET ?2)",
      url,
      WAITING,
    );
  }

  /** Sends messages that wait, to those of the receivers that are still configured. */
  async send(receivers: Receiver[]): Promise<void> {
    this.#drop("nobody took them within an hour", "since < ?", Date.now() - TRIED_MS);
    const byUrl = new Map(receivers.map((receiver) => [receiver.url, receiver]));
    for (const { url } of this.#sql.exec<{ url: string }>("SELECT DISTINCT url FROM message").toArray()) {
      if (!byUrl.has(url)) this.#drop("the receiver was removed", "url = ?", url);
    }
    const until = Date.now() + SENDING_MS;
    await Promise.all([...byUrl.values()].map((receiver) => this.#sendTo(receiver, until)));
  }

  /** Sends messages to a receiver, the oldest first, until it fails or time is up. */
  async #sendTo(receiver: Receiver, until: number): Promise<void> {
    const first = "SELECT seq, body FROM message WHERE url = ? ORDER BY seq LIMIT 1";
    while (Date.now() < until) {
      const [message] = this.#sql.exec<{ seq: number; body: string }>(first, receiver.url).toArray();
      if (!message) return;
      const status = await sent(receiver, message.body);
      if (status === undefined || status >= 500 || status === 408 || status === 429) return;
      if (status < 300) this.#sql.exec("DELETE FROM message WHERE seq = ?", message.seq);
      else this.#drop("the receiver refused them", "seq = ?", message.seq);
    }
  }

  #drop(why: string, where: string, ...values: (string | number)[]): void {
    const deleted = this.#sql.exec(`DELETE FROM message WHERE ${where} RETURNING seq`, ...values).toArray().length;
    if (deleted === 0) return;
    console.error(`${deleted} messages about alerts are no longer sent: ${why}`);
    this.#kv.put("dropped", this.dropped + deleted);
  }
}

/** Sends a message, and returns the status of the answer, if there was one. */
async function sent({ url, secret }: Receiver, body: string): Promise<number | undefined> {
  const headers = { "content-type": "application/json", ...(secret ? webhook.sign(body, secret) : {}) };
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const { status } = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    if (status >= 300) console.error(`the receiver of alerts answered ${status}`);
    return status;
  } catch {
    console.error("the receiver of alerts does not answer");
    return undefined;
  }
}
