const MINUTE_MS = 60_000;
/** How many wrong tokens a client may send in a minute. */
const WRONG = 20;
/** How many clients, and how many right tokens, are remembered. */
const REMEMBERED = 1000;

/** Refuses clients that send many wrong tokens. Each isolate knows only its own requests. */
export class Lockout {
  #wrong = new Map<string, { count: number; since: number }>();
  #right = new Set<string>();

  /** Whether a client has to wait. A token that was right before passes: others may share the client's address. */
  holds(client: string, token: string | undefined): boolean {
    const known = this.#recent(client);
    return known !== undefined && known.count >= WRONG && !(token && this.#right.has(token));
  }

  noteRight(token: string): void {
    this.#right.add(token);
    forgetFirst(this.#right);
  }

  noteWrong(client: string, token: string): void {
    this.#right.delete(token);
    const { count, since } = this.#recent(client) ?? { count: 0, since: Date.now() };
    this.#wrong.delete(client);
    this.#wrong.set(client, { count: count + 1, since });
    forgetFirst(this.#wrong);
  }

  #recent(client: string) {
    const known = this.#wrong.get(client);
    return known && Date.now() - known.since < MINUTE_MS ? known : undefined;
  }
}

function forgetFirst(all: Map<string, unknown> | Set<string>): void {
  const [first] = all.keys();
  if (all.size > REMEMBERED && first !== undefined) all.delete(first);
}
