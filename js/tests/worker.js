// Runs the Worker in workerd: bundled by wrangler, started by Miniflare with the settings of its wrangler.jsonc.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Fold, webhook } from "agentfold";
import { Miniflare } from "miniflare";

import { folder, js, run, tool } from "./package.js";

// wrangler has no ESM entry point.
const { unstable_getMiniflareWorkerOptions: settings } = createRequire(import.meta.url)("wrangler");

export const SECRETS = { 2: "only-zendesk-and-account-2-know", 3: "only-zendesk-and-account-3-know" };
export const TOKENS = { 2: "token-of-account-2", 3: "token-of-account-3" };

const ACCOUNTS = Object.fromEntries(
  Object.keys(SECRETS).map((id) => [id, { secrets: [SECRETS[id]], tokens: [TOKENS[id]] }]),
);

/** Returns the options and modules that `wrangler deploy` would upload. */
export function bundled(main = "src/index.ts", worker = join(js, "worker"), assets = page()) {
  const outdir = folder();
  const config = join(worker, "wrangler.jsonc");
  const args = ["deploy", main, "--dry-run", "--config", config, "--outdir", outdir, "--assets", assets];
  run(tool("wrangler"), args, worker, { WRANGLER_LOG_PATH: folder(), WRANGLER_SEND_METRICS: "false" });
  const overrides = { assets: { directory: assets } };
  const { workerOptions } = settings(config, undefined, { overrides });
  const modules = readdirSync(outdir).filter((name) => /\.(js|wasm)$/.test(name));
  // The entry point must be first.
  modules.sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")));
  return {
    ...workerOptions,
    modulesRoot: outdir,
    modules: modules.map((name) => {
      const type = name.endsWith(".js") ? "ESModule" : "CompiledWasm";
      return { type, path: join(outdir, name) };
    }),
  };
}

/** Returns the folder of the page, or of a placeholder if it is not built. */
function page() {
  const board = join(js, "board/dist");
  if (existsSync(join(board, "index.html"))) return board;
  const assets = folder();
  writeFileSync(join(assets, "index.html"), "<!doctype html><title>agentfold</title>");
  return assets;
}

/** A running Worker with its storage in a folder. */
export class Running {
  #miniflare;
  #stopped;

