import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";

import {
  AgentfoldError,
  ExportCursor,
  Fold,
  Records,
  ReportSums,
  buckets,
  checkEvent,
  exportEvents,
  parseEvent,
  readEvents,
  toldCorrections,
  webhook,
} from "agentfold";

import { initSync } from "../dist/agentfold.js";
import { rows as iterated } from "../src/read.js";
import { js } from "./package.js";

const agent = { account_id: "2", agent_id: "9007199254740993" };

function stateChanged(id, time, state) {
  return JSON.stringify({
    account_id: 2,
    detail: { agent_id: agent.agent_id },
    event: { updated_at: `2026-01-05T${time}Z`, new_state: state, channel: "talk" },
    id,
    type: "zen:event-type:agent.state_changed",
  });
}

const online = stateChanged("a", "09:00:00", "online");
const away = stateChanged("b", "10:00:00", "away");

test("an event may be text, bytes, a buffer or an object, and its ids keep all digits", () => {
  const bytes = new TextEncoder().encode(online);
  for (const event of [online, bytes, bytes.buffer, JSON.parse(online), parseEvent(online).event]) {
    const fold = new Fold();
    assert.equal(fold.apply(event).outcome, "applied");
    assert.equal(fold.apply(event).outcome, "duplicate");
    assert.deepEqual(fold.agents(), [agent]);
    assert.equal(fold.state(agent).channels.talk.state, "online");
    fold.free();
  }
});

test("apply and read report the same changes", () => {
  const [one, many] = [new Fold(), new Fold()];
  const changes = [online, away].flatMap((event) => one.apply(event).changes);
  const read = many.read(`${online}\n{}\n${away}`, { changes: true });
  assert.deepEqual(read.changes, changes);
  assert.deepEqual(read.unreadable.map(({ line, offset }) => [line, offset]), [[2, online.length + 1]]);
  assert.equal(many.read(away).changes, undefined);
  assert.deepEqual(many.save(), one.save());
});

test("changes and intervals have the parts of their track", () => {
  const fold = new Fold();
  const { changes } = fold.apply(online);
  const parts = changes.map(({ track, aspect, part, channel, work_item }) => [track, aspect, part, channel, work_item]);
  assert.deepEqual(parts, [
    ["state[talk]", "state", "value", "talk", null],
    ["state[talk].since", "state", "since", "talk", null],
    ["channel[talk]", "channel", "value", "talk", null],
  ]);
  const window = { from: "2026-01-05T08:00:00Z", to: "2026-01-05T10:00:00Z", as_of: "2026-01-05T10:00:00Z" };
  const loads = fold.intervals(agent, window, "load[talk]");
  assert.deepEqual(
    loads.map(({ aspect, channel, work_item, from, value }) => [aspect, channel, work_item, from, value]),
    [
      ["load", "talk", null, "2026-01-05T08:00:00Z", null],
      ["load", "talk", null, "2026-01-05T09:00:00Z", 0],
    ],
  );
});

test("a report and a floor are about the selected agents and channels", () => {
  const fold = new Fold();
  fold.read([online, online.replace(agent.agent_id, "8"), online.replace("talk", "chat")].join("\n"));
  const at = "2026-01-05T10:00:00Z";
  const hour = { boundaries: ["2026-01-05T09:00:00Z", at], as_of: at };
  const rows = fold.report(hour);
  const floor = fold.floor(at);
  const named = (agent_id, channel) => (row) => (!agent_id || row.agent_id === agent_id) && (!channel || row.channel === channel);
  for (const [selection, agent_id, channel] of [
    [undefined],
    [{}],
    [{ agents: [] }],
    [{ accounts: ["2"] }],
    [{ agents: ["8"] }, "8"],
    [{ agents: ["2/8"], channels: undefined }, "8"],
    [{ agents: [fold.state({ account_id: "2", agent_id: "8" })] }, "8"],
    [{ channels: ["talk"] }, undefined, "talk"],
    [{ agents: [agent], channels: ["chat"] }, agent.agent_id, "chat"],
    [{ accounts: ["3"] }, "nobody"],
    [{ groups: ["1"] }, "nobody"],
  ]) {
    assert.deepEqual(fold.report(hour, "agent", selection), rows.filter(named(agent_id, channel)));
    const agents = (all) => all.map(({ channel, agents }) => [channel, agents]);
    const expected = agents(floor)
      .filter(([name]) => !channel || name === channel)
      .map(([name, agents]) => [name, agents.filter(named(agent_id))])
      .filter(([, agents]) => agents.length > 0);
    assert.deepEqual(agents(fold.floor(at, undefined, selection)), expected);
  }
  for (const [wrong, path] of [
    [{ teams: [] }, "/selection/teams"],
    [{ agents: ["x"] }, "/selection/agents/0"],
    [{ accounts: "2" }, "/selection/accounts"],
    [7, "/selection"],
  ]) {
    assert.throws(() => fold.floor(at, undefined, wrong), { code: "bad_argument", path });
  }
});

