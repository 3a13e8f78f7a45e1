import { DurableObject } from "cloudflare:workers";
import { AgentfoldError, Fold, type Agent, type Outcome } from "agentfold";

import { LONG, answer, exported, json, problem } from "./answers.ts";
import type { Env } from "./index.ts";

const DAY_MS = 24 * 60 * 60_000;
/** The size of a part of a saved agent, in bytes. A row may have up to 2 MB. */
const PART = 1_000_000;
/** How many long questions are answered at the same time. */
const AT_ONCE = 4;

/** The ids of an agent, as a row of storage. */
type Row = { account_id: string; agent_id: string };

/**
 * The fold of one account.
 *
 * Storage contains each agent as last saved, the events received since, and the cut of the last compaction.
 * INVARIANT: at the end of every transaction these three are equivalent to the fold, so the fold in memory
 * may be lost at any time. Cloudflare holds back responses and messages until earlier writes are durable,
 * and restarts the object if they fail.
 */
export class Account extends DurableObject<Env> {
  #fold = new Fold();
  #sql: SqlStorage;
  #startedAt = new Date().toISOString();
  #longQuestions = 0;
  /** How many deliveries had each outcome since the object started. */
  #outcomes: Partial<Record<Outcome, number>> = {};

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS event (
        seq INTEGER PRIMARY KEY, account_id TEXT, agent_id TEXT, bytes BLOB NOT NULL
      );
      CREATE TABLE IF NOT EXISTS agent (
        account_id TEXT, agent_id TEXT, part INTEGER, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, part)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS cut (at TEXT NOT NULL);
    `);
    this.#restore();
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Stores an event, applies it, and sends it to all watching clients. */
  async deliver(bytes: Uint8Array, agent: Agent | null): Promise<Outcome> {
    const { account_id = null, agent_id = null } = agent ?? {};
    const { outcome, changes } = this.#atOnce(() => {
      // Duplicates too: after a failure the first one may have been applied but not stored.
      this.#sql.exec(
        "INSERT INTO event (account_id, agent_id, bytes) VALUES (?, ?, ?)",
        account_id,
        agent_id,
        bytes.slice().buffer,
      );
      const applied = this.#fold.apply(bytes);
      if (applied.outcome === "unreadable") throw new Error("an event that was parsed before can no longer be read");
      return applied;
    });
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (outcome !== "duplicate") this.#tell(bytes, changes);
    await this.#wakeBy(Date.now() + Number(this.env.SAVE_AFTER_SECONDS) * 1000);
    return outcome;
  }

  /** Answers a question, or accepts a WebSocket. The object may hibernate while sockets are open. */
  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (!url.pathname.endsWith("/live")) {
      try {
        return await this.#answer(url);
      } catch (error) {
        if (!isTrapped(error)) throw error;
        this.#reopen();
        return this.#answer(url);
      }
    }
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return problem(426, "upgrade_required", "connect with a WebSocket", { upgrade: "websocket" });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    // The client would refuse a protocol that it did not offer.
    const offered = request.headers.has("sec-websocket-protocol");
    const headers: HeadersInit = offered ? { "sec-websocket-protocol": "agentfold" } : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  #answer(url: URL): Response | Promise<Response> {
    if (url.pathname.startsWith("/api/")) return exported(this.#fold, this.env.EXPORT_CHANNEL, url);
    const question = url.pathname.split("/").at(-1) ?? "";
    if (question === "status") return json(200, this.#status());
    if (!LONG.has(question)) return answer(this.#fold, url, () => {});
    if (this.#longQuestions >= AT_ONCE) {
      const message = `${AT_ONCE} long questions are being answered; ask again later`;
      return problem(429, "too_many_questions", message, { "retry-after": "2" });
    }
    this.#longQuestions += 1;
    return answer(this.#fold, url, () => (this.#longQuestions -= 1));
  }

  /** Ignores messages: clients only receive. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket): void {
    // The received code may be one that must not be sent.
    socket.close(1000);
  }

  /** Saves the agents that received events, and removes history that is too old once a day. */
  override async alarm(): Promise<void> {
    this.#atOnce(() => {
      const due = this.#dueCut();
      if (due) {
        this.#forget(due);
        this.#fold.compact(due);
        return;
      }
      for (const agent of this.#heardOf()) this.#save(agent, this.#fold);
      this.#sql.exec("DELETE FROM event");
    });
    // Old history is removed even if no events arrive any more.
    if (this.#retentionMs() > 0) await this.#wakeBy(midnight(Date.now() + DAY_MS));
  }

  /**
   * Changes the fold and storage together. If storage fails, the fold may be ahead of it, so the object
   * restarts. If the WebAssembly module trapped, maybe for another account, the fold is restored and tried again.
   */
  #atOnce<T>(change: () => T, isLast = false): T {
    try {
      return this.ctx.storage.transactionSync(change);
    } catch (error) {
      if (isTrapped(error) && !isLast) {
        this.#reopen();
        return this.#atOnce(change, true);
      }
      this.ctx.abort(String(error));
      throw error;
    }
  }

  /** Restores the fold after the module trapped, into a new instance of it. */
  #reopen(): void {
    console.error("the WebAssembly module trapped; the fold is restored from storage");
    this.#fold = new Fold();
    this.#restore();
  }

  /** Restores the fold from storage. */
  #restore(): void {
    // Removes old history first, so that it does not have to fit into memory.
    const due = this.#dueCut();
    if (due) this.ctx.storage.transactionSync(() => this.#forget(due));
    this.#compactAsStored(this.#fold);
    for (const agent of this.#savedAgents()) this.#restoreAgent(agent, this.#fold);
    for (const { bytes } of this.#sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM event ORDER BY seq")) {
      this.#fold.apply(bytes);
    }
  }

  /** Compacts storage agent by agent, including the events that are not saved yet. */
  #forget(before: string): void {
    const agents = new Map([...this.#savedAgents(), ...this.#heardOf()].map((agent) => [key(agent), agent]));
    for (const agent of agents.values()) {
      using fold = new Fold();
      this.#compactAsStored(fold);
      this.#restoreAgent(agent, fold);
      const events = this.#sql.exec<{ bytes: ArrayBuffer }>(
        "SELECT bytes FROM event WHERE account_id = ? AND agent_id = ? ORDER BY seq",
        agent.account_id,
        agent.agent_id,
      );
      for (const { bytes } of events) fold.apply(bytes);
      fold.compact(before);
      this.#save(agent, fold);
    }
    this.#sql.exec("DELETE FROM event");
    this.#sql.exec("DELETE FROM cut");
    this.#sql.exec("INSERT INTO cut VALUES (?)", before);
  }

  /** Applies the stored cut to agents that the fold does not know yet. */
  #compactAsStored(fold: Fold): void {
    const cut = this.#cut();
    if (cut) fold.compact(cut);
  }

  #savedAgents(): Agent[] {
    return this.#sql.exec<Row>("SELECT account_id, agent_id FROM agent WHERE part = 0").toArray();
  }

  /** Returns the agents that received events since they were saved. */
  #heardOf(): Agent[] {
    const query = "SELECT DISTINCT account_id, agent_id FROM event WHERE agent_id IS NOT NULL";
    return this.#sql.exec<Row>(query).toArray();
  }

  #restoreAgent({ account_id, agent_id }: Agent, fold: Fold): void {
    const parts = this.#sql
      .exec<{ bytes: ArrayBuffer }>(
        "SELECT bytes FROM agent WHERE account_id = ? AND agent_id = ? ORDER BY part",
        account_id,
        agent_id,
      )
      .toArray();
    if (parts.length > 0) fold.restore(joined(parts.map(({ bytes }) => bytes)));
  }

  #save({ account_id, agent_id }: Agent, fold: Fold): void {
    const saved = fold.saveAgent({ account_id, agent_id });
    this.#sql.exec("DELETE FROM agent WHERE account_id = ? AND agent_id = ?", account_id, agent_id);
    for (let part = 0; saved && part * PART < saved.length; part += 1) {
      const { buffer } = saved.slice(part * PART, (part + 1) * PART);
      this.#sql.exec("INSERT INTO agent VALUES (?, ?, ?, ?)", account_id, agent_id, part, buffer);
    }
  }

  /** Sends an event as received, to all watching clients. Parsing it would lose digits of long ids. */
  #tell(bytes: Uint8Array, changes: object[]): void {
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    const message = `{"event":${new TextDecoder().decode(bytes)},"changes":${JSON.stringify(changes)}}`;
    for (const socket of sockets) {
      try {
        socket.send(message);
      } catch {
        // This client is gone; the others still receive the event.
      }
    }
  }

  async #wakeBy(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > at) await this.ctx.storage.setAlarm(at);
  }

  /** Returns the next cut if it is due. Cuts are at midnight, so that agents are compacted once a day. */
  #dueCut(): string | undefined {
    const retention = this.#retentionMs();
    if (retention === 0) return undefined;
    const due = new Date(midnight(Date.now() - retention)).toISOString();
    const cut = this.#cut();
    return cut === undefined || cut < due ? due : undefined;
  }

  #cut(): string | undefined {
    return this.#sql.exec<{ at: string }>("SELECT at FROM cut").toArray()[0]?.at;
  }

  #retentionMs(): number {
    const days = Number(this.env.RETENTION_DAYS);
    if (days >= 0) return days * DAY_MS;
    console.error("RETENTION_DAYS is not a number of days; no history is removed");
    return 0;
  }

  #status() {
    const { events } = this.#sql.exec<{ events: number }>("SELECT count(*) AS events FROM event").one();
    return {
      started_at: this.#startedAt,
      agents: this.#fold.agents().length,
      events_to_save: events,
      stored_bytes: this.#sql.databaseSize,
      outcomes: this.#outcomes,
      watching: this.ctx.getWebSockets().length,
      cut: this.#cut() ?? null,
    };
  }
}

function isTrapped(error: unknown): boolean {
  return error instanceof AgentfoldError && error.code === "trapped";
}

function key({ account_id, agent_id }: Agent): string {
  return `${account_id} ${agent_id}`;
}

function midnight(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

function joined(parts: ArrayBuffer[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), end);
    end += part.byteLength;
  }
  return whole;
}
