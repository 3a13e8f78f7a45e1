/** Returns the result of `Fold.read` as an object. */
export function told(applied, late, duplicate, expired, ignored, limit, unreadable, records, changes) {
  const counts = { applied, late, duplicate, expired, ignored, limit, unreadable };
  const [unreadable_records, unreadable_codes] = records ?? [[], {}];
  const read = { counts, unreadable: unreadable_records, unreadable_codes };
  return changes === undefined ? read : { ...read, changes };
}

/** Returns the result of `Fold.apply` as an object, from JSON in which nothing is repeated. */
export function applied(json) {
  return result(JSON.parse(json));
}

/** Returns the results of many records. */
export function appliedList(json) {
  return JSON.parse(json).map((record) => {
    const { line, offset, issues } = record;
    return line === undefined ? result(record) : { outcome: "unreadable", line, offset, issues, changes: [] };
  });
}

function result(of) {
  if (!Array.isArray(of)) return of;
  const [outcome, account_id, agent_id, at, rows] = of;
  const changes = rows.map(([track, aspect, part, channel, work_item, from, to]) => {
    return { account_id, agent_id, track, aspect, part, channel, work_item, from, to, at };
  });
  return { outcome, changes };
}

/** Iterates over the rows or batches of pages, and frees the pages at the end. */
export function rows(pages) {
  const iterated = iterate(pages);
  // A generator that has not begun does nothing at `return`.
  iterated.next();
  return iterated;
}

function* iterate(pages) {
  try {
    yield;
    for (let page = pages.page(); page.length > 0; page = pages.page()) yield* page;
  } finally {
    pages.free();
  }
}

/** Adds the elements of an array, given as JSON, to another one. */
export function append(array, json) {
  for (const value of JSON.parse(json)) array.push(value);
}
