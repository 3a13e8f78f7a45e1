// Measures the memory and the time that a long history takes in workerd: `make scale`.
//
// Takes a day of events as NDJSON and repeats it, each day with its own instants and versions. The days are stored by
// a Worker of its own; then the deployed one starts and is asked. Its memory is compared with that of a Worker that has
// no history.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { pid } from "node:process";

import { folder } from "../tests/package.js";
import { Running, bundled } from "../tests/worker.js";

const DAY_MS = 86_400_000;
const [path, count = "90"] = process.argv.slice(2);
const days = Number(count);
const all = readFileSync(path, "utf8");
const account = /"account_id":"?(\d+)/.exec(all)[1];
const text = all.replace(/("account_id":"?)\d+/g, `$1${account}`);
const first = Date.parse(/"updated_at":"([^"]*)"/.exec(text)[1].slice(0, 10));
const events = text.split("\n").length - 1;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const parts = byAgents(text);
const storage = folder();
const access = {
  AGENTFOLD_ACCOUNTS: JSON.stringify({ [account]: { secrets: ["of-the-webhook"], tokens: ["a-token-of-the-readers"] } }),
  RETENTION_DAYS: "400",
  SAVE_AFTER_SECONDS: "1",
};
const get = (worker, question) => worker.get(`/accounts/${account}/${question}`, "a-token-of-the-readers");

const storing = await Running.start(bundled("../tests/worker-storing.js"), storage, access);
for (let ago = days; ago > 0; ago -= 1) {
  process.stderr.write(`\rstoring day ${days - ago + 1} of ${days}`);
  const day = today - ago * DAY_MS;
  for (const lines of parts) {
    const body = shifted(lines, day, days - ago);
    const reply = await storing.fetch(`/store?account=${account}&day=${day / DAY_MS}`, { method: "POST", body });
    if (reply.status !== 200) throw new Error(`storing failed with ${reply.status}`);
  }
}
process.stderr.write("\r");
await storing.stop();

const bundle = bundled("../tests/worker-measured.js");
const empty = await Running.start(bundle, folder(), access);
await get(empty, "state");
const unused = watched();
const idle = unused.now();
clearInterval(unused.timer);
await empty.stop();

console.log(`${events.toLocaleString("en")} events a day for ${days} days\n`);
console.log("| | time | CPU time | memory of workerd | of the module |\n|---|---:|---:|---:|---:|");
const worker = await Running.start(bundle, storage, access);
const memory = watched();
const from = (ago) => new Date(today - ago * DAY_MS).toISOString();
const questions = {
  "start, and the state of all agents": "state",
  "the floor": "floor?",
  [`the state of all agents ${days / 2} days ago`]: `state?at=${from(days / 2)}`,
  "yesterday by quarter of an hour and agent": `report?every=15m&from=${from(1)}&to=${from(0)}&format=ndjson`,
  "the last week by hour and channel": `report?every=1h&by=channel&from=${from(7)}&to=${from(0)}&format=ndjson`,
  [`${days} days by day and agent`]: `report?every=1d&from=${from(days)}&to=${from(0)}&format=ndjson`,
  [`${days / 3} days by hour and channel`]: `report?every=1h&by=channel&from=${from(days / 3)}&to=${from(0)}&format=ndjson`,
};
for (const [name, question] of Object.entries(questions)) await measure(name, () => get(worker, question));
const exported = `/api/v2/chat/incremental/agent_events?limit=1000&start_time=${(today - (days / 2) * DAY_MS) / 1000}`;
for (const page of ["first", "next"]) {
  await measure(`the ${page} page of the export`, () => worker.get(exported, "a-token-of-the-readers"));
}
console.log(`\n${((await (await get(worker, "status")).json()).stored_bytes / 1e6).toFixed(0)} MB are stored.`);
clearInterval(memory.timer);
await worker.stop();

async function measure(name, ask) {
  const [begin, cpu] = [performance.now(), memory.cpu()];
  const reply = await ask();
  if (reply.status !== 200) throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
  let bytes = 0;
  for await (const part of reply.body) bytes += part.length;
  const time = ((performance.now() - begin) / 1000).toFixed(2);
  const used = (memory.cpu() - cpu).toFixed(2);
  console.log(`| ${name} (${(bytes / 1e6).toFixed(1)} MB) | ${time} s | ${used} s | ${Math.round(memory.peak - idle)} MB | ${await module()} MB |`);
  memory.peak = 0;
}

/** The memory of the module, in MB. It never becomes smaller. */
async function module() {
  const [bytes] = await (await worker.fetch("/memory")).json();
  return Math.round(bytes / 1e6);
}

/** The lines of some agents at a time. */
function byAgents(text) {
  const agents = new Map();
  for (const line of text.trimEnd().split("\n")) {
    const agent = /"agent_id":"?(\d+)/.exec(line)[1];
    agents.set(agent, `${agents.get(agent) ?? ""}${line}\n`);
  }
  const all = [...agents.values()];
  return Array.from({ length: Math.ceil(all.length / 25) }, (_, i) => all.slice(i * 25, i * 25 + 25).join(""));
}

/** Events of a day, moved to another one. */
function shifted(lines, to, n) {
  const moved = lines.replace(/"(\d{4}-\d\d-\d\d)(T[^"]*Z)"/g, (_, day, time) => {
    return `"${new Date(to + Date.parse(day) - first).toISOString().slice(0, 10)}${time}"`;
  });
  return moved.replace(/"version":"(\d+)"/g, (_, version) => `"version":"${Number(version) + n * 1000}"`);
}

/** Watches the memory that workerd has of its own, in MB. */
function watched() {
  const workers = execFileSync("pgrep", ["-P", String(pid), "workerd"], { encoding: "utf8" });
  const process = `/proc/${workers.trim().split("\n").at(-1)}`;
  const watching = {
    peak: 0,
    now: () => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`${process}/status`, "utf8"))[1]) / 1000,
    // In hundredths of a second, after the name of the program.
    cpu: () => {
      const fields = readFileSync(`${process}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
  };
  watching.timer = setInterval(() => (watching.peak = Math.max(watching.peak, watching.now())), 20);
  return watching;
}
