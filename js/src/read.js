/** Returns the result of `Fold.read` as an object. */
export function told(applied, late, duplicate, expired, ignored, limit, unreadable, records, changes) {
  const counts = { applied, late, duplicate, expired, ignored, limit, unreadable };
  const read = { counts, unreadable: records ?? [] };
  return changes === undefined ? read : { ...read, changes };
}
