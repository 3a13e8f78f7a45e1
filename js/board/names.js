// The names of agents and groups, by id. They are kept while the page is open, and never in its address.

/** The maximum length of a name on an axis. */
const LONGEST = 24;

const agents = new Map();
const groups = new Map();

/** Adds names to those that are known. Later ones win. */
export function addNames(names) {
  for (const [id, name] of Object.entries(names.agents)) agents.set(id, name);
  for (const [id, name] of Object.entries(names.groups)) groups.set(id, name);
}

/** Returns the name of an agent, or undefined. */
export function agentName(id) {
  return agents.get(id);
}

/** Returns the name of a group, or undefined. */
export function groupName(id) {
  return groups.get(id);
}

/** Returns the name and the id of an agent, or the id alone. */
export function agentText(id) {
  return named(agents.get(id), id);
}

/** Returns the name and the id of a group, or the id alone. */
export function groupText(id) {
  return named(groups.get(id), id);
}

/** Returns the name of an agent or the id, short enough for an axis. Ids are never cut. */
export function agentLabel(id) {
  return short(agents.get(id)) ?? id;
}

/** Returns the name of a group or the id, short enough for an axis. */
export function groupLabel(id) {
  return short(groups.get(id)) ?? id;
}

function short(name) {
  return name?.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

function named(name, id) {
  return name === undefined ? id : `${name} (${id})`;
}
