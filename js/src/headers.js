/**
 * Names and values, one after the other: of a `Headers` or a `Map`, of pairs, or of an object, in which a
 * name may have several values.
 */
export function namesAndValues(headers) {
  const pairs = typeof headers[Symbol.iterator] === "function" ? headers : Object.entries(headers);
  const all = [];
  for (const [name, values] of pairs) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value !== undefined) all.push(name, value);
    }
  }
  return all;
}
