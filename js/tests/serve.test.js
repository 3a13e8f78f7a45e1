// `agentfold serve`: it gives the same answers as the Worker, and its page follows it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { checkLive } from "./board-live.js";
import { reason } from "./browser.js";
import { folder } from "./package.js";
import { built, Serving } from "./serving.js";
import { bundled, Running, SECRETS, TOKENS } from "./worker.js";
import { zendesk } from "./zendesk.js";

const HOUR_MS = 3_600_000;
const ago = (hours) => new Date(now - hours * HOUR_MS).toISOString();
const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const window = `from=${ago(60)}&to=${ago(1)}&as_of=${ago(0)}`;

/** Questions about account 2. */
const QUESTIONS = [
  "state",
  `state?at=${ago(40)}`,
  `state?at=${ago(2)}&format=csv`,
  "state?agent=360000018041",
  `floor?at=${ago(1)}`,
  `floor?at=${ago(50)}&channel=messaging`,
  `intervals?${window}`,
  `intervals?${window}&track=unified_state&format=ndjson`,
  `intervals?${window}&format=csv`,
  `work_items?${window}`,
  `report?${window}`,
  `report?${window}&every=15m&by=channel&tz=Europe/Berlin`,
  `report?${window}&every=1d&by=account&format=csv`,
  `report?${window}&by=group&row=channel`,
  `report?${window}&by=group_split`,
  "anomalies",
  `folds?from=${ago(50)}`,
  "names",
  "drift",
  "alerts",
];

const MISTAKES = [
  "thresholds",
  "state?at=yesterday",
  "state?agents=1",
  "report?every=0m",
  "report?every=7m&by=team",
  `report?${window}&tz=Mars/Olympus`,
  `intervals?from=${ago(24 * 40)}&to=${ago(0)}`,
  `report?from=${ago(24 * 365)}&to=${ago(0)}&every=1m`,
  "state?format=xml",
  "nothing",
];

