import { DurableObject } from "cloudflare:workers";
import {
  AgentfoldError,
  ExportCursor,
  Fold,
  alertMessage,
  episodes,
  parseEvent,
  type Agent,
  type Alert,
  type AlertNames,
  type Change,
  type Difference,
  type Names,
  type Outcome,
  type Turn,
} from "agentfold";

import { Accounts, type Access } from "./access.ts";
import { LONG, answer, answered, json, problem, type Known } from "./answers.ts";
import { Days, exportPage, type Quiet } from "./days.ts";
import { History, beginOf, dayOf, inTurn, today } from "./history.ts";
import type { Env } from "./index.ts";
import { metrics } from "./metrics.ts";
import { Outbox, type Alerting } from "./outbox.ts";
import { Turns } from "./rows.ts";
import { Zendesk, type Credentials } from "./zendesk.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How many bases are computed again at a time. */
const STALE = 1000;
/** How many long questions are answered at the same time. */
const AT_ONCE = 4;
/** How long the Chat export is pulled at a time, and how many of its events are stored without a pause. */
const CHATS_MS = 20_000;
const CHATS = 50;
/** How many differences from Zendesk's record are kept. */
const DIFFERENCES = 1000;

/** An event as received, and what it did. */
type Taken = { bytes: Uint8Array; outcome: Outcome; changes: Change[] };

/** How the agents differed from Zendesk's record, when it was read last. */
export interface Drift {
  checked_at: string;
  /** How many agents the record has. */
  agents: number;
  /** The differences, or the first of them. */
  differences: Difference[];
  /** How many differences there were. */
  count: number;
}

/**
 * The agents of one account.
 *
 * In memory there is only what happened since the begin of yesterday. INVARIANT: at the end of every transaction, for
 * each agent, this is what is stored, compacted at that day. So it may be lost at any time. Cloudflare holds back
 * responses and messages until earlier writes are durable, and restarts the object if they fail.
 */