test("a fold can be merged with itself and copied by saving", () => {
  const fold = new Fold();
  fold.read(online);
  fold.merge(fold);
  const copy = new Fold();
  copy.restore(fold.saveAgent(fold.agents()[0]));
  assert.deepEqual(copy.save(), fold.save());
  assert.deepEqual(fold.firstAndLastEventAt(), { first: "2026-01-05T09:00:00Z", last: "2026-01-05T09:00:00Z" });
});

test("the pages of a report are freed at its end, and if it is not begun or not ended", () => {
  const counts = { made: 0, freed: 0 };
  const pages = () => {
    counts.made += 1;
    const left = [[1, 2], [3]];
    return { page: () => left.shift() ?? [], free: () => (counts.freed += 1) };
  };
  assert.deepEqual([...iterated(pages())], [1, 2, 3]);
  iterated(pages()).return();
  for (const row of iterated(pages())) if (row === 2) break;
  assert.deepEqual(counts, { made: 3, freed: 3 });
});

test("the rows of a report come one by one, from what the fold knew when they were requested", () => {
  const fold = new Fold();
  fold.read(readFileSync(join(js, "../tests/saved/events.ndjson")));
  const day = buckets({ from: "2026-01-05T07:00:00Z", to: "2026-01-05T10:00:00Z", every: "1m" });
  const whole = fold.report(day);
  assert.ok(whole.length > 1000);
  const rows = fold.reportRows(day);
  const first = rows.next().value;
  fold.read(online);
  assert.deepEqual([first, ...rows], whole);
  assert.throws(() => fold.reportRows({ ...day, row_limit: 20 }), { code: "too_many_rows" });
  // One that is not read to its end is freed, too.
  for (const row of fold.reportRows(day)) {
    assert.deepEqual(row, whole[0]);
    break;
  }
});

test("columns have nanoseconds exactly, also those that numbers round", () => {
  const fold = new Fold();
  fold.read(online);
  const [from, to] = ["2026-01-05T09:00:00Z", "2027-01-05T09:00:00.000000001Z"];
  const [row] = fold.report({ boundaries: [from, to], as_of: to });
  const [{ columns }] = fold.reportColumns({ boundaries: [from, to], as_of: to });
  assert.deepEqual([columns.online_ns[0], columns.to[0]], [31536000000000001n, 1799139600000000001n]);
  assert.ok(!Number.isSafeInteger(row.online_ns) && Number(columns.online_ns[0]) === row.online_ns);
  assert.deepEqual([columns.channel.values[columns.channel.indices[0]], columns.handle_time.p90_ns[0]], ["talk", -1n]);
  assert.deepEqual([columns.occupancy[0], columns.utilisation[0]], [0, NaN]);
  // They are of what the fold knew, and one that is not taken to its end is freed.
  const batches = fold.reportColumns({ boundaries: [from, to], as_of: to });
  fold.free();
  for (const { length } of batches) {
    assert.equal(length, 1);
    break;
  }
});

test("many rows come in batches", () => {
  const fold = new Fold();
  fold.read(online);
  const to = "2026-01-12T09:00:00Z";
  const minutes = buckets({ from: "2026-01-05T09:00:00Z", to, every: "1m", as_of: to });
  const lengths = [...fold.reportColumns(minutes)].filter(({ row }) => row === "channel").map(({ length }) => length);
  assert.deepEqual(lengths, [4096, 4096, 1888]);
  assert.throws(() => fold.reportColumns({ ...minutes, row_limit: 20 }), { code: "too_many_rows" });
});

test("sums of agents that are kept apart, or added one by one, are the report of all", () => {
  const fold = new Fold();
  fold.read([online, online.replace(agent.agent_id, "8").replace("09:", "08:"), away].join("\n"));
  const to = "2026-01-05T11:00:00Z";
  const day = buckets({ from: "2026-01-05T07:00:00Z", to, every: "1h", as_of: to });
  for (const by of ["agent", "channel", "account", "group"]) {
    const whole = fold.report(day, by);
    assert.ok(whole.length > 3);
    const [apart, oneByOne] = [new ReportSums(day, by), new ReportSums(day, by)];
    for (const { saved } of fold.saveAgents()) {
      const one = new Fold();
      one.restore(saved);
      apart.add(one);
      one.free();
    }
    const snapshot = fold.snapshot();
    for (const known of snapshot.agents()) oneByOne.add(snapshot, known);
    snapshot.free();
    assert.deepEqual([...apart.rows()], whole);
    assert.deepEqual([...oneByOne.rows()], whole);
    assert.throws(() => apart.add(fold), { code: "freed" });
    assert.throws(() => apart.rows(), { code: "freed" });
  }
  assert.throws(() => new ReportSums({ ...day, row_limit: 2 }, "agent").add(fold), { code: "too_many_rows" });
  assert.throws(() => new ReportSums(day, "team"), { code: "bad_argument", path: "/by" });
});

