// The tables of the report: the columns and rows that the page shows and the CSV file contains.
import { buckets } from "agentfold/slim";

import { earlier, isBefore } from "./instant.js";

const WHO = { agent: "agent_id", group: "group_id" };
const SURE = new Set(["observed", "assumed"]);

/** Returns the table of one account, in buckets of a time zone. */
export function report(fold, { account, of, by, every, tz, from, to }, as_of) {
  const end = earlier(to, as_of);
  if (!isBefore(from, end)) return { columns: tables[of].columns, rows: [], csv: "" };
  const parts = every === "all" ? { boundaries: [from, end], as_of } : buckets({ from, to: end, every, tz, as_of });
  const { columns, rowsOf } = tables[of];
  const who = WHO[by];
  const rows = [];
  // One by one: the rows of a large report take much more memory than their cells.
  for (const row of fold.reportRows(parts, by, { accounts: [account] })) {
    for (const cells of rowsOf(row)) rows.push(who ? [row[who], ...cells] : cells);
  }
  const all = who ? [{ name: by, kind: "text" }, ...columns] : columns;
  return { columns: all, rows, csv: csv(all, rows) };
}

const period = [
  { name: "from", kind: "instant" },
  { name: "to", kind: "instant" },
];

const tables = {
  channels: {
    columns: [
      { name: "channel", kind: "text" },
      ...period,
      { name: "online", kind: "duration" },
      { name: "occupancy", kind: "share" },
      { name: "utilisation", kind: "share" },
      { name: "offered", kind: "number" },
      { name: "accepted", kind: "number" },
      { name: "handled", kind: "number" },
      { name: "handle time, median", kind: "duration" },
      { name: "handle time, p90", kind: "duration" },
      { name: "uncertain", kind: "share" },
    ],
    rowsOf(row) {
      if (row.row !== "channel") return [];
      const { channel, from, to, online_ns, occupancy, utilisation, offered, accepted, handle_time } = row;
      const uncertain = sum(row.state.filter(({ basis }) => !SURE.has(basis)));
      const { count, p50_ns, p90_ns } = handle_time;
      const share = part(uncertain, row.length_ns);
      return [[channel, from, to, online_ns, occupancy, utilisation, offered, accepted, count, p50_ns, p90_ns, share]];
    },
  },
  states: {
    columns: [
      { name: "channel", kind: "text" },
      ...period,
      { name: "state", kind: "text" },
      { name: "time", kind: "duration" },
      { name: "share", kind: "share" },
      { name: "uncertain", kind: "duration" },
    ],
    rowsOf(row) {
      const { from, to, length_ns } = row;
      if (row.row === "unified_state") {
        const uncertain = row.inferred_ns + row.disputed_ns + row.unknown_ns;
        return [["unified state", from, to, row.name ?? row.id, row.ns, part(row.ns, length_ns), uncertain]];
      }
      const states = { channel: row.state, chat: row.status }[row.row];
      if (!states) return [];
      const channel = row.row === "channel" ? row.channel : "Chat export";
      const named = Map.groupBy(states, (one) => (row.row === "channel" ? one.state : one.status));
      return [...named].map(([name, times]) => {
        const uncertain = times.filter(({ basis }) => !SURE.has(basis));
        return [channel, from, to, name, sum(times), part(sum(times), length_ns), sum(uncertain)];
      });
    },
  },
  chat: {
    columns: [
      ...period,
      { name: "online", kind: "duration" },
      { name: "with chats", kind: "duration" },
      { name: "occupancy", kind: "share" },
    ],
    rowsOf(row) {
      if (row.row !== "chat") return [];
      return [[row.from, row.to, row.online_ns, row.busy_ns, row.occupancy]];
    },
  },
};

function sum(times) {
  return times.reduce((total, { ns }) => total + ns, 0);
}

function part(ns, length) {
  return length > 0 ? ns / length : null;
}

/** Returns the table as CSV, with durations in seconds, as the command writes it. */
function csv(columns, rows) {
  const names = columns.map(({ name, kind }) => (kind === "duration" ? `${name}_s` : name));
  const lines = rows.map((cells) =>
    cells.map((cell, i) => (columns[i].kind === "duration" && cell !== null ? cell / 1e9 : cell)),
  );
  return [names, ...lines].map((cells) => `${cells.map(field).join(",")}\r\n`).join("");
}

/** Quotes a field if needed. Text that a spreadsheet would read as a formula gets a leading apostrophe. */
function field(value) {
  if (typeof value === "number") return String(value);
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
