import assert from "node:assert/strict";
import { test } from "node:test";

import { Fold, ReportSums, buckets, corrections } from "agentfold";

const hour = { from: "2026-01-05T08:00:00Z", to: "2026-01-05T09:00:00Z", every: "1h" };

test("the default zone is UTC, and as_of is given or left to the fold", () => {
  const { from, to } = hour;
  assert.deepEqual(buckets(hour), { boundaries: [from, to] });
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
    [{ to: "2026-01-05T07:00:00Z" }, "not_rising", "/to"],
    [{ every: "25h" }, "bad_argument", "/every"],
    [{ every: 90 }, "bad_argument", "/every"],
    [{ every: 900.5 }, "bad_argument", "/every"],
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
  const end = "2027-01-01T00:00:00Z";
  const year = buckets({ from: "2026-01-01T00:00:00Z", to: end, every: "1m", as_of: end });
  for (const by of ["agent", "account", "group", "group_split"]) {
    assert.throws(() => fold.report(year, by), { name: "AgentfoldError", code: "too_many_rows", message: /10512\d\d rows/ });
  }
  // A month of a hundred agents: too many rows for an array, but not for an iterator.
  const many = Array.from({ length: 100 }, (_, i) => ({ ...away, agent_id: i + 1 }));
  const floor = new Fold();
  assert.equal(floor.read(many).counts.applied, 100);
  const month = buckets({ from: "2026-01-05T00:00:00Z", to: "2026-02-04T00:00:00Z", every: "15m", as_of: end });
  assert.throws(() => floor.report(month), { code: "too_many_rows", message: /limit is 100000/ });
  assert.throws(() => floor.reportRows({ ...month, row_limit: 1000 }), { code: "too_many_rows" });
  let rows = 0;
  for (const _ of floor.reportRows({ ...month, row_limit: 1_000_000 })) rows += 1;
  assert.ok(rows >= 288_000, `${rows} rows`);
  assert.equal(floor.read(many).counts.duplicate, 100);
  floor.free();
  assert.throws(() => fold.sessions(year), { code: "too_many_rows" });
  const day = buckets({ ...hour, to: "2026-01-06T08:00:00Z", as_of: end });
  assert.equal(fold.report(day).length, 48);
  assert.throws(() => fold.report({ ...day, row_limit: 20 }), { code: "too_many_rows", message: /limit is 20/ });
  fold.free();
});

test("reports over other buckets are not compared", () => {
  const fold = new Fold();
  fold.apply(away);
  const span = { from: "2026-01-05T09:00:00Z", to: "2026-01-05T11:00:00Z", as_of: "2026-01-05T11:00:00Z" };
  const [hours, halves] = ["1h", "30m"].map((every) => fold.report(buckets({ ...span, every })));
  assert.deepEqual(corrections(hours, hours), []);
  assert.throws(() => corrections(hours, halves), { name: "AgentfoldError", code: "other_buckets" });
  fold.free();
});

test("lengths are numbers of seconds and words too", () => {
  const day = { from: "2026-01-05T00:00:00Z", to: "2026-01-06T00:00:00Z" };
  const quarters = buckets({ ...day, every: "15m" });
  for (const every of [900, "15min", "15minutes"]) assert.deepEqual(buckets({ ...day, every }), quarters);
  const year = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
  assert.equal(buckets({ ...year, every: "1mo" }).boundaries.length, 13);
  assert.equal(buckets({ ...year, every: "1w" }).boundaries[1], "2026-01-05T00:00:00Z");
});

test("without as_of, a report ends at the last event, apart from outliers", () => {
  const fold = new Fold();
  fold.read([away, { ...away, id: "b", timestamp: "2026-01-05T10:00:00Z", value: "online" }, { ...away, agent_id: 8 }]);
  const day = { from: "2026-01-05T00:00:00Z", to: "2026-01-06T00:00:00Z" };
  const [asked, last] = [buckets({ ...day, every: "1d" }), "2026-01-05T10:00:00Z"];
  const [known, present] = [{ ...asked, as_of: last }, { ...asked, as_of: day.to }];
  assert.deepEqual(fold.report(asked), fold.report(known));
  assert.notDeepEqual(fold.report(asked), fold.report(present));
  assert.deepEqual([...fold.reportRows(asked)], fold.report(known));
  assert.deepEqual([...fold.reportColumns(asked)], [...fold.reportColumns(known)]);
  assert.deepEqual(fold.sessions(asked), fold.sessions(known));
  const [agent] = fold.agents();
  for (const ask of ["intervals", "workItems", "chatSpans"]) {
    assert.deepEqual(fold[ask](agent, day), fold[ask](agent, { ...day, as_of: last }));
    assert.deepEqual(fold[ask](agent, { ...day, to: "2026-01-05T09:30:00Z" }),
      fold[ask](agent, { ...day, to: "2026-01-05T09:30:00Z", as_of: "2026-01-05T09:30:00Z" }));
    const reversed = { from: day.to, to: day.from };
    assert.throws(() => fold[ask](agent, reversed), { code: "not_rising", path: "/window/to" });
  }
  assert.equal(fold.intervals(agent, day).at(-1).to, last);
  // No part of several folds has the last event of all.
  assert.throws(() => new ReportSums(asked), { code: "bad_argument", path: "/buckets/as_of" });
  assert.deepEqual([...new ReportSums(known).rows()], []);
  fold.free();
});
