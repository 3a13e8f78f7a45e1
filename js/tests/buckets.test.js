import assert from "node:assert/strict";
import { test } from "node:test";

import { buckets } from "agentfold";

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