export class Account extends DurableObject<Env> {
  #recent = new Fold();
  /** The first day in memory. */
  #since = 0;
  #history: History;
  #outbox: Outbox;
  #startedAt = new Date().toISOString();
  #longQuestions = 0;
  #isTending = false;
  #comparing?: Promise<Drift>;
  /** The days that the last page of the export is of. The next page is probably of the same. */
  #exportedDays?: Days;
  #turns = new Turns();
  /** The answers about now that were given in the last second, by path and query. All agents are asked for each. */
  #lately = new Map<string, Promise<Lately>>();
  #latelyAt = 0;
  #quiet: Quiet = { begin: "", until: NaN, lateDays: NaN };
  /** How many deliveries had each outcome since the object started. */
  #outcomes: Partial<Record<Outcome, number>> = {};

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#history = new History(ctx.storage);
    this.#outbox = new Outbox(ctx.storage);
    // An alarm does not tell the object its name.
    if (ctx.id.name !== undefined && ctx.id.name !== this.#account) ctx.storage.kv.put("account", ctx.id.name);
    this.#restore();
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Stores an event, applies it, and sends it to all watching clients. */
  async deliver(bytes: Uint8Array, agent: Agent | null): Promise<Outcome> {
    const [outcome] = this.#deliver([bytes], agent);
    await this.#wakeToSave();
    return outcome as Outcome;
  }

  #deliver(events: Uint8Array[], agent: Agent | null): Outcome[] {
    return this.#atOnce(() => this.#take(events, agent)).map(({ bytes, outcome, changes }) => {
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
      if (outcome !== "duplicate") this.#tell(bytes, changes);
      return outcome;
    });
  }

  /** Stores and applies events of an agent. */
  #take(events: Uint8Array[], agent: Agent | null): Taken[] {
    const late = new Map<number, Uint8Array[]>();
    const all: Taken[] = [];
    for (const bytes of events) {
      const taken = takenInto(this.#recent, bytes);
      const day = taken.outcome === "expired" && agent ? dayOf(parseEvent(bytes).at ?? "") : NaN;
      if (day >= (this.#history.cut ?? -Infinity)) {
        late.set(day, [...(late.get(day) ?? []), bytes]);
        continue;
      }
      // Duplicates too: after a failure the first one may have been applied but not stored.
      this.#history.keep(bytes, agent);
      all.push(taken);
    }
    return agent && late.size > 0 ? all.concat(this.#takeLate(late, agent)) : all;
  }

  /** Applies events of days before yesterday. */
  #takeLate(days: Map<number, Uint8Array[]>, agent: Agent): Taken[] {
    const all: Taken[] = [];
    using whole = new Fold();
    this.#history.load(agent, Math.min(...days.keys()), whole);
    for (const [day, events] of days) {
      const taken = events.map((bytes) => takenInto(whole, bytes));
      const added = taken.filter(({ outcome }) => outcome !== "duplicate");
      using alone = new Fold();
      for (const { bytes } of added) alone.apply(bytes);
      if (added.length > 0) this.#history.add(agent, day, alone);
      all.push(...taken);
    }
    if (all.some(({ outcome }) => outcome !== "duplicate")) this.#reread(agent, whole);
    return all;
  }

  /**
   * Does what is due: asks Zendesk for its record and the names once a day, and for new events of the Chat export.
   * One that fails does not keep the others from being done.
   */
  async tend({ zendesk, alerts }: Access): Promise<void> {
    if (this.#isTending) return;
    this.#isTending = true;
    try {
      if (zendesk && this.#isCompareDue()) await this.#logged(this.#compare(zendesk));
      if (zendesk?.chat_since) await this.#logged(this.#pullChats(zendesk, zendesk.chat_since));
      if (alerts) await this.#logged(this.#alert(alerts));
    } finally {
      this.#isTending = false;
    }
  }

  /** Waits until work ends, and logs why it failed. */
  async #logged(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      console.error(String(error));
      if (isTrapped(error)) this.#reopen();
    }
  }

  /** Notes which alerts have begun and ended since the last time, and sends messages about them. */
  async #alert({ thresholds, send = [] }: Alerting): Promise<void> {
    const at = new Date().toISOString();
    const names = this.ctx.storage.kv.get<Names>("names");
    this.ctx.storage.transactionSync(() => {
      const current = this.#recent.alerts(thresholds, at);
      const { began, ended, told } = episodes(this.#outbox.told, current, at);
      for (const { url, form } of send) {
        const body = (alert: Alert, turn: Turn) => alertMessage(alert, turn, { form, at, names: namesIn(alert, names) });
        const bodies = began.map((alert) => body(alert, "began"));
        this.#outbox.add(url, bodies.concat(ended.map((alert) => body(alert, "ended"))));
      }
      this.#outbox.told = told;
    });
    await this.#outbox.send(send);
  }

  /** Once a day, and again an hour after it failed. */
  #isCompareDue(): boolean {
    const { kv } = this.ctx.storage;
    const isDone = (kv.get<number>("compared") ?? -Infinity) >= today();
    return !isDone && Date.now() - (kv.get<number>("tried") ?? -Infinity) > HOUR_MS;
  }

  /**
   * Compares the agents with Zendesk's record. Of agents that differ, the record is taken in: it has agents of which
   * nothing was heard, and events that were lost. Asks for names, too. If it is asked meanwhile, the answer is shared.
   */
  #compare(credentials: Credentials): Promise<Drift> {
    this.#comparing ??= this.#compareNow(credentials).finally(() => {
      this.#comparing = undefined;
    });
    return this.#comparing;
  }

  async #compareNow(credentials: Credentials): Promise<Drift> {
    const { kv } = this.ctx.storage;
    kv.put("tried", Date.now());
    const zendesk = new Zendesk(credentials);
    const account = this.#account;
    const drift: Drift = { checked_at: new Date().toISOString(), agents: 0, differences: [], count: 0 };
    for await (const page of zendesk.record()) {
      const differences = this.#recent.reconcile(account, page);
      drift.count += differences.length;
      drift.differences.push(...differences.slice(0, DIFFERENCES - drift.differences.length));
      using record = new Fold();
      record.seed(account, page, drift.checked_at);
      drift.agents += record.agents().length;
      const differing = new Set(differences.map(({ agent_id }) => agent_id));
      const agents = record.agents().filter(({ agent_id }) => differing.has(agent_id));
      await this.#forEach(agents, (agent) => this.#seed(agent, record));
    }
    kv.put("drift", drift);
    kv.put("compared", today());
    // Clients read the agents again. Nothing else tells of what is no event.
    if (drift.count > 0) for (const socket of this.ctx.getWebSockets()) socket.close(1012, "Zendesk's record was read");
    await this.#logged(zendesk.names().then((names) => kv.put("names", names)));
    return drift;
  }

  /** Compares the agents with Zendesk's record, unless that was begun and ended within the last minute. */
  async compare(credentials: Credentials): Promise<Drift | "compared_just_now" | "zendesk_failed"> {
    const tried = this.ctx.storage.kv.get<number>("tried") ?? -Infinity;
    if (!this.#comparing && Date.now() - tried < MINUTE_MS) return "compared_just_now";
    try {
      return await this.#compare(credentials);
    } catch (error) {
      console.error(String(error));
      if (!isTrapped(error)) return "zendesk_failed";
      this.#reopen();
      throw error;
    }
  }

  /** Stores what the record says of an agent. */
  #seed(agent: Agent, record: Fold): void {
    using alone = new Fold();
    alone.restore(record.saveAgent(agent) as Uint8Array);
    const { cut = -Infinity } = this.#history;
    if (cut > -Infinity) alone.compact(beginOf(cut));
    const { first } = alone.firstAndLastEventAt() ?? {};
    this.#history.add(agent, Math.max(cut, first ? dayOf(first) : today()), alone);
    this.#reread(agent);
  }

  async #pullChats(credentials: Credentials, since: string): Promise<void> {
    const { kv } = this.ctx.storage;
    const saved = kv.get<string>("chats");
    const cursor = saved ? ExportCursor.from(saved) : new ExportCursor({ since });
    const until = Date.now() + CHATS_MS;
    for await (const { events } of new Zendesk(credentials).chats(cursor)) {
      const byAgent = Map.groupBy(events.flatMap(parsed), ({ agent }) => agent?.agent_id);
      for (const received of byAgent.values()) {
        for (let done = 0; done < received.length; done += CHATS) {
          const some = received.slice(done, done + CHATS);
          this.#deliver(some.map(({ bytes }) => bytes), some[0]?.agent ?? null);
          await scheduler.wait(0);
        }
      }
      // Last: events of a page that was not finished come again, and are duplicates.
      kv.put("chats", JSON.stringify(cursor));
      await this.#wakeToSave();
      // The rest is pulled next time.
      if (Date.now() > until) break;
    }
  }

  /** Reads an agent again from storage, unless a fold of it is given. */
  #reread(agent: Agent, given?: Fold): void {
    using last = new Fold();
    if (given) last.merge(given);
    else this.#history.load(agent, Infinity, last);
    last.compact(beginOf(this.#since));
    this.#recent.forget(agent);
    this.#recent.merge(last);
  }

  /** Answers a question, or accepts a WebSocket. The object may hibernate while sockets are open. */
  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (!url.pathname.endsWith("/live")) {
      const reply = await this.#answerAlways(url);
      if (request.method !== "HEAD") return reply;
      await reply.body?.cancel();
      return new Response(null, reply);
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

  /** Answers a question, also if the module traps. */
  async #answerAlways(url: URL): Promise<Response> {
    try {
      return await this.#answer(url);
    } catch (error) {
      if (!isTrapped(error)) throw error;
      this.#reopen();
      return this.#answer(url);
    }
  }

  #answer(url: URL): Response | Promise<Response> {
    const names = this.ctx.storage.kv.get<Names>("names") ?? { agents: {}, groups: {} };
    const known = { recent: this.#recent, since: this.#since, history: this.#history, names, turns: this.#turns };
    const isExport = url.pathname.startsWith("/api/");
    const question = url.pathname.split("/").at(-1) ?? "";
    if (question === "status") return json(200, this.#status());
    if (question === "drift") return json(200, this.ctx.storage.kv.get<Drift>("drift") ?? null);
    if (question === "names") return json(200, names);
    if (question === "metrics") return answered(200, metrics(this.#status()), "text/plain; version=0.0.4");
    if (question === "alerts") return this.#asLately(url, async () => this.#alerts());
    if (!isExport && !LONG.has(question) && !url.searchParams.has("at")) {
      const ask = () => answer(known, url, () => {});
      return question === "floor" ? this.#asLately(url, ask) : ask();
    }
    if (this.#longQuestions >= AT_ONCE) {
      const message = `${AT_ONCE} long questions are being answered; ask again later`;
      return problem(429, "too_many_questions", message, { "retry-after": "2" });
    }
    this.#longQuestions += 1;
    const done = () => {
      this.#longQuestions -= 1;
    };
    return isExport ? this.#exported(known, url).finally(done) : answer(known, url, done);
  }

  /** Asks, unless the same was asked within the last second. */
  async #asLately(url: URL, ask: () => Promise<Response>): Promise<Response> {
    if (Date.now() - this.#latelyAt >= SECOND_MS) {
      this.#lately.clear();
      this.#latelyAt = Date.now();
    }
    const key = url.pathname + url.search;
    const known = this.#lately.get(key);
    const asked = known ?? ask().then(kept);
    if (!known) this.#lately.set(key, asked);
    try {
      const { body, ...rest } = await asked;
      return new Response(body, rest);
    } catch (error) {
      this.#lately.delete(key);
      throw error;
    }
  }

  #alerts(): Response {
    const { thresholds = {} } = new Accounts(this.env).of(this.#account)?.alerts ?? {};
    try {
      return json(200, this.#recent.alerts(thresholds, new Date().toISOString()));
    } catch (error) {
      if (!(error instanceof AgentfoldError) || isTrapped(error)) throw error;
      const message = `the thresholds in the secrets of the Worker are wrong: ${error.message}`;
      return problem(409, "wrong_thresholds", message, {}, error.path);
    }
  }

  async #exported(known: Known, url: URL): Promise<Response> {
    const days = this.#exportedDays ?? new Days(known.history, this.#turns);
    // Another page that is asked for meanwhile reads its days itself.
    this.#exportedDays = undefined;
    const { status, body } = await exportPage(known, days, this.env.EXPORT_CHANNEL, url, this.#quiet);
    this.#exportedDays = days;
    return answered(status, body, "application/json");
  }

  /** Ignores messages: clients only receive. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket): void {
    // The received code may be one that must not be sent.
    socket.close(1000);
  }

  /** Saves the received events, and once a day what is left of the days before yesterday. */
  override async alarm(): Promise<void> {
    this.#exportedDays?.free();
    this.#exportedDays = undefined;
    await this.#forEach(this.#history.heardOf(), (agent) => this.#history.save(agent));
    const stale = this.#history.stale();
    for (const base of stale.slice(0, STALE)) {
      this.#atOnce(() => this.#history.renew(base));
      await scheduler.wait(0);
    }
    const day = today();
    if ((this.ctx.storage.kv.get<number>("settled") ?? -Infinity) < day) await this.#settle(day);
    // Old history is removed even if no events arrive any more.
    await (stale.length > STALE ? this.#wakeToSave() : this.#wakeBy(Date.parse(beginOf(day + 1))));
  }

  /** Begins a day: yesterday is the first day in memory, and history that is too old is removed. */
  async #settle(day: number): Promise<void> {
    const cut = (await this.#archive(day - 1)) ? this.#raiseCut(day) : undefined;
    await this.#forEach(this.#history.agents(), (agent) => {
      this.#history.settle(agent, day - 1);
      if (cut !== undefined) this.#history.forget(agent, cut);
    });
    this.#atOnce(() => {
      this.#since = day - 1;
      this.#recent.compact(beginOf(this.#since));
      this.ctx.storage.kv.put("settled", day);
    });
  }

  /**
   * Writes each day that is over to the bucket, if there is one: the fold of the events of this day alone. Returns
   * whether all of them are there.
   */
  async #archive(before: number): Promise<boolean> {
    const { ARCHIVE } = this.env;
    if (!ARCHIVE) return true;
    for (const unarchived of this.#history.unarchived(before)) {
      const { day } = unarchived;
      try {
        using fold = new Fold();
        await inTurn(this.#history.agents(), (agents) => {
          for (const agent of agents) for (const _ of this.#history.loadingDays(agent, day, day + 1, fold));
        });
        await ARCHIVE.put(`${this.#account}/${beginOf(day).slice(0, 10)}.fold`, fold.save());
      } catch (error) {
        console.error(`a day was not archived, so no history is removed: ${error}`);
        return false;
      }
      // After it is written, since the object may end at any time. An event that came meanwhile is written later.
      this.#history.noteArchived(unarchived);
    }
    return this.#history.unarchived(before).length === 0;
  }

  /** Changes agents, some at a time. */
  #forEach(agents: Agent[], change: (agent: Agent) => void): Promise<void> {
    return inTurn(agents, (some) => this.#atOnce(() => some.forEach(change)));
  }

  /**
   * Changes memory and storage together. If storage fails, memory may be ahead of it, so the object restarts. If the
   * WebAssembly module trapped, maybe for another account, memory is restored and the change is tried again.
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

  /** Restores memory after the module trapped, into a new instance of it. If that fails, the object restarts. */
  #reopen(): void {
    console.error("the WebAssembly module trapped; the fold is restored from storage");
    try {
      this.#recent = new Fold();
      this.#restore();
    } catch (error) {
      this.ctx.abort(String(error));
      throw error;
    }
  }

  #restore(): void {
    this.#raiseCut(today());
    // An event may be from before a base that was computed since it came.
    this.ctx.storage.transactionSync(() => this.#history.heardOf().forEach((agent) => this.#history.save(agent)));
    this.#since = today() - 1;
    this.#recent.compact(beginOf(this.#since));
    for (const agent of this.#history.agents()) this.#reread(agent);
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

  #wakeToSave(): Promise<void> {
    return this.#wakeBy(Date.now() + Number(this.env.SAVE_AFTER_SECONDS) * 1000);
  }

  async #wakeBy(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > at) await this.ctx.storage.setAlarm(at);
  }

  /** Returns the first day of which history is kept. The retention may have become longer: what is gone is gone. */
  #raiseCut(day: number): number | undefined {
    const days = Number(this.env.RETENTION_DAYS);
    if (!(days >= 0)) console.error("RETENTION_DAYS is not a number of days; no history is removed");
    const { cut } = this.#history;
    if (!(days > 0) || (cut !== undefined && cut >= day - days)) return cut;
    return (this.#history.cut = day - days);
  }

  get #account(): string {
    return this.ctx.storage.kv.get<string>("account") ?? "";
  }

  #status() {
    const { cut } = this.#history;
    return {
      started_at: this.#startedAt,
      agents: this.#recent.agents().length,
      events_to_save: this.#history.received,
      stored_bytes: this.ctx.storage.sql.databaseSize,
      outcomes: this.#outcomes,
      watching: this.ctx.getWebSockets().length,
      messages: { waiting: this.#outbox.waiting, dropped: this.#outbox.dropped },
      cut: cut === undefined ? null : beginOf(cut),
    };
  }
}

