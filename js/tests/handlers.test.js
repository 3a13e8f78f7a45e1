// Tests of handlers by kind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { AgentfoldError, Fold, handlers, parseEvent, receive, webhook } from "agentfold";

import { js } from "./package.js";

const SECRET = "only-zendesk-and-we-know";
const online = `{"account_id":2,"detail":{"agent_id":"7","version":"1"},"id":"a","type":"zen:event-type:agent.state_changed",
  "event":{"updated_at":"2026-01-05T09:00:00Z","new_state":"online","channel":"support"}}`;
const added = `{"account_id":2,"detail":{"agent_id":"7","version":"2"},"id":"b","type":"zen:event-type:agent.work_item_added",
  "event":{"updated_at":"2026-01-05T09:05:00Z","work_item_id":"12","reason":"ACCEPTED","channel":"support"}}`;
const promoted = online.replace("state_changed", "was_promoted");

function delivered(body) {
  return new Request("https://receiver.example/", { method: "POST", body, headers: webhook.sign(body, SECRET) });
}

test("deliveries go to the handlers of their events and changes, and repeats to none", async () => {
  const [fold, calls] = [new Fold(), []];
  const handle = handlers({
    events: {
      "agent.state_changed": ({ kind, agent, event, outcome, changes }) =>
        calls.push([kind, agent.agent_id, event.event.new_state, outcome, changes.length]),
      unknown: ({ event, outcome }) => calls.push([event.type, outcome]),
    },
    changes: {
      state: ({ channel, from, to }) => calls.push(["state", channel, from, to]),
      work_item: async ({ work_item, to }) => calls.push(["work_item", work_item, to.open]),
    },
  });
  for (const body of [online, added, online, added, promoted]) {
    await handle(await receive(delivered(body), { secrets: [SECRET], fold }));
  }
  assert.deepEqual(calls, [
    ["agent.state_changed", "7", "online", "applied", 3],
    ["state", "support", null, "online"],
    ["work_item", "12", true],
    ["zen:event-type:agent.was_promoted", "ignored"],
  ]);
});

test("refused deliveries go to no handler", async () => {
  const handle = handlers({ events: { "agent.state_changed": () => assert.fail("nobody signed it") } });
  const request = new Request("https://receiver.example/", { method: "POST", body: online });
  const answered = await receive(request, { secrets: [SECRET], fold: new Fold() });
  assert.equal(answered.outcome, "untrusted");
  await handle(answered);
});

test("the results of a stream go to the handlers of changes", async () => {
  const channels = [];
  const handle = handlers({ changes: { channel: (change) => channels.push(change.channel) } });
  for await (const result of new Fold().applyFrom([online, added, "{}"])) await handle(result);
  assert.deepEqual(channels, ["support"]);
});

test("a handler that throws does not keep the others from being called", async () => {
  const applied = () => ({ ...new Fold().apply(online), event: parseEvent(online) });
  const calls = [];
  const fails = (message) => async () => {
    throw new Error(message);
  };
  const changes = { state: fails("no network"), channel: () => calls.push("channel") };
  await assert.rejects(handlers({ changes })(applied()), { message: "no network" });
  await assert.rejects(handlers({ changes, events: { "agent.state_changed": fails("no disk") } })(applied()), (error) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(error.errors.map(({ message }) => message), ["no disk", "no network"]);
    return true;
  });
  assert.deepEqual(calls, ["channel", "channel"]);
});

test("a misspelt kind is refused, and each kind of the schemas is known", () => {
  for (const [given, path] of [
    [{ event: {} }, "/event"],
    [{ events: { "agent.state_change": () => {} } }, "/events/agent.state_change"],
    [{ changes: { load: () => {} } }, "/changes/load"],
  ]) {
    assert.throws(() => handlers(given), (error) => {
      assert.ok(error instanceof AgentfoldError);
      assert.deepEqual([error.code, error.path], ["bad_argument", path]);
      return true;
    });
  }
  const schema = (name) => JSON.parse(readFileSync(join(js, "../schemas", `${name}.json`), "utf8"));
  const words = ({ oneOf }) => oneOf.map((word) => word.const);
  // What the load is, is not told as a change.
  const aspects = words(schema("change").$defs.Aspect).filter((aspect) => aspect !== "load");
  const types = JSON.stringify(schema("event")).match(/(?<=zen:event-type:)agent\.\w+/g);
  const events = [...new Set(types), "status", "engagements", "unknown"];
  assert.equal(events.length, 12);
  const each = (names) => Object.fromEntries(names.map((name) => [name, () => {}]));
  handlers({ events: each(events), changes: each(aspects) });
  assert.throws(() => handlers({ changes: { none: () => {} } }), ({ message }) => aspects.every((name) => message.includes(name)));
});
