// Alerts, and the outgoing webhook that tells them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AgentfoldError, Fold, alertMessage, episodes, webhook } from "agentfold";

const THRESHOLDS = { state: [{ state: "away", longer_than: "30m" }] };
const NAMES = { agents: { 7: "Ada <3" } };

/** A fold with an agent who is away since an instant. */
function away(since = "2026-01-05T09:00:00Z") {
  const fold = new Fold();
  fold.apply({ account_id: 2, agent_id: 7, field_name: "status", id: "a", timestamp: since, value: "away" });
  return fold;
}

test("an episode is told once, across restarts of the host", () => {
  const fold = away();
  const looks = ["09:30", "09:31", "09:32"].map((time) => `2026-01-05T${time}:00Z`);
  let stored = "[]";
  const began = [];
  for (const at of looks) {
    const look = episodes(JSON.parse(stored), fold.alerts(THRESHOLDS, at), at);
    began.push(look.began.map(({ episode }) => episode));
    stored = JSON.stringify(look.told);
  }
  assert.deepEqual(began, [[], ["state/2/7/chat_status/2026-01-05T09:00:00Z"], []]);
  const ended = episodes(JSON.parse(stored), [], "2026-01-05T09:33:00Z");
  assert.deepEqual([ended.ended.length, ended.told], [1, []]);
});

test("an episode of more nanoseconds than a number holds is stored and goes on", () => {
  const fold = away("2025-01-05T09:00:00.000000001Z");
  const [first, second] = ["2026-01-05T09:00:00.123456789Z", "2026-01-05T09:01:00Z"];
  const { told } = episodes([], fold.alerts(THRESHOLDS, first), first);
  assert.ok(told[0].alert.for_ns > Number.MAX_SAFE_INTEGER);
  const look = episodes(JSON.parse(JSON.stringify(told)), fold.alerts(THRESHOLDS, second), second);
  assert.deepEqual([look.began.length, look.continued.length], [0, 1]);
});

test("a receiver verifies a message as it verifies Zendesk's webhooks", () => {
  const fold = away();
  const at = "2026-01-05T09:42:00Z";
  const [alert] = fold.alerts(THRESHOLDS, at);
  const secret = "a secret of the receiver's";
  const body = alertMessage(alert, "began", { at, names: NAMES });
  const headers = webhook.sign(body, secret, at);
  assert.equal(webhook.verify(headers, body, [secret], { now: at }).secret, 0);
  assert.throws(() => webhook.verify(headers, `${body} `, [secret], { now: at }), { code: "wrong_signature" });
  const text = "Ada <3 has been away for 42 minutes (limit: 30 minutes).";
  assert.deepEqual(JSON.parse(body), { type: "agentfold.alert_began", account_id: "2", at, text, alert });
  const slack = alertMessage(alert, "began", { form: "slack", names: NAMES });
  assert.equal(slack, `{"text":"${text.replace("<", "&lt;")}"}`);
  assert.ok(Date.now() - Date.parse(JSON.parse(alertMessage(alert, "ended")).at) < 60_000);
});

test("all that is wrong with thresholds is named at once", () => {
  const fold = away();
  const wrong = { state: [{ state: "away", longer_then: "30m" }], silense: {}, load: [{ share: Infinity }] };
  assert.throws(
    () => fold.alerts(wrong, "2026-01-05T09:42:00Z"),
    (error) => {
      assert.ok(error instanceof AgentfoldError);
      assert.deepEqual([error.code, error.path], ["bad_argument", "/thresholds/load/0/share"]);
      assert.deepEqual(
        error.issues.map(({ path, message, severity }) => [path, message, severity]),
        [
          ["/thresholds/load/0/share", "`share`: must be a share, 0 or more, such as 0.9", "error"],
          ["/thresholds/silense", "`silense` is not an option; did you mean `silence`?", "error"],
          ["/thresholds/state/0/longer_than", "`longer_than` is missing", "error"],
          ["/thresholds/state/0/longer_then", "`longer_then` is not an option; did you mean `longer_than`?", "error"],
        ],
      );
      return true;
    },
  );
});

test("wrong arguments of episodes and messages are refused", () => {
  const at = "2026-01-05T09:42:00Z";
  for (const [call, path] of [
    [() => episodes({}, [], at), "/told"],
    [() => episodes([], [{}], at), "/alerts/0/kind"],
    [() => episodes([], [], "soon"), "/at"],
    [() => alertMessage({}, "began"), "/alert/kind"],
    [() => alertMessage(away().alerts(THRESHOLDS, at)[0], "begun"), "/turn"],
    [() => alertMessage(away().alerts(THRESHOLDS, at)[0], "began", { form: "teams" }), "/options/form"],
    [() => alertMessage(away().alerts(THRESHOLDS, at)[0], "began", { names: { 7: "Ada" } }), "/options/names/7"],
  ]) {
    assert.throws(call, (error) => error instanceof AgentfoldError && error.path === path, path);
  }
});
