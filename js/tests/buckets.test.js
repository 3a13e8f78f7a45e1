import assert from "node:assert/strict";
import { test } from "node:test";

import { Fold, buckets, corrections } from "agentfold";

const hour = { from: "2026-01-05T08:00:00Z", to: "2026-01-05T09:00:00Z", every: "1h" };

test("the default zone is UTC and the default of as_of is the end", () => {
  const { from, to } = hour;
  assert.deepEqual(buckets(hour), { boundaries: [from, to], as_of: to });
  assert.deepEqual(buckets({ ...hour, tz: undefined, as_of: from }), { boundaries: [from, to], as_of: from });
});

test("invalid options are refused", () => {
  for (const [wrong, code, path] of [
    [{ tz: "Mars/Olympus" }, "unknown_time_zone", "/tz"],
    [{ tz: "" }, "unknown_time_zone", "/tz"],
    [{ tz: 1 }, "bad_argument", "/tz"],
    [{ from: "yesterday" }, "bad_instant", "/from"],
    [{ as_of: "tomorrow" }, "bad_instant", "/as_of"],
    [{ to: hour.from }, "not_rising", "/to"],
    [{ to: "9999-01-01T00:00:00Z", every: "1m" }, "too_many_buckets", "/every"],
    [{ every: "25h" }, "bad_argument", "/every"],
    [{ every: undefined }, "bad_argument", "/every"],
  ]) {
    assert.throws(() => buckets({ ...hour, ...wrong }), { name: "AgentfoldError", code, path });
  }
});

const away = {
  account_id: 2,
  agent_id: 7,
  field_name: "status",
  id: "a",
  timestamp: "2026-01-05T09:00:00Z",
  value: "away",
};

test("a report of too many rows is refused before it is computed, and says how many there would be", () => {
  const fold = new Fold();
  fold.apply(away);
  const year = buckets({ from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z", every: "1m" });
  for (const by of ["agent", "account", "group", "group_split"]) {
    assert.throws(() => fold.report(year, by), { name: "AgentfoldError", code: "too_many_rows", message: /10512\d\d rows/ });
  }
  // A month of a hundred agents: too many rows for an array, but not for an iterator.
  const many = Array.from({ length: 100 }, (_, i) => ({ ...away, agent_id: i + 1 }));
  const floor = new Fold();
  assert.equal(floor.read(many).counts.applied, 100);
  const month = buckets({ from: "2026-01-05T00:00:00Z", to: "2026-02-04T00:00:00Z", every: "15m" });
  assert.throws(() => floor.report(month), { code: "too_many_rows", message: /limit is 100000/ });
  assert.throws(() => floor.reportRows({ ...month, row_limit: 1000 }), { code: "too_many_rows" });
  let rows = 0;
  for (const _ of floor.reportRows({ ...month, row_limit: 1_000_000 })) rows += 1;
  assert.ok(rows >= 288_000, `${rows} rows`);
  assert.equal(floor.read(many).counts.duplicate, 100);
  floor.free();
  assert.throws(() => fold.sessions(year), { code: "too_many_rows" });
  const day = buckets({ ...hour, to: "2026-01-06T08:00:00Z" });
  assert.equal(fold.report(day).length, 48);
  assert.throws(() => fold.report({ ...day, row_limit: 20 }), { code: "too_many_rows", message: /limit is 20/ });
  fold.free();
});

test("reports over other buckets are not compared", () => {
  const fold = new Fold();
  fold.apply(away);
  const span = { from: "2026-01-05T09:00:00Z", to: "2026-01-05T11:00:00Z" };
  const [hours, halves] = ["1h", "30m"].map((every) => fold.report(buckets({ ...span, every })));
  assert.deepEqual(corrections(hours, hours), []);
  assert.throws(() => corrections(hours, halves), { name: "AgentfoldError", code: "other_buckets" });
  fold.free();
});