test("a snapshot knows what the fold knew", () => {
  const fold = new Fold();
  fold.apply(online);
  const snapshot = fold.snapshot();
  const before = snapshot.save();
  assert.deepEqual(before, fold.save());
  fold.apply(away);
  assert.deepEqual(snapshot.save(), before);
  assert.notDeepEqual(fold.save(), before);
  snapshot.apply(away);
  assert.deepEqual(snapshot.save(), fold.save());
});

test("the saved fold of the repository is restored", () => {
  const [saved, states] = ["1.fold", "states.json"].map((name) => readFileSync(join(js, "../tests/saved", name)));
  const fold = new Fold();
  fold.restore(saved);
  assert.deepEqual(fold.agents().map((agent) => fold.state(agent)), JSON.parse(states));
  assert.deepEqual(Buffer.from(fold.save()), saved);
});

test("a fold saved agent by agent restores to the same bytes, including agents without accepted events", () => {
  const fold = new Fold();
  const cut = "2026-01-05T00:00:00Z";
  fold.compact(cut);
  const expired = online.replaceAll("2026-01-05T", "2026-01-04T").replace(agent.agent_id, "8");
  fold.read(`${online}\n${expired}`);
  const saved = fold.saveAgents();
  assert.deepEqual(saved.map(({ agent_id }) => agent_id), ["8", agent.agent_id]);
  assert.equal(fold.agents().length, 1);
  const copy = new Fold();
  copy.compact(cut);
  for (const agent of saved.reverse()) copy.restore(agent.saved);
  assert.deepEqual(copy.save(), fold.save());
});

test("errors have a code, a path and a message", () => {
  const fold = new Fold();
  const cases = [
    [() => parseEvent("{}"), "missing_field", "/type"],
    [() => parseEvent(7n), "bad_argument", "/event"],
    [() => parseEvent(), "bad_argument", "/event"],
    [() => fold.state({ account_id: "2", agent_id: 7 }), "bad_argument", "/agent_id"],
    [() => fold.state({ account_id: "2", agent_id: "-7" }), "bad_id", "/agent_id"],
    [() => fold.state(), "bad_argument", "/account_id"],
    [() => fold.stateAt(agent, "noon"), "bad_instant", "/at"],
    [() => fold.restore(new Uint8Array(9)), "not_saved", ""],
    [() => fold.report({ boundaries: [], as_of: "2026-01-05T09:00:00Z" }), "not_rising", ""],
    [() => webhook.verify([], "", "a secret", {}), "bad_argument", "/secrets"],
    [() => webhook.verify([], "", [""], {}), "empty_secret", "/secrets"],
    [() => webhook.verify({}, "", ["abracadabra"], {}), "missing_header", "/headers/x-zendesk-webhook-signature"],
    [() => webhook.advise("maybe"), "bad_argument", "/handled"],
  ];
  for (const [call, code, path] of cases) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof AgentfoldError && error instanceof Error);
      assert.deepEqual([error.name, error.code, error.path], ["AgentfoldError", code, path]);
      assert.match(error.message, /^[^A-Z].*[^.]$/s);
      assert.ok(error.stack.includes("fold.test.js"));
      return true;
    });
  }
  assert.equal(fold.apply(online).outcome, "applied");
});

