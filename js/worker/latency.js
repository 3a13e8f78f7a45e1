// Measures the latency and the throughput of deliveries in workerd: `npm run latency`.
//
// Each row runs in its own workerd, on the same machine and cores as the client. The first row is the cost
// of HTTP and of the client; compare the others with it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { webhook } from "agentfold";
import workerdPackage from "workerd";

import { js } from "../tests/package.js";
import { bundle } from "../tests/workerd.js";

const { default: workerd } = workerdPackage;

/** How many days of history some agents have, and how many events on each. */
const DAYS = 390;
const EVENTS = 100;
const SECRET = "only-zendesk-and-we-know";
const TOKEN = "a-token-of-the-readers";
const ACCOUNTS = JSON.stringify({ 2: { secrets: [SECRET], tokens: [TOKEN] } });
const DAY_MS = 86_400_000;
const [week, year] = [7, DAYS].map((days) => `from=${new Date(Date.now() - days * DAY_MS).toISOString()}`);
/** What readers ask, each again and again. */
const READERS = {
  "the same, while 4 readers ask for reports of a week": [
    `report?every=15m&${week}`,
    `report?every=15m&${week}`,
    `report?every=15m&by=channel&${week}`,
    `report?every=1h&by=account&${week}`,
  ],
  "the same, while 4 readers ask for a year": [
    `report?every=1d&by=channel&${year}`,
    `report?every=1d&by=account&${year}`,
    "anomalies",
    "folds",
  ],
  "the same, while 4 readers ask for all agents now": ["floor", "alerts", "fold", "state"],
};
const WARM_UP_MS = 1000;
const MEASURED_MS = 2000;
const AT_ONCE = 16;

const WORKERS = {
  "read the body and return 200": `
    export default { async fetch(request) { await request.arrayBuffer(); return new Response(null); } };`,
  "`receive` with a fold in memory": `
    import { Fold, receive } from "agentfold";
    const fold = new Fold();
    export default { async fetch(request, env) {
      return (await receive(request, { secrets: [${JSON.stringify(SECRET)}], fold })).response;
    } };`,
  "the Worker, stored in a Durable Object": join(js, "worker/src/index.ts"),
};

// As of now: an event of before yesterday is read into history, which takes longer.
const deliveries = Array.from({ length: 30_000 }, (_, i) => {
  const at = new Date(Date.now() - (30_000 - i) * 1000).toISOString();
  const body = delivery(String(i), 10_000 + (i % 200), i % 400 < 200 ? "online" : "offline", at, i);
  const signed = webhook.sign(body, SECRET);
  return { body, headers: { ...signed, "x-zendesk-account-id": "2", "content-length": Buffer.byteLength(body) } };
});

let next = 0;