/** A response of which the body was read. */
type Lately = { status: number; headers: Headers; body: ArrayBuffer };

async function kept(response: Response): Promise<Lately> {
  const { status, headers } = response;
  return { status, headers, body: await response.arrayBuffer() };
}

function takenInto(fold: Fold, bytes: Uint8Array): Taken {
  const { outcome, changes } = fold.apply(bytes);
  if (outcome === "unreadable") throw new Error("an event that was parsed before can no longer be read");
  return { bytes, outcome, changes };
}

/** Returns an event of the Chat export and its agent; nothing if it can't be read. */
function parsed(event: string): { bytes: Uint8Array; agent: Agent | null }[] {
  const bytes = new TextEncoder().encode(event);
  try {
    return [{ bytes, agent: parseEvent(bytes).agent }];
  } catch (error) {
    if (isTrapped(error)) throw error;
    console.error(`an event of the Chat export is skipped: ${error}`);
    return [];
  }
}

/** The names of the agent and the group of an alert. All names would take longer to pass than the message to write. */
function namesIn({ agent_id, group_id }: Alert, names: Names | undefined): AlertNames {
  const of = (all: Record<string, string> = {}, id: string | null) => {
    const name = id === null ? undefined : all[id];
    return id === null || name === undefined ? {} : { [id]: name };
  };
  return { agents: of(names?.agents, agent_id), groups: of(names?.groups, group_id) };
}

function isTrapped(error: unknown): boolean {
  return error instanceof AgentfoldError && error.code === "trapped";
}
