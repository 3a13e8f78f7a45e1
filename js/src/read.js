/** Returns the result of `Fold.read` as an object. */
export function told(applied, late, duplicate, expired, ignored, limit, unreadable, records, changes) {
  const counts = { applied, late, duplicate, expired, ignored, limit, unreadable };
  const [unreadable_records, unreadable_codes] = records ?? [[], {}];
  const read = { counts, unreadable: unreadable_records, unreadable_codes };
  return changes === undefined ? read : { ...read, changes };
}
