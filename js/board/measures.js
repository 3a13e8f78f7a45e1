// The tables of the report: their columns, and the cells of each row of the package.
import { buckets } from "agentfold/slim";

import { earlier, isBefore } from "./instant.js";

/** The key that names what a row of a roll-up is about. */
export const WHO = { agent: "agent_id", group: "group_id" };

const SURE = new Set(["observed", "assumed"]);

/** Returns the buckets of a period in a time zone; null if the period is empty. */
export function bucketsOf({ every, tz, from, to }, as_of) {
  const end = earlier(to, as_of);
  if (!isBefore(from, end)) return null;
  return every === "all" ? { boundaries: [from, end], as_of } : buckets({ from, to: end, every, tz, as_of });
}

/** Returns the columns of a table. A column has a name, a kind of value, and a unit if it needs one. */
export function columnsOf({ of, by }) {
  const { columns } = tables[of];
  return WHO[by] ? [{ name: by, kind: "id" }, ...columns] : columns;
}

/** Returns the lines of a table that a row of the package becomes: none, or one or more. */
export function linesOf({ of, by }, row) {
  const lines = tables[of].linesOf(row);
  return WHO[by] ? lines.map((cells) => [row[WHO[by]], ...cells]) : lines;
}

/** Returns the sum of times, and of those that are uncertain. */
export function summed(times) {
  let [ns, uncertain_ns] = [0, 0];
  for (const { basis, ns: length } of times) {
    ns += length;
    if (!SURE.has(basis)) uncertain_ns += length;
  }
  return { ns, uncertain_ns };
}

/** Returns the time in a unified state, and how much of it is uncertain. */
export function inUnifiedState({ ns, inferred_ns, disputed_ns, unknown_ns }) {
  return { ns, uncertain_ns: inferred_ns + disputed_ns + unknown_ns };
}

/** Returns the average number of agents in a state over a bucket. */
export function agentsOver(ns, { from, to }) {
  const length = (Date.parse(to) - Date.parse(from)) * 1e6;
  return length > 0 ? ns / length : null;
}

const period = [
  { name: "from", kind: "instant" },
  { name: "to", kind: "end" },
];

const tables = {
  channels: {
    columns: [
      { name: "channel", kind: "text" },
      ...period,
      { name: "agents online", kind: "average" },
      { name: "online", kind: "duration" },
      { name: "occupancy", kind: "share" },
      { name: "utilisation", kind: "share" },
      { name: "offered", kind: "number", unit: "offers" },
      { name: "accepted", kind: "number", unit: "items" },
      { name: "handled", kind: "number", unit: "items" },
      { name: "handle time, median", kind: "duration" },
      { name: "handle time, p90", kind: "duration" },
      { name: "uncertain", kind: "share" },
    ],
    linesOf(row) {
      if (row.row !== "channel") return [];
      const { channel, from, to, online_ns, occupancy, utilisation, offered, accepted } = row;
      const { count, p50_ns, p90_ns } = row.handle_time;
      const { ns, uncertain_ns } = summed(row.state);
      const times = [agentsOver(online_ns, row), online_ns, occupancy, utilisation];
      return [[channel, from, to, ...times, offered, accepted, count, p50_ns, p90_ns, part(uncertain_ns, ns)]];
    },
  },
  states: {
    columns: [
      { name: "channel", kind: "text" },
      ...period,
      { name: "state", kind: "state" },
      { name: "agents", kind: "average" },
      { name: "time", kind: "duration" },
      { name: "share", kind: "share" },
      { name: "uncertain", kind: "duration" },
    ],
    linesOf(row) {
      const { from, to, length_ns } = row;
      const line = (channel, state, { ns, uncertain_ns }) =>
        [channel, from, to, state, agentsOver(ns, row), ns, part(ns, length_ns), uncertain_ns];
      if (row.row === "unified_state") return [line("unified state", row.name ?? row.id, inUnifiedState(row))];
      const states = { channel: row.state, chat: row.status }[row.row];
      if (!states) return [];
      const channel = row.row === "channel" ? row.channel : "Chat export";
      const named = Map.groupBy(states, (one) => (row.row === "channel" ? one.state : one.status));
      return [...named].map(([name, times]) => line(channel, name, summed(times)));
    },
  },
  chat: {
    columns: [
      ...period,
      { name: "agents online", kind: "average" },
      { name: "online", kind: "duration" },
      { name: "with chats", kind: "duration" },
      { name: "occupancy", kind: "share" },
      { name: "uncertain", kind: "share" },
    ],
    linesOf(row) {
      if (row.row !== "chat") return [];
      const { from, to, online_ns, busy_ns, occupancy } = row;
      const { ns, uncertain_ns } = summed(row.status);
      return [[from, to, agentsOver(online_ns, row), online_ns, busy_ns, occupancy, part(uncertain_ns, ns)]];
    },
  },
};

function part(ns, length) {
  return length > 0 ? ns / length : null;
}
