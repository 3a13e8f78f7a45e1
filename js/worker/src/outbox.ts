import { webhook, type AlertMessageOptions, type Thresholds } from "agentfold";

/** How many messages wait at most, and how long they are tried. */
const WAITING = 1000;
const TRIED_MS = 60 * 60_000;
/** How many messages are sent at a time, and how long an answer is waited for. */
const SENT = 50;
const ANSWER_MS = 5000;

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

type Message = { url: string; body: string; since: number };

/**
 * Messages that wait to be sent. One that a receiver took or refused is not sent again; one that it did not answer is
 * tried for an hour, so a message whose answer was lost arrives twice.
 */
export class Outbox {
  #kv: SyncKvStorage;

  constructor({ kv }: DurableObjectStorage) {
    this.#kv = kv;
  }

  add(url: string, body: string): void {
    this.#put([...this.#waiting(), { url, body, since: Date.now() }]);
  }

  /** Sends the messages that wait, to those of the receivers that are still configured. */
  async send(receivers: Receiver[]): Promise<void> {
    for (const message of this.#waiting().slice(0, SENT)) {
      const receiver = receivers.find(({ url }) => url === message.url);
      const isOver = !receiver || Date.now() - message.since > TRIED_MS;
      if (isOver) console.error("a message about an alert is no longer sent: nobody took it within an hour");
      if (!isOver && !(await isAnswered(receiver, message.body))) continue;
      this.#put(this.#waiting().filter(({ url, body }) => url !== message.url || body !== message.body));
    }
  }

  #waiting(): Message[] {
    return this.#kv.get<Message[]>("outbox") ?? [];
  }

  #put(messages: Message[]): void {
    if (messages.length > WAITING) console.error("too many messages about alerts wait: the oldest are dropped");
    this.#kv.put("outbox", messages.slice(-WAITING));
  }
}

/** Returns whether a receiver took or refused a message. */
async function isAnswered({ url, secret }: Receiver, body: string): Promise<boolean> {
  const headers = { "content-type": "application/json", ...(secret ? webhook.sign(body, secret) : {}) };
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const { status } = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    if (status >= 300) console.error(`the receiver of alerts answered ${status}`);
    return status < 500 && status !== 408 && status !== 429;
  } catch {
    console.error("the receiver of alerts does not answer");
    return false;
  }
}