test("an option that is unknown, missing or of another type is named", () => {
  const fold = new Fold();
  const at = "2026-01-05T09:00:00Z";
  const line = { account_id: "2", agent_id: "7", from: at, to: at, states: [] };
  const verify = (policy) => webhook.verify({}, "", [], policy);
  const cases = [
    [() => new Fold({ max_byts: 1 }), "/options/max_byts", "`max_byts` is not an option; did you mean `max_bytes`?"],
    [() => new Fold({ maxBytes: 1 }), "/options/maxBytes", "`maxBytes` is not an option; did you mean `max_bytes`?"],
    [() => new Fold({ clock: at }), "/options/clock", /the options are `instant`, `max_bytes`, `max_depth`, `limits` and `now`/],
    [() => new Fold({ now: "noon" }), "/options/now", /RFC 3339/],
    [() => new Fold({ max_bytes: "1" }), "/options/max_bytes", "`max_bytes` must be a whole number, 0 or more"],
    [() => new Fold({ max_bytes: -1 }), "/options/max_bytes", /whole number/],
    [() => new Fold({ instant: "noon" }), "/options/instant", "`instant` must be `updated_at` or `time`"],
    [() => new Fold("time"), "/options", "`options` must be an object"],
    [() => parseEvent(online, { max_dept: 1 }), "/options/max_dept", /`max_depth`/],
    [() => fold.read(online, { change: true }), "/options/change", /`changes`/],
    [() => fold.read(online, { changes: 1 }), "/options/changes", "`changes` must be true or false"],
    [() => fold.floor(at, { near: 1 }), "/trust/near", /`near_seconds`/],
    [() => fold.floor(at, { near_seconds: -1 }), "/trust/near_seconds", /0 or more/],
    [() => fold.intervals(agent, { from: at, to: at, asof: at }), "/window/asof", /`as_of`/],
    [() => fold.intervals(agent, { from: at, as_of: at }), "/window/to", "`to` is missing"],
    [() => fold.intervals(agent, { from: 9, to: at, as_of: at }), "/window/from", "`from` must be a string"],
    [() => fold.report({ boundaries: [at, "noon"], as_of: at }), "/buckets/boundaries/1", /^item 1 of `boundaries`: not an RFC/],
    [() => fold.report({ boundaries: [at, at], as_of: at }, "team"), "", "", "not_rising"],
    [() => fold.adherence([line, { ...line, states: [7] }], at), "/schedule/1/states/0", "item 0 of `states` must be a string"],
    [() => fold.adherence([{ ...line, agent_id: "x" }], at), "/schedule/0/agent_id", /whole number/],
    [() => verify({ tolerance: 1 }), "/policy/tolerance", /did you mean `tolerance_seconds`/],
    [() => verify({ strict: true }), "/policy/strict", /the options are .*`now` and `for_tests`/],
    [() => verify({ tolerance_seconds: NaN }), "/policy/tolerance_seconds", /0 or more/],
    [() => verify({ nwo: at }), "/policy/nwo", "`nwo` is not an option; did you mean `now`?"],
    [() => verify({ now: "noon" }), "/policy/now", /RFC 3339/],
    [() => verify({ account_id: "x" }), "/policy/account_id", /whole number/],
    [() => verify({ account_id: 2 ** 53 }), "/policy/account_id", "`account_id` must be an id, as text or as a whole number"],
    [() => verify({ read: { max_byts: 1 } }), "/policy/read/max_byts", /`max_bytes`/],
    [() => new ExportCursor({}), "/options/since", "`since` is missing"],
    [() => new ExportCursor({ since: at, limit: 0 }), "/options/limit", "`limit`: must be from 1 to 1000"],
    [() => webhook.advise("maybe"), "/handled", /must be `applied`, /],
    [() => webhook.advise(7), "/handled", /must be/],
  ];
  for (const [call, path, message, code = "bad_argument"] of cases) {
    assert.throws(call, (error) => {
      assert.deepEqual([error.code, error.path], [code, path]);
      if (message instanceof RegExp) assert.match(error.message, message);
      else if (message) assert.equal(error.message, message);
      return true;
    });
  }
});

test("an event that is dated far after the clock is refused", () => {
  const away = JSON.stringify({
    account_id: 2, agent_id: 7, field_name: "status", id: "a", timestamp: "2126-01-06T07:30:00Z", value: "away",
  });
  const code = ({ outcome, issues }) => [outcome, issues?.[0].code];
  const records = (options) => new Records(options).push(`${away}\n`)[0];
  const fold = new Fold();
  assert.deepEqual(code(fold.apply(away)), ["unreadable", "future_instant"]);
  for (const events of [away, new TextEncoder().encode(away), JSON.parse(away)]) {
    for (const changes of [false, true]) assert.equal(fold.read(events, { changes }).counts.unreadable, 1);
  }
  assert.equal(records().issues[0].code, "future_instant");
  assert.deepEqual(checkEvent(away).map(({ code }) => code), ["future_instant"]);
  assert.throws(() => parseEvent(away), { code: "future_instant", path: "/timestamp" });
  assert.throws(() => webhook.parse(away), { code: "future_instant" });
  const page = {
    data: [{ id: "agent_availabilities|7", attributes: { agent_id: 7, agent_status: { id: 1, updated_at: "2126-01-06T07:30:00Z" } } }],
  };
  assert.equal(fold.seed("2", page, "2026-01-05T09:00:00Z")[0].outcome, "unreadable");
  assert.equal(fold.seed("2", page, "2126-01-07T09:00:00Z")[0].outcome, "unreadable");
  assert.deepEqual(fold.agents(), []);

  const now = "2126-01-05T07:30:00Z";
  const later = new Fold({ now });
  assert.equal(later.read(new TextEncoder().encode(away)).counts.applied, 1);
  assert.equal(later.apply(away).outcome, "duplicate");
  assert.equal(records({ now }).kind, "status");
  assert.deepEqual(checkEvent(away, { now }).map(({ code }) => code), ["ahead_instant"]);
  assert.equal(webhook.parse(away, { now }).kind, "status");
});

