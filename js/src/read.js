/** Returns the result of `Fold.read` as an object. */
export function told(applied, late, duplicate, expired, ignored, unreadable, records, changes) {
  const counts = { applied, late, duplicate, expired, ignored, unreadable };
  const read = { counts, unreadable: records ?? [] };
  return changes === undefined ? read : { ...read, changes };
}
