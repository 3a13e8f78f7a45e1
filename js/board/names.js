// The names of agents and groups, by id. They are kept while the page is open, and never in its address.

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

function named(name, id) {
  return name === undefined ? id : `${name} (${id})`;
}