test("an event that would exceed a limit is not taken in, and is counted", () => {
  const chat = online.replace('"talk"', '"chat"').replace('"id":"a"', '"id":"c"');
  const fold = new Fold({ limits: { channels: 1 } });
  assert.equal(fold.apply(online).outcome, "applied");
  assert.deepEqual(fold.apply(chat), { outcome: "limit", limit: "channels", changes: [] });
  assert.deepEqual(Object.keys(fold.state(agent).channels), ["talk"]);
  const { counts, unreadable } = fold.read(`${away}\n${chat}\n${chat}`);
  assert.deepEqual([counts.applied, counts.limit, counts.unreadable, unreadable], [1, 2, 0, []]);
  assert.throws(() => new Fold({ limits: { chanels: 1 } }), (error) => {
    assert.deepEqual([error.code, error.path], ["bad_argument", "/options/limits/chanels"]);
    assert.match(error.message, /`chanels` is not an option; did you mean `channels`/);
    return true;
  });
});

test("bytes of any kind are taken, and what is neither bytes nor data is refused", async () => {
  const bytes = new TextEncoder().encode(online);
  const realm = runInNewContext("(bytes) => new Uint8Array(bytes)")([...bytes]);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const headers = webhook.sign(online, "abracadabra");
  const even = new TextEncoder().encode(online + " ".repeat(bytes.length % 2));
  for (const form of [new Uint16Array(even.buffer), even, even.buffer]) assert.equal(new Fold().apply(form).outcome, "applied");
  for (const form of [bytes, bytes.buffer, Buffer.from(bytes), realm, realm.buffer, shared, shared.buffer, new DataView(bytes.buffer)]) {
    const fold = new Fold();
    assert.equal(fold.apply(form).outcome, "applied");
    assert.equal(fold.read(form).counts.duplicate, 1);
    assert.equal(webhook.verify(headers, form, ["abracadabra"]).secret, 0);
    fold.restore(runInNewContext("(bytes) => new Uint8Array(bytes)")([...fold.save()]));
  }
  const view = bytes.slice();
  const detached = view.buffer;
  structuredClone(detached, { transfer: [detached] });
  const fold = new Fold();
  const mistakes = [
    [Promise.resolve(bytes), /is a promise: `await` it$/],
    [new Response(online), /is a `Response`: pass its bytes, `await value.arrayBuffer\(\)`$/],
    [new Blob([online]), /is a `Blob`: pass its bytes/],
    [new Date(), /is a `Date`: pass its `toISOString\(\)`$/],
    [new Map([["id", "a"]]), /is a `Map`: pass an object, `Object.fromEntries\(value\)`$/],
    [new Set([1]), /is a `Set`: pass an array/],
    [new ReadableStream(), /is a stream: `Fold.readFrom`/],
    [Readable.from([bytes]), /is a stream: `Fold.readFrom`/],
    [new String(online), /is a `String` object: pass its text/],
    [() => online, /the wrong type: function$/],
    [fold, /an object of this package: `Fold.merge`/],
    [new URL("http://localhost"), /the wrong type: URL$/],
    [new Error("no event"), /the wrong type: Error$/],
    [detached, /can't be read$/],
    [view, /can't be read$/],
  ];
  for (const [wrong, message] of mistakes) {
    const calls = {
      "/event": () => fold.apply(wrong),
      "/events": () => fold.read(wrong),
      "/body": () => webhook.verify(headers, wrong, ["abracadabra"]),
    };
    for (const [path, call] of Object.entries(calls)) {
      assert.throws(call, { name: "AgentfoldError", code: "bad_argument", path, message });
    }
  }
  for (const value of [7, 7n, true, null, undefined]) {
    const message = new RegExp(`the wrong type: ${value === null ? "null" : typeof value}$`);
    assert.throws(() => fold.apply(value), { code: "bad_argument", path: "/event", message });
    assert.throws(() => fold.read(value), { code: "bad_argument", path: "/events", message });
    assert.throws(() => parseEvent(value), { code: "bad_argument", path: "/event", message });
    assert.throws(() => webhook.verify(headers, value, ["abracadabra"]), { code: "bad_argument", path: "/body" });
  }
  for (const array of [[1, 2], [JSON.parse(online)], []]) {
    assert.throws(() => fold.apply(array), { code: "bad_argument", path: "/event", message: /is an array: `Fold.read`/ });
    assert.throws(() => webhook.verify(headers, array, ["abracadabra"]), { code: "bad_argument", path: "/body" });
  }
  assert.throws(() => fold.read([...bytes]), { code: "bad_argument", path: "/events", message: /an array of numbers: pass bytes/ });
  assert.throws(() => fold.read([JSON.parse(online), null]), { path: "/events", message: /an item of type null/ });
  assert.equal(new Fold().read([JSON.parse(online)]).counts.applied, 1);
  const at = new Date();
  assert.throws(() => fold.stateAt(agent, at), { path: "/at", message: "`at`: it is a `Date`: pass its `toISOString()`" });
  assert.throws(() => buckets({ from: at, to: "2026-01-05T09:00:00Z", every: "1h" }), { path: "/from", message: /toISOString/ });
  // A body that was parsed has lost the bytes that are signed.
  for (const parsed of [JSON.parse(online), [JSON.parse(online)], null, undefined, 1]) {
    for (const call of [
      () => webhook.verify(headers, parsed, ["abracadabra"]),
      () => webhook.receive(headers, parsed, ["abracadabra"]),
      () => webhook.explain(headers, parsed, ["abracadabra"]),
      () => webhook.parse(parsed),
      () => webhook.sign(parsed, "abracadabra"),
    ]) {
      assert.throws(call, { code: "bad_argument", path: "/body", message: /bytes as received/ });
    }
  }
  assert.equal(fold.apply(online).outcome, "applied");
});

test("an option that is null or undefined is left out", () => {
  const fold = new Fold({ max_bytes: undefined, instant: null });
  assert.equal(fold.read(online, { changes: undefined }).counts.applied, 1);
  const policy = { now: undefined, account_id: null, tolerance_seconds: Infinity, read: undefined };
  const headers = webhook.sign(online, "a secret", "2020-01-01T00:00:00Z");
  assert.equal(webhook.verify(headers, online, ["a secret"], policy).secret, 0);
});

test("before an agent's cut, the error names the agent and the cut", () => {
  const fold = new Fold();
  fold.read(online);
  const [cut, at] = ["2026-01-06T00:00:00Z", "2026-01-05T09:30:00Z"];
  assert.deepEqual([fold.cut(), fold.cutOf(agent)], [null, null]);
  fold.compact(cut);
  assert.deepEqual([fold.cut(), fold.cutOf(agent)], [cut, cut]);
  for (const call of [() => fold.stateAt(agent, at), () => fold.floor(at)]) {
    assert.throws(call, (error) => {
      assert.deepEqual([error.code, error.agent, error.cut], ["before_cut", agent, cut]);
      return true;
    });
  }
  assert.notEqual(fold.stateAt(agent, cut), null);
});

test("no error contains a secret or a value from an event", () => {
  const hidden = "hunter2-hunter2";
  const calls = [
    () => webhook.verify({}, hidden, [hidden], {}),
    () => webhook.verify({}, hidden, hidden, {}),
    () => webhook.verify({}, hidden, [""], { account_id: hidden }),
    () => parseEvent(`{"type": "${hidden}", "account_id": "${hidden}"}`),
    () => new Fold({ instant: hidden }),
    () => new Fold().stateAt(agent, hidden),
    () => new Fold().adherence([{ states: hidden }], "2026-01-05T09:00:00Z"),
  ];
  for (const call of calls) {
    const text = (() => {
      try {
        return JSON.stringify(call());
      } catch (error) {
        return `${error} ${JSON.stringify(error)}`;
      }
    })();
    assert.ok(call.toString().includes("parseEvent") || !text.includes(hidden), text);
  }
});

test("a webhook delivery is signed, verified, parsed and answered", () => {
  const now = "2026-01-05T09:00:01Z";
  const headers = new Headers(webhook.sign(online, "abracadabra", now));
  const received = webhook.receive(headers, online, ["simsalabim", "abracadabra"], { now });
  assert.deepEqual([received.kind, received.signed.secret], ["agent.state_changed", 1]);
  assert.equal(webhook.advise(new Fold().apply(received.event).outcome), 200);
  const late = { now: "2026-01-05T09:06:00Z" };
  assert.throws(() => webhook.receive(headers, online, ["abracadabra"], late), { code: "stale", handled: "untrusted" });
  // With the clock of the host.
  const fresh = webhook.sign(online, "abracadabra");
  assert.equal(webhook.verify(fresh, online, ["abracadabra"]).secret, 0);
  assert.equal(webhook.parse(online).at, "2026-01-05T09:00:00Z");
});

test("availability is exported in the format of the Chat export, with corrections", () => {
  const fold = new Fold();
  fold.read(away);
  const tell = () => fold.tellChat("talk", "2026-01-05T00:00:00Z", "2026-01-05T11:00:00Z");
  const before = tell();
  assert.equal(before[0].agent_id, agent.agent_id);
  fold.read(online);
  const corrections = toldCorrections(before, tell(), "2026-01-05T10:30:00Z");
  assert.deepEqual(corrections.map(({ before, after }) => [before?.value, after?.value]), [
    [undefined, "online"],
    ["away", "away"],
  ]);
});

test("rows of agent_timeline are compared with the chat spans", () => {
  const fold = new Fold();
  const chat = { account_id: 2, agent_id: 7, timestamp: "2026-01-05T09:00:00Z" };
  fold.apply({ ...chat, field_name: "status", id: "a", value: "online" });
  fold.apply({ ...chat, field_name: "engagements", id: "b", value: 0 });
  const row = { agent_id: 7, start_time: chat.timestamp, status: "online", engagement_count: 1, duration: 60 };
  const [difference] = fold.reconcileTimeline("2", [row], "2026-01-05T10:00:00Z");
  assert.deepEqual([difference.fold_engagements, difference.row_engagements], [0, 1]);
});

test("streams are read in chunks of any size, plain or gzipped", async () => {
  const text = `${online}\n{}\n${away}\n`;
  const expected = ["agent.state_changed", "unreadable", "agent.state_changed"];
  for (const whole of [Buffer.from(text), gzipSync(text)]) {
    for (const size of [1, 7, 1000]) {
      const chunks = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(new Uint8Array(whole.subarray(at, at + size)));
      const kinds = [];
      for await (const record of readEvents(ReadableStream.from(chunks))) kinds.push(record.kind);
      assert.deepEqual(kinds, expected, `in chunks of ${size}`);
    }
  }
  const kinds = [];
  for await (const { kind } of readEvents(text)) kinds.push(kind);
  assert.deepEqual(kinds, expected);
  for await (const { kind } of readEvents(ReadableStream.from([text]))) {
    assert.equal(kind, expected[0]);
    break;
  }
  for await (const _ of readEvents(new Uint8Array())) assert.fail("an empty stream has no events");
});

test("damaged gzip loses nothing that comes before the damage", async () => {
  const text = Array.from({ length: 50 }, (_, i) => `${online.replace('"id":"', `"id":"${i}-`)}\n`).join("");
  const packed = gzipSync(text);
  const kinds = async (bytes, size) => {
    const chunks = [];
    for (let i = 0; i < bytes.length; i += size) chunks.push(new Uint8Array(bytes.subarray(i, i + size)));
    const records = [];
    for await (const record of readEvents(ReadableStream.from(chunks))) records.push(record);
    const codes = records.filter((r) => r.kind === "unreadable").map((r) => r.issues[0].code);
    return [records.length - codes.length, codes.at(-1), records.at(-1).issues?.[0].message];
  };
  for (const size of [1, 100, 1 << 20]) {
    assert.deepEqual((await kinds(packed, size)).slice(0, 2), [50, undefined]);
    const padded = Buffer.concat([packed, Buffer.alloc(512), packed]);
    assert.deepEqual((await kinds(padded, size)).slice(0, 2), [100, undefined]);
    const garbage = await kinds(Buffer.concat([packed, Buffer.from("garbage")]), size);
    assert.deepEqual(garbage.slice(0, 2), [50, "damaged_stream"]);
    assert.match(garbage[2], new RegExp(` at byte ${packed.length}: `));
    const cut = await kinds(packed.subarray(0, packed.length - 4), size);
    assert.deepEqual(cut.slice(0, 2), [50, "damaged_stream"]);
  }
});

test("memory does not grow with a stream, nor with what is packed in it", async () => {
  const { memory } = initSync();
  const part = new TextEncoder().encode(`${online}\n`.repeat(300));
  const parts = function* (count) {
    for (let i = 0; i < count; i++) yield part;
  };
  const packed = gzipSync(Buffer.concat([...parts(200)]));
  const fold = new Fold();
  await fold.readFrom(parts(1));
  for await (const { outcome } of fold.applyFrom(parts(1))) assert.equal(outcome, "duplicate");
  const before = memory.buffer.byteLength;
  const { counts } = await fold.readFrom(parts(500));
  assert.equal(counts.duplicate, 150_000);
  let applied = 0;
  for await (const { outcome } of fold.applyFrom(packed)) applied += outcome === "duplicate";
  assert.equal(applied, 60_000);
  const grown = memory.buffer.byteLength - before;
  assert.ok(grown < 8 << 20, `${grown} bytes for ${part.length * 500} and ${part.length * 200} packed into ${packed.length}`);
});

test("a pull of the export survives failures and reaches the last page", async () => {
  const event = (id, second) => ({
    account_id: 2,
    agent_id: 7,
    field_name: "engagements",
    id,
    timestamp: `2018-10-19T12:33:${second}Z`,
    value: 1,
  });
  const pages = [[event("a", 50), event("b", 51)], [event("c", 52)]];
  const replies = [
    () => Promise.reject(new Error("the network is down")),
    () => new Response("busy", { status: 429, headers: { "retry-after": "7" } }),
    ...pages.map((agent_events) => () => Response.json({ agent_events, count: agent_events.length })),
  ];
  // Nothing new comes after the last event.
  const last = () => Response.json({ agent_events: [event("c", 52)], count: 1 });
  const [asked, slept] = [[], []];
  const fetch = async (url) => {
    asked.push(url);
    return (replies.shift() ?? last)();
  };
  const sleep = async (seconds) => void slept.push(seconds);
  const cursor = new ExportCursor({ since: "2018-10-01T00:00:00Z", limit: 2 });
  const fold = new Fold();
  for await (const page of exportEvents({ cursor, host: "example.zendesk.com", fetch, sleep })) {
    fold.read(page.events.join("\n"));
  }
  assert.deepEqual([asked.length, cursor.handedOut, slept[1]], [5, 3, 7]);
  assert.equal(new URL(asked[3]).searchParams.get("start_id"), "b");
  assert.deepEqual(fold.agents(), [{ account_id: "2", agent_id: "7" }]);
  assert.equal(ExportCursor.from(cursor.toJSON()).startTime, "2018-10-19T12:33:52Z");
});

test("memory stays flat over 100,000 folds, freed by `using` or by the garbage collector", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  // Returns the memory of the module that is already initialised.
  const { memory } = initSync();
  const many = (count, free) => {
    for (let i = 0; i < count; i++) {
      const fold = new Fold();
      fold.read(online);
      if (free) fold[Symbol.dispose]();
    }
  };
  many(1000, true);
  const before = memory.buffer.byteLength;
  many(100_000, true);
  assert.equal(memory.buffer.byteLength, before);
  for (let round = 0; round < 100; round++) {
    many(1000, false);
    collect();
    await wait(0);
  }
  assert.ok(memory.buffer.byteLength < before + (32 << 20), `${memory.buffer.byteLength}`);
});

test("bytes are copied in parts, and records may span parts", () => {
  const fold = new Fold();
  const long = `{"note":"${"x".repeat(700_000)}",${online.slice(1)}`;
  const bytes = new TextEncoder().encode([online, long, " ".repeat(3 << 20), online, "{"].join("\n"));
  const { counts, unreadable } = fold.read(bytes);
  assert.deepEqual([counts.applied, counts.duplicate, counts.unreadable], [1, 2, 1]);
  assert.equal(unreadable[0].offset, bytes.length - 1);
  // Shifts the record across the boundary between two parts.
  for (let shift = 0; shift < 3; shift++) {
    const shifted = new TextEncoder().encode(" ".repeat((1 << 18) - 200 + shift * 100) + online);
    assert.equal(fold.read(shifted).counts.duplicate, 1);
  }
});

test("what became of an object is told, and none passes as data", () => {
  const fold = new Fold();
  assert.throws(() => structuredClone(fold), { name: "DataCloneError" });
  assert.throws(() => JSON.stringify({ fold }), { name: "AgentfoldError", code: "not_data" });
  assert.throws(() => fold.merge({}), { name: "AgentfoldError", code: "bad_argument", message: /this copy/ });
  fold.free();
  assert.throws(() => fold.apply(online), { name: "AgentfoldError", code: "freed", message: "this Fold was freed before" });
});

test("`slim` says that the module is missing", () => {
  const program = `import { Fold } from "agentfold/slim";
    try { new Fold() } catch ({ name, code }) { console.log(name, code) }`;
  const options = { cwd: import.meta.dirname, encoding: "utf8" };
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", program], options), "AgentfoldError no_module\n");
});

test("an incomplete record at the end of a chunk is kept for the next chunk", () => {
  const records = new Records();
  assert.deepEqual(records.push(online.slice(0, 50)), []);
  assert.equal(records.push(online.slice(50) + "\n").length, 1);
  assert.deepEqual(records.end(), []);
});
