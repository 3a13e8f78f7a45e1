import assert from "node:assert/strict";
import { test } from "node:test";

import { buckets } from "agentfold";

/** Holds the boundaries in UTC, dates left out where they do not change, against those by hand. */
function assertBounds(every, tz, byHand) {
  let date;
  const expected = byHand.map((text) => {
    const [day, time] = text.includes(" ") ? text.split(" ") : [date, text];
    date = day;
    return `${day}T${time}:00Z`;
  });
  const found = buckets({ from: expected[0], to: expected.at(-1), every, tz });
  assert.deepEqual(found, { boundaries: expected, as_of: expected.at(-1) }, `${every} in ${tz}`);
}

test("Berlin puts clocks forward, and its day has 23 hours", () => {
  const berlin = "Europe/Berlin";
  assertBounds("1d", berlin, ["2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00"]);
  assertBounds("6h", berlin, ["2026-03-28 23:00", "2026-03-29 04:00", "10:00", "16:00", "22:00"]);
  assertBounds("2h", berlin, ["2026-03-28 23:00", "2026-03-29 01:00", "02:00", "04:00"]);
  assertBounds("1h", berlin, ["2026-03-28 23:00", "2026-03-29 00:00", "01:00", "02:00"]);
  assertBounds("15m", berlin, ["2026-03-29 00:30", "00:45", "01:00", "01:15", "01:30"]);
  const day = { from: "2026-03-28T23:00:00Z", to: "2026-03-29T22:00:00Z" };
  assert.equal(buckets({ ...day, every: "1h", tz: berlin }).boundaries.length - 1, 23);
});

test("Berlin puts clocks back, and its day has 25 hours", () => {
  const berlin = "Europe/Berlin";
  assertBounds("1d", berlin, ["2026-10-23 22:00", "2026-10-24 22:00", "2026-10-25 23:00"]);
  assertBounds("6h", berlin, ["2026-10-24 22:00", "2026-10-25 05:00", "11:00", "17:00", "23:00"]);
  assertBounds("2h", berlin, ["2026-10-24 22:00", "2026-10-25 00:00", "03:00", "05:00"]);
  assertBounds("1h", berlin, ["2026-10-25 00:00", "01:00", "02:00", "03:00"]);
  assertBounds("30m", berlin, ["2026-10-25 00:00", "00:30", "01:00", "01:30", "02:00"]);
  const day = { from: "2026-10-24T22:00:00Z", to: "2026-10-25T23:00:00Z" };
  assert.equal(buckets({ ...day, every: "15m", tz: berlin }).boundaries.length - 1, 100);
});

test("Lord Howe moves clocks by half an hour", () => {
  const howe = "Australia/Lord_Howe";
  assertBounds("1d", howe, ["2026-04-03 13:00", "2026-04-04 13:00", "2026-04-05 13:30"]);
  assertBounds("6h", howe, ["2026-04-04 13:00", "19:30", "2026-04-05 01:30", "07:30", "13:30"]);
  assertBounds("1h", howe, ["2026-04-04 13:00", "14:00", "15:30", "16:30"]);
  assertBounds("30m", howe, ["2026-04-04 14:00", "14:30", "15:00", "15:30", "16:00"]);
  assertBounds("15m", howe, ["2026-04-04 14:30", "14:45", "15:00", "15:15", "15:30"]);
  assertBounds("1d", howe, ["2026-10-02 13:30", "2026-10-03 13:30", "2026-10-04 13:00"]);
  assertBounds("1h", howe, ["2026-10-03 13:30", "14:30", "15:30", "16:00", "17:00"]);
  assertBounds("30m", howe, ["2026-10-03 15:00", "15:30", "16:00", "16:30"]);
  assertBounds("15m", howe, ["2026-10-03 15:15", "15:30", "15:45", "16:00"]);
});

test("Kathmandu is a quarter of an hour off", () => {
  assertBounds("1d", "Asia/Kathmandu", ["2026-01-04 18:15", "2026-01-05 18:15"]);
  assertBounds("1h", "Asia/Kathmandu", ["2026-01-04 18:15", "19:15", "20:15"]);
  assertBounds("15m", "Asia/Kathmandu", ["2026-01-04 18:15", "18:30", "18:45"]);
});

test("Apia skipped a day", () => {
  const apia = "Pacific/Apia";
  assertBounds("1d", apia, ["2011-12-28 10:00", "2011-12-29 10:00", "2011-12-30 10:00", "2011-12-31 10:00"]);
  assertBounds("6h", apia, ["2011-12-30 04:00", "10:00", "16:00", "22:00"]);
  assertBounds("15m", apia, ["2011-12-30 09:45", "10:00", "10:15"]);
});

test("midnight may come twice or never", () => {
  assertBounds("1d", "America/Havana", ["2026-10-31 04:00", "2026-11-01 04:00", "2026-11-02 05:00"]);
  assertBounds("6h", "America/Havana", ["2026-11-01 04:00", "11:00", "17:00"]);
  assertBounds("1h", "America/Havana", ["2026-11-01 03:00", "04:00", "05:00", "06:00"]);
  assertBounds("1d", "Africa/Cairo", ["2026-04-22 22:00", "2026-04-23 22:00", "2026-04-24 21:00"]);
});

test("lengths that are no part of a day begin anew each day", () => {
  assertBounds("7h", "UTC", ["2026-01-05 14:00", "21:00", "2026-01-06 00:00", "07:00"]);
  assertBounds("24h", "UTC", ["2026-01-05 00:00", "2026-01-06 00:00"]);
});

test("weeks begin on Mondays, and ends are cut to the nanosecond", () => {
  assertBounds("7d", "UTC", ["2026-01-01 09:30", "2026-01-05 00:00", "2026-01-12 00:00", "00:01"]);
  const [from, inner] = ["2026-01-05T08:59:59.999999999Z", "2026-01-05T09:00:00Z"];
  const to = "2026-01-05T10:00:00.000000001Z";
  const { boundaries } = buckets({ from, to, every: "1h" });
  assert.deepEqual(boundaries, [from, inner, "2026-01-05T10:00:00Z", to]);
});

test("what can't be made into buckets is refused", () => {
  const hour = { from: "2026-01-05T08:00:00Z", to: "2026-01-05T09:00:00Z", every: "1h" };
  for (const [wrong, code, path] of [
    [{ tz: "Mars/Olympus" }, "unknown_time_zone", "/tz"],
    [{ from: "yesterday" }, "bad_instant", "/from"],
    [{ to: "9999-01-01T00:00:00Z", every: "1m" }, "too_many_buckets", "/every"],
    ...["", "0m", "1441m", "25h", "367d", "15", "1.5h", "-1h", undefined].map((every) => [
      { every },
      "bad_argument",
      "/every",
    ]),
  ]) {
    assert.throws(() => buckets({ ...hour, ...wrong }), { name: "AgentfoldError", code, path });
  }
});
