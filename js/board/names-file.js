// Reads a table of names from a file.

/** The maximum size of a table of names. */
const MOST = 1 << 24;

/** Returns the names in a file as `{ agents, groups }`, or null if the file is no table of names. */
export async function namesIn(file) {
  if (file.size > MOST) return null;
  try {
    const names = parseNames(new Uint8Array(await file.arrayBuffer()));
    const count = Object.keys(names.agents).length + Object.keys(names.groups).length;
    return count > 0 ? names : null;
  } catch {
    return null;
  }
}

function parseNames(bytes) {
  const { agents = {}, groups = {}, users, ...rest } = JSON.parse(new TextDecoder().decode(bytes));
  const listed = (list) => (Array.isArray(list) ? Object.fromEntries(list.map(({ id, name }) => [String(id), name])) : list);
  const own = Object.entries(rest).every(([id, name]) => /^\d+$/.test(id) && typeof name === "string") ? rest : {};
  return { agents: { ...own, ...listed(users ?? {}), ...listed(agents) }, groups: listed(groups) };
}
