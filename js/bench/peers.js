// What agentfold is measured beside: events read by what JavaScript programs read them with, and folded
// by hand into a Map in which the last arrival wins. None of them keeps history, or knows a repeat.
import { z } from "zod";

import { Fold } from "agentfold";
// Made by `speed.js`, since Workers allow no code to be made while they run.
import validate from "./validate.js";

const Envelope = {
  account_id: z.number(),
  detail: z.object({ account_id: z.string(), agent_id: z.string(), version: z.string() }),
  id: z.string(),
  subject: z.string(),
  time: z.iso.datetime(),
  zendesk_event_version: z.string(),
};
const Unified = z.object({ id: z.string(), name: z.string(), reason: z.string() });
const Capacity = z.object({ current: z.number().nullable(), previous: z.number().nullable() });
const type = (name, event) =>
  z.object({
    ...Envelope,
    type: z.literal(`zen:event-type:agent.${name}`),
    event: z.object({ updated_at: z.iso.datetime(), ...event }),
  });
const item = { work_item_id: z.string(), channel: z.string() };
const ZodEvent = z.discriminatedUnion("type", [
  type("state_changed", { previous_state: z.string(), new_state: z.string(), channel: z.string() }),
  type("work_item_added", { ...item, reason: z.string() }),
  type("work_item_updated", { ...item, previous_reason: z.string(), reason: z.string() }),
  type("work_item_removed", { ...item, reason: z.string().optional() }),
  type("max_capacity_changed", { maxCapacity: z.record(z.string(), Capacity) }),
  type("unified_state_changed", { previous_unified_state: Unified, new_unified_state: Unified }),
  type("channel_created", { channel: z.string() }),
  type("channel_deleted", { channel: z.string() }),
  type("groups_updated", {
    previous_group_ids: z.array(z.string()),
    new_group_ids: z.array(z.string()),
  }),
]);

/** The fold of somebody in a hurry: each event takes the place of the one before on its track. */
function put(map, { detail, type, event }) {
  map.set(`${detail.agent_id} ${type} ${event.channel} ${event.work_item_id}`, event);
}

const decoder = new TextDecoder();

/** The deliveries of NDJSON, each as its bytes. */
export function deliveries(bytes) {
  const all = [];
  for (let start = 0, end; (end = bytes.indexOf(10, start)) >= 0; start = end + 1) {
    all.push(bytes.slice(start, end));
  }
  return all;
}

function lastWins(read) {
  return (bytes) => {
    const map = new Map();
    for (const line of decoder.decode(bytes).split("\n")) if (line) put(map, read(line));
    return map.size;
  };
}

/** Whole NDJSON at once. */
export const bulk = {
  agentfold(bytes) {
    const fold = new Fold();
    fold.read(bytes);
    fold.free();
  },
  "JSON.parse": lastWins(JSON.parse),
  ajv: lastWins((line) => {
    const event = JSON.parse(line);
    if (!validate(event)) throw new Error(`ajv refuses ${line}`);
    return event;
  }),
  zod: lastWins((line) => ZodEvent.parse(JSON.parse(line))),
};

/** One delivery at a time. */
export const single = {
  agentfold(deliveries) {
    const fold = new Fold();
    for (const delivery of deliveries) fold.read(delivery);
    fold.free();
  },
  "JSON.parse"(deliveries) {
    const map = new Map();
    for (const delivery of deliveries) put(map, JSON.parse(decoder.decode(delivery)));
    return map.size;
  },
};
