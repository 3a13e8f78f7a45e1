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
  const loads = new Map();
  const add = (name, interval) => {
    if (!lanes.has(name)) lanes.set(name, { name, stretches: [] });
    lanes.get(name).stretches.push(stretch(interval));
  };
  const loadOf = (channel) => {
    if (!loads.has(channel)) loads.set(channel, { channel, load: loadOn(fold, agent, channel, window), capacity: [] });
    return loads.get(channel);
  };
  const chats = [];
  for (const interval of fold.intervals(agent, window)) {
    const { aspect, channel, value } = interval;
    if (aspect === "unified_state") add("status", interval);
    if (aspect === "chat_status") add("chat export", interval);
    if (aspect === "state") add(channel, interval);
    if (aspect === "work_item") loadOf(channel);
    if (aspect === "max_capacity" && value !== null) loadOf(channel).capacity.push(stretch(interval));
    if (aspect === "chat_engagements" && value !== null) chats.push(stretch(interval));
  }
  const chat = chats.length > 0 ? [{ channel: "chat export", load: chats, capacity: [] }] : [];
  return { lanes: [...lanes.values()], loads: [...loads.values(), ...chat] };
}

/** Returns the number of open items on a channel over time, where it is known. */
function loadOn(fold, agent, channel, window) {
  const intervals = fold.intervals(agent, window, `load[${channel}]`);
  return intervals.filter(({ value }) => value !== null).map(stretch);
}

function stretch({ from, to, value, basis }) {
  const named = value !== null && typeof value === "object" ? (value.name ?? value.id) : value;
  return { from, to, value: named, basis };
}
