import { DurableObject } from "cloudflare:workers";
import { Fold, type Agent, type Outcome } from "agentfold";

import { answer, exported, json, problem } from "./answers.ts";
import type { Env } from "./index.ts";

const DAY_MS = 24 * 60 * 60_000;
/** A row may have 2 MB. */
const PART = 1_000_000;

/** An agent as a row of storage. */
type Row = { account_id: string; agent_id: string };

/**
 * The fold of one account.
 *
 * Storage holds each agent as last saved, the events that came since, and the cut of the last compaction.
 * INVARIANT: at the end of every transaction these three are the fold, so that it may be lost at any
 * moment. Cloudflare sends out nothing, answers and messages included, before the writes that came
 * before it are safe, and restarts the object if they fail.
 */
export class Account extends DurableObject<Env> {
  #fold = new Fold();
  #sql: SqlStorage;
  #startedAt = new Date().toISOString();

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

  /** Stores an event, takes it in, and tells it to all who watch. */
  async deliver(bytes: Uint8Array, agent: Agent | null): Promise<Outcome> {
    const { account_id = null, agent_id = null } = agent ?? {};
    const { outcome, changes } = this.#atOnce(() => {
      // Repeats too: what they repeat may have been taken in and not stored, if something failed.
      this.#sql.exec(
        "INSERT INTO event (account_id, agent_id, bytes) VALUES (?, ?, ?)",
        account_id,
        agent_id,
        bytes.slice().buffer,
      );
      const applied = this.#fold.apply(bytes);
      if (applied.outcome === "unreadable") throw new Error("an event was read before, and now can't be");
      return applied;
    });
    if (outcome !== "duplicate") this.#tell(bytes, changes);
    await this.#wakeBy(Date.now() + Number(this.env.SAVE_AFTER_SECONDS) * 1000);
    return outcome;
  }

  /** Answers a question, or lets somebody watch: the object may sleep while nothing comes. */
  override fetch(request: Request): Response {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/api/")) return exported(this.#fold, this.env.EXPORT_CHANNEL, url);
    if (url.pathname.endsWith("/status")) return json(200, this.#status());
    if (!url.pathname.endsWith("/live")) return answer(this.#fold, url);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return problem(426, "upgrade_required", "this is a WebSocket", { upgrade: "websocket" });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    // A protocol that was not offered would be refused.
    const offered = request.headers.has("sec-websocket-protocol");
    const headers: HeadersInit = offered ? { "sec-websocket-protocol": "agentfold" } : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  /** Nothing is asked over a WebSocket. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket): void {
    // The code that came may be one that can't be sent.
    socket.close(1000);
  }

  /** Saves the agents of whom events came since, and forgets what is too old, once a day. */
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
    // Also where nobody sends anything any more, what is too old goes.
    if (this.#retentionMs() > 0) await this.#wakeBy(midnight(Date.now() + DAY_MS));
  }

  /**
   * Changes the fold and storage, both or neither: if storage fails, the fold may be ahead of it, so the
   * object begins anew.
   */
  #atOnce<T>(change: () => T): T {
    try {
      return this.ctx.storage.transactionSync(change);
    } catch (error) {
      this.ctx.abort(String(error));
      throw error;
    }
  }

  /** The fold as it is stored. */
  #restore(): void {
    // What is too old goes before it would have to fit into the memory.
    const due = this.#dueCut();
    if (due) this.ctx.storage.transactionSync(() => this.#forget(due));
    this.#compactAsStored(this.#fold);
    for (const agent of this.#savedAgents()) this.#restoreAgent(agent, this.#fold);
    for (const { bytes } of this.#sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM event ORDER BY seq")) {
      this.#fold.apply(bytes);
    }
  }

  /** Compacts what is stored, agent by agent, the events since included. */
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

  /** Agents that are not known have no cut of their own. */
  #compactAsStored(fold: Fold): void {
    const cut = this.#cut();
    if (cut) fold.compact(cut);
  }

  #savedAgents(): Agent[] {
    return this.#sql.exec<Row>("SELECT account_id, agent_id FROM agent WHERE part = 0").toArray();
  }

  /** The agents of whom events came since they were saved. */
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

  /** Tells an event as it came, since to parse it would lose digits of long ids. */
  #tell(bytes: Uint8Array, changes: object[]): void {
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    const told = `{"event":${new TextDecoder().decode(bytes)},"changes":${JSON.stringify(changes)}}`;
    for (const socket of sockets) {
      try {
        socket.send(told);
      } catch {
        // Its other end is gone, which is no reason to tell nobody else.
      }
    }
  }

  async #wakeBy(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > at) await this.ctx.storage.setAlarm(at);
  }

  /** Up to when to forget, if that was not done today. Whole days, so that agents are not saved more often. */
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
    console.error("RETENTION_DAYS is no number of days: nothing is forgotten");
    return 0;
  }

  #status() {
    const { events } = this.#sql.exec<{ events: number }>("SELECT count(*) AS events FROM event").one();
    return {
      started_at: this.#startedAt,
      agents: this.#fold.agents().length,
      events_to_save: events,
      stored_bytes: this.#sql.databaseSize,
      watching: this.ctx.getWebSockets().length,
      cut: this.#cut() ?? null,
    };
  }
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