console.log(`| | p50 | p99 | ${AT_ONCE} at once: p50 | p99 | per second |\n|---|---:|---:|---:|---:|---:|`);
for (const [name, worker] of Object.entries(WORKERS)) {
  const folder = mkdtempSync(join(tmpdir(), "agentfold-"));
  mkdirSync(join(folder, "storage"));
  if (!worker.includes("\n")) await store(folder);
  const { port, stop } = await serve(worker, folder);
  try {
    await load(port, AT_ONCE, WARM_UP_MS);
    await measure(name, port);
    if (worker.includes("\n")) continue;
    for (const [name, questions] of Object.entries(READERS)) {
      const stopReading = read(port, questions);
      await measure(name, port);
      const got = await stopReading();
      console.error(`the readers got ${(got / 1e6).toFixed(1)} MB`);
    }
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(name, port) {
  const single = await load(port, 1, MEASURED_MS);
  const many = await load(port, AT_ONCE, MEASURED_MS);
  const perSecond = Math.round(many.length / (MEASURED_MS / 1000)).toLocaleString("en");
  const times = [single, many].flatMap((all) => [at(all, 0.5), at(all, 0.99)]);
  console.log(`| ${name} | ${times.join(" | ")} | ${perSecond} |`);
}

/** Lets readers ask again and again. Returns a function that ends this, and returns how many bytes they got. */
function read(port, questions) {
  let [reading, bytes] = [true, 0];
  const readers = questions.map(async (question) => {
    const url = `http://127.0.0.1:${port}/accounts/2/${question}`;
    while (reading) {
      const reply = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
      if (reply.status === 429) {
        // The slots of the readers before are free soon.
        await reply.text();
        await wait(100);
        continue;
      }
      if (reply.status !== 200) throw new Error(`the status of a question was ${reply.status}`);
      const reader = reply.body.getReader();
      for (let got = await reader.read(); reading && !got.done; got = await reader.read()) bytes += got.value.length;
      await reader.cancel();
    }
  });
  return async () => {
    reading = false;
    await Promise.all(readers);
    return bytes;
  };
}

function delivery(id, agent, state, at, version) {
  return JSON.stringify({
    account_id: 2,
    detail: { account_id: "2", agent_id: String(agent), version: String(version) },
    event: { updated_at: at, previous_state: state === "online" ? "offline" : "online", new_state: state, channel: "support" },
    id: `01GX79ST1QX01C889X${id.padStart(8, "0")}`,
    subject: `zen:agent:${agent}`,
    time: at,
    type: "zen:event-type:agent.state_changed",
    zendesk_event_version: "2022-11-06",
  });
}

function at(times, share) {
  const milliseconds = times.sort((a, b) => a - b)[Math.floor(times.length * share)];
  return `${milliseconds.toFixed(2)} ms`;
}

/** Stores the history of five agents. */
async function store(folder) {
  const { port, stop } = await serve(join(js, "tests/worker-storing.js"), folder);
  const today = Math.floor(Date.now() / DAY_MS);
  for (let day = today - DAYS; day < today; day += 1) {
    const events = Array.from({ length: 5 * EVENTS }, (_, i) => {
      const at = new Date(day * DAY_MS + (i / (5 * EVENTS)) * DAY_MS).toISOString();
      return delivery(`${day}-${i}`, 20_000 + (i % 5), i % 10 < 5 ? "online" : "away", at, day * EVENTS + Math.floor(i / 5));
    });
    const url = `http://127.0.0.1:${port}/store?account=2&day=${day}`;
    const { status } = await fetch(url, { method: "POST", body: events.join("\n") });
    if (status !== 200) throw new Error(`storing failed with ${status}`);
  }
  stop();
}

/** Starts a Worker in its own workerd, with storage in a folder on disk. */
async function serve(worker, folder) {
  const modules = await bundle(worker, folder);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [
         (name = "main", worker = (
           ${modules},
           compatibilityDate = "2026-04-01",
           bindings = [
             (name = "AGENTFOLD_ACCOUNTS", text = ${JSON.stringify(ACCOUNTS)}),
             (name = "RETENTION_DAYS", text = "0"),
             (name = "SAVE_AFTER_SECONDS", text = "60"),
             ${worker.includes("\n") ? "" : '(name = "ACCOUNT", durableObjectNamespace = "Account"),'}
           ],
           ${worker.includes("\n") ? "" : 'durableObjectNamespaces = [(className = "Account", uniqueKey = "account", enableSql = true)],'}
           durableObjectStorage = (localDisk = "storage"),
         )),
         (name = "storage", disk = (path = "storage", writable = true)),
       ],
       sockets = [(name = "http", address = "127.0.0.1:0", service = "main")],
     );`,
  );
  const stdio = ["ignore", "ignore", "inherit", "pipe"];
  const child = spawn(workerd, ["serve", "--control-fd=3", "config.capnp"], { cwd: folder, stdio });
  const stop = () => child.kill();
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return { port, stop };
  }
  stop();
  throw new Error("workerd did not start");
}

/** Sends deliveries, `atOnce` in parallel, and returns the duration of each in milliseconds. */
async function load(port, atOnce, milliseconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const end = performance.now() + milliseconds;
  const times = [];
  const sender = async () => {
    while (performance.now() < end) {
      const begin = performance.now();
      await deliver(agent, port);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  agent.destroy();
  return times;
}

function deliver(agent, port) {
  const { body, headers } = deliveries[next++ % deliveries.length];
  return new Promise((done, fail) => {
    const options = { agent, host: "127.0.0.1", port, path: "/zendesk", method: "POST", headers };
    const sent = request(options, (reply) => {
      if (reply.statusCode !== 200) fail(new Error(`the status of a delivery was ${reply.statusCode}`));
      reply.resume().on("end", done);
    });
    sent.on("error", fail).end(body);
  });
}