  /** With `archive`, days that are over are written to a bucket. */
  static async start(bundle, storage, { archive = false, ...bindings } = {}) {
    const running = new Running();
    mkdirSync(storage, { recursive: true });
    running.#miniflare = new Miniflare({
      ...bundle,
      host: "127.0.0.1",
      durableObjectsPersist: storage,
      ...(archive ? { r2Buckets: ["ARCHIVE"], r2Persist: join(storage, "r2") } : {}),
      // Discards the log of the Worker.
      handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.resume()),
      bindings: { ...bundle.bindings, AGENTFOLD_ACCOUNTS: JSON.stringify(ACCOUNTS), RETENTION_DAYS: "0", ...bindings },
    });
    running.url = await running.#miniflare.ready;
    return running;
  }

  /** Kills workerd without a shutdown. */
  async stop() {
    await (this.#stopped ??= this.#miniflare.dispose());
  }

  fetch(path, init) {
    return fetch(new URL(path, this.url), init);
  }

  /** Sends a delivery as Zendesk does, and returns the status. */
  async deliver(body, { account = "2", secret = SECRETS[account], headers = {} } = {}) {
    const signed = { "x-zendesk-account-id": account, ...webhook.sign(body, secret), ...headers };
    const reply = await this.fetch("/zendesk", { method: "POST", body, headers: signed });
    if ((await reply.text()) !== "") throw new Error("the response to a delivery has a body");
    return reply.status;
  }

  get(path, token = TOKENS[2], more = {}) {
    return this.fetch(path, { headers: { authorization: `Bearer ${token}` }, ...more });
  }

  async ask(path) {
    return (await this.get(`/accounts/2/${path}`)).json();
  }

  /** Returns the saved fold of all agents with their whole history. */
  async fold(account = "2") {
    const fold = new Fold();
    let reply;
    do reply = await this.get(`/accounts/${account}/folds`, TOKENS[account]);
    while (reply.status === 429);
    for (const { fold: saved } of await reply.json()) fold.restore(Buffer.from(saved, "base64"));
    return fold.save();
  }

  /** Runs what is scheduled. */
  async tend() {
    const { outcome } = await (await this.#miniflare.getWorker()).scheduled();
    if (outcome !== "ok") throw new Error(`the scheduled run ended with ${outcome}`);
  }

  /** Returns the bucket of archived days. */
  archive() {
    return this.#miniflare.getR2Bucket("ARCHIVE");
  }

  /** Waits until all events are merged into the saved agents. */
  async saved() {
    for (const end = Date.now() + 10_000; (await this.ask("status")).events_to_save > 0; ) {
      if (Date.now() > end) throw new Error("the alarm did not fire");
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Opens a WebSocket, and collects the messages received. */
  async watch(protocols = `agentfold, ${TOKENS[2]}`, path = "/accounts/2/live") {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": protocols };
    const { status, webSocket } = await this.#miniflare.dispatchFetch(new URL(path, this.url), { headers });
    if (!webSocket) return { status };
    const came = [];
    const closed = new Promise((done) => webSocket.addEventListener("close", done));
    webSocket.addEventListener("message", ({ data }) => came.push(data));
    webSocket.accept();
    const heard = async (count) => {
      while (came.length < count) await new Promise((done) => setTimeout(done, 5));
      return came.slice();
    };
    return { status, webSocket, heard, closed };
  }
}

const AGENTS = ["7", "9007199254740993", "360000000096"];
export const START = Date.parse("2026-01-05T08:00:00Z");

/** Returns an availability event dated `seconds` after 08:00. */
export function availability({ id, agent = AGENTS[0], seconds, type, event, version = 1, account = 2 }) {
  const updated_at = new Date(START + seconds * 1000).toISOString().replace("Z", "642631Z");
  return JSON.stringify({
    account_id: account,
    detail: { account_id: String(account), agent_id: agent, version: String(version) },
    event: { updated_at, ...event },
    id,
    subject: `zen:agent:${agent}`,
    time: updated_at,
    type: `zen:event-type:agent.${type}`,
    zendesk_event_version: "2022-11-06",
  });
}

/** Returns sixty events of three agents: some late, some repeated, some of an unknown type. */
export function stream() {
  const kinds = [
    (i) => ["state_changed", { new_state: ["online", "away", "offline"][i % 3], channel: "messaging" }],
    (i) => ["work_item_added", { work_item_id: String(i - 1), channel: "messaging", reason: "ASSIGNED" }],
    (i) => ["work_item_removed", { work_item_id: String(i - 2), channel: "messaging", reason: "REMOVED" }],
    (i) => ["max_capacity_changed", { maxCapacity: { messaging: { current: 2 + (i % 4) } } }],
    (i) => ["unified_state_changed", { new_unified_state: { id: String(2 + (i % 3)), name: "Café", reason: "UNKNOWN" } }],
    () => ["was_promoted", { level: 9007199254740993 }],
  ];
  const events = Array.from({ length: 50 }, (_, i) => {
    const [type, event] = kinds[i % kinds.length](i);
    const agent = AGENTS[Math.floor(i / kinds.length) % 2];
    return availability({ id: `event-${i}`, agent, seconds: i * 60, type, event, version: i + 1 });
  });
  // All events of this agent are ignored. They must be stored nevertheless.
  events.splice(2, 0, availability({ id: "x", agent: AGENTS[2], seconds: 9, type: "was_promoted", event: {}, version: 4 }));
  for (let i = 3; i < events.length; i += 7) events.splice(i - 3, 0, ...events.splice(i, 1));
  for (let i = 0; i < 9; i += 1) events.splice(i * 6 + 4, 0, events[i * 5]);
  return events;
}
