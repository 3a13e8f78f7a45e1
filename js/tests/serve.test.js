// `agentfold serve`: it gives the same answers as the Worker, and its page follows it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { checkLive } from "./board-live.js";
import { reason } from "./browser.js";
import { folder } from "./package.js";
import { built, Serving } from "./serving.js";
import { bundled, Running } from "./worker.js";

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

let command, serving, worker;
before(async () => {
  command = built();
  const start = `simulate --agents 6 --hours 70 --seed 5 --feed availability --duplicate 0.05 --start ${ago(70)}`;
  const lines = execFileSync(command, start.split(" "), { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n");
  serving = await Serving.start(command);
  worker = await Running.start(bundled(), folder());
  // All agents are of one account here.
  const events = lines.map((line) => line.replace(/"account_id":"?\d+"?/g, (id) => id.replace(/\d+/, "2")));
  for (const event of events) {
    assert.deepEqual([await serving.deliver(event), await worker.deliver(event)], [200, 200]);
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
