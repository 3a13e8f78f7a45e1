// The data of the timeline: the states of agents over time, and the number of open items.
import { earlier, isBefore } from "./instant.js";

/** Returns the lanes of one agent on all tracks with its loads, or of a page of agents on one track. */
export function lanes(fold, { account, agent, track, from, to, first = 0, most = 25 }, as_of) {
  const window = { from, to: earlier(to, as_of), as_of };
  if (!isBefore(from, window.to)) return { window, lanes: [], loads: [], of: 0 };
  if (agent) return { window, ...ofAgent(fold, { account_id: account, agent_id: agent }, window), of: 1 };
  const agents = fold.agents().filter(({ account_id }) => account_id === account);
  const all = agents.map((one) => ({
    name: one.agent_id,
    stretches: fold.intervals(one, window, track).map(stretch),
  }));
  const seen = all.filter(({ stretches }) => stretches.some(({ value }) => value !== null));
  // Agents that were offline all day come last.
  const isThere = ({ stretches }) => stretches.some(({ value }) => value !== null && value !== "offline");
  seen.sort((a, b) => isThere(b) - isThere(a));
  return { window, lanes: seen.slice(first, first + most), loads: [], of: seen.length };
}

function ofAgent(fold, agent, window) {
  const lanes = new Map();
  const channels = new Map();
  const channel = (name) => {
    if (!channels.has(name)) channels.set(name, { channel: name, items: [], capacity: [] });
    return channels.get(name);
  };
  const chats = [];
  let known;
  for (const interval of fold.intervals(agent, window)) {
    const { track, from, value, basis } = interval;
    if (basis !== "unknown") known = known === undefined ? from : earlier(known, from);
    const [, kind, of] = /^(state|max_capacity|work_item)\[(?:.*\]@)?([^\]]*)\]?$/.exec(track) ?? [];
    if (kind === "work_item") channel(of).items.push(interval);
    if (kind === "max_capacity" && typeof value === "number") channel(of).capacity.push(stretch(interval));
    if (track === "chat_engagements" && value !== null) chats.push(stretch(interval));
    const name = { unified_state: "status", chat_status: "chat export" }[track] ?? (kind === "state" ? of : undefined);
    if (name === undefined) continue;
    if (!lanes.has(name)) lanes.set(name, { name, stretches: [] });
    lanes.get(name).stretches.push(stretch(interval));
  }
  const loads = [...channels.values()].map(({ channel, items, capacity }) => ({
    channel,
    load: known === undefined ? [] : load(items, known, window.to),
    capacity,
  }));
  if (chats.length > 0) loads.push({ channel: "chat export", load: chats, capacity: [] });
  return { lanes: [...lanes.values()], loads };
}

function stretch({ from, to, value, basis }) {
  const named = value !== null && typeof value === "object" ? (value.name ?? value.id) : value;
  return { from, to, value: named, basis };
}

/** Returns the number of open items over time, and whether it is certain. Inferred items do not count. */
function load(items, from, to) {
  const steps = [{ at: from, more: 0, doubt: 0 }, { at: to, more: 0, doubt: 0 }];
  for (const item of items) {
    if (!item.value?.open || item.basis === "inferred" || item.basis === "unknown") continue;
    const doubt = item.basis === "disputed" ? 1 : 0;
    steps.push({ at: item.from, more: 1, doubt }, { at: item.to, more: -1, doubt: -doubt });
  }
  steps.sort((a, b) => isBefore(b.at, a.at) - isBefore(a.at, b.at));
  const stretches = [];
  let [value, doubts] = [0, 0];
  for (const [i, { at, more, doubt }] of steps.entries()) {
    value += more;
    doubts += doubt;
    const end = steps[i + 1]?.at;
    if (end === undefined || end === at) continue;
    const basis = doubts > 0 ? "disputed" : "observed";
    const last = stretches.at(-1);
    if (last?.value === value && last.basis === basis) last.to = end;
    else stretches.push({ from: at, to: end, value, basis });
  }
  return stretches;
}