let command, bundle, serving, worker;
before(async () => {
  command = built();
  const start = `simulate --agents 3 --hours 70 --seed 5 --feed availability --duplicate 0.05 --start ${ago(70)}`;
  const lines = execFileSync(command, start.split(" "), { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n");
  serving = await Serving.start(command);
  bundle = bundled();
  worker = await Running.start(bundle, folder());
  // All agents are of one account here.
  const events = lines.map((line) => line.replace(/"account_id":"?\d+"?/g, (id) => id.replace(/\d+/, "2")));
  for (const event of events) {
    assert.deepEqual(await Promise.all([serving.deliver(event), worker.deliver(event)]), [200, 200]);
  }
  assert.ok(events.length > 1000, `${events.length}`);
}, { timeout: 300_000 });
after(async () => {
  await worker?.stop();
  await serving?.stop();
});

for (const question of [...QUESTIONS, ...MISTAKES]) {
  test(`both answer ${question.replaceAll(/\d{4}-[^&]*/g, "…")}`, async () => {
    const path = `/accounts/2/${question}`;
    const headers = { authorization: `Bearer ${serving.token}` };
    const [ours, theirs] = await Promise.all([fetch(new URL(path, serving.url), { headers }), worker.get(path)]);
    assert.equal(ours.status, theirs.status);
    assert.equal(ours.ok, QUESTIONS.includes(question));
    assert.equal(ours.headers.get("content-type"), theirs.headers.get("content-type"));
    const [a, b] = await Promise.all([ours.text(), theirs.text()]);
    if (!ours.headers.get("content-type").includes("json")) return assert.equal(numbers(a), numbers(b));
    if (ours.ok) return assert.deepEqual(rows(a), rows(b));
    // The text of an error may differ.
    assert.equal(JSON.parse(a).code, JSON.parse(b).code);
  });
}

test("both ask the same Zendesk, and answer the same", { timeout: 60_000 }, async (t) => {
  const id = (agent) => `agent_availabilities|${agent}`;
  const agent = (agent_id, version) => ({
    data: [{
      type: "agent_availabilities",
      id: id(agent_id),
      attributes: { agent_id, version, agent_status: { id: 3, name: "away", reason: "UNKNOWN", updated_at: ago(2) } },
    }],
    included: [{
      type: "channels",
      id: `${id(agent_id)}|channels|support`,
      attributes: { name: "support", status: "away", max_capacity: 2, updated_at: ago(2), work_item_count: 0 },
    }],
  });
  const host = await zendesk({
    record: [agent(7, 9), agent(8, 5)],
    users: [[{ id: 7, name: "Ann Lee", role: "agent" }, { id: 8, name: "Bo Li", role: "admin" }]],
    groups: [[{ id: 1, name: "Support" }]],
  });
  t.after(() => host.stop());
  const credentials = { subdomain: "example", email: "admin@example.com", token: "secret", url: host.url };
  const ours = await Serving.start(command);
  t.after(() => ours.stop());
  const AGENTFOLD_ACCOUNTS = JSON.stringify({ 2: { secrets: [SECRETS[2]], tokens: [TOKENS[2]], zendesk: credentials } });
  const theirs = await Running.start(bundle, folder(), { AGENTFOLD_ACCOUNTS });
  t.after(() => theirs.stop());
  const bearer = { authorization: `Bearer ${ours.token}` };
  const ask = async (path, method) => {
    const init = { method, headers: bearer };
    const replies = await Promise.all([fetch(new URL(path, ours.url), init), theirs.get(path, TOKENS[2], { method })]);
    return Promise.all(replies.map(async (reply) => [reply.status, await reply.json()]));
  };
  const compare = async () => {
    const reply = await fetch(new URL("/accounts/2/compare", ours.url), { method: "POST", headers: bearer });
    return [reply.status, await reply.json()];
  };
  const [early, { code }] = await compare();
  assert.deepEqual([early, code], [409, "no_credentials"]);
  const lost = {
    account_id: 2,
    detail: { agent_id: "7", version: "8" },
    event: { updated_at: ago(3), work_item_id: "55", channel: "support", reason: "ASSIGNED" },
    id: "lost",
    type: "zen:event-type:agent.work_item_added",
  };
  assert.deepEqual([await ours.deliver(JSON.stringify(lost)), await theirs.deliver(JSON.stringify(lost))], [200, 200]);
  ours.set(`[accounts.2.zendesk]\n${Object.entries(credentials).map(([key, value]) => `${key} = "${value}"`).join("\n")}`);
  let status, ourDrift;
  // The settings are read again within seconds.
  do [status, ourDrift] = await compare();
  while (status === 409);
  const reply = await theirs.get("/accounts/2/compare", TOKENS[2], { method: "POST" });
  const theirDrift = await reply.json();
  assert.deepEqual([status, reply.status], [200, 200]);
  assert.ok(ourDrift.count > 1 && ourDrift.agents === 2, JSON.stringify(ourDrift));
  assert.deepEqual({ ...ourDrift, checked_at: "" }, { ...theirDrift, checked_at: "" });
  const names = await ask("/accounts/2/names", "GET");
  assert.deepEqual(names[0], names[1]);
  assert.equal(names[0][1].agents[7], "Ann Lee");
  const states = await ask("/accounts/2/state", "GET");
  // The item that the record has no longer was closed when it was read.
  const undated = ([status, rows]) => [status, rows.map((row) => ({ ...row, last_event_at: "" }))];
  assert.deepEqual(undated(states[0]), undated(states[1]));
  assert.deepEqual(states[0][1][0].channels.support.work_items, []);
  const drifts = await ask("/accounts/2/drift", "GET");
  assert.deepEqual(drifts.map(([, drift]) => drift), [ourDrift, theirDrift]);
  const refused = await ask("/accounts/2/compare", "POST");
  assert.deepEqual(refused.map(([status, { code }]) => [status, code]), Array(2).fill([429, "compared_just_now"]));
  // What is about the run and the storage differs.
  const comparable = ({ agents, outcomes, watching, messages, cut }) => ({ agents, outcomes, watching, messages, cut });
  const [[, a], [, b]] = await ask("/accounts/2/status", "GET");
  assert.deepEqual(comparable(a), comparable(b));
  assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort());
});

test("the page shows the fold of `agentfold serve` and then each new event", { skip: reason }, async (t) => {
  const fresh = await Serving.start(command);
  t.after(() => fresh.stop());
  await checkLive(t, { href: fresh.url.href, token: fresh.token, deliver: (event) => fresh.deliver(event) });
});

/** JavaScript writes `0` where Rust writes `0.0`. */
function numbers(text) {
  return text.replaceAll(/(?<=[,:\n]\d+)\.0(?=[,}\n\r])/g, "");
}

function rows(text) {
  return text.includes("\n") ? text.trim().split("\n").map((line) => JSON.parse(line)) : JSON.parse(text);
}
