// Which rows of the wallboard are shown, and in which order.
import { byId, chosen } from "./element.js";
import { rank, stateName } from "./format.js";
import { agentName, groupName, groupText } from "./names.js";

export const ANY = "";
/** The choice of agents that are in no group, or whose groups are unknown. */
export const NO_GROUP = "none";

/** Returns the filters as the form has them. */
export function filters() {
  const [state, channel, group] = ["state", "channel", "group"].map((id) => chosen(byId(id)));
  return { find: byId("find").value.trim(), state, channel, group, isFree: byId("free").checked };
}

/** Returns whether a row passes the filters. */
export function passes({ find, state, channel, group, isFree }) {
  const text = find.toLowerCase();
  return (row) => {
    const { status, channels } = row;
    if (text && !searched(row).includes(text)) return false;
    if (group !== ANY && !groupsOf(row).includes(group)) return false;
    if (channel !== ANY && !channels[channel]) return false;
    const looked = channel === ANY ? Object.values(channels) : [channels[channel]];
    if (isFree && !looked.some(({ accepting }) => accepting)) return false;
    if (state === ANY) return true;
    return channel === ANY ? status.name === state || looked.some((one) => one.state === state) : looked[0].state === state;
  };
}

/** Returns the filters in words: what was searched when nothing was found. */
export function spoken({ find, state, channel, group, isFree }) {
  return [
    find && `“${find}” in names, ids, states and groups`,
    group !== ANY && `group ${groupTitle(group)}`,
    state !== ANY && `state ${stateName(state)}`,
    channel !== ANY && `channel ${channel}`,
    isFree && "free only",
  ].filter(Boolean);
}

/** Returns the ids of a row's groups, or `NO_GROUP`. */
export function groupsOf({ group_ids }) {
  return group_ids?.length > 0 ? group_ids : [NO_GROUP];
}

export function groupTitle(group) {
  return group === NO_GROUP ? "No group" : groupText(group);
}

/** Orders groups by name; ids without a name, and `NO_GROUP`, come last. */
export function groupOrder(a, b) {
  const place = (group) => (group === NO_GROUP ? 2 : groupName(group) === undefined ? 1 : 0);
  return place(a) - place(b) || (groupName(a) ?? "").localeCompare(groupName(b) ?? "") || byNumber(a, b);
}

/** Returns an order of rows. Agents with the same value are sorted by id. */
export function order({ by, isDown }) {
  const names = (a, b) => byName(a.agent_id, b.agent_id);
  const since = ({ status }) => status.since ?? "";
  const load = (row) => row.channels[by.slice(3)]?.load ?? -1;
  const compare = {
    agent: names,
    status: (a, b) => rank(a.status.name) - rank(b.status.name) || (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0),
    doubts: (a, b) => Object.keys(a.doubts).length - Object.keys(b.doubts).length,
  }[by] ?? ((a, b) => load(a) - load(b));
  const sign = isDown ? -1 : 1;
  return (a, b) => sign * compare(a, b) || names(a, b);
}

/** Sorts agents with names before those without. */
function byName(a, b) {
  const [one, other] = [agentName(a), agentName(b)];
  if ((one === undefined) !== (other === undefined)) return one === undefined ? 1 : -1;
  return (one ?? "").localeCompare(other ?? "") || byNumber(a, b);
}

function byNumber(a, b) {
  return a.length - b.length || (a < b ? -1 : 1);
}

function searched({ agent_id, status, group_ids }) {
  const groups = (group_ids ?? []).map(groupText);
  return `${agentName(agent_id) ?? ""} ${agent_id} ${stateName(status.name)} ${groups.join(" ")}`.toLowerCase();
}
