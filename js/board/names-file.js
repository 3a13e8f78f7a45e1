// Reads a table of names from a file.
import { parseNames } from "agentfold/slim";

/** The maximum size of a table of names. */
const MOST = 1 << 24;

/** Returns the names in a file as `{ agents, groups }`, or null if the file is no table of names. */
export async function namesIn(file) {
  if (file.size > MOST) return null;
  try {
    const names = parseNames(new Uint8Array(await file.arrayBuffer()));
    return [names.agents, names.groups].some((all) => Object.keys(all).length > 0) ? names : null;
  } catch {
    // Files of events are no names: the reader of events says what is wrong with others.
    return null;
  }
}
